//! The service's form of identifiers, which those of clips and cameras share.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Length of an RUUID, in bytes.
const BYTES: usize = 16;
/// Length of the text of an RUUID, in characters.
const CHARACTERS: usize = 22;

/// An RUUID: 16 bytes, as text URL-safe base64 without padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Ruuid(pub(crate) [u8; BYTES]);

/// Mistake in the text of an RUUID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RuuidError {
    /// 16 bytes in hexadecimal, the usual form of a UUID.
    Hexadecimal(Ruuid),
    Character {
        character: char,
        /// Counted from 1.
        position: usize,
    },
    Length(usize),
}

impl FromStr for Ruuid {
    type Err = RuuidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; BYTES];
        // 22 characters carry 132 bits. The decoder rejects a text whose 4 bits beyond 16 bytes are not
        // zero: otherwise two texts would name the same identifier.
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(BYTES) if text.len() == CHARACTERS => Ok(Self(bytes)),
            _ => Err(RuuidError::of(text)),
        }
    }
}

impl RuuidError {
    /// Diagnoses a text that is not an RUUID.
    fn of(text: &str) -> Self {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let mut characters = text.chars().zip(1..);
        let character = match text.chars().last() {
            Some(last) if text.len() == CHARACTERS => Some((last, CHARACTERS)),
            _ => None,
        };
        let first_invalid = characters.find(|(c, _)| !is_allowed(*c)).or(character);
        match (hexadecimal(text), first_invalid) {
            (Some(uuid), _) => Self::Hexadecimal(uuid),
            (None, Some((character, position))) => Self::Character {
                character,
                position,
            },
            (None, None) => Self::Length(text.len()),
        }
    }
}

/// Decodes 32 hexadecimal digits, with the hyphens of a UUID or without.
fn hexadecimal(text: &str) -> Option<Ruuid> {
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
    let bytes = u128::from_str_radix(&digits, 16).ok()?.to_be_bytes();
    Some(Ruuid(bytes))
}

impl RuuidError {
    /// Formats the mistake. `facet_advice` is what to do about a facet behind the identifier.
    pub(crate) fn describe(&self, facet_advice: &str) -> String {
        match self {
            Self::Hexadecimal(uuid) => {
                format!("a hexadecimal UUID; Rhombus encodes its {BYTES} bytes as {uuid}")
            }
            Self::Length(length) => format!("expected {CHARACTERS} characters, found {length}"),
            Self::Character {
                character,
                position,
            } => {
                let advice = match (character, position) {
                    ('.', _) => facet_advice,
                    (c, &CHARACTERS) if c.is_ascii_alphanumeric() || "-_".contains(*c) => {
                        "the last one must be A, Q, g or w"
                    }
                    _ => "only A-Z, a-z, 0-9, '-' and '_' are allowed",
                };
                format!("unexpected {character:?} at character {position}; {advice}")
            }
        }
    }
}

impl fmt::Display for Ruuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// Implements what the identifiers have in common: text, JSON and conversions.
macro_rules! impl_ruuid {
    ($name:ident, $error:ident, $what:literal, $facet_advice:literal) => {
        impl $name {
            /// Returns the 16 bytes of the identifier.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self).map_err($error)
            }
        }

        impl $error {
            /// The mistake alone, for identifiers of the same form, such as an organization's.
            pub fn reason(&self) -> String {
                self.0.describe($facet_advice)
            }
        }

        impl std::fmt::Display for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "invalid {}: {}", $what, self.reason())
            }
        }

        impl std::error::Error for $error {}

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl TryFrom<&str> for $name {
            type Error = $error;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "uuid")]
        impl From<uuid::Uuid> for $name {
            fn from(uuid: uuid::Uuid) -> Self {
                Self::from_bytes(uuid.into_bytes())
            }
        }

        #[cfg(feature = "uuid")]
        impl From<$name> for uuid::Uuid {
            fn from(uuid: $name) -> Self {
                Self::from_bytes(*uuid.as_bytes())
            }
        }
    };
}

pub(crate) use impl_ruuid;

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> String {
        let advice = "a facet such as .v0 belongs to a camera, not to a clip";
        text.parse::<Ruuid>().unwrap_err().describe(advice)
    }

    #[test]
    fn text_round_trips() {
        for text in [
            "AAAAAAAAAAAAAAAAAAAAAA",
            "_-_-_-_-_-_-_-_-_-_-_w",
            "Vu0s9xQbQ1OsHk3tLw6rWg",
        ] {
            assert_eq!(text.parse::<Ruuid>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn bytes_are_decoded_from_base64() {
        let uuid: Ruuid = "AAECAwQFBgcICQoLDA0ODw".parse().unwrap();
        assert_eq!(
            uuid.0,
            [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
        );
    }

    #[test]
    fn a_hexadecimal_uuid_is_converted() {
        let expected = "a hexadecimal UUID; Rhombus encodes its 16 bytes as Vu0s9xQbQ1OsHk3tLw6rWg";
        for text in [
            "56ed2cf7-141b-4353-ac1e-4ded2f0eab5a",
            "56ED2CF7141B4353AC1E4DED2F0EAB5A",
        ] {
            assert_eq!(reason(text), expected);
        }
        for none in [
            "56ed2cf7-141b-4353-ac1e-4ded2f0eab5",
            "56ed2cf71-41b-4353-ac1e-4ded2f0eab5a",
            "+6ed2cf7141b4353ac1e4ded2f0eab5a",
        ] {
            assert!(!reason(none).contains("hexadecimal"), "{none}");
        }
    }

    #[test]
    fn other_mistakes_are_named_by_character_or_length() {
        for (text, expected) in [
            ("", "expected 22 characters, found 0"),
            ("Vu0s9xQbQ1OsHk3tLw6rW", "expected 22 characters, found 21"),
            (
                "Vu0s9xQbQ1OsHk3tLw6rWgA",
                "expected 22 characters, found 23",
            ),
            (
                "Vu0s9xQbQ1OsHk3tLw6rWB",
                "unexpected 'B' at character 22; the last one must be A, Q, g or w",
            ),
            (
                "Vu0s9xQbQ1OsHk3tLw6r/g",
                "unexpected '/' at character 21; only A-Z, a-z, 0-9, '-' and '_' are allowed",
            ),
            (
                "Vu0s9xQbQ1OsHk3tLw6rWg==",
                "unexpected '=' at character 23; only",
            ),
            (
                "\"Vu0s9xQbQ1OsHk3tLw6rWg\"",
                "unexpected '\"' at character 1; only",
            ),
            (
                "Vu0s9xQb 1OsHk3tLw6rWg",
                "unexpected ' ' at character 9; only",
            ),
            (
                "Vu0s9xQbQ1OsHk3tLw6rWg\n",
                "unexpected '\\n' at character 23; only",
            ),
            (
                "Vü0s9xQbQ1OsHk3tLw6rWg",
                "unexpected 'ü' at character 2; only",
            ),
            (
                "Vu0s9xQbQ1OsHk3tLw6rWg.v0",
                "unexpected '.' at character 23; a facet such as .v0 belongs to a camera, not to a clip",
            ),
        ] {
            let reason = reason(text);
            assert!(reason.starts_with(expected), "{text:?}: {reason}");
        }
    }
}
