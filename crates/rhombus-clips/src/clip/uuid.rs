//! Identifier of a clip.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::ruuid::{self, BYTES, ParseErrorKind};

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

/// Error of parsing a [`ClipUuid`]: the likely mistake, the character and its position, or the length.
///
/// ```
/// use rhombus_clips::{ClipUuid, ParseClipUuidError};
///
/// let error: ParseClipUuidError = ClipUuid::try_from("short").unwrap_err();
/// assert_eq!(error.to_string(), "invalid clip UUID: expected 22 characters, found 5");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseClipUuidError(ParseErrorKind);

impl FromStr for ClipUuid {
    type Err = ParseClipUuidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        ruuid::decode(text).map(Self).map_err(ParseClipUuidError)
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
        f.pad(&ruuid::encode(&self.0))
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
    fn a_parse_error_names_the_mistake() {
        let error = "AAAAAAAAAAAAAAAAAAAAAB".parse::<ClipUuid>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid clip UUID: unexpected 'B' at character 22; the last one must be A, Q, g or w"
        );
    }

    #[cfg(feature = "uuid")]
    #[test]
    fn uuid_round_trip() {
        let uuid = uuid::Uuid::from_bytes([7; BYTES]);
        assert_eq!(uuid::Uuid::from(ClipUuid::from(uuid)), uuid);
    }
}
