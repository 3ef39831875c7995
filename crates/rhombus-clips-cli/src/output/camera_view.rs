//! The program's view of a camera: its JSON form, and its columns.

use rhombus_clips::types::MinimalDeviceState;
use rhombus_clips::{Camera, CameraUuid};
use schemars::JsonSchema;
use serde::Serialize;

use super::clip_view::ruuid;
use super::table::format_cell;
use crate::text::align_columns;

/// One line of `rhombus-clips cameras --output json`.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "rhombus-clips cameras")]
pub(crate) struct CameraDetails<'a> {
    /// UUID of the camera.
    #[schemars(schema_with = "ruuid")]
    camera_uuid: CameraUuid,
    /// Name of the camera, which need not be unique.
    name: Option<&'a str>,
    /// Whether the service reaches the camera.
    state: CameraState,
    /// Names of its video and audio streams, such as `v0` and `a0`. Empty if the service lists none.
    facets: Vec<String>,
    /// Record of the camera, as far as it could be decoded, with its unknown properties. Properties that
    /// were sent as null are left out.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    record: &'a MinimalDeviceState,
}

/// State of a camera.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum CameraState {
    /// The service reaches the camera.
    Online,
    /// The service does not reach the camera.
    Offline,
    /// The service does not say.
    Unknown,
}

impl CameraState {
    fn label(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Offline => "offline",
            Self::Unknown => "unknown",
        }
    }
}

impl<'a> CameraDetails<'a> {
    pub(crate) fn from_camera(camera: &'a Camera) -> Self {
        Self {
            camera_uuid: camera.uuid(),
            name: camera.name(),
            state: match camera.is_online() {
                Some(true) => CameraState::Online,
                Some(false) => CameraState::Offline,
                None => CameraState::Unknown,
            },
            facets: camera.facets().iter().map(ToString::to_string).collect(),
            record: camera.record(),
        }
    }

    /// Returns the columns. The name is the last one, because it can have spaces.
    fn row(&self) -> [String; 4] {
        let facets = (!self.facets.is_empty()).then(|| self.facets.join(","));
        [
            self.camera_uuid.to_string(),
            self.state.label().to_owned(),
            format_cell(facets.as_deref()),
            format_cell(self.name),
        ]
    }
}

/// Formats one row per camera.
pub(crate) fn format_rows(cameras: &[CameraDetails<'_>]) -> String {
    let rows: Vec<_> = cameras.iter().map(CameraDetails::row).collect();
    align_columns(&rows, None)
}

/// Formats the table of cameras.
pub(crate) fn format_table(cameras: &[CameraDetails<'_>], width: Option<usize>) -> String {
    let header = ["CAMERA", "STATE", "STREAMS", "NAME"].map(str::to_owned);
    let rows: Vec<_> = [header]
        .into_iter()
        .chain(cameras.iter().map(CameraDetails::row))
        .collect();
    align_columns(&rows, width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(record: &MinimalDeviceState, state: CameraState) -> CameraDetails<'_> {
        CameraDetails {
            camera_uuid: CameraUuid::from_bytes([0; 16]),
            name: record.name.as_deref(),
            state,
            facets: Vec::new(),
            record,
        }
    }

    #[test]
    fn cameras_are_rows_without_control_characters() {
        let mut dock = MinimalDeviceState::default();
        dock.name = Some("Loading\u{1b} dock".to_owned());
        let nameless = MinimalDeviceState::default();
        let mut cameras = [
            details(&dock, CameraState::Online),
            details(&nameless, CameraState::Unknown),
        ];
        cameras[0].facets = ["v0", "a0"].map(str::to_owned).into();
        assert_eq!(
            format_table(&cameras, None),
            "\
CAMERA                  STATE    STREAMS  NAME
AAAAAAAAAAAAAAAAAAAAAA  online   v0,a0    Loading\u{fffd} dock
AAAAAAAAAAAAAAAAAAAAAA  unknown  -        -
"
        );
        assert!(
            format_rows(&cameras).starts_with("AAAAAAAAAAAAAAAAAAAAAA  online   v0,a0  Loading")
        );
    }
}
