//! The operation `getClipWithProgress`, and what its response means.

use rhombus_clips_api::types::{
    GetClipWithProgressRequest, GetClipWithProgressResponse, SavedClip,
};
use rhombus_clips_api::{Client as ApiClient, Error as ApiError, Operation, ResponseValue};

use super::response::reported_failure;
use super::{Received, Request};
use crate::error::{Error, ErrorKind, Result};
use crate::text::sanitize_line;
use crate::{Clip, ClipUuid};

/// Request for a clip; the output is `None` when the service has no record of it (yet).
#[derive(Clone, Copy, Debug)]
pub(crate) struct FetchClip {
    pub(crate) uuid: ClipUuid,
}

impl Request for FetchClip {
    type Response = GetClipWithProgressResponse;
    type Output = Option<Clip>;

    fn operation(&self) -> Option<&'static Operation> {
        Operation::find("getClipWithProgress")
    }

    fn clip_uuid(&self) -> Option<ClipUuid> {
        Some(self.uuid)
    }

    async fn send(
        &self,
        api: &ApiClient,
    ) -> std::result::Result<ResponseValue<Self::Response>, ApiError<()>> {
        let request = GetClipWithProgressRequest::new(self.uuid.to_string());
        api.get_clip_with_progress(&request).await
    }

    fn interpret(&self, received: Received<'_, Self::Response>) -> Result<Self::Output> {
        let failure = reported_failure(received.credentials, &received.response);
        interpret(self.uuid, received.response, failure)
    }
}

/// Returns the clip of a decoded response that may report a failure; `None` when there is no record of it.
fn interpret(
    uuid: ClipUuid,
    response: GetClipWithProgressResponse,
    failure: Option<Error>,
) -> Result<Option<Clip>> {
    if let (None, None, Some(issue)) = (&response.clip, &failure, response.decode_issues.first()) {
        // A missing clip proves nothing beside a property that may be about the clip.
        let issue_text = sanitize_line(&issue.to_string());
        let message =
            format!("the response has no clip and an undecodable property at {issue_text}");
        return Err(Error::new(ErrorKind::Decode, message)
            .with_status(200)
            .with_pointer(issue.pointer.clone()));
    }
    let GetClipWithProgressResponse {
        warning_msg,
        decode_issues,
        ..
    } = response;
    let other_uuid = response
        .clip
        .as_ref()
        .and_then(|record| unexpected_uuid(uuid, record));
    if let (Some(other_uuid), None) = (other_uuid, &failure) {
        // A response for another clip must not end a watch.
        let message = format!(
            "the response is for another clip ({other_uuid}); possibly a misconfigured cache or proxy"
        );
        return Err(Error::new(ErrorKind::UnexpectedClip, message).with_status(200));
    }
    let clip = match response.clip {
        Some(record) if other_uuid.is_none() => {
            Some(Clip::new(uuid, record, warning_msg, decode_issues))
        }
        _ => None,
    };
    match failure {
        Some(error) => Err(error.with_clip(clip)),
        None => Ok(clip),
    }
}

/// Returns the UUID in a record if it is valid and not the requested one.
fn unexpected_uuid(uuid: ClipUuid, record: &SavedClip) -> Option<ClipUuid> {
    let record_uuid = record.uuid.as_deref()?.parse().ok()?;
    (record_uuid != uuid).then_some(record_uuid)
}

#[cfg(test)]
mod tests {
    use rhombus_clips_api::Credentials;

    use super::*;

    fn interpreted(json: &str) -> Result<Option<Clip>> {
        let received = Received {
            response: serde_json::from_str(json).unwrap(),
            credentials: &Credentials::api_token("canary").unwrap(),
            date: None,
        };
        let uuid = ClipUuid::from_bytes([0; 16]);
        FetchClip { uuid }.interpret(received)
    }

    #[test]
    fn a_null_clip_and_a_missing_clip_are_equivalent() {
        assert!(
            interpreted(r#"{"clip": null, "error": null}"#)
                .unwrap()
                .is_none()
        );
        assert!(interpreted("{}").unwrap().is_none());
    }

    #[test]
    fn a_missing_clip_beside_a_decode_issue_is_not_an_absent_record() {
        let error = interpreted(r#"{"clip": null, "warningMsg": 7}"#).unwrap_err();
        assert!(error.is_decode());
        assert_eq!(error.json_pointer(), Some("/warningMsg"));
    }

    #[test]
    fn an_error_of_another_type_is_a_failure_with_its_text() {
        let complete = |properties: &str| {
            interpreted(&format!(
                r#"{{"clip": {{"status": "COMPLETE"}}, {properties}}}"#
            ))
        };
        for (properties, reason) in [
            (r#""error": "yes""#, ": yes"),
            (r#""error": "no such\nclip ""#, ": no such clip"),
            (r#""error": 7"#, ": 7"),
            (r#""error": -0.5"#, ": -0.5"),
            (r#""error": {"code": 7}"#, r#": {"code":7}"#),
            (r#""error": []"#, ": []"),
            (r#""error": 7, "errorMsg": "no footage""#, ": 7: no footage"),
            (r#""error": "denied", "errorMsg": " ""#, ": denied"),
            (
                r#""error": true, "errorMsg": {"code": 7}"#,
                r#": {"code":7}"#,
            ),
            (r#""error": true, "errorMsg": " ""#, " without a message"),
        ] {
            let error = complete(properties).unwrap_err();
            assert!(error.is_service(), "{properties}");
            assert_eq!(
                error.to_string(),
                format!("the service reported an error{reason}"),
            );
            assert!(error.clip().is_some_and(Clip::is_complete));
        }
    }

    #[test]
    fn an_error_that_says_no_is_none() {
        for no in [
            "false",
            "null",
            "0",
            "0.0",
            r#""""#,
            r#"" \t""#,
            r#""False""#,
        ] {
            let json = format!(r#"{{"clip": {{"status": "COMPLETE"}}, "error": {no}}}"#);
            let clip = interpreted(&json).unwrap().unwrap();
            assert!(clip.is_complete(), "{no}");
        }
    }

    #[test]
    fn a_reason_is_one_line_of_bounded_length_without_the_key() {
        let long = "x".repeat(100_000);
        let json = format!(r#"{{"error": "canary\n{long}", "errorMsg": "{long}"}}"#);
        let message = interpreted(&json).unwrap_err().to_string();
        assert!(message.contains("[redacted] xxx"), "{message}");
        assert!(message.len() < 1100, "{}", message.len());
    }

    #[test]
    fn a_warning_is_returned_with_the_clip() {
        let clip = interpreted(r#"{"clip": {}, "error": false, "warningMsg": "half of it"}"#)
            .unwrap()
            .unwrap();
        assert_eq!(clip.warning(), Some("half of it"));
    }

    #[test]
    fn a_reported_failure_is_a_service_error_with_its_reason() {
        let error =
            interpreted(r#"{"clip": {"title": "Door"}, "error": true, "errorMsg": "no footage"}"#)
                .unwrap_err();
        assert!(error.is_service());
        assert_eq!(
            error.to_string(),
            "the service reported an error: no footage"
        );
        assert_eq!(error.clip().and_then(Clip::title), Some("Door"));
        let error = interpreted(r#"{"error": true}"#).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the service reported an error without a message"
        );
    }

    #[test]
    fn a_record_of_another_clip_is_an_error() {
        let requested = ClipUuid::from_bytes([0; 16]);
        let other = ClipUuid::from_bytes([7; 16]);
        let response_for = |uuid: &str| {
            interpreted(&format!(
                r#"{{"clip": {{"uuid": {uuid:?}, "status": "COMPLETE"}}}}"#
            ))
        };
        let error = response_for(&other.to_string()).unwrap_err();
        assert!(error.is_unexpected_clip() && error.is_transient());
        assert!(error.to_string().contains(&other.to_string()));
        assert!(response_for(&requested.to_string()).unwrap().is_some());
        // The document allows any string as a UUID, so one that is not an RUUID proves nothing.
        assert!(response_for("clip-7").unwrap().is_some());
    }
}
