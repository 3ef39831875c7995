//! One look at a clip: one request, and what its answer means.

use std::time::Duration;

use rhombus_clips_api::types::{GetClipWithProgressRequest, GetClipWithProgressResponse};
use rhombus_clips_api::{Client as ApiClient, ClientInfo as _, Credentials, Error as ApiError};
use tokio::time::{Instant, timeout_at};

use crate::error::{BODY_LIMIT, Error, ErrorKind, Result};
use crate::retry_after::retry_after;
use crate::{Clip, ClipUuid};

/// Asks for the clip once; `None` when the service has no record of it (yet).
pub(crate) async fn look(
    api: &ApiClient,
    uuid: ClipUuid,
    timeout: Duration,
) -> Result<Option<Clip>> {
    let request = GetClipWithProgressRequest {
        clip_uuid: uuid.to_string(),
    };
    let deadline = Instant::now() + timeout.min(FOR_EVER);
    match timeout_at(deadline, api.get_clip_with_progress(&request)).await {
        Ok(Ok(answer)) => judge(api.inner().credentials(), uuid, answer.into_inner()),
        Ok(Err(ApiError::InvalidResponsePayload(body, error))) => {
            match rhombus_clips_api::decode(&body) {
                Ok(answer) => judge(api.inner().credentials(), uuid, answer),
                Err(_) => Err(undecodable(api.inner().credentials(), &body, error)),
            }
        }
        Ok(Err(error)) => Err(translate(api, error, deadline).await),
        Err(_) => {
            Err(timed_out(api.baseurl()).with_source(format!("no whole answer after {timeout:?}")))
        }
    }
}

/// The longest time-out, 30 years: there is no moment after the end of time.
const FOR_EVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

fn judge(
    credentials: &Credentials,
    uuid: ClipUuid,
    answer: GetClipWithProgressResponse,
) -> Result<Option<Clip>> {
    let failed = answer.error == Some(true);
    if let (None, false, Some(odd)) = (&answer.clip, failed, answer.degraded.first()) {
        // It may have said that the operation failed: no clip does not mean that there is none.
        return Err(Error::new(
            ErrorKind::Decode,
            format!("the answer has no clip and cannot be read whole, at {odd}"),
        )
        .with_status(200)
        .with_pointer(odd.pointer.clone()));
    }
    let GetClipWithProgressResponse {
        warning_msg,
        degraded,
        ..
    } = answer;
    let clip = answer
        .clip
        .map(|record| Clip::new(uuid, record, warning_msg, degraded));
    if !failed {
        return Ok(clip);
    }
    let message = match answer.error_msg.as_deref().map(str::trim) {
        Some(reason) if !reason.is_empty() => {
            format!(
                "the service reports a failure: {}",
                credentials.redact(reason)
            )
        }
        _ => "the service reports a failure and gives no reason".to_owned(),
    };
    Err(Error::new(ErrorKind::Service, message)
        .with_status(200)
        .with_clip(clip))
}

async fn translate(api: &ApiClient, error: ApiError<()>, deadline: Instant) -> Error {
    match error {
        ApiError::UnexpectedResponse(response) => {
            refused(api.inner().credentials(), response, deadline).await
        }
        ApiError::CommunicationError(error) | ApiError::ResponseBodyError(error) => {
            broken(api.baseurl(), error)
        }
        other => Error::new(ErrorKind::Configuration, "the request could not be built")
            .with_source(other.to_string()),
    }
}

fn broken(base_url: &str, error: reqwest::Error) -> Error {
    // The address is in the message already.
    let error = error.without_url();
    let broken = if error.is_timeout() {
        timed_out(base_url)
    } else if error.is_builder() {
        Error::configuration(format!("no request can be built for {base_url}"))
    } else if error.is_connect() {
        Error::new(
            ErrorKind::Connection,
            format!("no connection to {base_url}"),
        )
    } else {
        Error::new(
            ErrorKind::Connection,
            format!("the connection to {base_url} broke"),
        )
    };
    broken.with_source(error)
}

fn timed_out(base_url: &str) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("{base_url} did not answer in time"),
    )
}

async fn refused(
    credentials: &Credentials,
    mut response: reqwest::Response,
    deadline: Instant,
) -> Error {
    let status = response.status().as_u16();
    let wait = retry_after(response.headers());
    let target = response
        .headers()
        .get(reqwest::header::LOCATION)
        .and_then(|value| value.to_str().ok());
    let redirect = target
        .filter(|_| response.status().is_redirection())
        .map(str::to_owned);
    let mut body = Vec::new();
    let read = async {
        // Somewhat more than is kept, so that a key at the edge is seen whole.
        while body.len() <= 2 * BODY_LIMIT {
            match response.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) | Err(_) => break,
            }
        }
    };
    // The status says what matters: what came of the body before it broke or stalled is enough.
    let patience = Instant::now() + Duration::from_secs(5);
    let _ = timeout_at(deadline.min(patience), read).await;
    let body = credentials.redact(&String::from_utf8_lossy(&body));
    let (kind, message) = match (status, redirect) {
        (401, _) => (
            ErrorKind::Authentication,
            "not authenticated (401): the service found no API key, or not the scheme it expects".to_owned(),
        ),
        (403, _) => (
            ErrorKind::Authentication,
            "access denied (403): the API key is wrong, expired, without the permission, or of another region".to_owned(),
        ),
        (429, _) => (ErrorKind::RateLimited, rate_limited(wait)),
        (_, Some(target)) => (
            ErrorKind::UnexpectedStatus,
            {
                let target = credentials.redact(&target);
                format!("unexpected status {status}, a redirect to {target}: not followed, for the API key would go along")
            },
        ),
        _ => (ErrorKind::UnexpectedStatus, format!("unexpected status {status}")),
    };
    Error::new(kind, message)
        .with_status(status)
        .with_retry_after(wait)
        .with_body(body)
}

fn rate_limited(wait: Option<Duration>) -> String {
    let limit = "too many requests (429): the limit is shared by all keys of the organization";
    match wait {
        Some(wait) => format!("{limit}; try again in {} s", wait.as_secs()),
        None => limit.to_owned(),
    }
}

fn undecodable(credentials: &Credentials, body: &[u8], error: serde_json::Error) -> Error {
    // The generated client does not track where it is; decoding again does, off the usual path.
    let mut json = serde_json::Deserializer::from_slice(body);
    let (pointer, error) =
        match serde_path_to_error::deserialize::<_, GetClipWithProgressResponse>(&mut json) {
            Err(error) => (json_pointer(error.path()), error.into_inner()),
            Ok(_) => (String::new(), error),
        };
    let place = if pointer.is_empty() {
        String::new()
    } else {
        format!(" at {pointer}")
    };
    Error::new(
        ErrorKind::Decode,
        format!("the answer is not what the service documents{place}"),
    )
    .with_status(200)
    .with_pointer(pointer)
    .with_body(credentials.redact(&String::from_utf8_lossy(body)))
    .with_source(error)
}

fn json_pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                format!("/{}", key.replace('~', "~0").replace('/', "~1"))
            }
            Segment::Unknown => "/?".to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        Credentials::api_token("canary").unwrap()
    }

    fn judged(json: &str) -> Result<Option<Clip>> {
        judge(
            &credentials(),
            ClipUuid::from_bytes([0; 16]),
            serde_json::from_str(json).unwrap(),
        )
    }

    #[test]
    fn null_and_absence_of_the_clip_are_one() {
        assert!(
            judged(r#"{"clip": null, "error": null}"#)
                .unwrap()
                .is_none()
        );
        assert!(judged("{}").unwrap().is_none());
    }

    #[test]
    fn no_clip_beside_something_unreadable_does_not_mean_that_there_is_none() {
        let error = judged(r#"{"clip": null, "error": "yes"}"#).unwrap_err();
        assert!(error.is_decode());
        assert_eq!(error.json_pointer(), Some("/error"));
    }

    #[test]
    fn a_warning_comes_with_the_clip() {
        let clip = judged(r#"{"clip": {}, "error": false, "warningMsg": "half of it"}"#)
            .unwrap()
            .unwrap();
        assert_eq!(clip.warning(), Some("half of it"));
    }

    #[test]
    fn a_reported_failure_is_an_error_with_its_reason() {
        let error =
            judged(r#"{"clip": {"title": "Door"}, "error": true, "errorMsg": "no footage"}"#)
                .unwrap_err();
        assert!(error.is_service());
        assert_eq!(
            error.to_string(),
            "the service reports a failure: no footage"
        );
        assert_eq!(error.clip().and_then(Clip::title), Some("Door"));
        let error = judged(r#"{"error": true}"#).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the service reports a failure and gives no reason"
        );
    }

    #[test]
    fn an_undecodable_answer_names_the_place() {
        let body = br#"{"error": false, "clip": "gone"}"#;
        let first = serde_json::from_slice::<GetClipWithProgressResponse>(body).unwrap_err();
        let error = undecodable(&credentials(), body, first);
        assert_eq!(error.json_pointer(), Some("/clip"));
        assert_eq!(
            error.to_string(),
            "the answer is not what the service documents at /clip"
        );
    }
}
