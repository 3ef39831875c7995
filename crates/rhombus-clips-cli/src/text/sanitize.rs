//! Sanitizes text of the service for the terminal.
//!
//! Titles and error messages come from outside of the program. Control characters in them could move
//! the cursor, change colors, or imitate another line.

use std::borrow::Cow;

/// Replaces control characters, so that the text is one line.
pub(crate) fn sanitize_line(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let sanitize = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    Cow::Owned(text.chars().map(sanitize).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_replaced() {
        assert_eq!(sanitize_line("Tür 4: 搬入"), "Tür 4: 搬入");
        assert_eq!(sanitize_line("a\nb\tc"), "a b c");
        assert_eq!(
            sanitize_line("\u{1b}[31mred\u{9b}0m"),
            "\u{fffd}[31mred\u{fffd}0m"
        );
    }
}
