//! Mapping of a response with a status other than 200.
//!
//! The service describes none of these, so the meanings are those that its clients have observed. The
//! body serves as an excerpt in the error; it decides nothing but the wording for an unknown key.

use std::time::{Duration, SystemTime};

use reqwest::header::LOCATION;
use rhombus_clips_api::{Client as ApiClient, ClientInfo as _, Credentials, content_excerpt};
use tokio::time::{Instant, timeout_at};

use crate::Region;
use crate::error::{Error, ErrorKind, Hint};
use crate::retry::retry_after;
use crate::text::{MAX_EXCERPT_BYTES, redacted_excerpt, sanitize_line};

/// Limit for reading the body of an error response. Chosen, not tuned: the status is what matters,
/// so a body that stalls must not delay it by more than a few seconds.
const BODY_READ_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) async fn map_status_error(
    api: &ApiClient,
    mut response: reqwest::Response,
    deadline: Instant,
) -> Error {
    let credentials = api.inner().credentials();
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let retry_after = retry_after(&headers, SystemTime::now());
    let deadline = deadline.min(Instant::now() + BODY_READ_TIMEOUT);
    let body = excerpt(credentials, &mut response, deadline).await;
    let location = headers
        .get(LOCATION)
        .filter(|_| response.status().is_redirection())
        .map(|location| String::from_utf8_lossy(location.as_bytes()));
    let error = match (status, location) {
        (401, _) => Error::new(
            ErrorKind::Authentication,
            "authentication failed (401): API key missing, or sent with another scheme than expected",
        )
        .with_hint(Hint::CheckAuthScheme),
        (403, _) => forbidden_error(api.baseurl(), &body),
        (429, _) => Error::new(ErrorKind::RateLimited, rate_limited_message(retry_after)),
        (_, Some(location)) => Error::new(
            ErrorKind::UnexpectedStatus,
            format!(
                "unexpected status {status}, redirected to {} (not followed, to protect the API key)",
                sanitize_line(&location)
            ),
        )
        .with_hint(Hint::CheckBaseUrl),
        (404, _) => Error::new(
            ErrorKind::UnexpectedStatus,
            format!("operation not found (404) at {}", api.baseurl()),
        )
        .with_hint(Hint::CheckBaseUrl),
        (421, _) => Error::new(
            ErrorKind::UnexpectedStatus,
            "the server does not serve this host over this connection (421)",
        )
        .with_hint(Hint::CheckBaseUrl),
        (503, _) => Error::new(ErrorKind::UnexpectedStatus, "service unavailable (503)")
            .with_hint(Hint::RetryLater),
        (500 | 502 | 504 | 506.., _) => {
            Error::new(ErrorKind::UnexpectedStatus, format!("server error ({status})"))
                .with_hint(Hint::RetryLater)
        }
        _ => Error::new(
            ErrorKind::UnexpectedStatus,
            format!("unexpected status {status}"),
        ),
    };
    error
        .with_status(status)
        .with_headers(&headers)
        .with_retry_after(retry_after)
        .with_body(&body)
}

/// Returns the beginning of an error response's body, redacted, as far as it arrives by the deadline.
pub(super) async fn excerpt(
    credentials: &Credentials,
    response: &mut reqwest::Response,
    deadline: Instant,
) -> String {
    let mut body = Vec::new();
    let read = async {
        while body.len() < MAX_EXCERPT_BYTES {
            match response.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) | Err(_) => break,
            }
        }
    };
    let _ = timeout_at(deadline, read).await;
    match content_excerpt(response.headers(), &body, MAX_EXCERPT_BYTES) {
        Ok(body) => redacted_excerpt(credentials, &body),
        Err(_) if body.is_empty() => String::new(),
        Err(error) => format!("[{error}]"),
    }
}

/// `Invalid api key` often means a key of the other region, as other clients of the service report.
fn forbidden_error(base_url: &str, body: &str) -> Error {
    if !body.to_ascii_lowercase().contains("invalid api key") {
        return Error::new(
            ErrorKind::Authentication,
            "access denied (403): the API key is wrong, expired, lacks the permission, or belongs to another region",
        )
        .with_hint(Hint::CheckApiKey)
        .with_hint(Hint::CheckRegion);
    }
    let hint = match base_url {
        us if us == Region::Us.base_url() => Hint::UseRegion(Region::Eu),
        eu if eu == Region::Eu.base_url() => Hint::UseRegion(Region::Us),
        _ => Hint::CheckRegion,
    };
    Error::new(
        ErrorKind::Authentication,
        "access denied (403): unknown API key",
    )
    .with_hint(hint)
}

fn rate_limited_message(retry_after: Option<Duration>) -> String {
    let message = "too many requests (429); all API keys of the organization share the rate limit";
    match retry_after {
        Some(delay) => format!("{message}; retry after {} s", delay.as_secs_f64().ceil()),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_hints_at_the_other_region() {
        let hint = |base_url| {
            let error = forbidden_error(base_url, r#"{"msg": "Invalid api key"}"#);
            error.hints().to_vec()
        };
        assert_eq!(hint(Region::Us.base_url()), [Hint::UseRegion(Region::Eu)]);
        assert_eq!(hint(Region::Eu.base_url()), [Hint::UseRegion(Region::Us)]);
        assert_eq!(hint("https://gateway.example"), [Hint::CheckRegion]);
        let error = forbidden_error(Region::Us.base_url(), "");
        assert!(error.to_string().contains("expired"));
        assert_eq!(error.hints(), [Hint::CheckApiKey, Hint::CheckRegion]);
    }
}
