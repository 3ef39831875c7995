//! Poll policies with a constant or a growing interval.

use std::time::Duration;

use super::{PollPolicy, PollState};
use crate::retry::Backoff;
use crate::time::scale;

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

/// Poll policy with delays that grow by a constant factor up to a maximum.
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::polling::{Exponential, PollState, PollPolicy};
///
/// let second = Duration::from_secs(1);
/// let mut poll_policy = Exponential::new(second, 2.0, 60 * second);
/// let state = PollState::new(Duration::ZERO);
/// assert_eq!(poll_policy.next_delay(&state), second);
/// assert_eq!(poll_policy.next_delay(&state), 2 * second);
/// assert_eq!(poll_policy.next_delay(&state), 4 * second);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponential {
    initial: Duration,
    factor: f32,
    max: Duration,
    jitter: f64,
    polls: u32,
}

impl Exponential {
    /// Creates a policy from the initial delay, the factor and the maximum delay. A factor below 1
    /// counts as 1, a delay below one millisecond as one.
    pub fn new(initial: Duration, factor: f32, max: Duration) -> Self {
        let min = Duration::from_millis(1);
        Self {
            initial: initial.max(min),
            factor: factor.max(1.0),
            max: max.max(min),
            jitter: 0.0,
            polls: 0,
        }
    }

    /// Parses the saved state; returns `None` for that of another policy.
    pub(super) fn from_saved(saved: &str) -> Option<Self> {
        let mut fields = saved.strip_prefix("exponential ")?.split(' ');
        let (initial, factor, max, jitter, polls) = (
            fields.next()?.parse().ok()?,
            fields.next()?.parse().ok()?,
            fields.next()?.parse().ok()?,
            fields.next()?.parse().ok()?,
            fields.next()?.parse().ok()?,
        );
        let ms = Duration::from_millis;
        let poll_policy = Self::new(ms(initial), factor, ms(max)).jitter(jitter);
        Some(Self {
            polls,
            ..poll_policy
        })
    }

    /// Shortens each delay by a random share of it, up to `jitter`, from 0 (the default) to 1.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::polling::{Exponential, PollState, PollPolicy};
    ///
    /// let second = Duration::from_secs(1);
    /// let mut poll_policy = Exponential::new(10 * second, 2.0, 60 * second).jitter(0.5);
    /// let state = PollState::new(Duration::ZERO).with_random(0.2);
    /// assert_eq!(poll_policy.next_delay(&state), 9 * second);
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
    fn next_delay(&mut self, state: &PollState<'_>) -> Duration {
        self.polls = self.polls.saturating_add(1);
        let backoff = Backoff::default()
            .initial(self.initial)
            .factor(self.factor)
            .max(self.max);
        let delay = backoff.ceiling(self.polls);
        scale(delay, 1.0 - self.jitter * state.random())
    }

    fn save(&self) -> Option<String> {
        Some(format!(
            "exponential {} {} {} {} {}",
            self.initial.as_millis(),
            self.factor,
            self.max.as_millis(),
            self.jitter,
            self.polls
        ))
    }

    /// Restores the number of polls only; the configured delays stay.
    fn restore(&mut self, saved: &str) {
        if let Some(saved) = Self::from_saved(saved) {
            self.polls = saved.polls;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restore_continues_the_sequence() {
        let second = Duration::from_secs(1);
        let state = PollState::new(Duration::ZERO);
        let mut poll_policy = Exponential::new(second, 3.0, 100 * second).jitter(0.25);
        poll_policy.next_delay(&state);
        let saved = poll_policy.save().unwrap();
        assert_eq!(Exponential::from_saved(&saved), Some(poll_policy));
        let mut other = Exponential::new(2 * second, 2.0, 100 * second);
        other.restore(&saved);
        assert_eq!(other.next_delay(&state), 4 * second);
    }

    #[test]
    fn extreme_values_do_not_overflow() {
        let state = PollState::new(Duration::ZERO);
        let mut extreme = Exponential::new(Duration::MAX, f32::NAN, Duration::MAX).jitter(f64::NAN);
        assert_eq!(extreme.next_delay(&state), Duration::MAX);
        for saved in [
            "exponential 1000 2 99999999999 0 4294967295",
            "exponential 1000 inf 99999999999 0 7",
            "exponential 0 inf 18446744073709551615 NaN 7",
        ] {
            let mut restored = Exponential::from_saved(saved).unwrap();
            assert!(restored.next_delay(&state) >= Duration::from_millis(1));
        }
    }
}
