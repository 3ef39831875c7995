//! One clip of a batch: its forecast, and the delay that a request would end.

use crate::polling::Forecast;

/// Shortest mean of the remaining time of a clip that outlasted its forecast, in seconds. Chosen, not
/// tuned: it only keeps the mean above zero.
const MIN_OVERDUE_MEAN: f64 = 1.0;

/// Longest time for which a new clip waits for a page, in seconds. Chosen, not tuned: many clips in progress
/// take a page a second, and a person who adds a clip waits for its first state.
pub(super) const FIRST_PAGE_WAIT: f64 = 3.0;

/// Longest time without any news of a clip, as a share of its age, with a minimum in seconds. Chosen with
/// `cargo xtask polling --together`: 1,000 clips take 1 % more requests. A clip can still be later, because
/// the list of the clips in progress counts as news.
const MAX_WAIT_FRACTION: f64 = 0.1;
const MAX_WAIT_SECONDS: f64 = 20.0;

/// A clip that is not complete as far as known. Times are seconds since the scheduler's epoch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    forecast: Forecast,
    /// Origin of the forecast: the last observation of the record, or the beginning of the watch.
    pub(super) observed_at: f64,
    /// When the clip was last known to be in progress: then, or when a later heartbeat listed it.
    present_at: f64,
    /// When its own poll policy would poll it.
    pub(super) policy_due: f64,
    /// Whether any response had the record.
    pub(super) has_record: bool,
    /// Whether there was any response since the clip was added.
    pub(super) is_observed: bool,
    /// Whether a page came without the clip that shows new ones.
    pub(super) is_missed: bool,
    added_at: f64,
    pub(super) heartbeat: Heartbeat,
    pub(super) place: Place,
    pub(super) in_flight: bool,
}

/// State of a clip by the list of the clips in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heartbeat {
    /// No heartbeat has listed it, of this number.
    Unknown(u8),
    Listed,
    /// It left the list, and its record was not read since.
    Left,
    /// It left the list, and was not complete then: heartbeats tell no more of it.
    Silent,
}

/// Place of a clip on the list of saved clips.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    /// Position minus the shift of the list.
    At(i64),
    /// Not seen on any page, or no longer.
    Unknown {
        /// First page that may have it: those before were full of other new clips.
        from_page: u16,
        /// Number of times that it was not where it was expected.
        misses: u8,
    },
}

impl Place {
    /// Place of a clip that no page was looked through for.
    pub(super) const NEW: Self = Self::Unknown {
        from_page: 0,
        misses: 0,
    };
    /// Place of a clip that is not where it was seen before.
    pub(super) const LOST: Self = Self::Unknown {
        from_page: 0,
        misses: 1,
    };
}

impl Pending {
    pub(super) fn new(now: f64, forecast: Forecast, policy_due: f64) -> Self {
        Self {
            forecast,
            observed_at: now,
            present_at: now,
            policy_due,
            has_record: false,
            is_observed: false,
            is_missed: false,
            added_at: now,
            heartbeat: Heartbeat::Unknown(0),
            place: Place::NEW,
            in_flight: false,
        }
    }

    /// Replaces the forecast after an observation of the clip.
    pub(super) fn observe(&mut self, now: f64, forecast: Forecast, policy_due: f64) {
        self.forecast = forecast;
        self.observed_at = now;
        self.present_at = now;
        self.policy_due = policy_due;
        if self.heartbeat == Heartbeat::Left {
            self.heartbeat = Heartbeat::Silent;
        }
    }

    /// Forgets what heartbeats told.
    pub(super) fn distrust_heartbeats(&mut self) {
        self.heartbeat = Heartbeat::Silent;
        self.present_at = self.observed_at;
    }

    /// Returns when the clip is to be asked for, whatever its forecast is. A clip in progress has a limit in
    /// proportion to its age. While its record is missing, its own policy says when, and at first when it is
    /// added, which may be long after it began: a page may come before, unless one came without the clip or
    /// none may be requested.
    pub(super) fn latest_request(&self, has_pages: bool) -> f64 {
        if self.is_observed && self.has_record {
            let age = self.present_at - self.added_at;
            return self.present_at + (MAX_WAIT_FRACTION * age).max(MAX_WAIT_SECONDS);
        }
        let waits = has_pages && !self.is_observed && !self.is_missed;
        self.policy_due + if waits { FIRST_PAGE_WAIT } else { 0.0 }
    }

    /// Returns the time for which the clip has been followed, in seconds.
    pub(super) fn age(&self, time: f64) -> f64 {
        time - self.added_at
    }

    /// Records that the clip was in progress at this time.
    pub(super) fn be_present(&mut self, time: f64) {
        self.present_at = self.present_at.max(time);
    }

    /// Mean remaining time of a clip that was present after all times of its forecast: it goes on for as
    /// long as it has gone beyond.
    fn overdue_mean(&self) -> f64 {
        (self.present_at - self.observed_at).max(MIN_OVERDUE_MEAN)
    }

    /// Returns what is expected of the clip at `time`.
    pub(super) fn completion(&self, time: f64) -> Completion {
        let since = (time - self.present_at).max(0.0);
        if self.is_overdue() {
            let mean = self.overdue_mean();
            let probability = 1.0 - (-since / mean).exp();
            return Completion {
                probability,
                delay: since - mean * probability,
            };
        }
        let present = self.present_at - self.observed_at;
        let before = self.complete_within(present);
        let at = self.complete_within(present + since);
        let possible = 1.0 - before.probability;
        Completion {
            probability: (at.probability - before.probability) / possible,
            delay: (at.integral - before.integral - before.probability * since) / possible,
        }
    }

    /// Returns whether the clip was present after all times of its forecast.
    fn is_overdue(&self) -> bool {
        let last = self.forecast.seconds().last();
        last.is_none_or(|last| f64::from(*last) <= self.present_at - self.observed_at)
    }

    /// Returns the forecast for so many seconds after the observation. The times of the forecast are the
    /// middles of parts of equal probability, between which the probability rises evenly.
    fn complete_within(&self, seconds: f64) -> Cumulative {
        let times = self.forecast.seconds();
        let part = 1.0 / times.len().max(1) as f64;
        let mut at = 0.0;
        let mut sum = Cumulative::default();
        for (index, end) in times.iter().enumerate() {
            let end = f64::from(*end);
            let mut probability = (index as f64 + 0.5) * part;
            let reached = seconds.min(end);
            if reached < end {
                let share = (reached - at) / (end - at);
                // Before the earliest time, the probability rises as the square of the time.
                let share = if index == 0 { share * share } else { share };
                probability = sum.probability + share * (probability - sum.probability);
            }
            sum.integral += (reached - at) * (sum.probability + probability) / 2.0;
            sum.probability = probability;
            if reached < end {
                return sum;
            }
            at = end;
        }
        sum.integral += (seconds - at).max(0.0) * sum.probability;
        sum
    }
}

/// Whether and for how long a clip is complete, at some time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Completion {
    /// Probability that it is complete.
    pub(super) probability: f64,
    /// Mean time for which it has been complete, in seconds.
    pub(super) delay: f64,
}

/// Probability that a clip is complete, and its integral over time, in seconds.
#[derive(Clone, Copy, Debug, Default)]
struct Cumulative {
    probability: f64,
    integral: f64,
}
