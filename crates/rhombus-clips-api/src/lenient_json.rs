//! Decodes JSON that is not strictly valid.
//!
//! A response with a truncated emoji in a title, or with a number of absurd size in a property
//! that no program reads, still carries the clip's status. The strict parser runs first, so that a
//! valid response pays nothing; only a body that it rejects is sanitized and parsed again. The
//! types of the values are not known here: see `lenient` for values of an unexpected type.

use serde::de::DeserializeOwned;

/// Decodes a response body, tolerating some invalid JSON.
///
/// Works as `serde_json::from_slice`, except for four kinds of input that the strict parser
/// rejects. A lone surrogate, as in a text that was truncated within an emoji, is decoded as
/// U+FFFD, and so is a byte that is not valid UTF-8. A number beyond the range of double
/// precision, and a value nested too deep for the parser, is decoded as a string of its JSON
/// text; in a property of another type that is a [`DecodeIssue`](crate::DecodeIssue).
///
/// ```
/// use rhombus_clips_api::types::GetClipWithProgressResponse;
///
/// let body = br#"{"clip": {"title": "cut \ud83d", "status": "COMPLETE"}}"#;
/// let response: GetClipWithProgressResponse = rhombus_clips_api::decode(body)?;
/// let title = response.clip.and_then(|clip| clip.title);
/// assert_eq!(title.as_deref(), Some("cut \u{fffd}"));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// Returns the strict parser's error for the body as received.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    parse(body).or_else(|error| {
        let text = String::from_utf8_lossy(body);
        serde_json::from_str(&sanitize(&text)).map_err(|_| error)
    })
}

/// Parses strictly, as `serde_json::from_slice`, but faster: validating UTF-8 once for the body
/// costs a fraction of what validating it for every string does.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    match std::str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        // `from_slice` reports the position of the invalid byte.
        Err(_) => serde_json::from_slice(body),
    }
}

/// Maximum nesting depth of objects and arrays.
///
/// Chosen: below the recursion limit of `serde_json`, which is 128. Not tuned.
const MAX_DEPTH: usize = 100;

/// Returns the text with everything replaced that the strict parser rejects.
fn sanitize(text: &str) -> String {
    let mut sanitized = String::with_capacity(text.len());
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let token = match first {
            '"' => &rest[..string_length(rest)],
            '-' | '0'..='9' => &rest[..number_length(rest)],
            '[' | '{' if depth == MAX_DEPTH => &rest[..nested_length(rest)],
            _ => &rest[..first.len_utf8()],
        };
        match first {
            '"' => push_string(&mut sanitized, token),
            '-' | '0'..='9' if token.parse().is_ok_and(f64::is_infinite) => {
                push_quoted(&mut sanitized, token)
            }
            '[' | '{' if depth == MAX_DEPTH => push_quoted(&mut sanitized, token),
            _ => sanitized.push_str(token),
        }
        match first {
            '[' | '{' if depth < MAX_DEPTH => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        rest = &rest[token.len()..];
    }
    sanitized
}

/// Returns the length of the string at the start of the text, including its quotes.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let is_end = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        is_end
    });
    end.map_or(text.len(), |end| end + 2)
}

/// Returns the length of the number at the start of the text.
fn number_length(text: &str) -> usize {
    let is_number_byte = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    text.bytes()
        .position(|byte| !is_number_byte(byte))
        .unwrap_or(text.len())
}

/// Returns the length of the array or object at the start of the text.
fn nested_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut depth, mut index) = (0_usize, 0);
    while index < bytes.len() {
        match bytes[index] {
            b'"' => index += string_length(&text[index..]) - 1,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth -= 1,
            _ => {}
        }
        index += 1;
        if depth == 0 {
            break;
        }
    }
    index
}

/// Appends a string, with every lone surrogate replaced by U+FFFD.
fn push_string(sanitized: &mut String, token: &str) {
    let mut rest = token;
    while let Some(index) = rest.find('\\') {
        sanitized.push_str(&rest[..index]);
        rest = &rest[index..];
        let length = match (
            parse_code_unit(rest),
            rest.get(6..).and_then(parse_code_unit),
        ) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                sanitized.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            (Some(_), _) => 6,
            // Any other escape sequence is two characters, the second possibly a backslash.
            (None, _) => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        sanitized.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    sanitized.push_str(rest);
}

/// Returns the UTF-16 code unit of the `\u` escape sequence at the start of the text.
fn parse_code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

/// Appends a JSON value as a string of its text.
fn push_quoted(sanitized: &mut String, token: &str) {
    sanitized.push_str(&serde_json::Value::from(token).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{ClipStatus, GetClipWithProgressResponse};

    /// Decodes a clip with these properties and a status, and returns it with its decode issues.
    fn decode_clip(properties: &str) -> (crate::types::SavedClip, Vec<String>) {
        let body = format!(r#"{{"clip": {{{properties}, "status": "COMPLETE"}}}}"#);
        assert!(serde_json::from_str::<GetClipWithProgressResponse>(&body).is_err());
        let response: GetClipWithProgressResponse = decode(body.as_bytes()).unwrap();
        let clip = response.clip.unwrap();
        assert_eq!(clip.status, Some(ClipStatus::Complete));
        (
            clip,
            response
                .decode_issues
                .iter()
                .map(ToString::to_string)
                .collect(),
        )
    }

    #[test]
    fn a_lone_surrogate_decodes_to_the_replacement_character() {
        for (sent, decoded) in [
            (r"\ud83d", "\u{fffd}"),
            (r"\ude00!", "\u{fffd}!"),
            (r"\ud83d\ud83d\ude00", "\u{fffd}\u{1f600}"),
            (r"\\ud83d\ud83d \n", "\\ud83d\u{fffd} \n"),
        ] {
            let (clip, decode_issues) = decode_clip(&format!(r#""title": "{sent}""#));
            assert_eq!(
                (clip.title.as_deref(), decode_issues.len()),
                (Some(decoded), 0),
                "{sent}"
            );
        }
    }

    #[test]
    fn an_invalid_utf_8_byte_decodes_to_the_replacement_character() {
        let body = b"{\"clip\": {\"title\": \"caf\xe9\"}}";
        let response: GetClipWithProgressResponse = decode(body).unwrap();
        let title = response.clip.and_then(|clip| clip.title);
        assert_eq!(title.as_deref(), Some("caf\u{fffd}"));
    }

    #[test]
    fn a_number_beyond_double_precision_is_a_decode_issue() {
        let (clip, decode_issues) = decode_clip(r#""percentComplete": -1e400, "title": "1e400""#);
        assert_eq!(
            (clip.percent_complete, clip.title.as_deref()),
            (None, Some("1e400"))
        );
        assert_eq!(clip.extra["percentComplete"], "-1e400");
        assert_eq!(
            decode_issues,
            ["/clip/percentComplete: expected a number within 64 bits, found a string"]
        );
    }

    #[test]
    fn a_value_nested_too_deep_is_preserved_as_text() {
        let deep = format!("{}\"]\\\"\"{}", "[".repeat(300), "]".repeat(300));
        let (clip, decode_issues) = decode_clip(&format!(r#""unheardOf": {deep}"#));
        assert!(clip.extra["unheardOf"].is_array());
        assert!(decode_issues.is_empty());
    }

    #[test]
    fn other_invalid_json_is_rejected() {
        for body in [
            "",
            "{",
            "[",
            "{\"a\": \"\\",
            "\"\\u12",
            "{\"clip\": \"\\ud83d",
            "<html>",
            "{}}]]",
        ] {
            assert!(
                decode::<GetClipWithProgressResponse>(body.as_bytes()).is_err(),
                "{body}"
            );
        }
        let unclosed = "[".repeat(500);
        assert!(decode::<GetClipWithProgressResponse>(unclosed.as_bytes()).is_err());
        assert!(decode::<GetClipWithProgressResponse>(b"\xff").is_err());
    }
}
