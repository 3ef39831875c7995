//! One clip, all of it.

use rhombus_clips::types::SavedClip;
use rhombus_clips::{Clip, ClipUuid};
use serde::Serialize;
use std::time::Duration;

use crate::state::State;

/// A clip as it is shown, and as the JSON object of `get`. What the service did not say is
/// `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Details {
    pub(crate) clip_uuid: ClipUuid,
    pub(crate) status: Option<String>,
    pub(crate) percent_complete: Option<u8>,
    pub(crate) current_operation: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) recorded_at_ms: Option<i64>,
    pub(crate) created_at_ms: Option<i64>,
    pub(crate) updated_at_ms: Option<i64>,
    pub(crate) duration_sec: Option<u64>,
    pub(crate) byte_count: Option<u64>,
    pub(crate) region: Option<String>,
    pub(crate) sha256_hex: Option<String>,
    pub(crate) warning: Option<String>,
    /// What the service said that could not be read: JSON pointer and reason.
    pub(crate) degraded: Vec<String>,
    pub(crate) record: SavedClip,
}

impl Details {
    pub(crate) fn of(clip: &Clip) -> Self {
        let record = clip.record();
        let state = State::of(Some(clip));
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
            degraded: state.degraded,
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
            degraded: Vec::new(),
            record: SavedClip::default(),
        }
    }
}
