//! Repairs text that is not strictly valid JSON.
//!
//! A response with a truncated emoji in a title still carries the clip's status. The strict parser
//! runs first, so that a valid response pays nothing; only a body that it rejects is repaired and
//! parsed again. The types of the values are not known here: see `lenient` for values of an
//! unexpected type.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeOwned, Deserializer, Error as _, MapAccess, SeqAccess, Visitor,
};

/// Decodes a response body, tolerating some invalid JSON.
///
/// Works like `serde_json::from_slice`, except that a lone surrogate, as in a text that was truncated
/// within an emoji, is decoded as U+FFFD, and so is a byte that is not valid UTF-8. A byte order mark
/// at the start is skipped.
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
    let body = without_byte_order_mark(body);
    parse_strict(body).or_else(|error| serde_json::from_str(&repair(body)).map_err(|_| error))
}

fn without_byte_order_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body)
}

/// Parses strictly, as `serde_json::from_slice`, but faster: validating UTF-8 once for the body
/// costs a fraction of what validating it for every string does.
pub(crate) fn parse_strict<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    let body = without_byte_order_mark(body);
    match std::str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        // Reports the position of the invalid byte, or of an error before it.
        Err(invalid) => Err(match serde_json::from_slice::<Skipped>(body) {
            Err(error) => error,
            Ok(_) => serde_json::Error::custom(invalid),
        }),
    }
}

/// Any JSON value, which is parsed and dropped. Unlike serde's `IgnoredAny` it is parsed as strictly as a
/// value that is kept: texts are UTF-8, and the depth is limited.
#[doc(hidden)]
#[derive(Debug)]
pub struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Skipped {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while let Some(Self) = items.next_element()? {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
        while let Some((Self, Self)) = entries.next_entry()? {}
        Ok(self)
    }
}

/// Bytes by which a repaired text may be longer than the body. Chosen, not tuned: some ten thousand
/// bytes that are not UTF-8, in a text that is nearly JSON.
const MAX_GROWTH_BYTES: usize = 32 * 1024;

/// Replaces the bytes that are not UTF-8 and the escape sequences of lone surrogates. The text is at most
/// [`MAX_GROWTH_BYTES`] longer: after that, `?` replaces what is not UTF-8.
fn repair(body: &[u8]) -> String {
    let max_length = body.len().saturating_add(MAX_GROWTH_BYTES);
    let mut repaired = String::with_capacity(max_length);
    let mut rest = body.len();
    for chunk in body.utf8_chunks() {
        rest -= chunk.valid().len() + chunk.invalid().len();
        replace_lone_surrogates(chunk.valid(), &mut repaired);
        let room = max_length.saturating_sub(repaired.len() + rest);
        match chunk.invalid() {
            [] => {}
            _ if room >= char::REPLACEMENT_CHARACTER.len_utf8() => {
                repaired.push(char::REPLACEMENT_CHARACTER);
            }
            _ => repaired.push('?'),
        }
    }
    repaired
}

/// Appends a text, with every escape sequence of a lone surrogate replaced by one of U+FFFD. Valid JSON
/// has a backslash in strings only, so the text need not be tokenized.
fn replace_lone_surrogates(text: &str, replaced: &mut String) {
    let mut rest = text;
    while let Some((before, escape)) = rest
        .find('\\')
        .and_then(|index| rest.split_at_checked(index))
    {
        replaced.push_str(before);
        let following = escape.get(6..).and_then(parse_code_unit);
        let (length, is_lone) = match (parse_code_unit(escape), following) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (12, false),
            (Some(0xD800..=0xDFFF), _) => (6, true),
            (Some(_), _) => (6, false),
            // Any other escape sequence is two characters, the second possibly a backslash.
            (None, _) => (escape.chars().take(2).map(char::len_utf8).sum(), false),
        };
        let (escape, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        replaced.push_str(if is_lone { "\\ufffd" } else { escape });
        rest = after;
    }
    replaced.push_str(rest);
}

/// Returns the UTF-16 code unit of the `\u` escape sequence at the start of the text.
fn parse_code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
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
    fn a_number_beyond_double_precision_and_deep_nesting_are_errors_with_their_position() {
        let deep = format!("{}{}", "[".repeat(300), "]".repeat(300));
        for (value, message) in [
            ("1e400", "number out of range at line 1 column 28"),
            (&deep, "recursion limit exceeded at line 1 column 149"),
        ] {
            let body = format!(r#"{{"clip": {{"unheardOf": {value}}}}}"#);
            let error = decode::<GetClipWithProgressResponse>(body.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn a_repaired_text_has_a_bounded_length() {
        for (invalid, replaced) in [(10, 10), (16 * 1024, 16 * 1024), (100_000, 16 * 1024)] {
            let body = [b"\"", vec![0xff; invalid].as_slice(), b"\""].concat();
            let repaired = repair(&body);
            assert!(repaired.len() <= body.len() + MAX_GROWTH_BYTES);
            assert!(repaired.capacity() <= body.len() + MAX_GROWTH_BYTES);
            assert_eq!(repaired.matches('\u{fffd}').count(), replaced);
            assert_eq!(repaired.matches('?').count(), invalid - replaced);
        }
    }

    #[test]
    fn an_escape_before_an_invalid_byte_is_no_surrogate() {
        assert_eq!(repair(b"\\ud83d\xff\\ude00\\"), "\\ufffd\u{fffd}\\ufffd\\");
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
