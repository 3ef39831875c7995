//! Interpretation of a response with status 200.
//!
//! The service reports failures of the domain inside a 200, leaves properties out at will, and may
//! sit behind a cache or a proxy that answers in its place. This module decides whether a body is the
//! requested clip, the absence of a record, or an error, and why. It sends nothing.

use rhombus_clips_api::types::{GetClipWithProgressResponse, SavedClip};
use rhombus_clips_api::{Credentials, is_truncated};
use serde_json::Value;

use crate::error::{Error, ErrorKind, Hint, Result};
use crate::text::{
    MAX_EXCERPT_BYTES, present, redacted_excerpt, sanitize_line, truncate, truncate_to,
};
use crate::{Clip, ClipUuid};

/// Returns the clip of a decoded response; `None` when there is no record of it.
pub(super) fn interpret(
    credentials: &Credentials,
    uuid: ClipUuid,
    response: GetClipWithProgressResponse,
) -> Result<Option<Clip>> {
    let failure = reported_failure(&response);
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
    let Some(reason) = failure else {
        return Ok(clip);
    };
    let reason = sanitize_line(&credentials.redact(&reason));
    let message = match reason.as_str() {
        "" => "the service reported an error without a message".to_owned(),
        reason => format!("the service reported an error: {reason}"),
    };
    Err(Error::new(ErrorKind::Service, message)
        .with_status(200)
        .with_clip(clip))
}

/// Returns the reason of a failure that the service reports, which is empty if it gives none; `None` if it
/// reports no failure.
///
/// The document has a boolean as `error`. Any other value is a failure as well, and part of the reason,
/// unless it says no in another notation: null, `"false"`, 0, or a text without a visible character.
fn reported_failure(response: &GetClipWithProgressResponse) -> Option<String> {
    let cause = match (response.error, response.extra.get("error")) {
        (Some(true), _) => None,
        (None, Some(error)) => Some(stated(error)?),
        (Some(false) | None, _) => return None,
    };
    let message = match &response.error_msg {
        Some(message) => Some(message.clone()),
        None => response.extra.get("errorMsg").and_then(stated),
    };
    let parts = cause.iter().chain(&message);
    let parts: Vec<_> = parts
        .map(|part| truncate_to(part.trim(), MAX_EXCERPT_BYTES))
        .collect();
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    Some(parts.collect::<Vec<_>>().join(": "))
}

/// Returns the text of a value of another type than documented, unless it says no.
fn stated(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Bool(false) => None,
        Value::Number(number) if number.as_f64() == Some(0.0) => None,
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => None,
        Value::String(text) => present(text).map(str::to_owned),
        other => Some(other.to_string()),
    }
}

/// Returns the UUID in a record if it is valid and not the requested one.
fn unexpected_uuid(uuid: ClipUuid, record: &SavedClip) -> Option<ClipUuid> {
    let record_uuid = record.uuid.as_deref()?.parse().ok()?;
    (record_uuid != uuid).then_some(record_uuid)
}

/// Maps a body that failed to decode to an error that names the reason and the location.
pub(super) fn decode_error(
    credentials: &Credentials,
    body: &[u8],
    error: serde_json::Error,
) -> Error {
    if error.is_eof() || is_truncated(body) {
        let message = match body.len() {
            0 => "the response has no body".to_owned(),
            bytes => format!("the response is truncated after {bytes} bytes"),
        };
        return Error::new(ErrorKind::Connection, message)
            .with_status(200)
            .with_body(&redacted_excerpt(credentials, body))
            .with_foreign_source(credentials, &error);
    }
    // The generated client does not track the location. Decoding again does, and this path is rare.
    let mut json = serde_json::Deserializer::from_slice(body);
    let (pointer, error) =
        match serde_path_to_error::deserialize::<_, GetClipWithProgressResponse>(&mut json) {
            Err(error) => (json_pointer(error.path()), error.into_inner()),
            Ok(_) => (String::new(), error),
        };
    let (message, hint) = if body.trim_ascii_start().starts_with(b"<") {
        let message = "the response is a page, not JSON; possibly from a proxy or another service";
        (message.to_owned(), Some(Hint::CheckBaseUrl))
    } else if pointer.is_empty() && error.is_syntax() {
        let message = "the response is not JSON";
        (message.to_owned(), Some(Hint::CheckBaseUrl))
    } else if pointer.is_empty() {
        ("the response is not the documented object".to_owned(), None)
    } else {
        // A pointer contains the service's own text: property names and the keys of maps.
        let location = sanitize_line(&pointer);
        (
            format!("the response is not as documented at {location}"),
            None,
        )
    };
    let error = Error::new(ErrorKind::Decode, message)
        .with_status(200)
        .with_pointer(pointer)
        .with_body(&redacted_excerpt(credentials, body))
        .with_foreign_source(credentials, &error);
    match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

/// Returns the path as a JSON pointer, cut as those of decode issues are: the names are the service's.
fn json_pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    const MAX_NAME_BYTES: usize = 64;
    let pointer: String = path
        .iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                let name = truncate_to(key, MAX_NAME_BYTES);
                let mark = if name.len() < key.len() { "…" } else { "" };
                format!("/{}{mark}", name.replace('~', "~0").replace('/', "~1"))
            }
            Segment::Unknown => "/?".to_owned(),
        })
        .collect();
    truncate(&pointer).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        Credentials::api_token("canary").unwrap()
    }

    fn interpreted(json: &str) -> Result<Option<Clip>> {
        interpret(
            &credentials(),
            ClipUuid::from_bytes([0; 16]),
            serde_json::from_str(json).unwrap(),
        )
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
    fn a_decode_error_names_the_location() {
        let body = br#"{"error": false, "clip": "gone"}"#;
        let first = serde_json::from_slice::<GetClipWithProgressResponse>(body).unwrap_err();
        let error = decode_error(&credentials(), body, first);
        assert!(error.is_decode());
        assert_eq!(error.json_pointer(), Some("/clip"));
        assert_eq!(
            error.to_string(),
            "the response is not as documented at /clip"
        );
    }

    #[test]
    fn a_location_with_a_line_break_is_sanitized() {
        let body = br#"{"clip": {"alterMap": {"a\nb": [{"crop": 1}, }"#;
        let first = serde_json::from_slice::<GetClipWithProgressResponse>(body).unwrap_err();
        let error = decode_error(&credentials(), body, first);
        assert_eq!(error.json_pointer(), Some("/clip/alterMap/a\nb/1"));
        assert_eq!(
            error.to_string(),
            "the response is not as documented at /clip/alterMap/a b/1"
        );
    }

    #[test]
    fn a_location_is_cut() {
        let name = "n".repeat(50_000);
        let body = format!(r#"{{"clip": {{"alterMap": {{"{name}": [{{"crop": 1}}, }}"#);
        let body = body.as_bytes();
        let first = serde_json::from_slice::<GetClipWithProgressResponse>(body).unwrap_err();
        let error = decode_error(&credentials(), body, first);
        let expected = format!("/clip/alterMap/{}…/1", &name[..64]);
        assert_eq!(error.json_pointer(), Some(&*expected));
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

    #[test]
    fn a_truncated_response_is_transient() {
        for (body, message) in [
            (
                r#"{"clip": {"title": "Do"#,
                "the response is truncated after 22 bytes",
            ),
            ("", "the response has no body"),
            (
                r#"{"clip": {"title": "cut \ud83d"#,
                "the response is truncated after 30 bytes",
            ),
            (
                r#"{"clip": {"byteCount": 1e400, "#,
                "the response is truncated after 30 bytes",
            ),
        ] {
            let body = body.as_bytes();
            let error = serde_json::from_slice::<GetClipWithProgressResponse>(body).unwrap_err();
            let error = decode_error(&credentials(), body, error);
            assert!(error.is_connection() && error.is_transient());
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn a_body_that_is_not_json_is_described() {
        for (body, description) in [
            (&b" <!doctype html><title>Sign in</title>"[..], "a page"),
            (b"OK", "not JSON"),
        ] {
            let error = serde_json::from_slice::<GetClipWithProgressResponse>(body).unwrap_err();
            let error = decode_error(&credentials(), body, error);
            assert!(error.is_decode() && !error.is_transient());
            assert!(error.to_string().contains(description), "{error}");
        }
    }
}
