//! What a poll policy sees, and what it says to people.

use std::time::Duration;

use rhombus_clips_api::types::ClipStatus;

use crate::Clip;

/// What a look saw of a clip that is not done yet.
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::ClipStatus;
/// use rhombus_clips::polling::PollState;
///
/// let status = ClipStatus::Rendering;
/// let seen = PollState::new(Duration::from_secs(12))
///     .with_status(&status)
///     .with_percent(40)
///     .with_operation("Processing video")
///     .with_clip_length(Duration::from_secs(60))
///     .with_failed_polls(1)
///     .with_random(0.25);
/// assert_eq!(seen.elapsed(), Duration::from_secs(12));
/// assert_eq!(seen.status(), Some(&ClipStatus::Rendering));
/// assert_eq!(seen.percent(), Some(40));
/// assert_eq!(seen.operation(), Some("Processing video"));
/// assert_eq!(seen.clip_length(), Some(Duration::from_secs(60)));
/// assert_eq!((seen.failed_polls(), seen.random()), (1, 0.25));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PollState<'a> {
    elapsed: Duration,
    status: Option<&'a ClipStatus>,
    percent: Option<u8>,
    operation: Option<&'a str>,
    clip_length: Option<Duration>,
    failed_polls: u32,
    random: f64,
}

impl<'a> PollState<'a> {
    /// A look that ended this long after the watch began, and saw nothing: the service has no
    /// record of the clip yet.
    pub fn new(elapsed: Duration) -> Self {
        Self {
            elapsed,
            status: None,
            percent: None,
            operation: None,
            clip_length: None,
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
            clip_length: clip.duration(),
            ..Self::new(elapsed)
        }
    }

    /// With this status.
    #[must_use]
    pub fn with_status(mut self, status: &'a ClipStatus) -> Self {
        self.status = Some(status);
        self
    }

    /// With this percentage of the current operation, at most 100.
    #[must_use]
    pub fn with_percent(mut self, percent: u8) -> Self {
        self.percent = Some(percent.min(100));
        self
    }

    /// With this operation.
    #[must_use]
    pub fn with_operation(mut self, operation: &'a str) -> Self {
        self.operation = Some(operation);
        self
    }

    /// With footage of this length.
    #[must_use]
    pub fn with_clip_length(mut self, length: Duration) -> Self {
        self.clip_length = Some(length);
        self
    }

    /// With so many failed looks since the one before.
    #[must_use]
    pub fn with_failed_polls(mut self, failed: u32) -> Self {
        self.failed_polls = failed;
        self
    }

    /// With this random number, at least 0 and below 1.
    #[must_use]
    pub fn with_random(mut self, random: f64) -> Self {
        self.random = random;
        self
    }

    /// How long after the watch began the look ended.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The status; `None` when the service has no record of the clip yet.
    pub fn status(&self) -> Option<&'a ClipStatus> {
        self.status
    }

    /// How far the current operation (not the whole clip) has come, in percent, 0 to 100.
    pub fn percent(&self) -> Option<u8> {
        self.percent
    }

    /// What is being done to the clip, as text for people.
    pub fn operation(&self) -> Option<&'a str> {
        self.operation
    }

    /// Length of the footage, in whole seconds.
    pub fn clip_length(&self) -> Option<Duration> {
        self.clip_length
    }

    /// How many looks failed between the one before and this.
    pub fn failed_polls(&self) -> u32 {
        self.failed_polls
    }

    /// A random number for the jitter, evenly distributed, at least 0 and below 1.
    pub fn random(&self) -> f64 {
        self.random
    }
}

/// How much longer a clip will take, as a [`PollPolicy`](super::PollPolicy) sees it.
///
/// ```
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
/// use rhombus_clips::polling::Estimate;
///
/// fn in_words(estimate: Estimate) -> String {
///     let (least, most) = (estimate.lower.as_secs(), estimate.upper.as_secs());
///     format!("about {} s, {least} to {most}", estimate.remaining.as_secs())
/// }
///
/// let mut updates = client.watch(uuid).stream();
/// while let Some(update) = updates.next().await {
///     println!("{:?}", update?.estimate().map(in_words));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Estimate {
    /// The time left, as likely to be longer as to be shorter.
    pub remaining: Duration,
    /// With nine chances in ten it takes longer than this.
    pub lower: Duration,
    /// With nine chances in ten it takes less than this.
    pub upper: Duration,
}

impl Estimate {
    /// For a [`PollPolicy`](super::PollPolicy) of one's own: this long, but at least and at most so long. A
    /// bound on the wrong side of `remaining` counts as `remaining`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::polling::{Estimate, PollState, PollPolicy};
    ///
    /// /// Every second, for clips that take some 40.
    /// #[derive(Debug, Default)]
    /// struct AboutForty(Duration);
    ///
    /// impl PollPolicy for AboutForty {
    ///     fn next_delay(&mut self, seen: &PollState<'_>) -> Duration {
    ///         self.0 = seen.elapsed();
    ///         Duration::from_secs(1)
    ///     }
    ///
    ///     fn estimate(&self) -> Option<Estimate> {
    ///         let left = |of| Duration::from_secs(of).saturating_sub(self.0);
    ///         Some(Estimate::new(left(40), left(30), left(60)))
    ///     }
    /// }
    ///
    /// let mut poll_policy = AboutForty::default();
    /// poll_policy.next_delay(&PollState::new(Duration::from_secs(15)));
    /// let estimate = poll_policy.estimate().expect("it always has one");
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_on_their_sides() {
        let [one, two, three] = [1, 2, 3].map(Duration::from_secs);
        let estimate = Estimate::new(two, three, one);
        assert_eq!((estimate.lower, estimate.upper), (two, two));
        let estimate = Estimate::new(two, one, three);
        assert_eq!((estimate.lower, estimate.upper), (one, three));
    }
}
