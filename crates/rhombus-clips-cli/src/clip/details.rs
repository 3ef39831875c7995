//! One clip, all of it.

use rhombus_clips::types::SavedClip;
use rhombus_clips::{Clip, ClipUuid};
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;

use crate::clip::clip_uuid_schema::clip_uuid;
use crate::clip::state::State;

/// A clip as `get` shows it. What the service did not say is null.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "rhombus-clips get")]
pub(crate) struct Details {
    /// The clip.
    #[schemars(schema_with = "clip_uuid")]
    pub(crate) clip_uuid: ClipUuid,
    /// The service's own word, such as `RENDERING`. New ones come without notice.
    pub(crate) status: Option<String>,
    /// How far the current operation, not the whole clip, has come.
    pub(crate) percent_complete: Option<u8>,
    /// What is being done to the clip, as text for people.
    pub(crate) current_operation: Option<String>,
    /// What somebody called the clip.
    pub(crate) title: Option<String>,
    /// When the footage begins, in milliseconds since 1970 in UTC.
    pub(crate) recorded_at_ms: Option<i64>,
    /// When the clip was made, in milliseconds since 1970 in UTC.
    pub(crate) created_at_ms: Option<i64>,
    /// When the record was changed last, in milliseconds since 1970 in UTC.
    pub(crate) updated_at_ms: Option<i64>,
    /// Length of the footage, in seconds.
    pub(crate) duration_sec: Option<u64>,
    /// Length of the video file, in bytes.
    pub(crate) byte_count: Option<u64>,
    /// Where the video file is stored.
    pub(crate) region: Option<String>,
    /// By its name the SHA-256 of the video file, in hexadecimal digits.
    pub(crate) sha256_hex: Option<String>,
    /// What the service said beside its success.
    pub(crate) warning: Option<String>,
    /// What the service said that could not be read: each a JSON pointer and the reason.
    pub(crate) decode_issues: Vec<String>,
    /// The service's own record, whole. What could not be read is in it as it was sent, so that a
    /// property may be of any type.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub(crate) record: SavedClip,
}

impl Details {
    pub(crate) fn of(clip: &Clip) -> Self {
        let record = clip.record();
        let state = State::of(clip);
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
    /// A clip of which only the identifier is known.
    pub(crate) fn bare(clip_uuid: ClipUuid) -> Self {
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
