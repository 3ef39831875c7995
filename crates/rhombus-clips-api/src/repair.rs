//! Answers that the JSON parser refuses, and that say something all the same.

use serde::de::DeserializeOwned;

/// Decodes the body of an answer.
///
/// As `serde_json::from_slice`, but four things that the parser refuses do not cost the answer
/// either. Half of a surrogate pair, as in a text that was cut inside of an emoji, is read as
/// U+FFFD, and so is a byte that is not UTF-8. A number beyond double precision, and what is nested
/// more than 100 levels deep, is read as the text that it is written in, which
/// [degrades](crate::DecodeIssue) a property of another type.
///
/// ```
/// use rhombus_clips_api::types::GetClipWithProgressResponse;
///
/// let body = br#"{"clip": {"title": "cut \ud83d", "status": "COMPLETE"}}"#;
/// let answer: GetClipWithProgressResponse = rhombus_clips_api::decode(body)?;
/// let title = answer.clip.and_then(|clip| clip.title);
/// assert_eq!(title.as_deref(), Some("cut \u{fffd}"));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// What the parser says of the body as it came.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    parse(body).or_else(|error| {
        let text = String::from_utf8_lossy(body);
        serde_json::from_str(&repair(&text)).map_err(|_| error)
    })
}

/// As `serde_json::from_slice`, which checks every text by itself for being UTF-8: to check the
/// body once takes a fraction of that.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    match std::str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        // The parser says where.
        Err(_) => serde_json::from_slice(body),
    }
}

/// How deep objects and arrays may be nested; the parser stops at 128.
const DEEPEST: usize = 100;

/// The same text with everything exchanged that the parser refuses.
fn repair(text: &str) -> String {
    let mut repaired = String::with_capacity(text.len());
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let token = match first {
            '"' => &rest[..string_length(rest)],
            '-' | '0'..='9' => &rest[..number_length(rest)],
            '[' | '{' if depth == DEEPEST => &rest[..nested_length(rest)],
            _ => &rest[..first.len_utf8()],
        };
        match first {
            '"' => push_string(&mut repaired, token),
            '-' | '0'..='9' if token.parse().is_ok_and(f64::is_infinite) => {
                push_quoted(&mut repaired, token)
            }
            '[' | '{' if depth == DEEPEST => push_quoted(&mut repaired, token),
            _ => repaired.push_str(token),
        }
        match first {
            '[' | '{' if depth < DEEPEST => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        rest = &rest[token.len()..];
    }
    repaired
}

/// The length of the string that a text begins with, its quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

fn number_length(text: &str) -> usize {
    let is_part = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    text.bytes()
        .position(|byte| !is_part(byte))
        .unwrap_or(text.len())
}

/// The length of the array or object that a text begins with.
fn nested_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at += string_length(&text[at..]) - 1,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            break;
        }
    }
    at
}

/// Pushes a string with U+FFFD in the place of every half of a surrogate pair.
fn push_string(repaired: &mut String, token: &str) {
    let mut rest = token;
    while let Some(at) = rest.find('\\') {
        repaired.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match (escaped_unit(rest), rest.get(6..).and_then(escaped_unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                repaired.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            (Some(_), _) => 6,
            // Any other escape is two characters, of which the second may be a backslash.
            (None, _) => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        repaired.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    repaired.push_str(rest);
}

/// The UTF-16 code unit of an escape that a text begins with.
fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

fn push_quoted(repaired: &mut String, token: &str) {
    repaired.push_str(&serde_json::Value::from(token).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{ClipStatus, GetClipWithProgressResponse};

    /// The clip of an answer with this beside its status.
    fn clip(beside: &str) -> (crate::types::SavedClip, Vec<String>) {
        let body = format!(r#"{{"clip": {{{beside}, "status": "COMPLETE"}}}}"#);
        assert!(serde_json::from_str::<GetClipWithProgressResponse>(&body).is_err());
        let answer: GetClipWithProgressResponse = decode(body.as_bytes()).unwrap();
        let clip = answer.clip.unwrap();
        assert_eq!(clip.status, Some(ClipStatus::Complete));
        (
            clip,
            answer
                .decode_issues
                .iter()
                .map(ToString::to_string)
                .collect(),
        )
    }

    #[test]
    fn half_of_a_surrogate_pair_is_a_replacement_character() {
        for (sent, read) in [
            (r"\ud83d", "\u{fffd}"),
            (r"\ude00!", "\u{fffd}!"),
            (r"\ud83d\ud83d\ude00", "\u{fffd}\u{1f600}"),
            (r"\\ud83d\ud83d \n", "\\ud83d\u{fffd} \n"),
        ] {
            let (clip, decode_issues) = clip(&format!(r#""title": "{sent}""#));
            assert_eq!(
                (clip.title.as_deref(), decode_issues.len()),
                (Some(read), 0),
                "{sent}"
            );
        }
    }

    #[test]
    fn a_byte_that_is_not_utf_8_is_a_replacement_character() {
        let body = b"{\"clip\": {\"title\": \"caf\xe9\"}}";
        let answer: GetClipWithProgressResponse = decode(body).unwrap();
        let title = answer.clip.and_then(|clip| clip.title);
        assert_eq!(title.as_deref(), Some("caf\u{fffd}"));
    }

    #[test]
    fn a_number_beyond_double_precision_costs_its_property() {
        let (clip, decode_issues) = clip(r#""percentComplete": -1e400, "title": "1e400""#);
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
    fn what_is_nested_too_deep_is_kept_as_text() {
        let deep = format!("{}\"]\\\"\"{}", "[".repeat(300), "]".repeat(300));
        let (clip, decode_issues) = clip(&format!(r#""unheardOf": {deep}"#));
        assert!(clip.extra["unheardOf"].is_array());
        assert!(decode_issues.is_empty());
    }

    #[test]
    fn what_is_no_json_stays_none() {
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
