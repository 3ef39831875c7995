//! Checkpoint of a watch: its state as text, from which any process can resume it.
//!
//! The data is versioned and validated here, and knows nothing of the state machine, which converts
//! itself to and from it. Parsing its text is in `step`, because its error is the crate's.

use std::fmt;
use std::num::NonZeroU64;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use super::last_status::LastStatus;
use crate::ClipUuid;

/// Default timeout of a watch. A clip is at most 60 minutes long, and clips are expected to render in
/// seconds to tens of minutes; render times are undocumented.
pub(super) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// Default grace period without a record. The record of a new clip appears late; the delay is
/// undocumented, and other clients of the service poll until the record exists.
pub(crate) const DEFAULT_NOT_FOUND_GRACE_PERIOD: Duration = Duration::from_secs(60);

/// Version of the format. Version 1 had other names and was never released.
const VERSION: u64 = 2;

/// State of a watch, sufficient to resume it in another process.
///
/// Obtained from [`Watch::checkpoint`](crate::Watch::checkpoint), from
/// [`WatchStream::checkpoint`](crate::WatchStream::checkpoint) at any time during a watch, from
/// [`WatchStream::stop`](crate::WatchStream::stop), from [`Error::checkpoint`](crate::Error::checkpoint), and from each
/// [`Step`](crate::Step). Resumed with [`Client::resume`](crate::Client::resume), or advanced by one
/// poll with [`step`](Self::step). It does not contain the API key.
///
/// `Display` and `FromStr` convert it to JSON and back: some 400 bytes, and up to 1,200 with the state
/// of the adaptive poll policy. Texts of the service are cut to 128 bytes, so that it stays short. serde converts it to any self-describing format. An unsupported
/// version is rejected with an error of kind [`ErrorKind::Checkpoint`](crate::ErrorKind::Checkpoint).
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(90.s()), {
/// use rhombus_clips::Checkpoint;
///
/// let mut updates = client.watch(uuid).stream();
/// updates.next().await.expect("a first update")?;
/// let saved: String = updates.stop().to_string();
///
/// // In another process:
/// let checkpoint: Checkpoint = saved.parse()?;
/// assert_eq!(checkpoint.clip_uuid(), uuid);
/// assert_eq!(checkpoint.polls(), 1);
/// assert_eq!(checkpoint.last_status(), Some("INITIATING"));
/// let left = checkpoint.timeout() - checkpoint.elapsed();
/// println!("started at {:?}, {left:?} left", checkpoint.started_at());
/// let clip = client.resume(checkpoint).await?;
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Checkpoint {
    version: u64,
    #[serde(flatten)]
    pub(super) data: CheckpointData,
}

/// Data of a checkpoint. Times without a date are milliseconds since the start of the watch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct CheckpointData {
    pub(super) clip_uuid: ClipUuid,
    /// Milliseconds since the Unix epoch, by the clock of the machine that took the checkpoint.
    pub(super) started_at_ms: u64,
    /// Milliseconds since the Unix epoch, by the same clock.
    pub(super) taken_at_ms: u64,
    pub(super) elapsed_ms: u64,
    pub(super) timeout_ms: u64,
    pub(super) not_found_grace_period_ms: u64,
    pub(super) polls: u64,
    #[serde(default)]
    pub(super) consecutive_failures: u32,
    /// Whether the longest `Retry-After` was honored, so that the next one is probed sooner.
    #[serde(default)]
    pub(super) is_probing: bool,
    #[serde(default)]
    pub(super) missing_since_ms: Option<u64>,
    #[serde(default)]
    pub(super) unreachable_since_ms: Option<u64>,
    /// Whether the endpoint has responded to any poll.
    #[serde(default)]
    pub(super) is_reached: bool,
    #[serde(default)]
    pub(super) next_poll_ms: Option<u64>,
    #[serde(default)]
    pub(super) last_status: Option<LastStatus>,
    /// Hash of the state that a poll showed last.
    #[serde(default)]
    pub(super) content_hash: Option<ContentHash>,
    /// Whether an update has reported that state.
    #[serde(default)]
    pub(super) is_reported: bool,
    #[serde(default)]
    pub(super) poll_policy: Option<String>,
}

/// Content hash as 16 hexadecimal digits: as a number, it would exceed what JSON tools read exactly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ContentHash(pub(super) NonZeroU64);

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:016x}", self.0))
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let hash = u64::from_str_radix(&text, 16)
            .ok()
            .and_then(NonZeroU64::new);
        let expected = || de::Error::custom("invalid content hash, expected 16 hexadecimal digits");
        hash.map(Self).ok_or_else(expected)
    }
}

impl Checkpoint {
    /// Creates the checkpoint of a new watch, which starts now and polls right away.
    ///
    /// It has the default timeout and grace period; [`with_timeout`](Self::with_timeout) and
    /// [`with_not_found_grace_period`](Self::with_not_found_grace_period) change them.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use rhombus_clips::{Checkpoint, ClipUuid};
    ///
    /// let now = SystemTime::now();
    /// let checkpoint = Checkpoint::new(ClipUuid::from_bytes([1; 16]), now)
    ///     .with_timeout(Duration::from_secs(600))
    ///     .with_not_found_grace_period(Duration::from_secs(30));
    /// assert_eq!(checkpoint.polls(), 0);
    /// assert!(checkpoint.due_at() <= now);
    /// ```
    #[must_use]
    pub fn new(uuid: ClipUuid, now: SystemTime) -> Self {
        let now_ms = since_epoch_ms(now);
        Self::from_data(CheckpointData {
            clip_uuid: uuid,
            started_at_ms: now_ms,
            taken_at_ms: now_ms,
            elapsed_ms: 0,
            timeout_ms: ms(DEFAULT_TIMEOUT),
            not_found_grace_period_ms: ms(DEFAULT_NOT_FOUND_GRACE_PERIOD),
            polls: 0,
            consecutive_failures: 0,
            is_probing: false,
            missing_since_ms: None,
            unreachable_since_ms: None,
            is_reached: false,
            next_poll_ms: None,
            last_status: None,
            content_hash: None,
            is_reported: false,
            poll_policy: None,
        })
    }

    /// Sets the timeout of the watch, counted from its start, to the millisecond.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.data.timeout_ms = ms(timeout);
        self
    }

    /// Sets the grace period for which a missing record is tolerated, to the millisecond.
    #[must_use]
    pub fn with_not_found_grace_period(mut self, grace_period: Duration) -> Self {
        self.data.not_found_grace_period_ms = ms(grace_period);
        self
    }

    pub(super) fn from_data(data: CheckpointData) -> Self {
        Self {
            version: VERSION,
            data,
        }
    }

    /// The clip that is watched.
    #[doc(alias = "uuid")]
    pub fn clip_uuid(&self) -> ClipUuid {
        self.data.clip_uuid
    }

    /// Start of the watch, to the millisecond, by the clock of the machine that took the checkpoint.
    pub fn started_at(&self) -> SystemTime {
        time_at(self.data.started_at_ms)
    }

    /// Duration of the watch when the checkpoint was taken, to the millisecond.
    pub fn elapsed(&self) -> Duration {
        Duration::from_millis(self.data.elapsed_ms)
    }

    /// Timeout of the watch, counted from its start, to the millisecond.
    #[doc(alias = "deadline")]
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.data.timeout_ms)
    }

    /// Number of polls that the watch has made.
    pub fn polls(&self) -> u64 {
        self.data.polls
    }

    /// Time of the next poll, by the clock of the machine that took the checkpoint: at most the
    /// deadline of the watch, and for a new watch the time of its checkpoint.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut updates = client.watch(uuid).stream();
    /// let first = updates.next().await.expect("a first update")?;
    /// let checkpoint = updates.checkpoint();
    /// assert!(checkpoint.due_at() > checkpoint.started_at());
    /// # });
    /// ```
    #[doc(alias = "next_poll_at")]
    pub fn due_at(&self) -> SystemTime {
        let data = &self.data;
        let due_ms = data
            .next_poll_ms
            .unwrap_or(data.elapsed_ms)
            .min(data.timeout_ms);
        match due_ms.checked_sub(data.elapsed_ms) {
            Some(left_ms) => time_at(data.taken_at_ms.saturating_add(left_ms)),
            None => {
                let overdue_ms = data.elapsed_ms - due_ms;
                time_at(data.taken_at_ms.saturating_sub(overdue_ms))
            }
        }
    }

    /// Last known status of the clip, as the service spells it, such as `RENDERING`; `None` when there
    /// was no record yet. Cut to 128 bytes.
    pub fn last_status(&self) -> Option<&str> {
        Some(self.data.last_status.as_ref()?.status())
    }

    /// State of the poll policy, as [`PollPolicy::save`](crate::polling::PollPolicy::save) returned it.
    pub(super) fn poll_policy(&self) -> Option<&str> {
        self.data.poll_policy.as_deref()
    }

    /// Time for which a missing record is tolerated.
    pub(super) fn not_found_grace_period(&self) -> Duration {
        Duration::from_millis(self.data.not_found_grace_period_ms)
    }

    /// Duration of the watch at `now`. A clock that was set back does not shorten it.
    pub(super) fn elapsed_at(&self, now: SystemTime) -> Duration {
        let since = since_epoch_ms(now).saturating_sub(self.data.taken_at_ms);
        self.elapsed().saturating_add(Duration::from_millis(since))
    }
}

pub(super) fn since_epoch_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, ms)
}

fn time_at(epoch_ms: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH
        .checked_add(Duration::from_millis(epoch_ms))
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

pub(super) fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl<'de> Deserialize<'de> for Checkpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u64,
            #[serde(flatten)]
            data: Map<String, Value>,
        }
        let Versioned { version, data } = Versioned::deserialize(deserializer)?;
        if version != VERSION {
            return Err(de::Error::custom(format!(
                "unsupported version {version} (this release reads version {VERSION})"
            )));
        }
        let data = serde_json::from_value(data.into()).map_err(de::Error::custom)?;
        Ok(Self::from_data(data))
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clip;
    use rhombus_clips_api::types::SavedClip;

    fn checkpoint() -> Checkpoint {
        Checkpoint::from_data(CheckpointData {
            clip_uuid: ClipUuid::from_bytes([7; 16]),
            started_at_ms: 1_000_000,
            taken_at_ms: 1_030_000,
            elapsed_ms: 30_000,
            timeout_ms: 60_000,
            not_found_grace_period_ms: 5_000,
            polls: 9,
            consecutive_failures: 2,
            is_probing: false,
            missing_since_ms: None,
            unreachable_since_ms: None,
            is_reached: false,
            next_poll_ms: Some(31_000),
            last_status: None,
            content_hash: NonZeroU64::new(0xab).map(ContentHash),
            is_reported: true,
            poll_policy: Some("fixed 2000".to_owned()),
        })
    }

    #[test]
    fn text_round_trip() {
        let checkpoint = checkpoint();
        assert_eq!(
            checkpoint.to_string().parse::<Checkpoint>().unwrap(),
            checkpoint
        );
        assert!(checkpoint.to_string().len() < 500);
    }

    #[test]
    fn an_unsupported_version_is_named_before_other_mistakes() {
        let error = r#"{"version": 7, "clip": {}}"#.parse::<Checkpoint>().unwrap_err();
        assert!(error.is_checkpoint());
        assert!(error.to_string().contains("version 7"), "{error}");
    }

    #[test]
    fn malformed_text_is_rejected_with_the_reason() {
        for (text, reason) in [
            ("", "EOF"),
            ("{}", "version"),
            (r#"{"version": 2}"#, "clip_uuid"),
            (
                r#"{"version": 2, "clip_uuid": "short"}"#,
                "invalid clip UUID",
            ),
        ] {
            let error = text.parse::<Checkpoint>().unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn the_reason_is_sanitized() {
        let uuid = checkpoint().clip_uuid().to_string();
        let text = checkpoint().to_string().replace(&uuid, r"A\u007f\nB");
        let error = text.parse::<Checkpoint>().unwrap_err().to_string();
        assert!(error.contains("invalid clip UUID"), "{error}");
        assert!(!error.contains(char::is_control), "{error:?}");
    }

    #[test]
    fn elapsed_time_includes_the_gap_between_processes_and_never_decreases() {
        let checkpoint = checkpoint();
        let elapsed = |at_ms| {
            let now = SystemTime::UNIX_EPOCH + Duration::from_millis(at_ms);
            checkpoint.elapsed_at(now).as_secs()
        };
        assert_eq!(elapsed(1_040_000), 40);
        assert_eq!(elapsed(500_000), 30);
        assert_eq!(elapsed(0), 30);
        assert_eq!(elapsed(2_030_000), 1030);
    }

    #[test]
    fn extreme_numbers_do_not_overflow() {
        let mut checkpoint = checkpoint();
        checkpoint.data.started_at_ms = u64::MAX;
        checkpoint.data.elapsed_ms = u64::MAX;
        checkpoint.data.taken_at_ms = 0;
        checkpoint.started_at();
        checkpoint.elapsed_at(SystemTime::now());
        checkpoint.due_at();
    }

    #[test]
    fn the_next_poll_is_due_relative_to_the_clock_of_the_checkpoint() {
        let due_ms = |checkpoint: &Checkpoint| since_epoch_ms(checkpoint.due_at());
        let mut checkpoint = checkpoint();
        assert_eq!(due_ms(&checkpoint), 1_031_000);
        checkpoint.data.next_poll_ms = Some(29_000);
        assert_eq!(due_ms(&checkpoint), 1_029_000);
        checkpoint.data.next_poll_ms = Some(90_000);
        assert_eq!(due_ms(&checkpoint), 1_060_000);
        checkpoint.data.next_poll_ms = None;
        assert_eq!(due_ms(&checkpoint), 1_030_000);
    }

    #[test]
    fn a_checkpoint_has_a_bounded_length_whatever_the_service_sent() {
        let mut record = SavedClip::default();
        record.status = Some("S".repeat(3_000_000).as_str().into());
        record.current_operation = Some("\u{1}".repeat(3_000_000));
        let mut checkpoint = checkpoint();
        let clip = Clip::from_record(checkpoint.clip_uuid(), record);
        checkpoint.data.last_status = Some(LastStatus::from(&clip));
        let text = checkpoint.to_string();
        assert!(text.len() < 2000, "{} bytes", text.len());
        assert_eq!(checkpoint.last_status(), Some(&*"S".repeat(128)));

        let longer = text.replace(&"S".repeat(128), &"S".repeat(200));
        assert_eq!(longer.parse::<Checkpoint>().unwrap(), checkpoint);
    }
}
