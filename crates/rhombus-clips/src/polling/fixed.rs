//! Poll policy with a constant delay.
//!
//! For callers that need a predictable request rate, and the baseline that
//! [`Adaptive`](super::Adaptive) is measured against. It ignores the poll's result.

use std::time::Duration;

use super::{PollPolicy, PollState};

/// Poll policy with a constant delay.
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::polling::{Fixed, PollState, PollPolicy};
///
/// let mut poll_policy = Fixed::new(Duration::from_secs(5));
/// let state = PollState::new(Duration::from_secs(30));
/// assert_eq!(poll_policy.next_delay(&state), Duration::from_secs(5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixed(Duration);

impl Fixed {
    /// Creates a policy with this interval; values below one millisecond count as one.
    pub fn new(interval: Duration) -> Self {
        Self(interval.max(Duration::from_millis(1)))
    }
}

impl Fixed {
    /// Parses the saved state; returns `None` for that of another policy.
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
