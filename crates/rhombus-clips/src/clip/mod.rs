//! A clip: typed accessors over the service's record.

mod in_progress;
mod uuid;

pub use in_progress::ClipInProgress;
pub use uuid::{ClipUuid, ParseClipUuidError};

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rhombus_clips_api::DecodeIssues;
use rhombus_clips_api::types::{ClipStatus, SavedClip};

use crate::text::present;

/// A saved clip at the time of one response, with the progress of its rendering.
///
/// Accessors cover the common properties; [`record`](Self::record) has all of them. The service leaves
/// properties out at will, and `None` means that it did, or that it sent null or a text without a
/// visible character. Cloning is cheap.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()).with("title", "Dock"), {
/// let clip = client.get_clip(uuid).await?;
/// assert_eq!(clip.uuid(), uuid);
/// assert_eq!(clip.title(), Some("Dock"));
/// assert!(!clip.is_terminal() && !clip.is_complete() && !clip.is_failed());
/// println!("{}: {:?} {:?} percent", clip.status(), clip.operation(), clip.percent());
///
/// let clip = client.watch(uuid).await?;
/// println!("{:?} of footage of {:?}", clip.duration(), clip.recorded_at());
/// println!("created {:?}, changed {:?}", clip.created_at(), clip.updated_at());
/// println!("{:?} bytes in {:?}", clip.byte_count(), clip.region());
/// println!("SHA-256 {:?}", clip.sha256_hex());
/// println!("warning: {:?}", clip.warning());
/// // Properties without an accessor are in the record.
/// println!("{:?}", clip.record().mounting_direction);
/// # });
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    uuid: ClipUuid,
    contents: Arc<Contents>,
}

#[derive(Debug, PartialEq)]
struct Contents {
    record: SavedClip,
    warning: Option<String>,
    decode_issues: DecodeIssues,
}

static UNKNOWN: ClipStatus = ClipStatus::Unknown;

impl Clip {
    /// Creates a clip from a record, such as one that was stored as JSON.
    ///
    /// It has no [warning](Self::warning) and no [decode issues](Self::decode_issues).
    ///
    /// ```
    /// use rhombus_clips::types::SavedClip;
    /// use rhombus_clips::{Clip, ClipUuid};
    ///
    /// let record: SavedClip = serde_json::from_str(r#"{"status": "COMPLETE"}"#)?;
    /// let clip = Clip::from_record(ClipUuid::from_bytes([1; 16]), record);
    /// assert!(clip.is_complete());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn from_record(uuid: ClipUuid, record: SavedClip) -> Self {
        Self::new(uuid, record, None, DecodeIssues::default())
    }

    pub(crate) fn new(
        uuid: ClipUuid,
        record: SavedClip,
        warning: Option<String>,
        decode_issues: DecodeIssues,
    ) -> Self {
        let contents = Arc::new(Contents {
            record,
            warning,
            decode_issues,
        });
        Self { uuid, contents }
    }

    /// UUID that the clip was requested by.
    pub fn uuid(&self) -> ClipUuid {
        self.uuid
    }

    /// Status; [`ClipStatus::Unknown`] when the record has none.
    pub fn status(&self) -> &ClipStatus {
        let status = self.record().status.as_ref();
        status
            .filter(|status| present(status.as_str()).is_some())
            .unwrap_or(&UNKNOWN)
    }

    /// Progress of the current operation, not of the entire clip, in percent, 0 to 100.
    ///
    /// It can restart at 0 when the operation changes. A number outside of the range is clamped.
    #[doc(alias = "progress")]
    #[doc(alias = "percentComplete")]
    pub fn percent(&self) -> Option<u8> {
        let percent = self.record().percent_complete?;
        u8::try_from(percent.clamp(0, 100)).ok()
    }

    /// Current operation on the clip, as text for display, such as `Processing video`.
    pub fn operation(&self) -> Option<&str> {
        present(self.record().current_operation.as_deref()?)
    }

    /// Returns whether the clip is in a terminal state: complete or failed.
    ///
    /// The service documents no terminal states. `COMPLETE`, `FAILED` and `DELETED` count as terminal,
    /// and so does 100 percent of the operation `Complete`, as in Rhombus's own React SDK.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().stays(ClipStatus::Deleted), {
    /// let clip = client.get_clip(uuid).await?;
    /// assert!(clip.is_terminal() && clip.is_failed());
    /// # });
    /// ```
    pub fn is_terminal(&self) -> bool {
        self.is_complete() || self.is_failed()
    }

    /// Returns whether the clip is rendered: `COMPLETE`, or 100 percent of the operation `Complete`. A
    /// [placeholder](Self::is_placeholder) is not.
    pub fn is_complete(&self) -> bool {
        Lifecycle::of(self.record()) == Lifecycle::Complete
    }

    /// Returns whether the clip will not be rendered: `FAILED` or `DELETED`.
    pub fn is_failed(&self) -> bool {
        Lifecycle::of(self.record()) == Lifecycle::Failed
    }

    /// Returns whether the record is a placeholder. By the parts that a clip can have since August 2026, it
    /// stands for the clips that are its parts; undocumented. Watch the parts:
    /// [`CreatedClips`](crate::CreatedClips) has them, and
    /// [`ClipInProgress::parent`](crate::ClipInProgress::parent) leads to them.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().stays(ClipStatus::Complete).with("placeholder", true), {
    /// let clip = client.get_clip(uuid).await?;
    /// assert!(clip.is_placeholder() && !clip.is_complete());
    /// # });
    /// ```
    pub fn is_placeholder(&self) -> bool {
        self.record().placeholder == Some(true)
    }

    /// Title of the clip.
    pub fn title(&self) -> Option<&str> {
        present(self.record().title.as_deref()?)
    }

    /// Time of the footage, presumably of its start, to the millisecond. Inferred from the name
    /// `timestampMs`; undocumented.
    pub fn recorded_at(&self) -> Option<SystemTime> {
        self.record()
            .timestamp_ms
            .and_then(|ms| since_epoch(Duration::from_millis, ms))
    }

    /// Creation time of the clip, to the millisecond.
    pub fn created_at(&self) -> Option<SystemTime> {
        self.record()
            .created_at_ms
            .and_then(|ms| since_epoch(Duration::from_millis, ms))
    }

    /// Time of the record's last change, to the second.
    pub fn updated_at(&self) -> Option<SystemTime> {
        self.record()
            .last_updated_sec
            .and_then(|sec| since_epoch(Duration::from_secs, sec))
    }

    /// Length of the footage, in whole seconds.
    pub fn duration(&self) -> Option<Duration> {
        self.record()
            .duration_sec
            .and_then(|sec| u64::try_from(sec).ok())
            .map(Duration::from_secs)
    }

    /// Length of the file, in bytes.
    pub fn byte_count(&self) -> Option<u64> {
        self.record()
            .byte_count
            .and_then(|count| u64::try_from(count).ok())
    }

    /// Region where the file is stored, as an AWS-style name such as `us-west-2`, or else the thumbnail's
    /// region.
    pub fn region(&self) -> Option<&str> {
        let places = [
            &self.record().clip_location,
            &self.record().thumbnail_location,
        ];
        places
            .into_iter()
            .find_map(|place| present(place.as_ref()?.region.as_deref()?))
    }

    /// SHA-256 of the finished file in hexadecimal. Inferred from the name `sha256Hex`; undocumented.
    pub fn sha256_hex(&self) -> Option<&str> {
        present(self.record().sha256_hex.as_deref()?)
    }

    /// Warning that the service returned beside the clip.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().by_request([Step::new(ClipStatus::Complete).warning("no audio")]), {
    /// assert_eq!(client.get_clip(uuid).await?.warning(), Some("no audio"));
    /// # });
    /// ```
    pub fn warning(&self) -> Option<&str> {
        present(self.contents.warning.as_deref()?)
    }

    /// Returns the service's record of the clip, as far as it could be decoded.
    ///
    /// Unknown properties are included. A property that was sent as null is left out, a value of another
    /// type is in the `extra` map of its object, an undecodable item of an array or value of a map is
    /// null, and values that would take much more memory than the response has bytes are omitted.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().stays(ClipStatus::Complete).with("weather", "rain"), {
    /// let clip = client.get_clip(uuid).await?;
    /// let record = clip.record();
    /// println!("{:?} {:?}", record.mounting_direction, record.video_resolution);
    /// // Properties that this version does not know are retained.
    /// assert_eq!(record.extra["weather"], "rain");
    /// # });
    /// ```
    pub fn record(&self) -> &SavedClip {
        &self.contents.record
    }

    /// Properties of the response that could not be decoded: their locations and the reasons.
    ///
    /// Usually empty, and at most [32](DecodeIssues::MAX_LISTED) are listed. An undecodable property does
    /// not fail the response: it is `None`, and its value is in the `extra` map of its object.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().stays(ClipStatus::Complete).with("byteCount", "many"), {
    /// let clip = client.get_clip(uuid).await?;
    /// assert!(clip.is_complete());
    /// assert_eq!(clip.byte_count(), None);
    /// assert_eq!(clip.decode_issues()[0].pointer, "/clip/byteCount");
    /// println!("{}", clip.decode_issues()[0].reason);
    /// # });
    /// ```
    pub fn decode_issues(&self) -> &DecodeIssues {
        &self.contents.decode_issues
    }
}

#[cfg(test)]
impl Clip {
    /// Creates a clip that has a status only.
    pub(crate) fn of_status(status: ClipStatus) -> Self {
        let mut record = SavedClip::default();
        record.status = Some(status);
        Self::new(
            ClipUuid::from_bytes([0; 16]),
            record,
            None,
            DecodeIssues::default(),
        )
    }
}

fn since_epoch(unit: fn(u64) -> Duration, count: i64) -> Option<SystemTime> {
    let distance = unit(count.unsigned_abs());
    match count {
        0.. => SystemTime::UNIX_EPOCH.checked_add(distance),
        _ => SystemTime::UNIX_EPOCH.checked_sub(distance),
    }
}

/// Phase of a clip's life.
///
/// The service documents no terminal states, so this is the one place that defines them, with the source
/// of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifecycle {
    /// Not terminal, as far as known.
    Pending,
    /// Terminal: the clip is rendered.
    Complete,
    /// Terminal: the clip will not be rendered.
    Failed,
}

impl Lifecycle {
    /// Returns the phase of a record.
    ///
    /// `COMPLETE` and `FAILED` are the states that Rhombus's own React SDK stops at; it also stops at
    /// 100 percent of the operation `Complete`. A deleted clip does not return. A placeholder is never
    /// complete: it presumably stands for the clips that are its parts, and whether it has a file is
    /// undocumented. Any other state may change, unrecognized ones included.
    pub(crate) fn of(record: &SavedClip) -> Self {
        let last_step = record.percent_complete == Some(100)
            && record.current_operation.as_deref() == Some("Complete");
        match record.status {
            Some(ClipStatus::Failed | ClipStatus::Deleted) => Self::Failed,
            // Its parts are the clips that have a file.
            _ if record.placeholder == Some(true) => Self::Pending,
            Some(ClipStatus::Complete) => Self::Complete,
            _ if last_step => Self::Complete,
            _ => Self::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhombus_clips_api::types::MetaDataLocation;

    fn clip(change: impl FnOnce(&mut SavedClip)) -> Clip {
        let mut record = SavedClip::default();
        change(&mut record);
        Clip::new(
            ClipUuid::from_bytes([0; 16]),
            record,
            None,
            DecodeIssues::default(),
        )
    }

    #[test]
    fn a_percentage_is_clamped_to_0_to_100() {
        for (sent, percent) in [(-3, 0), (0, 0), (33, 33), (100, 100), (1 << 40, 100)] {
            assert_eq!(
                clip(|r| r.percent_complete = Some(sent)).percent(),
                Some(percent)
            );
        }
        assert_eq!(clip(|_| ()).percent(), None);
    }

    #[test]
    fn times_before_and_after_the_epoch_do_not_overflow() {
        let at = |ms| clip(|r| r.created_at_ms = Some(ms)).created_at();
        assert_eq!(
            at(1500),
            Some(SystemTime::UNIX_EPOCH + Duration::from_millis(1500))
        );
        assert_eq!(
            at(-1500),
            Some(SystemTime::UNIX_EPOCH - Duration::from_millis(1500))
        );
        at(i64::MIN);
        clip(|r| r.last_updated_sec = Some(i64::MAX)).updated_at();
    }

    #[test]
    fn a_negative_length_is_none() {
        assert_eq!(clip(|r| r.byte_count = Some(-1)).byte_count(), None);
        assert_eq!(clip(|r| r.duration_sec = Some(-1)).duration(), None);
    }

    #[test]
    fn a_text_without_a_visible_character_is_absent() {
        for text in ["", " ", "\t\r\n\u{a0}"] {
            let place = |region: &str| {
                let mut place = MetaDataLocation::default();
                place.region = Some(region.to_owned());
                Some(place)
            };
            let mut record = SavedClip::default();
            record.status = Some(ClipStatus::from(text));
            record.title = Some(text.to_owned());
            record.current_operation = Some(text.to_owned());
            record.sha256_hex = Some(text.to_owned());
            record.clip_location = place(text);
            record.thumbnail_location = place("us-east-1");
            let uuid = ClipUuid::from_bytes([0; 16]);
            let warning = Some(text.to_owned());
            let clip = Clip::new(uuid, record, warning, DecodeIssues::default());
            assert_eq!(clip.status(), &ClipStatus::Unknown, "{text:?}");
            let texts = [
                clip.title(),
                clip.operation(),
                clip.sha256_hex(),
                clip.warning(),
            ];
            assert_eq!(texts, [None; 4], "{text:?}");
            assert_eq!(clip.region(), Some("us-east-1"), "{text:?}");
        }
    }

    #[test]
    fn the_region_falls_back_to_the_thumbnails() {
        let place = |region: &str| {
            let mut place = MetaDataLocation::default();
            place.region = Some(region.to_owned());
            Some(place)
        };
        let both = clip(|r| {
            (r.clip_location, r.thumbnail_location) = (place("us-west-2"), place("us-east-1"))
        });
        assert_eq!(both.region(), Some("us-west-2"));
        let thumbnail = clip(|r| {
            (r.clip_location, r.thumbnail_location) =
                (Some(MetaDataLocation::default()), place("us-east-1"));
        });
        assert_eq!(thumbnail.region(), Some("us-east-1"));
    }

    fn lifecycle(status: Option<&str>, percent: Option<i64>, operation: Option<&str>) -> Lifecycle {
        let mut record = SavedClip::default();
        record.status = status.map(ClipStatus::from);
        record.percent_complete = percent;
        record.current_operation = operation.map(str::to_owned);
        Lifecycle::of(&record)
    }

    #[test]
    fn every_status_has_a_phase() {
        for status in ClipStatus::KNOWN {
            let expected = match status {
                ClipStatus::Complete => Lifecycle::Complete,
                ClipStatus::Failed | ClipStatus::Deleted => Lifecycle::Failed,
                _ => Lifecycle::Pending,
            };
            assert_eq!(
                lifecycle(Some(status.as_str()), None, None),
                expected,
                "{status}"
            );
        }
        assert_eq!(lifecycle(None, None, None), Lifecycle::Pending);
        assert_eq!(lifecycle(Some("PAUSED"), None, None), Lifecycle::Pending);
    }

    #[test]
    fn a_hundred_percent_is_complete_only_for_the_last_operation() {
        assert_eq!(
            lifecycle(Some("RENDERING"), Some(100), Some("Complete")),
            Lifecycle::Complete
        );
        assert_eq!(
            lifecycle(None, Some(100), Some("Complete")),
            Lifecycle::Complete
        );
        assert_eq!(
            lifecycle(Some("RENDERING"), Some(100), Some("Processing video")),
            Lifecycle::Pending
        );
        assert_eq!(
            lifecycle(Some("RENDERING"), Some(99), Some("Complete")),
            Lifecycle::Pending
        );
        assert_eq!(
            lifecycle(Some("FAILED"), Some(100), Some("Complete")),
            Lifecycle::Failed
        );
    }
}
