//! All properties of a clip, as `get` prints them.
//!
//! The doc comments of [`Details`] become descriptions in the published JSON Schema
//! (`rhombus-clips schema get`), and its field names JSON keys.

use rhombus_clips::types::SavedClip;
use rhombus_clips::{Clip, ClipUuid};
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;

use crate::clip::clip_uuid_schema::clip_uuid;
use crate::clip::state::ClipState;

/// Output of `rhombus-clips get --output json`. Values that the service did not send are null.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "rhombus-clips get")]
pub(crate) struct Details {
    /// UUID of the clip.
    #[schemars(schema_with = "clip_uuid")]
    pub(crate) clip_uuid: ClipUuid,
    /// Status as sent by the service, such as `RENDERING`. The service may add values at any time.
    pub(crate) status: Option<String>,
    /// Progress of the current operation, not of the entire clip, in percent.
    pub(crate) percent_complete: Option<u8>,
    /// Current operation, as human-readable text.
    pub(crate) current_operation: Option<String>,
    /// Title of the clip.
    pub(crate) title: Option<String>,
    /// Start time of the footage, in milliseconds since the Unix epoch.
    pub(crate) recorded_at_ms: Option<i64>,
    /// Creation time of the clip, in milliseconds since the Unix epoch.
    pub(crate) created_at_ms: Option<i64>,
    /// Time of the last change to the record, in milliseconds since the Unix epoch.
    pub(crate) updated_at_ms: Option<i64>,
    /// Duration of the footage, in seconds.
    pub(crate) duration_sec: Option<u64>,
    /// Size of the video file, in bytes.
    pub(crate) byte_count: Option<u64>,
    /// Storage region of the video file.
    pub(crate) region: Option<String>,
    /// SHA-256 digest in hexadecimal digits; presumably that of the video file, which the service
    /// does not document.
    pub(crate) sha256_hex: Option<String>,
    /// Warning that the service sent with its successful response.
    pub(crate) warning: Option<String>,
    /// Values that could not be decoded: a JSON pointer and the reason each. Empty if all were.
    pub(crate) decode_issues: Vec<String>,
    /// Complete record as sent by the service. Values that could not be decoded are included
    /// unchanged, so a property may be of any type.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub(crate) record: SavedClip,
}

impl Details {
    pub(crate) fn from_clip(clip: &Clip) -> Self {
        let record = clip.record();
        let state = ClipState::from_clip(clip);
        Self {
            clip_uuid: clip.uuid(),
            status: state.status,
            percent_complete: state.percent,
            current_operation: state.operation,
            title: clip.title().map(str::to_owned),
            recorded_at_ms: record.timestamp_ms,
            created_at_ms: record.created_at_ms,
            updated_at_ms: record
                .last_updated_sec
                .and_then(|seconds| seconds.checked_mul(1000)),
            duration_sec: clip.duration().as_ref().map(Duration::as_secs),
            byte_count: clip.byte_count(),
            region: clip.region().map(str::to_owned),
            sha256_hex: clip.sha256_hex().map(str::to_owned),
            warning: state.warning,
            decode_issues: state.decode_issues,
            record: record.clone(),
        }
    }
}

#[cfg(test)]
impl Details {
    /// A clip without properties other than its UUID.
    pub(crate) fn empty(clip_uuid: ClipUuid) -> Self {
        Self {
            clip_uuid,
            status: None,
            percent_complete: None,
            current_operation: None,
            title: None,
            recorded_at_ms: None,
            created_at_ms: None,
            updated_at_ms: None,
            duration_sec: None,
            byte_count: None,
            region: None,
            sha256_hex: None,
            warning: None,
            decode_issues: Vec::new(),
            record: SavedClip::default(),
        }
    }
}
