//! Text from elsewhere on a terminal.

use std::borrow::Cow;

/// The text in one line and without control characters, which could move a terminal's cursor,
/// change its colours, or pretend to be another line.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let plain = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    Cow::Owned(text.chars().map(plain).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_as_such() {
        assert_eq!(printable("Tür 4: 搬入"), "Tür 4: 搬入");
        assert_eq!(printable("a\nb\tc"), "a b c");
        assert_eq!(
            printable("\u{1b}[31mred\u{9b}0m"),
            "\u{fffd}[31mred\u{fffd}0m"
        );
    }
}
