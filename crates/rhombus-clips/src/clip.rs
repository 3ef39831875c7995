//! A clip as people ask about it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rhombus_clips_api::DecodeIssue;
use rhombus_clips_api::types::{ClipStatus, SavedClip};

use crate::ClipUuid;
use crate::lifecycle::Lifecycle;

/// A saved clip as it was at one look, with the state of its rendering.
///
/// A view over the service's record that answers the usual questions; [`record`](Self::record)
/// has everything else. The service leaves properties out at will: `None` means that it said
/// nothing. Cloning is cheap.
///
/// ```
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()).with("title", "Dock"));
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
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
/// println!("on the other hand: {:?}", clip.warning());
/// // What has no accessor is in the record.
/// println!("{:?}", clip.record().mounting_direction);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    uuid: ClipUuid,
    answer: Arc<Answer>,
}

#[derive(Debug, PartialEq)]
struct Answer {
    record: SavedClip,
    warning: Option<String>,
    decode_issues: Vec<DecodeIssue>,
}

static UNKNOWN: ClipStatus = ClipStatus::Unknown;

impl Clip {
    pub(crate) fn new(
        uuid: ClipUuid,
        record: SavedClip,
        warning: Option<String>,
        decode_issues: Vec<DecodeIssue>,
    ) -> Self {
        let answer = Arc::new(Answer {
            record,
            warning,
            decode_issues,
        });
        Self { uuid, answer }
    }

    /// The identifier that the clip was asked for by.
    pub fn uuid(&self) -> ClipUuid {
        self.uuid
    }

    /// The status; [`ClipStatus::Unknown`] when the service said none.
    pub fn status(&self) -> &ClipStatus {
        self.record().status.as_ref().unwrap_or(&UNKNOWN)
    }

    /// How far the current operation (not the whole clip) has come, in percent, 0 to 100.
    ///
    /// It can start again at 0 when the operation changes. A number outside of 0 to 100 is taken
    /// as the nearer of the two.
    pub fn percent(&self) -> Option<u8> {
        let percent = self.record().percent_complete?;
        u8::try_from(percent.clamp(0, 100)).ok()
    }

    /// What is being done to the clip right now, as text for people, such as `Processing video`.
    pub fn operation(&self) -> Option<&str> {
        self.record().current_operation.as_deref()
    }

    /// Whether nothing more will happen to the clip: it is complete, or it failed.
    ///
    /// The service documents no terminal states. `COMPLETE`, `FAILED` and `DELETED` are taken as
    /// terminal, and 100 percent of the operation `Complete`, as Rhombus's own React SDK does.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().stays(ClipStatus::Deleted));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let clip = client.get_clip(uuid).await?;
    /// assert!(clip.is_terminal() && clip.is_failed());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_terminal(&self) -> bool {
        self.is_complete() || self.is_failed()
    }

    /// Whether the clip is rendered: `COMPLETE`, or 100 percent of the operation `Complete`.
    pub fn is_complete(&self) -> bool {
        Lifecycle::of(self.record()) == Lifecycle::Complete
    }

    /// Whether the clip will never be rendered: `FAILED` or `DELETED`.
    pub fn is_failed(&self) -> bool {
        Lifecycle::of(self.record()) == Lifecycle::Failed
    }

    /// The title.
    pub fn title(&self) -> Option<&str> {
        self.record().title.as_deref()
    }

    /// By its name (`timestampMs`) the time of the footage, presumably of its beginning, to the
    /// millisecond; the service does not document it.
    pub fn recorded_at(&self) -> Option<SystemTime> {
        self.record()
            .timestamp_ms
            .and_then(|ms| since_epoch(Duration::from_millis, ms))
    }

    /// When the clip was created, to the millisecond.
    pub fn created_at(&self) -> Option<SystemTime> {
        self.record()
            .created_at_ms
            .and_then(|ms| since_epoch(Duration::from_millis, ms))
    }

    /// When the record last changed, to the second.
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

    /// Where the file is stored, as an AWS-style name such as `us-west-2`; the place of the
    /// thumbnail when that of the file is not known.
    pub fn region(&self) -> Option<&str> {
        let places = [
            &self.record().clip_location,
            &self.record().thumbnail_location,
        ];
        places
            .into_iter()
            .find_map(|place| place.as_ref()?.region.as_deref())
    }

    /// By its name the SHA-256 of the finished file, in hexadecimal; the service does not
    /// document it.
    pub fn sha256_hex(&self) -> Option<&str> {
        self.record().sha256_hex.as_deref()
    }

    /// What the service said beside a success: it worked, but.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().by_request([Step::new(ClipStatus::Complete).warning("no audio")]));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// assert_eq!(client.get_clip(uuid).await?.warning(), Some("no audio"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn warning(&self) -> Option<&str> {
        self.answer.warning.as_deref()
    }

    /// Everything that the service said about the clip.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().stays(ClipStatus::Complete).with("weather", "rain"));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let clip = client.get_clip(uuid).await?;
    /// let record = clip.record();
    /// println!("{:?} {:?}", record.mounting_direction, record.video_resolution);
    /// // What this version does not know is kept.
    /// assert_eq!(record.extra["weather"], "rain");
    /// # Ok(())
    /// # }
    /// ```
    pub fn record(&self) -> &SavedClip {
        &self.answer.record
    }

    /// What the service said that could not be read: where in its answer, and why.
    ///
    /// Usually nothing. One odd property costs only itself: it is `None`, and its value is in the
    /// `extra` of its object.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().stays(ClipStatus::Complete).with("byteCount", "many"));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let clip = client.get_clip(uuid).await?;
    /// assert!(clip.is_complete());
    /// assert_eq!(clip.byte_count(), None);
    /// assert_eq!(clip.decode_issues()[0].pointer, "/clip/byteCount");
    /// println!("{}", clip.decode_issues()[0].reason);
    /// # Ok(())
    /// # }
    /// ```
    pub fn decode_issues(&self) -> &[DecodeIssue] {
        &self.answer.decode_issues
    }
}

#[cfg(test)]
impl Clip {
    /// A clip of which only the status is known.
    pub(crate) fn of_status(status: ClipStatus) -> Self {
        let mut record = SavedClip::default();
        record.status = Some(status);
        Self::new(ClipUuid::from_bytes([0; 16]), record, None, Vec::new())
    }
}

fn since_epoch(unit: fn(u64) -> Duration, count: i64) -> Option<SystemTime> {
    let distance = unit(count.unsigned_abs());
    match count {
        0.. => SystemTime::UNIX_EPOCH.checked_add(distance),
        _ => SystemTime::UNIX_EPOCH.checked_sub(distance),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhombus_clips_api::types::MetaDataLocation;

    fn clip(change: impl FnOnce(&mut SavedClip)) -> Clip {
        let mut record = SavedClip::default();
        change(&mut record);
        Clip::new(ClipUuid::from_bytes([0; 16]), record, None, Vec::new())
    }

    #[test]
    fn a_percentage_stays_a_percentage() {
        for (sent, percent) in [(-3, 0), (0, 0), (33, 33), (100, 100), (1 << 40, 100)] {
            assert_eq!(
                clip(|r| r.percent_complete = Some(sent)).percent(),
                Some(percent)
            );
        }
        assert_eq!(clip(|_| ()).percent(), None);
    }

    #[test]
    fn times_reach_both_ways_and_never_overflow() {
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
    fn the_thumbnails_region_stands_in() {
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
}
