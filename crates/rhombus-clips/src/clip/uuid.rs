//! Identifier of a clip.

use crate::ruuid::{Ruuid, RuuidError, impl_ruuid};

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
pub struct ClipUuid(Ruuid);

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
        Self(Ruuid(bytes))
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
/// assert_eq!(error.reason(), "expected 22 characters, found 5");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseClipUuidError(RuuidError);

impl_ruuid!(
    ClipUuid,
    ParseClipUuidError,
    "clip UUID",
    "a facet such as .v0 belongs to a camera, not to a clip"
);

#[cfg(all(test, feature = "uuid"))]
mod tests {
    use super::*;

    #[test]
    fn uuid_round_trip() {
        let uuid = uuid::Uuid::from_bytes([7; 16]);
        assert_eq!(uuid::Uuid::from(ClipUuid::from(uuid)), uuid);
    }
}
