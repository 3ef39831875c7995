//! Quotes arguments of a command that the user can copy.

use super::sanitize::sanitize_line;

/// Quotes a text so that a shell parses it as one word.
pub(crate) fn shell_quote(text: &str) -> String {
    let is_safe = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    match !text.is_empty() && text.chars().all(is_safe) {
        true => text.to_owned(),
        false => format!("'{}'", sanitize_line(text).replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_quoted_as_needed() {
        assert_eq!(shell_quote("a/b-1.json"), "a/b-1.json");
        assert_eq!(shell_quote("it's"), r"'it'\''s'");
        assert_eq!(shell_quote(""), "''");
    }
}
