//! Identifiers of cameras, and of their video and audio.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::ruuid::{Ruuid, RuuidError, impl_ruuid};

/// Identifier of a camera: a Rhombus RUUID of 16 bytes, as text 22 characters of `A-Z a-z 0-9 - _`.
///
/// [`with_facet`](Self::with_facet) selects one of the camera's streams.
///
/// ```
/// use rhombus_clips::{CameraUuid, Facet};
///
/// let camera: CameraUuid = "Vu0s9xQbQ1OsHk3tLw6rWg".parse()?;
/// assert_eq!(camera.to_string(), "Vu0s9xQbQ1OsHk3tLw6rWg");
/// assert_eq!(camera.with_facet(Facet::Video(2)).to_string(), "Vu0s9xQbQ1OsHk3tLw6rWg.v2");
/// assert_eq!(CameraUuid::from_bytes([0; 16]).as_bytes(), &[0; 16]);
/// # Ok::<(), rhombus_clips::ParseCameraUuidError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CameraUuid(Ruuid);

impl CameraUuid {
    /// Creates an identifier from its 16 bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Ruuid(bytes))
    }

    /// Returns one of the camera's streams.
    pub const fn with_facet(self, facet: Facet) -> DeviceFacetUuid {
        DeviceFacetUuid {
            camera: self,
            facet: Some(facet),
        }
    }

    /// Returns the camera of an identifier in a response, whatever its facet is.
    pub(crate) fn of_response(text: &str) -> Option<Self> {
        let camera = text.split_once('.').map_or(text, |(camera, _)| camera);
        camera.parse().ok()
    }
}

/// Error of parsing a [`CameraUuid`]: the first invalid character and its position, the length, or a UUID
/// in hexadecimal.
///
/// ```
/// use rhombus_clips::{CameraUuid, ParseCameraUuidError};
///
/// let error: ParseCameraUuidError = CameraUuid::try_from("short").unwrap_err();
/// assert_eq!(error.to_string(), "invalid camera UUID: expected 22 characters, found 5");
/// assert_eq!(error.reason(), "expected 22 characters, found 5");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseCameraUuidError(RuuidError);

impl_ruuid!(
    CameraUuid,
    ParseCameraUuidError,
    "camera UUID",
    "a facet such as .v0 is not part of a camera's UUID"
);

/// Video or audio stream of a device: `v0` to `v51`, and `a0` to `a51`.
///
/// ```
/// use rhombus_clips::Facet;
///
/// assert_eq!("a0".parse(), Ok(Facet::Audio(0)));
/// assert_eq!(Facet::Video(51).to_string(), "v51");
/// assert!("v52".parse::<Facet>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    /// A video stream, 0 to 51. The service takes 0 where none is given.
    Video(u8),
    /// An audio stream, 0 to 51.
    Audio(u8),
}

impl Facet {
    /// The highest number of a stream, by the service's enumeration of facets.
    const MAX: u8 = 51;

    /// Returns whether the service has a stream of this number.
    pub(crate) fn is_valid(self) -> bool {
        let (Self::Video(number) | Self::Audio(number)) = self;
        number <= Self::MAX
    }
}

impl fmt::Display for Facet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Video(number) => write!(f, "v{number}"),
            Self::Audio(number) => write!(f, "a{number}"),
        }
    }
}

impl FromStr for Facet {
    type Err = ParseDeviceFacetUuidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let facet = match text.split_at_checked(1) {
            Some(("v", number)) => number.parse().ok().map(Self::Video),
            Some(("a", number)) => number.parse().ok().map(Self::Audio),
            _ => None,
        };
        let facet = facet.filter(|facet| facet.is_valid() && facet.to_string() == text);
        facet.ok_or(ParseDeviceFacetUuidError(DeviceError::Facet))
    }
}

/// A camera, or one of its streams: an RUUID, with an optional [`Facet`] behind a dot.
///
/// ```
/// use rhombus_clips::{CameraUuid, DeviceFacetUuid, Facet};
///
/// let device: DeviceFacetUuid = "Vu0s9xQbQ1OsHk3tLw6rWg.v2".parse()?;
/// assert_eq!(device.facet(), Some(Facet::Video(2)));
///
/// let camera: CameraUuid = device.camera();
/// assert_eq!(DeviceFacetUuid::from(camera).facet(), None);
/// # Ok::<(), rhombus_clips::ParseDeviceFacetUuidError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceFacetUuid {
    camera: CameraUuid,
    facet: Option<Facet>,
}

impl DeviceFacetUuid {
    /// The camera.
    pub const fn camera(&self) -> CameraUuid {
        self.camera
    }

    /// The stream; `None` if none is selected.
    pub const fn facet(&self) -> Option<Facet> {
        self.facet
    }
}

impl From<CameraUuid> for DeviceFacetUuid {
    fn from(camera: CameraUuid) -> Self {
        Self {
            camera,
            facet: None,
        }
    }
}

/// Error of parsing a [`DeviceFacetUuid`] or a [`Facet`].
///
/// ```
/// use rhombus_clips::{DeviceFacetUuid, ParseDeviceFacetUuidError};
///
/// let error: ParseDeviceFacetUuidError =
///     "Vu0s9xQbQ1OsHk3tLw6rWg.video".parse::<DeviceFacetUuid>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "invalid facet: expected v0 to v51 for video, or a0 to a51 for audio",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseDeviceFacetUuidError(DeviceError);

#[derive(Clone, Debug, PartialEq, Eq)]
enum DeviceError {
    Camera(ParseCameraUuidError),
    Facet,
}

impl fmt::Display for ParseDeviceFacetUuidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            DeviceError::Camera(error) => error.fmt(f),
            DeviceError::Facet => {
                f.write_str("invalid facet: expected v0 to v51 for video, or a0 to a51 for audio")
            }
        }
    }
}

impl std::error::Error for ParseDeviceFacetUuidError {}

impl FromStr for DeviceFacetUuid {
    type Err = ParseDeviceFacetUuidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (camera, facet) = match text.split_once('.') {
            Some((camera, facet)) => (camera, Some(facet.parse()?)),
            None => (text, None),
        };
        let camera = camera.parse();
        let camera =
            camera.map_err(|error| ParseDeviceFacetUuidError(DeviceError::Camera(error)))?;
        Ok(Self { camera, facet })
    }
}

impl fmt::Display for DeviceFacetUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.facet {
            Some(facet) => write!(f, "{}.{facet}", self.camera),
            None => self.camera.fmt(f),
        }
    }
}

impl fmt::Debug for DeviceFacetUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceFacetUuid({self})")
    }
}

impl Serialize for DeviceFacetUuid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DeviceFacetUuid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAMERA: &str = "Vu0s9xQbQ1OsHk3tLw6rWg";

    #[test]
    fn a_device_round_trips_through_text() {
        for facet in ["", ".v0", ".v51", ".a0", ".a51"] {
            let text = format!("{CAMERA}{facet}");
            let device: DeviceFacetUuid = text.parse().unwrap();
            assert_eq!(device.to_string(), text);
            assert_eq!(device.camera().to_string(), CAMERA);
        }
    }

    #[test]
    fn facets_are_strict() {
        for facet in ["", "v", "v52", "v00", "v+1", "a300", "V0", "x0", "é0"] {
            let text = format!("{CAMERA}.{facet}");
            let error = text.parse::<DeviceFacetUuid>().unwrap_err();
            assert!(error.to_string().starts_with("invalid facet"), "{text}");
        }
        let error = "short.v0".parse::<DeviceFacetUuid>().unwrap_err();
        assert!(error.to_string().contains("expected 22 characters"));
        let error = format!("{CAMERA}.v0").parse::<CameraUuid>().unwrap_err();
        assert!(error.to_string().contains("not part of a camera's UUID"));
    }

    #[test]
    fn the_camera_of_a_response_has_any_facet() {
        let camera = CAMERA.parse().ok();
        for facet in ["", ".", ".v0", ".v99", ".new"] {
            assert_eq!(CameraUuid::of_response(&format!("{CAMERA}{facet}")), camera);
        }
        assert_eq!(CameraUuid::of_response("unknown"), None);
    }
}
