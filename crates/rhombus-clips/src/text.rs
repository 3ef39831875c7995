//! Text of the service inside of messages: redacted, truncated, and on one line.

use rhombus_clips_api::{Credentials, displayable_characters};

/// Length in bytes to which a quoted text, such as an error's body, is truncated. Chosen, not tuned:
/// enough for an error response, little enough for a log line.
pub(crate) const MAX_TEXT_BYTES: usize = 1024;

/// Length in bytes of a body's excerpt before it is redacted. Twice what an error retains, so that a
/// key across the end of the retained part is still complete and redacted.
pub(crate) const MAX_EXCERPT_BYTES: usize = 2 * MAX_TEXT_BYTES;

/// Returns a text with a visible character, and `None` for one that is as good as absent.
pub(crate) fn present(text: &str) -> Option<&str> {
    // A letter of Braille without dots.
    const BLANK: char = '\u{2800}';
    let is_visible =
        |(c, is_displayable): (char, bool)| is_displayable && !c.is_whitespace() && c != BLANK;
    displayable_characters(text).any(is_visible).then_some(text)
}

/// Truncates a text to [`MAX_TEXT_BYTES`], between characters.
pub(crate) fn truncate(text: &str) -> &str {
    truncate_to(text, MAX_TEXT_BYTES)
}

/// Truncates a text to a length in bytes, between characters.
pub(crate) fn truncate_to(text: &str, max_bytes: usize) -> &str {
    let end = (0..=max_bytes.min(text.len())).rfind(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or(text)
}

/// Returns the beginning of a body, with the API key redacted. Of a body that is not text, such as one
/// that is compressed, only the length is of use.
pub(crate) fn redacted_excerpt(credentials: &Credentials, body: &[u8]) -> String {
    let excerpt = body.get(..MAX_EXCERPT_BYTES).unwrap_or(body);
    if is_binary(excerpt) {
        return format!("[{} bytes that are not text]", body.len());
    }
    credentials.redact(&String::from_utf8_lossy(excerpt))
}

/// Returns whether more than a stray byte is no text. One of every thirty-two is tolerated: chosen, not
/// tuned, for text in another encoding than UTF-8.
fn is_binary(bytes: &[u8]) -> bool {
    let is_foreign = |c: &char| {
        *c == char::REPLACEMENT_CHARACTER
            || c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{1b}')
    };
    let text = String::from_utf8_lossy(bytes);
    text.chars().filter(is_foreign).count() > 1 + bytes.len() / 32
}

/// Truncates a text and replaces line breaks, control characters and hidden ones, which could steer a
/// terminal or misrepresent the text.
pub(crate) fn sanitize_line(text: &str) -> String {
    let shown = |(c, is_displayable)| if is_displayable { c } else { ' ' };
    let text: String = displayable_characters(truncate(text)).map(shown).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_across_the_end_is_redacted() {
        let credentials = Credentials::api_token("canary-of-the-key-of-a-house").unwrap();
        let body = "canary-of-the-key-of-a-house;".repeat(MAX_EXCERPT_BYTES);
        let excerpt = redacted_excerpt(&credentials, body.as_bytes());
        assert!(excerpt.len() < MAX_TEXT_BYTES, "nothing was cut off");
        assert!(!excerpt.contains("canary-of"), "{excerpt}");
    }

    #[test]
    fn a_body_that_is_not_text_is_not_quoted() {
        let credentials = Credentials::api_token("canary").unwrap();
        let excerpt = |body: &[u8]| redacted_excerpt(&credentials, body);
        assert_eq!(excerpt(b"caf\xe9\r\n\x1b[1m!"), "caf\u{fffd}\r\n\u{1b}[1m!");
        assert_eq!(
            excerpt(b"\x8b\x02\x80{\"a\"}\x03"),
            "[9 bytes that are not text]"
        );
        assert_eq!(
            excerpt(b"\xff\xfe{\0\"\0c\0"),
            "[8 bytes that are not text]"
        );
    }

    #[test]
    fn a_sanitized_text_is_one_line_of_bounded_length() {
        assert_eq!(sanitize_line(" no\r\nfootage\u{1b}[2J "), "no footage [2J");
        assert_eq!(sanitize_line("no\u{2028}foo\u{202e}tage"), "no foo tage");
        assert_eq!(sanitize_line(&"x".repeat(9000)).len(), 1024);
    }

    #[test]
    fn a_text_without_a_visible_character_is_absent() {
        for text in [
            "",
            " \t\n",
            "\u{200b}",
            "\u{3164} \u{feff}",
            "\u{2800}",
            "\u{a0}\u{202e}",
        ] {
            assert_eq!(present(text), None, "{}", text.escape_unicode());
        }
        assert_eq!(present(" a\u{200b}"), Some(" a\u{200b}"));
    }

    #[test]
    fn a_text_is_truncated_between_characters() {
        let text = "a".repeat(MAX_TEXT_BYTES - 1) + "é and more";
        assert_eq!(truncate(&text), "a".repeat(MAX_TEXT_BYTES - 1));
    }
}
