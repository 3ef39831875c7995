//! Input and output of a poll policy: the [`PollState`] after a poll, and the [`Estimate`] for
//! display.
//!
//! A poll policy sees nothing else of a watch, so a custom policy keeps compiling when watches
//! change. Neither type must know about watches or requests.

use std::time::Duration;

use rhombus_clips_api::types::ClipStatus;

use crate::Clip;

/// Result of a successful poll of a clip in progress, the input of a [`PollPolicy`](super::PollPolicy).
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::ClipStatus;
/// use rhombus_clips::polling::PollState;
///
/// let status = ClipStatus::Rendering;
/// let state = PollState::new(Duration::from_secs(12))
///     .with_status(&status)
///     .with_percent(40)
///     .with_operation("Processing video")
///     .with_footage_duration(Duration::from_secs(60))
///     .with_failed_polls(1)
///     .with_random(0.25);
/// assert_eq!(state.elapsed(), Duration::from_secs(12));
/// assert_eq!(state.status(), Some(&ClipStatus::Rendering));
/// assert_eq!(state.percent(), Some(40));
/// assert_eq!(state.operation(), Some("Processing video"));
/// assert_eq!(state.footage_duration(), Some(Duration::from_secs(60)));
/// assert_eq!((state.failed_polls(), state.random()), (1, 0.25));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PollState<'a> {
    elapsed: Duration,
    status: Option<&'a ClipStatus>,
    percent: Option<u8>,
    operation: Option<&'a str>,
    footage_duration: Option<Duration>,
    failed_polls: u32,
    random: f64,
}

impl<'a> PollState<'a> {
    /// Creates the state after a poll that ended `elapsed` after the watch began and found no clip:
    /// the service has no record of it yet.
    pub fn new(elapsed: Duration) -> Self {
        Self {
            elapsed,
            status: None,
            percent: None,
            operation: None,
            footage_duration: None,
            failed_polls: 0,
            random: 0.5,
        }
    }

    pub(crate) fn from_clip(elapsed: Duration, clip: Option<&'a Clip>) -> Self {
        let Some(clip) = clip else {
            return Self::new(elapsed);
        };
        Self {
            status: Some(clip.status()),
            percent: clip.percent(),
            operation: clip.operation(),
            footage_duration: clip.duration(),
            ..Self::new(elapsed)
        }
    }

    /// Sets the status.
    #[must_use]
    pub fn with_status(mut self, status: &'a ClipStatus) -> Self {
        self.status = Some(status);
        self
    }

    /// Sets the percentage of the current operation; values above 100 count as 100.
    #[must_use]
    pub fn with_percent(mut self, percent: u8) -> Self {
        self.percent = Some(percent.min(100));
        self
    }

    /// Sets the operation.
    #[must_use]
    pub fn with_operation(mut self, operation: &'a str) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Sets the length of the footage.
    #[must_use]
    pub fn with_footage_duration(mut self, length: Duration) -> Self {
        self.footage_duration = Some(length);
        self
    }

    /// Sets the number of failed polls since the last successful one.
    #[must_use]
    pub fn with_failed_polls(mut self, failed_polls: u32) -> Self {
        self.failed_polls = failed_polls;
        self
    }

    /// Sets the random number, at least 0 and below 1. Default: 0.5.
    #[must_use]
    pub fn with_random(mut self, random: f64) -> Self {
        self.random = random;
        self
    }

    /// Returns the time from the beginning of the watch to the end of the poll.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns the status, or `None` if the service has no record of the clip yet.
    pub fn status(&self) -> Option<&'a ClipStatus> {
        self.status
    }

    /// Returns the progress of the current operation (not of the entire clip), in percent from 0 to
    /// 100.
    pub fn percent(&self) -> Option<u8> {
        self.percent
    }

    /// Returns the current operation, as text for display.
    pub fn operation(&self) -> Option<&'a str> {
        self.operation
    }

    /// Returns the length of the footage, with a resolution of one second.
    pub fn footage_duration(&self) -> Option<Duration> {
        self.footage_duration
    }

    /// Returns the number of failed polls since the last successful one.
    pub fn failed_polls(&self) -> u32 {
        self.failed_polls
    }

    /// Returns a random number for the jitter, uniformly distributed, at least 0 and below 1.
    pub fn random(&self) -> f64 {
        self.random
    }
}

/// Estimated remaining time of a clip, with an 80 % prediction interval.
///
/// The interval excludes the longest and the shortest 10 % of the remaining times that the
/// [`PollPolicy`](super::PollPolicy) considers possible.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// use rhombus_clips::polling::Estimate;
///
/// fn describe(estimate: Estimate) -> String {
///     let (lower, upper) = (estimate.lower.as_secs(), estimate.upper.as_secs());
///     format!("about {} s ({lower} to {upper} s)", estimate.remaining.as_secs())
/// }
///
/// let mut updates = client.watch(uuid).stream();
/// while let Some(update) = updates.next().await {
///     println!("{:?}", update?.estimate().map(describe));
/// }
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Estimate {
    /// Median of the remaining time.
    pub remaining: Duration,
    /// Lower bound of the 80 % prediction interval (10th percentile).
    pub lower: Duration,
    /// Upper bound of the 80 % prediction interval (90th percentile).
    pub upper: Duration,
}

impl Estimate {
    /// Creates an estimate, for custom [poll policies](super::PollPolicy). A bound on the wrong side
    /// of `remaining` counts as `remaining`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::polling::{Estimate, PollState, PollPolicy};
    ///
    /// /// Polls every second, for clips that take about 40 seconds.
    /// #[derive(Debug, Default)]
    /// struct AboutForty(Duration);
    ///
    /// impl PollPolicy for AboutForty {
    ///     fn next_delay(&mut self, state: &PollState<'_>) -> Duration {
    ///         self.0 = state.elapsed();
    ///         Duration::from_secs(1)
    ///     }
    ///
    ///     fn estimate(&self) -> Option<Estimate> {
    ///         let remaining = |total| Duration::from_secs(total).saturating_sub(self.0);
    ///         Some(Estimate::new(remaining(40), remaining(30), remaining(60)))
    ///     }
    /// }
    ///
    /// let mut poll_policy = AboutForty::default();
    /// poll_policy.next_delay(&PollState::new(Duration::from_secs(15)));
    /// let estimate = poll_policy.estimate().expect("this policy always has an estimate");
    /// assert_eq!(estimate.remaining, Duration::from_secs(25));
    /// assert_eq!(estimate.lower, Duration::from_secs(15));
    /// ```
    #[must_use]
    pub fn new(remaining: Duration, lower: Duration, upper: Duration) -> Self {
        Self {
            remaining,
            lower: lower.min(remaining),
            upper: upper.max(remaining),
        }
    }

    /// Returns whether the interval is too wide for a number to be of use: its bounds differ by more
    /// than a factor of five, and the upper one is 5 seconds or more.
    ///
    /// A display then shows the upper bound, or that the time is not known yet; `remaining` would
    /// seem to be known better than it is. Decide it once per poll: while a display counts down, the
    /// lower bound reaches zero long before the upper one.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::polling::Estimate;
    ///
    /// fn describe(estimate: Estimate) -> String {
    ///     match estimate.is_vague() {
    ///         true => format!("less than {} s", estimate.upper.as_secs()),
    ///         false => format!("about {} s", estimate.remaining.as_secs()),
    ///     }
    /// }
    ///
    /// let estimate = |times: [u64; 3]| {
    ///     let [lower, remaining, upper] = times.map(Duration::from_secs);
    ///     Estimate::new(remaining, lower, upper)
    /// };
    /// assert_eq!(describe(estimate([10, 40, 200])), "less than 200 s");
    /// assert_eq!(describe(estimate([20, 40, 80])), "about 40 s");
    /// assert_eq!(describe(estimate([0, 2, 4])), "about 2 s");
    /// ```
    #[must_use]
    pub fn is_vague(&self) -> bool {
        let is_wide = self.upper > self.lower.saturating_mul(MAX_CLEAR_FACTOR);
        is_wide && self.upper >= MIN_VAGUE_UPPER
    }
}

/// Largest factor between the bounds of an estimate that is shown as a number. Chosen: beyond it, the
/// number says neither seconds nor minutes.
const MAX_CLEAR_FACTOR: u32 = 5;

/// Upper bound below which an estimate is never vague: that it is soon is all there is to know.
/// Chosen, not tuned.
const MIN_VAGUE_UPPER: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_vague_beyond_a_factor_of_five() {
        for (lower, upper, is_vague) in [
            (10, 50, false),
            (10, 51, true),
            (0, 4, false),
            (0, 5, true),
            (0, 0, false),
            (u64::MAX, u64::MAX, false),
        ] {
            let [lower, upper] = [lower, upper].map(Duration::from_secs);
            let estimate = Estimate::new(lower, lower, upper);
            assert_eq!(estimate.is_vague(), is_vague, "{estimate:?}");
        }
    }

    #[test]
    fn bounds_on_the_wrong_side_are_clamped() {
        let [one, two, three] = [1, 2, 3].map(Duration::from_secs);
        let estimate = Estimate::new(two, three, one);
        assert_eq!((estimate.lower, estimate.upper), (two, two));
        let estimate = Estimate::new(two, one, three);
        assert_eq!((estimate.lower, estimate.upper), (one, three));
    }
}
