//! Diagnosis of a text that is not an RUUID.
//!
//! Users copy identifiers from logs, URLs and other systems, so the usual mistakes are recognized and
//! the message says how to correct them.

use std::fmt;

use super::{BYTES, CHARACTERS, bytes, encode};

/// The likely mistake, or else the first invalid character, or the length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ParseErrorKind {
    /// An RUUID surrounded by white space.
    Spaces,
    /// An RUUID in quotation marks.
    Quotes,
    /// An RUUID followed by base64 padding.
    Padding,
    /// An RUUID in the standard base64 alphabet.
    Alphabet {
        character: char,
        position: usize,
        right: char,
    },
    /// An RUUID followed by a device facet.
    Facet(String),
    /// 16 bytes in hexadecimal, the usual form of a UUID.
    Hexadecimal([u8; BYTES]),
    Length(usize),
    Character {
        character: char,
        position: usize,
    },
    Last(char),
}

impl ParseErrorKind {
    /// Diagnoses a text that is not an RUUID.
    pub(super) fn of(text: &str) -> Self {
        Self::diagnose(text)
            .or_else(|| {
                let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
                let (character, position) = first_match(text, |c| !allowed(c))?;
                Some(Self::Character {
                    character,
                    position,
                })
            })
            .unwrap_or_else(|| match text.chars().last() {
                Some(last) if text.len() == CHARACTERS => Self::Last(last),
                _ => Self::Length(text.len()),
            })
    }

    fn diagnose(text: &str) -> Option<Self> {
        let is_one = |text: &str| bytes(text).is_some();
        if is_one(text.trim()) {
            return Some(Self::Spaces);
        }
        if is_one(text.trim_matches(['"', '\'', '`', '“', '”', '‘', '’'])) {
            return Some(Self::Quotes);
        }
        if is_one(text.trim_end_matches('=')) {
            return Some(Self::Padding);
        }
        if is_one(&text.replace('+', "-").replace('/', "_")) {
            let (character, position) = first_match(text, |c| matches!(c, '+' | '/'))?;
            let right = if character == '+' { '-' } else { '_' };
            return Some(Self::Alphabet {
                character,
                position,
                right,
            });
        }
        if let Some((uuid, facet)) = text.split_once('.')
            && is_one(uuid)
            && is_facet(facet)
        {
            return Some(Self::Facet(facet.to_owned()));
        }
        hexadecimal(text).map(Self::Hexadecimal)
    }
}

/// Returns the first matching character and its position, counted from 1.
fn first_match(text: &str, is: impl Fn(char) -> bool) -> Option<(char, usize)> {
    let mut characters = text.chars().zip(1..);
    characters.find(|(character, _)| is(*character))
}

/// Returns whether the text is `v` or `a` and a number of at most two digits.
fn is_facet(text: &str) -> bool {
    let number = text.strip_prefix(['v', 'a']);
    number.is_some_and(|number| {
        matches!(number.len(), 1 | 2) && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Decodes 32 hexadecimal digits, with the hyphens of a UUID or without.
fn hexadecimal(text: &str) -> Option<[u8; BYTES]> {
    let is_hyphenated =
        text.len() == 36 && [8, 13, 18, 23].map(|at| text.as_bytes().get(at)) == [Some(&b'-'); 4];
    let digits = match is_hyphenated {
        true => text.replace('-', ""),
        false => text.to_owned(),
    };
    if digits.len() != 2 * BYTES || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    // Big-endian, as in RFC 4122.
    u128::from_str_radix(&digits, 16)
        .ok()
        .map(u128::to_be_bytes)
}

impl fmt::Display for ParseErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spaces => f.write_str("surrounded by white space; remove it"),
            Self::Quotes => f.write_str("surrounded by quotation marks; remove them"),
            Self::Padding => f.write_str("followed by base64 padding; remove the `=`"),
            Self::Alphabet {
                character,
                position,
                right,
            } => write!(
                f,
                "{character:?} at character {position} belongs to the standard base64 alphabet; use {right:?}, with '-' for every '+' and '_' for every '/'"
            ),
            Self::Facet(facet) => write!(
                f,
                "\".{facet}\" is a camera facet; use the clip's UUID, not the camera's"
            ),
            Self::Hexadecimal(bytes) => write!(
                f,
                "a hexadecimal UUID; Rhombus encodes its {BYTES} bytes as {}",
                encode(bytes)
            ),
            Self::Length(length) => {
                write!(f, "expected {CHARACTERS} characters, found {length}")
            }
            Self::Character {
                character,
                position,
            } => write!(
                f,
                "unexpected {character:?} at character {position}; only A-Z, a-z, 0-9, '-' and '_' are allowed"
            ),
            Self::Last(character) => write!(
                f,
                "unexpected {character:?} at character {CHARACTERS}; the last one must be A, Q, g or w"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ruuid::decode;

    fn message(text: &str) -> String {
        decode(text).unwrap_err().to_string()
    }

    #[test]
    fn likely_mistakes_are_named() {
        for (text, expected) in [
            (" Vu0s9xQbQ1OsHk3tLw6rWg\n", "white space"),
            ("\"Vu0s9xQbQ1OsHk3tLw6rWg\"", "quotation marks"),
            ("‘Vu0s9xQbQ1OsHk3tLw6rWg’", "quotation marks"),
            ("Vu0s9xQbQ1OsHk3tLw6rWg==", "padding"),
            (
                "Vu0s9xQbQ1OsHk3tLw6+/g",
                "'+' at character 20 belongs to the standard base64 alphabet; use '-'",
            ),
            (
                "Vu0s9xQbQ1OsHk3tLw6r/g",
                "'/' at character 21 belongs to the standard base64 alphabet; use '_'",
            ),
            ("Vu0s9xQbQ1OsHk3tLw6rWg.v0", "\".v0\" is a camera facet"),
            ("Vu0s9xQbQ1OsHk3tLw6rWg.a51", "\".a51\" is a camera facet"),
        ] {
            let message = message(text);
            assert!(message.contains(expected), "{text:?}: {message}");
        }
    }

    #[test]
    fn a_hexadecimal_uuid_is_converted() {
        let expected = "a hexadecimal UUID; Rhombus encodes its 16 bytes as Vu0s9xQbQ1OsHk3tLw6rWg";
        for text in [
            "56ed2cf7-141b-4353-ac1e-4ded2f0eab5a",
            "56ED2CF7141B4353AC1E4DED2F0EAB5A",
        ] {
            assert_eq!(message(text), expected);
        }
        assert_eq!(
            decode("Vu0s9xQbQ1OsHk3tLw6rWg").unwrap()[..4],
            [0x56, 0xed, 0x2c, 0xf7]
        );
        for none in [
            "56ed2cf7-141b-4353-ac1e-4ded2f0eab5",
            "56ed2cf71-41b-4353-ac1e-4ded2f0eab5a",
            "+6ed2cf7141b4353ac1e4ded2f0eab5a",
        ] {
            assert!(!message(none).contains("hexadecimal"), "{none}");
        }
    }

    #[test]
    fn other_mistakes_are_named_by_character_or_length() {
        for (text, expected) in [
            ("", "expected 22 characters, found 0"),
            ("Vu0s9xQbQ1OsHk3tLw6rW", "expected 22 characters, found 21"),
            (
                "Vu0s9xQbQ1OsHk3tLw6rWB",
                "unexpected 'B' at character 22; the last one",
            ),
            (
                "Vu0s9xQb 1OsHk3tLw6rWg",
                "unexpected ' ' at character 9; only",
            ),
            (
                "Vü0s9xQbQ1OsHk3tLw6rWg",
                "unexpected 'ü' at character 2; only",
            ),
            (
                "Vu0s9xQbQ1OsHk3tLw6rWg.x1",
                "unexpected '.' at character 23; only",
            ),
            ("a.v0", "unexpected '.' at character 2; only"),
        ] {
            let message = message(text);
            assert!(message.starts_with(expected), "{text:?}: {message}");
        }
    }
}
