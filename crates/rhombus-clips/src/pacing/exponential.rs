//! Waits that grow.

use std::time::Duration;

use super::{Observation, Pacing};
use crate::deadline::part_of;
use crate::retry::Backoff;

/// Waits that grow by a factor up to a longest one.
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::pacing::{Exponential, Observation, Pacing};
///
/// let second = Duration::from_secs(1);
/// let mut pacing = Exponential::new(second, 2.0, 60 * second);
/// let seen = Observation::at(Duration::ZERO);
/// assert_eq!(pacing.next_look(&seen), second);
/// assert_eq!(pacing.next_look(&seen), 2 * second);
/// assert_eq!(pacing.next_look(&seen), 4 * second);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponential {
    schedule: Backoff,
    jitter: f64,
    looks: u32,
}

impl Exponential {
    /// The first wait, what each is multiplied by, and the longest. A factor of less than 1 counts
    /// as 1; less than a millisecond as one.
    pub fn new(first: Duration, factor: f32, longest: Duration) -> Self {
        let shortest = Duration::from_millis(1);
        Self {
            schedule: Backoff::default()
                .initial(first.max(shortest))
                .factor(factor)
                .max(longest.max(shortest)),
            jitter: 0.0,
            looks: 0,
        }
    }

    /// Which part of each wait is random, 0 (none, unless set) to 1 (all).
    #[must_use]
    pub fn jitter(mut self, jitter: f64) -> Self {
        self.jitter = if jitter.is_nan() {
            0.0
        } else {
            jitter.clamp(0.0, 1.0)
        };
        self
    }
}

impl Pacing for Exponential {
    fn next_look(&mut self, seen: &Observation<'_>) -> Duration {
        self.looks = self.looks.saturating_add(1);
        let longest = self.schedule.ceiling(self.looks);
        part_of(longest, 1.0 - self.jitter * seen.random())
    }

    fn save(&self) -> Option<String> {
        Some(format!("exponential {}", self.looks))
    }

    fn restore(&mut self, saved: &str) {
        let looks = saved.strip_prefix("exponential ").map(str::parse);
        if let Some(Ok(looks)) = looks {
            self.looks = looks;
        }
    }
}
