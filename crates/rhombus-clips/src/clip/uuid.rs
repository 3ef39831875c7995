//! Identifier of a clip.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Length of an RUUID, in bytes.
const BYTES: usize = 16;
/// Length of the text of an RUUID, in characters.
const CHARACTERS: usize = 22;

/// Identifier of a clip: a Rhombus RUUID of 16 bytes.
///
/// Its text is URL-safe base64 without padding: 22 characters of `A-Z a-z 0-9 - _`. Parsing is strict, so
/// that an invalid identifier does not cost a request, and text round-trips unchanged. With the feature
/// `uuid` it converts from and to `uuid::Uuid`, big-endian as in RFC 4122.
///
/// ```
/// use rhombus_clips::ClipUuid;
///
/// let uuid: ClipUuid = "Vu0s9xQbQ1OsHk3tLw6rWg".parse()?;
/// assert_eq!(uuid.to_string(), "Vu0s9xQbQ1OsHk3tLw6rWg");
///
/// let error = "56ed2cf7-141b-4353-ac1e-4ded2f0eab5a".parse::<ClipUuid>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "invalid clip UUID: a hexadecimal UUID; Rhombus encodes its 16 bytes as Vu0s9xQbQ1OsHk3tLw6rWg",
/// );
/// # Ok::<(), rhombus_clips::ParseClipUuidError>(())
/// ```
///
/// It can be the key of a map or set, and is a string in JSON:
///
/// ```
/// use std::collections::BTreeSet;
/// use rhombus_clips::ClipUuid;
///
/// let clips: BTreeSet<ClipUuid> = serde_json::from_str(r#"["Vu0s9xQbQ1OsHk3tLw6rWg"]"#)?;
/// assert_eq!(serde_json::to_string(&clips)?, r#"["Vu0s9xQbQ1OsHk3tLw6rWg"]"#);
///
/// # #[cfg(feature = "uuid")]
/// # {
/// // With the feature `uuid`:
/// let clip = clips.first().copied().map(uuid::Uuid::from);
/// assert_eq!(clip.unwrap().to_string(), "56ed2cf7-141b-4353-ac1e-4ded2f0eab5a");
/// # }
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClipUuid([u8; BYTES]);

impl ClipUuid {
    /// Creates an identifier from its 16 bytes.
    ///
    /// ```
    /// use rhombus_clips::ClipUuid;
    ///
    /// const NONE: ClipUuid = ClipUuid::from_bytes([0; 16]);
    /// assert_eq!(NONE.to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
    /// assert_eq!(NONE.as_bytes(), &[0; 16]);
    /// ```
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the 16 bytes of the identifier.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// Error of parsing a [`ClipUuid`]: the first invalid character and its position, the length, or a UUID in
/// hexadecimal.
///
/// ```
/// use rhombus_clips::{ClipUuid, ParseClipUuidError};
///
/// let error: ParseClipUuidError = ClipUuid::try_from("short").unwrap_err();
/// assert_eq!(error.to_string(), "invalid clip UUID: expected 22 characters, found 5");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseClipUuidError(ParseErrorKind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum ParseErrorKind {
    /// 16 bytes in hexadecimal, the usual form of a UUID.
    Hexadecimal(ClipUuid),
    Character {
        character: char,
        /// Counted from 1.
        position: usize,
    },
    Length(usize),
}

impl FromStr for ClipUuid {
    type Err = ParseClipUuidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; BYTES];
        // 22 characters carry 132 bits. The decoder rejects a text whose 4 bits beyond 16 bytes are not
        // zero: otherwise two texts would name the same identifier.
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(BYTES) if text.len() == CHARACTERS => Ok(Self(bytes)),
            _ => Err(ParseClipUuidError(ParseErrorKind::of(text))),
        }
    }
}

impl ParseErrorKind {
    /// Diagnoses a text that is not a clip UUID.
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
fn hexadecimal(text: &str) -> Option<ClipUuid> {
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
    Some(ClipUuid(bytes))
}

impl fmt::Display for ParseErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hexadecimal(uuid) => write!(
                f,
                "a hexadecimal UUID; Rhombus encodes its {BYTES} bytes as {uuid}"
            ),
            Self::Length(length) => {
                write!(f, "expected {CHARACTERS} characters, found {length}")
            }
            Self::Character {
                character,
                position,
            } => {
                write!(f, "unexpected {character:?} at character {position}; ")?;
                match (character, position) {
                    ('.', _) => {
                        f.write_str("a facet such as .v0 belongs to a camera, not to a clip")
                    }
                    (c, &CHARACTERS) if c.is_ascii_alphanumeric() || "-_".contains(*c) => {
                        f.write_str("the last one must be A, Q, g or w")
                    }
                    _ => f.write_str("only A-Z, a-z, 0-9, '-' and '_' are allowed"),
                }
            }
        }
    }
}

impl ParseClipUuidError {
    /// The mistake alone, for identifiers of the same form, such as an organization's.
    ///
    /// ```
    /// use rhombus_clips::ClipUuid;
    ///
    /// let error = "short".parse::<ClipUuid>().unwrap_err();
    /// assert_eq!(error.reason(), "expected 22 characters, found 5");
    /// ```
    pub fn reason(&self) -> String {
        self.0.to_string()
    }
}

impl fmt::Display for ParseClipUuidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid clip UUID: {}", self.0)
    }
}

impl std::error::Error for ParseClipUuidError {}

impl fmt::Display for ClipUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for ClipUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClipUuid({self})")
    }
}

impl TryFrom<&str> for ClipUuid {
    type Error = ParseClipUuidError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl Serialize for ClipUuid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ClipUuid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(feature = "uuid")]
impl From<uuid::Uuid> for ClipUuid {
    fn from(uuid: uuid::Uuid) -> Self {
        Self(uuid.into_bytes())
    }
}

#[cfg(feature = "uuid")]
impl From<ClipUuid> for uuid::Uuid {
    fn from(uuid: ClipUuid) -> Self {
        Self::from_bytes(uuid.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> String {
        text.parse::<ClipUuid>().unwrap_err().reason()
    }

    #[test]
    fn text_round_trips() {
        for text in [
            "AAAAAAAAAAAAAAAAAAAAAA",
            "_-_-_-_-_-_-_-_-_-_-_w",
            "Vu0s9xQbQ1OsHk3tLw6rWg",
        ] {
            assert_eq!(text.parse::<ClipUuid>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn bytes_are_decoded_from_base64() {
        let uuid: ClipUuid = "AAECAwQFBgcICQoLDA0ODw".parse().unwrap();
        assert_eq!(
            uuid.as_bytes(),
            &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
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

    #[cfg(feature = "uuid")]
    #[test]
    fn uuid_round_trip() {
        let uuid = uuid::Uuid::from_bytes([7; BYTES]);
        assert_eq!(uuid::Uuid::from(ClipUuid::from(uuid)), uuid);
    }
}
