//! Interpretation of a response with status 200.
//!
//! The service reports failures of the domain inside a 200, and may sit behind a cache or a proxy that
//! answers in its place. This module decides whether the response reports a failure, and why a body is
//! not a response. What a response means beyond that is up to its operation.

use rhombus_clips_api::{Credentials, OperationResponse, Skipped, is_truncated};
use serde_json::Value;

use crate::error::{Error, ErrorKind, Hint, Result};
use crate::text::{
    MAX_EXCERPT_BYTES, present, redacted_excerpt, sanitize_line, truncate, truncate_to,
};

/// Fails if the service reports a failure.
pub(crate) fn check<T: OperationResponse>(credentials: &Credentials, response: &T) -> Result<()> {
    match reported_failure(credentials, response) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// Returns the failure that the service reports, as an error; `None` if it reports none.
pub(crate) fn reported_failure<T: OperationResponse>(
    credentials: &Credentials,
    response: &T,
) -> Option<Error> {
    let reason = reported_reason(response)?;
    let reason = sanitize_line(&credentials.redact(&reason));
    let message = match reason.as_str() {
        "" => "the service reported an error without a message".to_owned(),
        reason => format!("the service reported an error: {reason}"),
    };
    Some(Error::new(ErrorKind::Service, message).with_status(200))
}

/// Returns the reason of a failure that the service reports, which is empty if it gives none; `None` if it
/// reports no failure.
///
/// The document has a boolean as `error`. Any other value is a failure as well, and part of the reason,
/// unless it says no in another notation: null, `"false"`, 0, or a text without a visible character.
fn reported_reason<T: OperationResponse>(response: &T) -> Option<String> {
    let common = response.common();
    let extra = |property| common.extra.and_then(|extra| extra.get(property));
    let cause = match (common.error, extra("error")) {
        (Some(true), _) => None,
        (None, Some(error)) => Some(stated(error)?),
        (Some(false) | None, _) => return None,
    };
    let message = match common.error_msg {
        Some(message) => Some(message.to_owned()),
        None => extra("errorMsg").and_then(stated),
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
    let pointer = match error.is_data() {
        true => reported_pointer(&error),
        false => broken_pointer(body),
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

/// Returns the pointer in the error of a value that does not fit, which the decoder puts first.
fn reported_pointer(error: &serde_json::Error) -> String {
    match error.to_string().split_once(": ") {
        Some((pointer, _)) if pointer.starts_with('/') => pointer.to_owned(),
        _ => String::new(),
    }
}

/// Returns the pointer to where a body is not JSON. The decoder does not track it, so the body is parsed
/// again, which is rare.
fn broken_pointer(body: &[u8]) -> String {
    let mut json = serde_json::Deserializer::from_slice(body);
    match serde_path_to_error::deserialize::<_, Skipped>(&mut json) {
        Err(error) => json_pointer(error.path()),
        Ok(Skipped) => String::new(),
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
    use rhombus_clips_api::types::GetClipWithProgressResponse;

    use super::*;

    fn credentials() -> Credentials {
        Credentials::api_token("canary").unwrap()
    }

    fn decoded(body: &[u8]) -> Error {
        let error = serde_json::from_slice::<GetClipWithProgressResponse>(body).unwrap_err();
        decode_error(&credentials(), body, error)
    }

    #[test]
    fn a_decode_error_names_the_location() {
        let body = br#"{"error": false, "clip": "gone"}"#;
        let error = decoded(body);
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
        let error = decoded(body);
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
        let error = decoded(body);
        let expected = format!("/clip/alterMap/{}…/1", &name[..64]);
        assert_eq!(error.json_pointer(), Some(&*expected));
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
            let error = decoded(body);
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
            let error = decoded(body);
            assert!(error.is_decode() && !error.is_transient());
            assert!(error.to_string().contains(description), "{error}");
        }
    }
}
