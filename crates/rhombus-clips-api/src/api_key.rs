//! The API key, and its redaction in received text.
//!
//! Threat model: a response is not trusted to keep the key secret. Services, proxies and gateways
//! echo requests in messages, error pages and headers, and applications log what they receive; no
//! such echo may reach a log, an error or a decoded value. An echo may have any of its characters
//! escaped (in JSON, a URL or HTML, in any mixture), be repeated, touch another echo, start inside
//! a JSON escape sequence, or be truncated at the end of the text: all of these are redacted, and
//! JSON remains valid JSON. Out of scope are escapes of escapes, encodings that do not spell the
//! key character by character (Base64, hashes), echoes that lack the start of the key or more than
//! half of it, and attackers with access to the memory of the process. The key is wiped on drop,
//! and redaction makes no copy of it, but the HTTP library copies it to send it.

use std::ops::Range;

use memchr::{memchr_iter, memchr3};
use secrecy::{ExposeSecret, SecretString};

/// Replacement for the key in redacted text.
pub(crate) const PLACEHOLDER: &str = "[redacted]";

/// Minimum key length, in bytes, for redaction before decoding, and minimum length of a truncated
/// echo.
///
/// A shorter key occurs in property names and numbers, where its redaction would corrupt the
/// response. Chosen: a length at which accidental matches are unlikely. Not tuned.
const MIN_LENGTH_BYTES: usize = 5;

/// An API key. It is wiped from memory on drop, and has no `Debug`.
#[derive(Clone)]
pub(crate) struct ApiKey(SecretString);

impl ApiKey {
    pub(crate) fn new(key: SecretString) -> Self {
        Self(key)
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Returns a text for display, with every occurrence of the key replaced by [`PLACEHOLDER`].
    pub(crate) fn redact(&self, text: &str) -> String {
        let mut redacted = String::with_capacity(text.len());
        let mut end = 0;
        for occurrence in self.find_occurrences(text.as_bytes()) {
            // Occurrences begin and end at ASCII characters: `get` never splits a character.
            redacted += text.get(end..occurrence.start).unwrap_or_default();
            redacted += PLACEHOLDER;
            end = occurrence.end;
        }
        redacted + text.get(end..).unwrap_or_default()
    }

    /// Returns bytes for decoding, with every occurrence of the key replaced by [`PLACEHOLDER`];
    /// `None` if there is none, or if the key is shorter than [`MIN_LENGTH_BYTES`].
    pub(crate) fn redact_bytes(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        if self.expose().len() < MIN_LENGTH_BYTES {
            return None;
        }
        let occurrences = self.find_occurrences(bytes);
        if occurrences.is_empty() {
            return None;
        }
        let mut redacted = Vec::with_capacity(bytes.len());
        let mut end = 0;
        for occurrence in occurrences {
            redacted.extend_from_slice(bytes.get(end..occurrence.start).unwrap_or_default());
            redacted.extend_from_slice(PLACEHOLDER.as_bytes());
            end = occurrence.end;
        }
        redacted.extend_from_slice(bytes.get(end..).unwrap_or_default());
        Some(redacted)
    }

    /// Finds the key in any of its spellings. The ranges are sorted and do not overlap.
    fn find_occurrences(&self, text: &[u8]) -> Vec<Range<usize>> {
        let key = self.expose().as_bytes();
        let mut occurrences = Vec::new();
        let has_escapes = memchr3(b'\\', b'%', b'&', text).is_some();
        let prefix = key.get(..MIN_LENGTH_BYTES).unwrap_or(key);
        let Some(first) = key.first() else {
            return occurrences;
        };
        let has_prefix_at = |index| {
            text.get(index..)
                .is_some_and(|rest| rest.starts_with(prefix))
        };
        // Fast path for nearly every response: no escapes, and no echo.
        if !has_escapes && !memchr_iter(*first, text).any(has_prefix_at) {
            return occurrences;
        }
        let may_start = |byte: u8| byte == *first || b"\\%&".contains(&byte);
        for (index, _) in text
            .iter()
            .enumerate()
            .filter(|(_, byte)| may_start(**byte))
        {
            let rest = text.get(index..).unwrap_or_default();
            let Some(length) = match_escaped(key, rest) else {
                continue;
            };
            let end = index + length;
            match occurrences.last_mut() {
                // Adjacent occurrences may overlap, where an escape can be read in two ways.
                Some(last) if index < last.end => last.end = last.end.max(end),
                last => {
                    // Half of an escape sequence would not be valid JSON.
                    let start = enclosing_escape(text, index);
                    let start = last.map_or(start, |last| start.max(last.end));
                    occurrences.push(start..end);
                }
            }
        }
        occurrences
    }
}

/// Returns the length of the key's spelling at the start of the text, if there is one.
///
/// Any character may be escaped, because escaping differs between implementations: Java's Gson
/// writes `\u003d` for `=`, PHP writes `\/` for `/`, an error page `&amp;` or `%26` for `&`.
///
/// A key may contain what looks like an escape, so that a text can match in several ways: the
/// match is a breadth-first search over all ends so far, and the longest wins. At the end of the
/// text, a truncated spelling of more than half of the key counts as a match.
fn match_escaped(key: &[u8], text: &[u8]) -> Option<usize> {
    let mut ends = match_byte(*key.first()?, text).collect::<Vec<_>>();
    for (matched, byte) in key.iter().enumerate().skip(1) {
        if ends.is_empty() {
            return None;
        }
        let rests = ends.iter().filter_map(|end| text.get(*end..));
        if matched >= MIN_LENGTH_BYTES
            && matched > key.len() / 2
            && rests.clone().any(is_truncated_match)
        {
            return Some(text.len());
        }
        let next_ends = ends.iter().flat_map(|end| {
            let rest = text.get(*end..).unwrap_or_default();
            match_byte(*byte, rest).map(move |length| end + length)
        });
        let mut next_ends = next_ends.collect::<Vec<_>>();
        next_ends.sort_unstable();
        next_ends.dedup();
        ends = next_ends;
    }
    ends.last().copied()
}

/// Returns the lengths of all spellings of an ASCII character at the start of the text.
fn match_byte(byte: u8, text: &[u8]) -> impl Iterator<Item = usize> {
    let escaped = match text {
        [b'\\', b'u', b'0', b'0', high, low, ..] if parse_hex(*high, *low) == Some(byte) => Some(6),
        [b'\\', escaped @ (b'"' | b'\\' | b'/'), ..] if *escaped == byte => Some(2),
        [b'%', high, low, ..] if parse_hex(*high, *low) == Some(byte) => Some(3),
        [b'&', ..] => HTML_ENTITIES
            .iter()
            .find(|(character, entity)| *character == byte && text.starts_with(entity))
            .map(|(_, entity)| entity.len()),
        _ => None,
    };
    let literal = (text.first() == Some(&byte)).then_some(1);
    literal.into_iter().chain(escaped)
}

/// Returns whether the text is empty, or ends within an escape sequence at its start.
fn is_truncated_match(text: &[u8]) -> bool {
    match text {
        [] | [b'\\'] | [b'%'] | [b'%', _] => true,
        [b'\\', b'u', digits @ ..] => digits.len() < 4,
        [b'&', ..] => HTML_ENTITIES
            .iter()
            .any(|(_, entity)| entity.starts_with(text) && entity.len() > text.len()),
        _ => false,
    }
}

/// HTML character references of the characters that HTML escapes.
const HTML_ENTITIES: [(u8, &[u8]); 8] = [
    (b'&', b"&amp;"),
    (b'<', b"&lt;"),
    (b'>', b"&gt;"),
    (b'"', b"&quot;"),
    (b'"', b"&#34;"),
    (b'\'', b"&apos;"),
    (b'\'', b"&#39;"),
    (b'\'', b"&#x27;"),
];

fn parse_hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// Returns the start of the JSON escape sequence that encloses an index, or the index itself.
fn enclosing_escape(text: &[u8], index: usize) -> usize {
    let before = text.get(..index).unwrap_or_default();
    let nearest = before.iter().rev().take(5).position(|byte| *byte == b'\\');
    let Some(start) = nearest.map(|distance| index - 1 - distance) else {
        return index;
    };
    let backslashes = before.iter().take(start + 1).rev();
    let run = backslashes.take_while(|byte| **byte == b'\\').count();
    let length = if text.get(start + 1) == Some(&b'u') {
        6
    } else {
        2
    };
    // After an even number of backslashes the last one is itself escaped, and starts nothing.
    if run % 2 == 1 && start + length > index {
        start
    } else {
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = r#"a/b+c=d<e>&'f"g\h%i"#;

    fn key(text: &str) -> ApiKey {
        ApiKey::new(text.into())
    }

    #[test]
    fn every_escaped_spelling_of_the_key_is_redacted() {
        for echo in [
            KEY.to_owned(),
            KEY.replace('\\', r"\\").replace('"', r#"\""#),
            KEY.replace('\\', r"\\")
                .replace('"', r#"\""#)
                .replace('/', r"\/"),
            KEY.replace('\\', r"\\")
                .replace('"', r#"\""#)
                .replace('=', r"\u003d")
                .replace('<', r"\u003C")
                .replace('>', r"\u003e")
                .replace('&', r"\u0026")
                .replace('\'', r"\u0027"),
            KEY.bytes().map(|byte| format!("\\u00{byte:02x}")).collect(),
            KEY.bytes().map(|byte| format!("%{byte:02X}")).collect(),
            KEY.replace('%', "%25").replace('/', "%2f"),
            KEY.replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('\'', "&#39;")
                .replace('"', "&quot;"),
        ] {
            let text = format!("é{echo}é \\n {echo}");
            assert_eq!(
                key(KEY).redact(&text),
                "é[redacted]é \\n [redacted]",
                "{echo}"
            );
            let redacted = key(KEY).redact_bytes(text.as_bytes()).unwrap();
            assert_eq!(redacted, "é[redacted]é \\n [redacted]".as_bytes());
        }
    }

    #[test]
    fn text_without_the_key_is_unchanged() {
        for text in ["", "canar", "canar%", r"canar\u0079 ", "canary-ke&#121;"] {
            assert_eq!(key("canary-key").redact(text), text);
            assert_eq!(key("canary-key").redact_bytes(text.as_bytes()), None);
        }
    }

    #[test]
    fn a_key_that_contains_escape_sequences_is_redacted_in_every_spelling() {
        for (text, echo) in [
            ("a%25c/d", r"a%25c\/d"),
            ("a%25c/d", "a%2525c/d"),
            ("a&amp;b/c", r"a&amp;b\/c"),
            (r"a\\b/c", r"a\\b%2fc"),
            (r"a\u0062/c", r"a\u0062\/c"),
        ] {
            assert_eq!(
                key(text).redact(&format!("<{echo}>")),
                "<[redacted]>",
                "{echo}"
            );
        }
    }

    #[test]
    fn adjacent_occurrences_with_an_ambiguous_boundary_are_redacted() {
        let key = key(r"$abcd\");
        let redacted = key.redact(r"<$abcd\\u0024abcd\$abcd\\>");
        assert_eq!(redacted, "<[redacted][redacted]>");
    }

    #[test]
    fn a_truncated_key_of_more_than_half_is_redacted() {
        for (text, redacted) in [
            ("no such key: canary-ke", "no such key: [redacted]"),
            ("no such key: canary", "no such key: [redacted]"),
            ("no such key: canar", "no such key: canar"),
            (r"canary\u002d\u006b\u006", "[redacted]"),
            (r"canary\", "[redacted]"),
            ("canary%2", "[redacted]"),
            ("canary-k canary-k", "canary-k [redacted]"),
        ] {
            assert_eq!(key("canary-key").redact(text), redacted);
        }
    }

    #[test]
    fn redaction_inside_an_escape_sequence_leaves_valid_json() {
        for (text, redacted) in [
            (r#""line\n12345""#, r#""line[redacted]""#),
            (r#""\u00n12345""#, r#""[redacted]""#),
            (r#""\\n12345""#, r#""\\[redacted]""#),
            (r#""\\\u006e12345""#, r#""\\[redacted]""#),
            (r#""\\u006e12345""#, r#""[redacted]""#),
        ] {
            assert_eq!(key("n12345").redact(text), redacted, "{text}");
        }
    }

    #[test]
    fn a_short_key_is_not_redacted_before_decoding() {
        assert_eq!(key("e").redact_bytes(br#"{"error": false}"#), None);
        assert_eq!(key("true").redact_bytes(br#"{"error": true}"#), None);
        assert_eq!(key("e").redact("the"), "th[redacted]");
    }
}
