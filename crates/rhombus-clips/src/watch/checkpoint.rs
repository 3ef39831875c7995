//! Where a watch watches, to go on from.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};

use super::last_status::LastStatus;
use super::state::WatchConfig;
use crate::http::sanitize_line;
use crate::retry::RetryPolicy;
use crate::{ClipUuid, Error, ErrorKind};

/// The only version there has been.
const VERSION: u64 = 2;

/// Where a watch watches: enough to go on with it in another process.
///
/// From [`Watch::checkpoint`](crate::Watch::checkpoint), from
/// [`WatchStream::checkpoint`](crate::WatchStream::checkpoint) at any moment of a watch, from
/// [`WatchStream::stop`](crate::WatchStream::stop), and from [`Error::checkpoint`]; to
/// [`Client::resume`](crate::Client::resume). It holds no key.
///
/// It is JSON, by `Display` and `FromStr`: some 300 bytes, and with what the adaptive poll policy knows
/// 500 to 1100. It can be serialized with serde to any self-describing format. A checkpoint of a version that this one does not know is refused
/// with an error that says so ([`Error::is_checkpoint`]).
///
/// ```
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(90.s()));
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
/// use rhombus_clips::Checkpoint;
///
/// let mut updates = client.watch(uuid).stream();
/// updates.next().await.expect("a first update")?;
/// let kept: String = updates.stop().to_string();
///
/// // In another process:
/// let checkpoint: Checkpoint = kept.parse()?;
/// assert_eq!(checkpoint.clip_uuid(), uuid);
/// assert_eq!(checkpoint.polls(), 1);
/// assert_eq!(checkpoint.last_status(), Some("INITIATING"));
/// let left = checkpoint.timeout() - checkpoint.elapsed();
/// println!("since {:?}, and for {left:?} more", checkpoint.started_at());
/// let clip = client.resume(checkpoint).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Checkpoint {
    version: u64,
    #[serde(flatten)]
    pub(super) data: CheckpointData,
}

/// What a checkpoint of this version says. Times of a watch count from its start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct CheckpointData {
    pub(super) clip_uuid: ClipUuid,
    /// By the clock of the machine, since the Unix epoch.
    pub(super) started_at_ms: u64,
    pub(super) taken_at_ms: u64,
    pub(super) elapsed_ms: u64,
    pub(super) timeout_ms: u64,
    pub(super) not_found_grace_period_ms: u64,
    pub(super) polls: u64,
    #[serde(default)]
    pub(super) consecutive_failures: u32,
    #[serde(default)]
    pub(super) missing_since_ms: Option<u64>,
    #[serde(default)]
    pub(super) next_poll_ms: Option<u64>,
    #[serde(default)]
    pub(super) last_status: Option<LastStatus>,
    #[serde(default)]
    pub(super) poll_policy: Option<String>,
}

impl Checkpoint {
    pub(super) fn new(data: CheckpointData) -> Self {
        Self {
            version: VERSION,
            data,
        }
    }

    /// The clip that is watched.
    pub fn clip_uuid(&self) -> ClipUuid {
        self.data.clip_uuid
    }

    /// When the watch started, to the millisecond, by the clock of the machine that took the
    /// checkpoint.
    pub fn started_at(&self) -> SystemTime {
        let since = Duration::from_millis(self.data.started_at_ms);
        SystemTime::UNIX_EPOCH
            .checked_add(since)
            .unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// How long the watch had lasted, in milliseconds.
    pub fn elapsed(&self) -> Duration {
        Duration::from_millis(self.data.elapsed_ms)
    }

    /// How long the watch lasts at most from its start, in milliseconds.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.data.timeout_ms)
    }

    /// How many requests the watch had sent.
    pub fn polls(&self) -> u64 {
        self.data.polls
    }

    /// The status of the clip as it was last seen, in the service's own word, such as `RENDERING`;
    /// `None` when the service had no record of it yet.
    pub fn last_status(&self) -> Option<&str> {
        Some(self.data.last_status.as_ref()?.status())
    }

    /// The config of the watch, with this policy for what fails.
    pub(super) fn config(&self, policy: Arc<dyn RetryPolicy>) -> WatchConfig {
        WatchConfig {
            timeout: self.timeout(),
            grace_period: Duration::from_millis(self.data.not_found_grace_period_ms),
            policy,
        }
    }

    /// How long the watch has lasted by now. A clock that was set back takes nothing away.
    pub(super) fn elapsed_at(&self, now: SystemTime) -> Duration {
        let since = since_epoch_ms(now).saturating_sub(self.data.taken_at_ms);
        self.elapsed().saturating_add(Duration::from_millis(since))
    }
}

pub(super) fn since_epoch_ms(moment: SystemTime) -> u64 {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, ms)
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
                "it is of version {version}, and only version {VERSION} is known here (the rhombus-clips that wrote it can go on with it)"
            )));
        }
        let data = serde_json::from_value(data.into()).map_err(de::Error::custom)?;
        Ok(Self::new(data))
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for Checkpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(|error| {
            // The text's own words may be in it.
            let reason = sanitize_line(&error.to_string());
            let message = format!("the checkpoint cannot be read, watch the clip anew: {reason}");
            Error::new(ErrorKind::Checkpoint, message)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint::new(CheckpointData {
            clip_uuid: ClipUuid::from_bytes([7; 16]),
            started_at_ms: 1_000_000,
            taken_at_ms: 1_030_000,
            elapsed_ms: 30_000,
            timeout_ms: 60_000,
            not_found_grace_period_ms: 5_000,
            polls: 9,
            consecutive_failures: 2,
            missing_since_ms: None,
            next_poll_ms: Some(31_000),
            last_status: None,
            poll_policy: Some("fixed 2000".to_owned()),
        })
    }

    #[test]
    fn it_is_the_same_after_a_journey_as_text() {
        let checkpoint = checkpoint();
        assert_eq!(
            checkpoint.to_string().parse::<Checkpoint>().unwrap(),
            checkpoint
        );
        assert!(checkpoint.to_string().len() < 400);
    }

    #[test]
    fn an_unknown_version_is_named_whatever_else_it_holds() {
        let error = r#"{"version": 7, "clip": {}}"#.parse::<Checkpoint>().unwrap_err();
        assert!(error.is_checkpoint());
        assert!(error.to_string().contains("version 7"), "{error}");
    }

    #[test]
    fn what_is_none_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", "EOF"),
            ("{}", "version"),
            (r#"{"version": 2}"#, "clip_uuid"),
            (r#"{"version": 2, "clip_uuid": "short"}"#, "not a clip UUID"),
        ] {
            let error = text.parse::<Checkpoint>().unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn the_reason_is_one_line_whatever_the_text_holds() {
        let uuid = checkpoint().clip_uuid().to_string();
        let text = checkpoint().to_string().replace(&uuid, r"A\u007f\nB");
        let error = text.parse::<Checkpoint>().unwrap_err().to_string();
        assert!(error.contains("not a clip UUID"), "{error}");
        assert!(!error.contains(char::is_control), "{error:?}");
    }

    #[test]
    fn time_passes_between_two_processes_and_never_runs_back() {
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
    fn the_largest_numbers_do_not_overflow() {
        let mut checkpoint = checkpoint();
        checkpoint.data.started_at_ms = u64::MAX;
        checkpoint.data.elapsed_ms = u64::MAX;
        checkpoint.data.taken_at_ms = 0;
        checkpoint.started_at();
        checkpoint.elapsed_at(SystemTime::now());
    }
}
