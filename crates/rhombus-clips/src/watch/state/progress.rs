//! Progress of a watch.

use std::time::Duration;

use super::super::change_detector::ChangeDetector;
use super::super::checkpoint::CheckpointData;
use super::super::last_status::LastStatus;
use crate::ClipUuid;

/// The part of a watch's state that a checkpoint stores.
#[derive(Clone, Debug)]
pub(crate) struct WatchProgress {
    pub(super) uuid: ClipUuid,
    /// Number of polls started.
    pub(super) polls: u64,
    /// Time of the next poll, before it is cut to the deadline.
    pub(super) due: Option<Duration>,
    pub(super) last_status: Option<LastStatus>,
    pub(super) absence: Absence,
    pub(super) consecutive_failures: u32,
    /// Whether the last `Retry-After` was too long to be honored.
    pub(super) is_probing: bool,
    /// Whether the endpoint has responded to any poll.
    pub(super) is_reached: bool,
    pub(super) changes: ChangeDetector,
    /// Whether the poll in flight started at or after the deadline. It is not stored, because a poll in
    /// flight is not part of a checkpoint; it is here because it fits into the padding.
    pub(super) is_final_poll: bool,
}

/// The missing record or endpoint, and since when. An endpoint that was reached does not become unreachable, so
/// a watch misses one of the two at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absence {
    Nothing,
    /// The record of the clip.
    Record(Duration),
    /// The endpoint, before its first response.
    Endpoint(Duration),
}

impl Absence {
    pub(super) fn missing_since(self) -> Option<Duration> {
        match self {
            Self::Record(since) => Some(since),
            Self::Nothing | Self::Endpoint(_) => None,
        }
    }

    pub(super) fn unreachable_since(self) -> Option<Duration> {
        match self {
            Self::Endpoint(since) => Some(since),
            Self::Nothing | Self::Record(_) => None,
        }
    }
}

impl WatchProgress {
    pub(crate) fn new(uuid: ClipUuid) -> Self {
        Self {
            uuid,
            polls: 0,
            due: None,
            last_status: None,
            absence: Absence::Nothing,
            consecutive_failures: 0,
            is_probing: false,
            is_reached: false,
            changes: ChangeDetector::default(),
            is_final_poll: false,
        }
    }

    /// Restores the progress from a checkpoint.
    pub(super) fn restore(data: &CheckpointData) -> Self {
        Self {
            uuid: data.clip_uuid,
            polls: data.polls,
            due: data.next_poll_ms.map(Duration::from_millis),
            last_status: data.last_status.clone(),
            absence: match (data.missing_since_ms, data.unreachable_since_ms) {
                (Some(since_ms), _) => Absence::Record(Duration::from_millis(since_ms)),
                (None, Some(since_ms)) => Absence::Endpoint(Duration::from_millis(since_ms)),
                (None, None) => Absence::Nothing,
            },
            consecutive_failures: data.consecutive_failures,
            is_probing: data.is_probing,
            // Older checkpoints tell it by what the endpoint responded.
            is_reached: data.is_reached
                || data.last_status.is_some()
                || data.missing_since_ms.is_some(),
            changes: ChangeDetector {
                content_hash: data.content_hash.map(|hash| hash.0),
                is_reported: data.is_reported,
            },
            is_final_poll: false,
        }
    }

    /// Returns whether a poll has shown the record of the clip.
    pub(super) fn is_known(&self) -> bool {
        self.last_status.is_some()
    }
}
