//! The program's view of the clips that a request made.

use rhombus_clips::{ClipUuid, CreatedClips};
use schemars::JsonSchema;
use serde::Serialize;

use super::clip_view::{ruuid, ruuids};

/// Output of `rhombus-clips create --output json`.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "rhombus-clips create")]
pub(crate) struct CreatedDetails {
    /// UUID of the clip, or of the first one of several.
    #[schemars(schema_with = "ruuid")]
    clip_uuid: ClipUuid,
    /// UUIDs of all clips that the request made.
    #[schemars(schema_with = "ruuids")]
    clip_uuids: Vec<ClipUuid>,
    /// Whether the response was lost, and the clip was found in the lists of the service.
    recovered: bool,
    /// Warning that the service sent with its successful response.
    warning: Option<String>,
    /// Footage that was known before the request, a sentence per camera. Empty if it was not checked.
    footage: Vec<String>,
}

impl CreatedDetails {
    pub(crate) fn from_created(created: &CreatedClips) -> Self {
        Self {
            clip_uuid: created.uuid(),
            clip_uuids: created.uuids().to_vec(),
            recovered: created.is_recovered(),
            warning: created.warning().map(str::to_owned),
            footage: created.footage().iter().map(ToString::to_string).collect(),
        }
    }
}

/// Formats the UUIDs, one per line.
pub(crate) fn format_lines(created: &CreatedClips) -> String {
    let uuids = created.uuids().iter();
    uuids.map(|uuid| format!("{uuid}\n")).collect()
}

/// Formats the UUIDs below a header.
pub(crate) fn format_table(created: &CreatedClips) -> String {
    format!("CLIP\n{}", format_lines(created))
}
