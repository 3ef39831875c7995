//! Text of the JSON output.

use std::io;

use rhombus_clips::displayable_characters;
use serde::Serialize;
use serde::ser::Error as _;
use serde_json::ser::Formatter;

/// Returns a value as one line of JSON. Characters that must not reach a terminal are escaped, so that
/// every value stays exact.
pub(crate) fn to_json(value: &impl Serialize) -> serde_json::Result<String> {
    let mut json = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut json, Escaping);
    value.serialize(&mut serializer)?;
    String::from_utf8(json).map_err(serde_json::Error::custom)
}

/// Returns a value as one line of JSON, with its end.
pub(crate) fn to_json_line(value: &impl Serialize) -> io::Result<String> {
    Ok(to_json(value)? + "\n")
}

/// Compact, and escapes more characters than JSON requires.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for (c, is_displayable) in displayable_characters(fragment) {
            if is_displayable {
                write!(writer, "{c}")?;
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped_and_keep_their_value() {
        let text = "\u{1b}\u{9b}\u{85}\u{7f}\u{202e}\u{2028}\u{ad}\u{e0001}\"\\";
        let json = to_json(&[text]).unwrap();
        assert_eq!(
            json,
            r#"["\u001b\u009b\u0085\u007f\u202e\u2028\u00ad\udb40\udc01\"\\"]"#
        );
        assert_eq!(serde_json::from_str::<[String; 1]>(&json).unwrap(), [text]);
    }

    #[test]
    fn writing_and_emoji_stay_intact() {
        let text = "T\u{fc}r \u{5d0} \u{645}\u{6cc}\u{200c}\u{62e} \u{1f469}\u{200d}\u{1f680}";
        assert_eq!(to_json(&text).unwrap(), format!("\"{text}\""));
    }
}
