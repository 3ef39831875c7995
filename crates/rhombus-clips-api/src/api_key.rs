//! The API key, and its redaction in received text.
//!
//! Threat model: a response is not trusted to keep the key secret. Services, proxies and gateways
//! echo requests in messages, error pages and headers, and applications log what they receive; no
//! such echo may reach a log, an error or a decoded value. An echo may have any of its characters
//! escaped, in any mixture (see [`crate::spelling`]), be in UTF-16 or UTF-32, be repeated, touch another echo,
//! start inside a JSON escape sequence, or be truncated: all of these are
//! redacted, and JSON remains valid JSON. Out of scope are encodings that do not spell the
//! key character by character (Base64, hashes, compression), echoes that lack the start of the key or more
//! than half of it, and attackers with access to the memory of the process. The key is wiped on drop,
//! and redaction makes no copy of it, but the HTTP library copies it to send it.

use secrecy::{ExposeSecret, SecretString};

use crate::key_search::{MIN_LENGTH_BYTES, for_each_occurrence};

/// Replacement for the key in redacted text.
pub(crate) const PLACEHOLDER: &str = "[redacted]";

/// Bytes by which redaction may lengthen a text. Beyond, the placeholder is cut to the length of what it
/// replaces. Chosen, not tuned: no service repeats a key thousands of times.
const MAX_GROWTH_BYTES: usize = 32 * 1024;

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
        match self.replace_occurrences(text.as_bytes()) {
            // Occurrences begin and end at ASCII characters, so that the text remains UTF-8.
            Some(redacted) => String::from_utf8_lossy(&redacted).into_owned(),
            None => text.to_owned(),
        }
    }

    /// Returns bytes for decoding, with every occurrence of the key replaced by [`PLACEHOLDER`];
    /// `None` if there is none, or if the key is shorter than [`MIN_LENGTH_BYTES`].
    pub(crate) fn redact_bytes(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        if self.expose().len() < MIN_LENGTH_BYTES {
            return None;
        }
        self.replace_occurrences(bytes)
    }

    /// Returns a copy without the key; `None` if it does not occur.
    fn replace_occurrences(&self, text: &[u8]) -> Option<Vec<u8>> {
        let mut redacted: Option<Vec<u8>> = None;
        let mut end = 0;
        for_each_occurrence(self.expose().as_bytes(), text, |occurrence| {
            let redacted = redacted.get_or_insert_with(|| Vec::with_capacity(text.len()));
            redacted.extend_from_slice(text.get(end..occurrence.start).unwrap_or_default());
            let growth = redacted.len().saturating_sub(occurrence.start);
            let max = occurrence.len() + (MAX_GROWTH_BYTES - growth.min(MAX_GROWTH_BYTES));
            redacted.extend(PLACEHOLDER.bytes().take(max));
            end = occurrence.end;
        });
        let mut redacted = redacted?;
        redacted.extend_from_slice(text.get(end..).unwrap_or_default());
        Some(redacted)
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
            KEY.bytes().map(|byte| format!("&#x{byte:02X};")).collect(),
            KEY.bytes().map(|byte| format!("\\x{byte:02x}")).collect(),
            KEY.chars()
                .map(|character| format!("{character}\0"))
                .collect(),
            KEY.chars()
                .map(|character| format!("{character}\0\0\0"))
                .collect(),
            KEY.bytes()
                .map(|byte| format!("\\x{byte:02x}\\x00"))
                .collect(),
            KEY.bytes()
                .map(|byte| format!("&#{byte};&#0;&#0;&#0;"))
                .collect(),
        ] {
            let text = format!("é{echo}é \\n {echo}");
            let redacted = key(KEY).redact(&text);
            // What ends a character of UTF-16 or UTF-32 is not the key's.
            let shortened = ["\0", r"\x00", "&#0;"]
                .into_iter()
                .fold(redacted.clone(), |text, nul| text.replace(nul, ""));
            assert_eq!(shortened, "é[redacted]é \\n [redacted]", "{echo}");
            let bytes = key(KEY).redact_bytes(text.as_bytes()).unwrap();
            assert_eq!(bytes, redacted.as_bytes());
        }
    }

    #[test]
    fn redaction_lengthens_a_text_within_a_limit() {
        let text = "12345".repeat(10_000);
        let redacted = key("12345").redact(&text);
        assert_eq!(redacted.len(), text.len() + MAX_GROWTH_BYTES);
        assert!(redacted.starts_with("[redacted][redacted]"));
        assert!(redacted.ends_with("[reda[reda"));
    }

    #[test]
    fn the_rest_of_a_text_that_is_made_to_take_long_is_redacted() {
        let key = key(&format!("{}a", r"\".repeat(32)));
        let redacted = key.redact(&r"\".repeat(2048));
        assert!(redacted.ends_with("[redacted]"), "{redacted}");
    }

    #[test]
    fn text_without_the_key_is_unchanged() {
        for text in ["", "canar", "canar%", r"cana\u0072 ", "cana&#122;"] {
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
        assert_eq!(redacted, "<[redacted]>");
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
            ("canary-k canary-k", "[redacted] [redacted]"),
            ("canary-keeper", "[redacted]eper"),
            (r#""canary%2dk...""#, r#""[redacted]...""#),
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
            (r#""\\\u006e12345""#, r#""[redacted]""#),
            (r#""\\u006e12345""#, r#""[redacted]""#),
        ] {
            assert_eq!(key("n12345").redact(text), redacted, "{text}");
        }
        // The last backslash that can be read as the key's belongs to the next character.
        let redacted = key(r"12345\").redact(r#""12345\\\"; ""#);
        assert_eq!(redacted, r#""[redacted]; ""#);
    }

    #[test]
    fn a_short_key_is_not_redacted_before_decoding() {
        assert_eq!(key("e").redact_bytes(br#"{"error": false}"#), None);
        assert_eq!(key("true").redact_bytes(br#"{"error": true}"#), None);
        assert_eq!(key("e").redact("the"), "th[redacted]");
    }
}
