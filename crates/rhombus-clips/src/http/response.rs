//! What an answer with status 200 means.

use rhombus_clips_api::Credentials;
use rhombus_clips_api::types::{GetClipWithProgressResponse, SavedClip};

use super::text::{redacted_excerpt, sanitize_line};
use crate::error::{Error, ErrorKind, Result};
use crate::{Clip, ClipUuid};

pub(super) fn interpret(
    credentials: &Credentials,
    uuid: ClipUuid,
    answer: GetClipWithProgressResponse,
) -> Result<Option<Clip>> {
    let failed = answer.error == Some(true);
    if let (None, false, Some(odd)) = (&answer.clip, failed, answer.decode_issues.first()) {
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
        decode_issues,
        ..
    } = answer;
    let other = answer
        .clip
        .as_ref()
        .and_then(|record| other_than(uuid, record));
    if let (Some(other), false) = (other, failed) {
        // Somebody else's answer must not end a watch.
        let message = format!(
            "the answer is about another clip ({other}) than the one asked for: does something on the way mix answers up?"
        );
        return Err(Error::new(ErrorKind::UnexpectedClip, message).with_status(200));
    }
    let clip = match answer.clip {
        Some(record) if other.is_none() => {
            Some(Clip::new(uuid, record, warning_msg, decode_issues))
        }
        _ => None,
    };
    if !failed {
        return Ok(clip);
    }
    let message = match answer.error_msg.as_deref().map(str::trim) {
        Some(reason) if !reason.is_empty() => {
            let reason = sanitize_line(&credentials.redact(reason));
            format!("the service reports a failure: {reason}")
        }
        _ => "the service reports a failure and gives no reason".to_owned(),
    };
    Err(Error::new(ErrorKind::Service, message)
        .with_status(200)
        .with_clip(clip))
}

/// The clip that a record is about, if it says so and it is not this one.
fn other_than(uuid: ClipUuid, record: &SavedClip) -> Option<ClipUuid> {
    let said = record.uuid.as_deref()?.parse().ok()?;
    (said != uuid).then_some(said)
}

pub(super) fn decode_error(
    credentials: &Credentials,
    body: &[u8],
    error: serde_json::Error,
) -> Error {
    if error.is_eof() {
        let message = match body.len() {
            0 => "the answer has no body".to_owned(),
            bytes => format!("the answer ends early, after {bytes} bytes"),
        };
        return Error::new(ErrorKind::Connection, message)
            .with_status(200)
            .with_body(&redacted_excerpt(credentials, body))
            .with_source(error);
    }
    // The generated client does not track where it is; decoding again does, off the usual path.
    let mut json = serde_json::Deserializer::from_slice(body);
    let (pointer, error) =
        match serde_path_to_error::deserialize::<_, GetClipWithProgressResponse>(&mut json) {
            Err(error) => (json_pointer(error.path()), error.into_inner()),
            Ok(_) => (String::new(), error),
        };
    let place = match body {
        [0x1f, 0x8b, ..] => ": it is compressed (the feature `gzip` reads it)".to_owned(),
        page if page.trim_ascii_start().starts_with(b"<") => {
            ": it is a page, of a proxy or of another service?".to_owned()
        }
        _ if pointer.is_empty() && error.is_syntax() => {
            ": it is no JSON; check the base URL".to_owned()
        }
        _ if pointer.is_empty() => String::new(),
        // The service's own names are in it, those of maps above all.
        _ => format!(" at {}", sanitize_line(&pointer)),
    };
    Error::new(
        ErrorKind::Decode,
        format!("the answer is not what the service documents{place}"),
    )
    .with_status(200)
    .with_pointer(pointer)
    .with_body(&redacted_excerpt(credentials, body))
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

    fn interpreted(json: &str) -> Result<Option<Clip>> {
        interpret(
            &credentials(),
            ClipUuid::from_bytes([0; 16]),
            serde_json::from_str(json).unwrap(),
        )
    }

    #[test]
    fn null_and_absence_of_the_clip_are_one() {
        assert!(
            interpreted(r#"{"clip": null, "error": null}"#)
                .unwrap()
                .is_none()
        );
        assert!(interpreted("{}").unwrap().is_none());
    }

    #[test]
    fn no_clip_beside_something_unreadable_does_not_mean_that_there_is_none() {
        let error = interpreted(r#"{"clip": null, "error": "yes"}"#).unwrap_err();
        assert!(error.is_decode());
        assert_eq!(error.json_pointer(), Some("/error"));
    }

    #[test]
    fn a_warning_comes_with_the_clip() {
        let clip = interpreted(r#"{"clip": {}, "error": false, "warningMsg": "half of it"}"#)
            .unwrap()
            .unwrap();
        assert_eq!(clip.warning(), Some("half of it"));
    }

    #[test]
    fn a_reported_failure_is_an_error_with_its_reason() {
        let error =
            interpreted(r#"{"clip": {"title": "Door"}, "error": true, "errorMsg": "no footage"}"#)
                .unwrap_err();
        assert!(error.is_service());
        assert_eq!(
            error.to_string(),
            "the service reports a failure: no footage"
        );
        assert_eq!(error.clip().and_then(Clip::title), Some("Door"));
        let error = interpreted(r#"{"error": true}"#).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the service reports a failure and gives no reason"
        );
    }

    #[test]
    fn an_undecodable_answer_names_the_place() {
        let body = br#"{"error": false, "clip": "gone"}"#;
        let first = serde_json::from_slice::<GetClipWithProgressResponse>(body).unwrap_err();
        let error = decode_error(&credentials(), body, first);
        assert!(error.is_decode());
        assert_eq!(error.json_pointer(), Some("/clip"));
        assert_eq!(
            error.to_string(),
            "the answer is not what the service documents at /clip"
        );
    }

    #[test]
    fn a_place_with_a_line_break_in_its_name_is_named_in_one_line() {
        let body = br#"{"clip": {"alterMap": {"a\nb": [{"crop": 1}, }"#;
        let first = serde_json::from_slice::<GetClipWithProgressResponse>(body).unwrap_err();
        let error = decode_error(&credentials(), body, first);
        assert_eq!(error.json_pointer(), Some("/clip/alterMap/a\nb/1"));
        assert_eq!(
            error.to_string(),
            "the answer is not what the service documents at /clip/alterMap/a b/1"
        );
    }

    #[test]
    fn another_clips_record_is_not_taken_for_this_ones() {
        let asked = ClipUuid::from_bytes([0; 16]);
        let other = ClipUuid::from_bytes([7; 16]);
        let of = |uuid: &str| {
            interpreted(&format!(
                r#"{{"clip": {{"uuid": {uuid:?}, "status": "COMPLETE"}}}}"#
            ))
        };
        let error = of(&other.to_string()).unwrap_err();
        assert!(error.is_unexpected_clip() && error.is_transient());
        assert!(error.to_string().contains(&other.to_string()));
        assert!(of(&asked.to_string()).unwrap().is_some());
        // The document lets a UUID be any text: one that is no RUUID says nothing.
        assert!(of("clip-7").unwrap().is_some());
    }

    #[test]
    fn an_answer_that_ends_early_may_be_whole_next_time() {
        for (body, message) in [
            (
                r#"{"clip": {"title": "Do"#,
                "the answer ends early, after 22 bytes",
            ),
            ("", "the answer has no body"),
        ] {
            let body = body.as_bytes();
            let error = serde_json::from_slice::<GetClipWithProgressResponse>(body).unwrap_err();
            let error = decode_error(&credentials(), body, error);
            assert!(error.is_connection() && error.is_transient());
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn what_is_no_json_is_named() {
        for (body, named) in [
            (&b" <!doctype html><title>Sign in</title>"[..], "a page"),
            (b"\x1f\x8b\x08\x00", "compressed"),
        ] {
            let error = serde_json::from_slice::<GetClipWithProgressResponse>(body).unwrap_err();
            let error = decode_error(&credentials(), body, error);
            assert!(error.is_decode() && !error.is_transient());
            assert!(error.to_string().contains(named), "{error}");
        }
    }
}
