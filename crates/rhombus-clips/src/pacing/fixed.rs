//! The same wait after every look.

use std::time::Duration;

use super::{Observation, Pacing};

/// The same wait after every look.
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::pacing::{Fixed, Observation, Pacing};
///
/// let mut pacing = Fixed::new(Duration::from_secs(5));
/// let seen = Observation::at(Duration::from_secs(30));
/// assert_eq!(pacing.next_look(&seen), Duration::from_secs(5));
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
    pub(super) fn kept(saved: &str) -> Option<Self> {
        let ms = saved.strip_prefix("fixed ")?.parse().ok()?;
        Some(Self::new(Duration::from_millis(ms)))
    }
}

impl Pacing for Fixed {
    fn next_look(&mut self, _: &Observation<'_>) -> Duration {
        self.0
    }

    fn save(&self) -> Option<String> {
        Some(format!("fixed {}", self.0.as_millis()))
    }
}
