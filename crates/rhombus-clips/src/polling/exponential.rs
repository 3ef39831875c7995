//! Waits that grow.

use std::time::Duration;

use super::{PollPolicy, PollState};
use crate::retry::Backoff;
use crate::time::scale;

/// Waits that grow by a factor up to a longest one.
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::polling::{Exponential, PollState, PollPolicy};
///
/// let second = Duration::from_secs(1);
/// let mut poll_policy = Exponential::new(second, 2.0, 60 * second);
/// let seen = PollState::new(Duration::ZERO);
/// assert_eq!(poll_policy.next_delay(&seen), second);
/// assert_eq!(poll_policy.next_delay(&seen), 2 * second);
/// assert_eq!(poll_policy.next_delay(&seen), 4 * second);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponential {
    first: Duration,
    factor: f32,
    longest: Duration,
    jitter: f64,
    polls: u32,
}

impl Exponential {
    /// The first wait, what each is multiplied by, and the longest. A factor of less than 1 counts
    /// as 1; less than a millisecond as one.
    pub fn new(first: Duration, factor: f32, longest: Duration) -> Self {
        let shortest = Duration::from_millis(1);
        Self {
            first: first.max(shortest),
            factor: factor.max(1.0),
            longest: longest.max(shortest),
            jitter: 0.0,
            polls: 0,
        }
    }

    /// The one that a checkpoint kept.
    pub(super) fn from_saved(saved: &str) -> Option<Self> {
        let mut words = saved.strip_prefix("exponential ")?.split(' ');
        let (first, factor, longest, jitter, polls) = (
            words.next()?.parse().ok()?,
            words.next()?.parse().ok()?,
            words.next()?.parse().ok()?,
            words.next()?.parse().ok()?,
            words.next()?.parse().ok()?,
        );
        let ms = Duration::from_millis;
        let poll_policy = Self::new(ms(first), factor, ms(longest)).jitter(jitter);
        Some(Self {
            polls,
            ..poll_policy
        })
    }

    /// Which part of each wait is random, 0 (none, unless set) to 1 (all).
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::polling::{Exponential, PollState, PollPolicy};
    ///
    /// let second = Duration::from_secs(1);
    /// let mut poll_policy = Exponential::new(10 * second, 2.0, 60 * second).jitter(0.5);
    /// let seen = PollState::new(Duration::ZERO).with_random(0.2);
    /// assert_eq!(poll_policy.next_delay(&seen), 9 * second);
    /// ```
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

impl PollPolicy for Exponential {
    fn next_delay(&mut self, seen: &PollState<'_>) -> Duration {
        self.polls = self.polls.saturating_add(1);
        let schedule = Backoff::default()
            .initial(self.first)
            .factor(self.factor)
            .max(self.longest);
        let longest = schedule.ceiling(self.polls);
        scale(longest, 1.0 - self.jitter * seen.random())
    }

    fn save(&self) -> Option<String> {
        Some(format!(
            "exponential {} {} {} {} {}",
            self.first.as_millis(),
            self.factor,
            self.longest.as_millis(),
            self.jitter,
            self.polls
        ))
    }

    /// The waits stay those that were set; they go on where they were.
    fn restore(&mut self, saved: &str) {
        if let Some(kept) = Self::from_saved(saved) {
            self.polls = kept.polls;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_where_it_was() {
        let second = Duration::from_secs(1);
        let seen = PollState::new(Duration::ZERO);
        let mut poll_policy = Exponential::new(second, 3.0, 100 * second).jitter(0.25);
        poll_policy.next_delay(&seen);
        let saved = poll_policy.save().unwrap();
        assert_eq!(Exponential::from_saved(&saved), Some(poll_policy));
        let mut other = Exponential::new(2 * second, 2.0, 100 * second);
        other.restore(&saved);
        assert_eq!(other.next_delay(&seen), 4 * second);
    }

    #[test]
    fn extremes_do_not_overflow() {
        let seen = PollState::new(Duration::ZERO);
        let mut longest = Exponential::new(Duration::MAX, f32::NAN, Duration::MAX).jitter(f64::NAN);
        assert_eq!(longest.next_delay(&seen), Duration::MAX);
        for kept in [
            "exponential 1000 2 99999999999 0 4294967295",
            "exponential 1000 inf 99999999999 0 7",
            "exponential 0 inf 18446744073709551615 NaN 7",
        ] {
            let mut kept = Exponential::from_saved(kept).unwrap();
            assert!(kept.next_delay(&seen) >= Duration::from_millis(1));
        }
    }
}
