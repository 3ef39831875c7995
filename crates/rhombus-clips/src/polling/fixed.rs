//! The same wait after every look.

use std::time::Duration;

use super::{PollPolicy, PollState};

/// The same wait after every look.
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::polling::{Fixed, PollState, PollPolicy};
///
/// let mut poll_policy = Fixed::new(Duration::from_secs(5));
/// let seen = PollState::new(Duration::from_secs(30));
/// assert_eq!(poll_policy.next_delay(&seen), Duration::from_secs(5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixed(Duration);

impl Fixed {
    /// This wait; less than a millisecond is taken as one.
    pub fn new(interval: Duration) -> Self {
        Self(interval.max(Duration::from_millis(1)))
    }
}

impl Fixed {
    /// The one that a checkpoint kept.
    pub(super) fn from_saved(saved: &str) -> Option<Self> {
        let ms = saved.strip_prefix("fixed ")?.parse().ok()?;
        Some(Self::new(Duration::from_millis(ms)))
    }
}

impl PollPolicy for Fixed {
    fn next_delay(&mut self, _: &PollState<'_>) -> Duration {
        self.0
    }

    fn save(&self) -> Option<String> {
        Some(format!("fixed {}", self.0.as_millis()))
    }
}
