//! The service's own words in a message.

use rhombus_clips_api::Credentials;

use crate::error::{MAX_BODY_BYTES, truncate};

/// How much of a body is looked at for an error, in bytes: somewhat more than is kept, so that a
/// key at the edge is seen whole.
pub(super) const MAX_EXCERPT_BYTES: usize = 2 * MAX_BODY_BYTES;

/// The beginning of a body, without the key.
pub(super) fn redacted_excerpt(credentials: &Credentials, body: &[u8]) -> String {
    let beginning = body.get(..MAX_EXCERPT_BYTES).unwrap_or(body);
    credentials.redact(&String::from_utf8_lossy(beginning))
}

/// The beginning of a text in one line, without characters that would steer a terminal.
pub(crate) fn sanitize_line(text: &str) -> String {
    let printable = |c: char| if c.is_control() { ' ' } else { c };
    let text: String = truncate(text).chars().map(printable).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_at_the_edge_is_not_shown_by_those_before_it() {
        let credentials = Credentials::api_token("canary-of-the-key-of-a-house").unwrap();
        let body = "canary-of-the-key-of-a-house;".repeat(MAX_EXCERPT_BYTES);
        let excerpt = redacted_excerpt(&credentials, body.as_bytes());
        assert!(excerpt.len() < MAX_BODY_BYTES, "nothing was cut off");
        assert!(!excerpt.contains("canary-of"), "{excerpt}");
    }

    #[test]
    fn it_is_one_line_of_bounded_length() {
        assert_eq!(sanitize_line(" no\r\nfootage\u{1b}[2J "), "no footage [2J");
        assert_eq!(sanitize_line(&"x".repeat(9000)).len(), 1024);
    }
}
