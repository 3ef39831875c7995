//! A clip that is being rendered, as the list of all of them shows it.

use std::time::{Duration, SystemTime};

use rhombus_clips_api::types::{ClipStatus, SplicedClip};

use super::{ClipUuid, since_epoch};
use crate::text::present;

/// A clip that is being rendered, from
/// [`Client::clips_in_progress`](crate::Client::clips_in_progress): the upload of its footage in segments, and
/// its parts.
///
/// ```
/// use rhombus_clips::types::SplicedClip;
/// use rhombus_clips::{Client, ClipInProgress};
///
/// async fn report(client: &Client) -> rhombus_clips::Result<()> {
///     for clip in client.clips_in_progress().await? {
///         println!("{} {:?} {:?}", clip.uuid(), clip.status(), clip.title());
///         println!("{:?} of {:?} segments, changed {:?}", clip.uploaded(), clip.total(), clip.changed_at());
///         if let Some(parent) = clip.parent() {
///             println!("a part of {parent}");
///         }
///         println!("{:?} of {:?} parts", clip.complete_parts(), clip.expected_parts());
///         let record: &SplicedClip = clip.record();
///         println!("{:?}", record.device_uuid_map);
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ClipInProgress {
    uuid: ClipUuid,
    record: Box<SplicedClip>,
}

impl ClipInProgress {
    /// Returns the clip of a record; `None` for one without a valid UUID.
    pub(crate) fn of_record(record: SplicedClip) -> Option<Self> {
        Some(Self {
            uuid: record.clip_uuid.as_deref()?.parse().ok()?,
            record: Box::new(record),
        })
    }

    /// Identifier of the clip.
    pub fn uuid(&self) -> ClipUuid {
        self.uuid
    }

    /// Status of the clip, if the record has one.
    pub fn status(&self) -> Option<&ClipStatus> {
        self.record.status.as_ref()
    }

    /// Title of the clip.
    pub fn title(&self) -> Option<&str> {
        present(self.record.title.as_deref()?)
    }

    /// Number of segments that were uploaded, of all cameras.
    pub fn uploaded(&self) -> Option<u64> {
        count(self.record.segments_uploaded)
    }

    /// Number of segments of the clip, of all cameras. A segment presumably has two seconds of footage, as in the
    /// service's streams.
    pub fn total(&self) -> Option<u64> {
        count(self.record.total_segments)
    }

    /// Time of the last change of the status, to the millisecond.
    pub fn changed_at(&self) -> Option<SystemTime> {
        since_epoch(Duration::from_millis, self.record.status_updated_at_ms?)
    }

    /// The clip that this one is a part of. Known since August 2026, and undocumented.
    pub fn parent(&self) -> Option<ClipUuid> {
        self.record.parent_clip_uuid.as_deref()?.parse().ok()
    }

    /// Number of parts that the clip will have. Known since August 2026, and undocumented.
    pub fn expected_parts(&self) -> Option<u64> {
        count(self.record.expected_sub_clip_count)
    }

    /// Number of parts that are complete. Known since August 2026, and undocumented.
    pub fn complete_parts(&self) -> Option<u64> {
        count(self.record.completed_sub_clip_count)
    }

    /// The complete record of the service.
    pub fn record(&self) -> &SplicedClip {
        &self.record
    }
}

fn count(count: Option<i64>) -> Option<u64> {
    u64::try_from(count?).ok()
}
