//! Statistics that the watches of a client learn: shared while they run, and as a value to store.
//!
//! A [`History`] holds the statistics twice: all that is known, and what was learned here and is not
//! stored yet. Programs that share a file each add the second to it, so that nothing counts twice. The
//! statistics themselves are in [`history`](super::history); this module must not know what they are.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize, de};

use super::history::Stats;
use crate::text::sanitize_line;
use crate::versioned;

/// Version of the format of a snapshot.
const VERSION: u64 = 1;

/// Time in which evidence loses half of its weight. Chosen, not tuned. Render times depend on the
/// service's software and load, and a cloud service is commonly updated every week or two; a shorter
/// time would hold less than a full week, in which the load varies. A full window of 20 clips is worth
/// ten of today after two weeks, and fewer than three after 38 days.
const HALF_LIFE: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Longest text that is read as a snapshot, in bytes: several times the longest one that is written,
/// which is some 25 KiB.
const MAX_TEXT_BYTES: usize = 128 * 1024;

/// Statistics shared by the watches of one client: render times of the clips that they saw complete,
/// durations of operations, and the accuracy of earlier predictions.
///
/// Bounded in memory, some 20 KiB. A clone shares the statistics.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// use rhombus_clips::polling::{Adaptive, History};
///
/// // Shared by all clients of the program, instead of one per client.
/// let history = History::new();
/// client.watch(uuid).polling(Adaptive::new(&history)).await?;
/// # });
/// ```
///
/// A [snapshot](HistorySnapshot) carries it from one run of a program to the next.
#[derive(Clone)]
pub struct History(Arc<RwLock<Stats>>);

impl History {
    /// Creates a history without any clips.
    pub fn new() -> Self {
        let mut stats = Stats::default();
        stats.learned = Some(Box::default());
        Self(Arc::new(RwLock::new(stats)))
    }

    /// Returns all that is known at this time, merged snapshots included.
    ///
    /// A program that is alone with its file stores it. Programs that share a file each add what
    /// [`take_learned`](Self::take_learned) returns.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// use std::time::SystemTime;
    /// use rhombus_clips::polling::HistorySnapshot;
    ///
    /// client.watch(uuid).await?;
    /// let saved: String = client.history().snapshot(SystemTime::now()).to_string();
    ///
    /// // In the next run of the program:
    /// let snapshot: HistorySnapshot = saved.parse()?;
    /// client.history().merge(&snapshot, SystemTime::now());
    /// # });
    /// ```
    pub fn snapshot(&self, now: SystemTime) -> HistorySnapshot {
        HistorySnapshot::of(&self.read(), now)
    }

    /// Adds a snapshot, faded by its age at this time. To add one twice counts it twice.
    ///
    /// It changes the forecasts of running watches from their next poll on.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use rhombus_clips::polling::{History, HistorySnapshot};
    ///
    /// let (history, now) = (History::new(), SystemTime::now());
    /// history.merge(&HistorySnapshot::default(), now);
    /// assert!(history.snapshot(now).is_empty());
    /// ```
    pub fn merge(&self, snapshot: &HistorySnapshot, now: SystemTime) {
        self.write().merge(&snapshot.faded(now).data.stats);
    }

    /// Replaces what is known by a snapshot, faded by its age at this time, and by what was learned here
    /// and is not [taken](Self::take_learned) yet.
    ///
    /// For a program that finds out late whose clips it watches: the snapshot that it began with is
    /// forgotten.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use rhombus_clips::polling::{History, HistorySnapshot};
    ///
    /// let (history, now) = (History::new(), SystemTime::now());
    /// history.merge(&HistorySnapshot::default(), now);
    /// history.replace(&HistorySnapshot::default(), now);
    /// ```
    pub fn replace(&self, snapshot: &HistorySnapshot, now: SystemTime) {
        let mut stats = self.write();
        let learned = stats.learned.take().unwrap_or_default();
        *stats = snapshot.faded(now).data.stats;
        stats.merge(&learned);
        stats.learned = Some(learned);
    }

    /// Returns what was learned here since the history was created, or since the last call; merged
    /// snapshots are left out.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// use std::time::SystemTime;
    /// use rhombus_clips::polling::HistorySnapshot;
    ///
    /// client.watch(uuid).await?;
    ///
    /// // What a file has, which another program may have changed meanwhile:
    /// let mut stored = HistorySnapshot::default();
    /// let now = SystemTime::now();
    /// stored.merge(&client.history().take_learned(now), now);
    /// assert_eq!(stored.completed_clips(), 1);
    /// assert!(client.history().take_learned(now).is_empty());
    /// # });
    /// ```
    pub fn take_learned(&self, now: SystemTime) -> HistorySnapshot {
        let learned = self.write().learned.replace(Box::default());
        HistorySnapshot::of(&learned.unwrap_or_default(), now)
    }

    /// Locks for reading. A poisoned lock is used as it is: no code panics while it holds it.
    pub(super) fn read(&self) -> RwLockReadGuard<'_, Stats> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Stats> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for History {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").finish_non_exhaustive()
    }
}

/// Statistics of a [`History`] at some time, to store and to merge.
///
/// It has statistics only: neither clips nor the API key, and the names of operations as hashes.
/// `Display` and `FromStr` convert it to JSON and back, at most some 25 KiB; serde converts it to any
/// self-describing format. Properties that are not known are ignored. A text of an unsupported version,
/// or with numbers that cannot be, is rejected with a [`HistorySnapshotError`].
///
/// Evidence fades, because the service changes: its weight halves in 14 days. Times in the future, by
/// the clock of this machine, count as the present.
///
/// ```
/// use std::time::SystemTime;
/// use rhombus_clips::polling::{History, HistorySnapshot};
///
/// let now = SystemTime::now();
/// let text = History::new().snapshot(now).to_string();
/// let snapshot: HistorySnapshot = text.parse()?;
/// assert!(snapshot.is_empty() && snapshot.updated_at() <= now);
/// # Ok::<(), rhombus_clips::polling::HistorySnapshotError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HistorySnapshot {
    version: u64,
    #[serde(flatten)]
    data: SnapshotData,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct SnapshotData {
    /// Seconds since the Unix epoch at which the weights were those of `stats`.
    updated_at_sec: u64,
    stats: Stats,
}

impl HistorySnapshot {
    fn of(stats: &Stats, now: SystemTime) -> Self {
        Self {
            version: VERSION,
            data: SnapshotData {
                updated_at_sec: since_epoch_sec(now),
                stats: stats.to_snapshot(),
            },
        }
    }

    /// Returns whether it has nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data.stats.is_empty()
    }

    /// Time at which it was made or merged last, to the second.
    #[must_use]
    pub fn updated_at(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
            .checked_add(Duration::from_secs(self.data.updated_at_sec))
            .unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// Weight of the clips that were seen complete, at that time: their number, where none has faded and
    /// there are no more than the statistics remember, which is 20. Rounded to a whole number.
    #[must_use]
    pub fn completed_clips(&self) -> u32 {
        self.data.stats.clips().round() as u32
    }

    /// Adds another snapshot; both fade to this time first.
    ///
    /// The order in which several are added matters little: their weights add up, to at most that of
    /// 20 clips.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use rhombus_clips::polling::{History, HistorySnapshot};
    ///
    /// let now = SystemTime::now();
    /// let [one, other] = [History::new(), History::new()].map(|history| history.snapshot(now));
    /// let mut both = HistorySnapshot::default();
    /// both.merge(&one, now);
    /// both.merge(&other, now);
    /// ```
    pub fn merge(&mut self, other: &Self, now: SystemTime) {
        let mut stats = self.faded(now).data.stats;
        stats.merge(&other.faded(now).data.stats);
        *self = Self::of(&stats, now);
    }

    /// Returns it with the weights of a later time.
    fn faded(&self, now: SystemTime) -> Self {
        let mut faded = self.clone();
        let now_sec = since_epoch_sec(now);
        let age_sec = now_sec.saturating_sub(self.data.updated_at_sec);
        if age_sec > 0 {
            let half_lives = age_sec as f64 / HALF_LIFE.as_secs_f64();
            faded.data.stats.fade(0.5_f64.powf(half_lives));
        }
        faded.data.updated_at_sec = now_sec;
        faded
    }
}

/// A snapshot without evidence.
impl Default for HistorySnapshot {
    fn default() -> Self {
        Self {
            version: VERSION,
            data: SnapshotData::default(),
        }
    }
}

impl fmt::Display for HistorySnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for HistorySnapshot {
    type Err = HistorySnapshotError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(HistorySnapshotError(format!(
                "longer than {MAX_TEXT_BYTES} bytes"
            )));
        }
        serde_json::from_str(text)
            .map_err(|error| HistorySnapshotError(sanitize_line(&error.to_string())))
    }
}

impl<'de> Deserialize<'de> for HistorySnapshot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let data: SnapshotData = versioned::deserialize(deserializer, VERSION)?;
        if !data.stats.is_plausible() {
            return Err(de::Error::custom("implausible numbers"));
        }
        Ok(Self {
            version: VERSION,
            data,
        })
    }
}

/// A text that is not a [`HistorySnapshot`], or one of an unsupported version.
///
/// ```
/// use rhombus_clips::polling::{HistorySnapshot, HistorySnapshotError};
///
/// let result = r#"{"version": 99}"#.parse::<HistorySnapshot>();
/// let error: HistorySnapshotError = result.expect_err("the version is of the future");
/// assert!(error.to_string().contains("unsupported version 99"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistorySnapshotError(String);

impl fmt::Display for HistorySnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid history: {}", self.0)
    }
}

impl std::error::Error for HistorySnapshotError {}

fn since_epoch_sec(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests;
