//! Limits on the patience that one response, or the lack of any, can ask for.

use std::time::Duration;

/// Delay between two attempts after a `Retry-After` that was longer than the longest one honored, once
/// that has passed. Chosen, not tuned: as long as the longest backoff that Rhombus advises.
pub(crate) const PROBE_INTERVAL: Duration = Duration::from_secs(60);

/// Limits of a client, which hold for all of its calls and watches, and for every retry policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RetryLimits {
    /// Longest `Retry-After` that is honored to the second. A longer one is likely a mistake, such as
    /// milliseconds from a proxy.
    pub(crate) max_retry_after: Duration,
    /// Time for which an endpoint that has never responded may be unreachable.
    pub(crate) unreachable_grace_period: Duration,
    /// Whether the client's cooldown holds requests back after a longer `Retry-After`, so that a success
    /// of one lets all others go.
    pub(crate) has_cooldown: bool,
    /// Whether the last `Retry-After` was too long as well. Its time has passed.
    pub(crate) is_probing: bool,
}

impl Default for RetryLimits {
    /// Both are chosen, not tuned. Ten minutes is far above the whole seconds that the service is known
    /// to send. A minute outlasts a restart of a network, and shows a wrong base URL soon.
    fn default() -> Self {
        Self {
            max_retry_after: Duration::from_secs(10 * 60),
            unreachable_grace_period: Duration::from_secs(60),
            has_cooldown: false,
            is_probing: false,
        }
    }
}

impl RetryLimits {
    /// Returns whether a `Retry-After` is too long to be honored.
    pub(crate) fn is_too_long(&self, retry_after: Option<Duration>) -> bool {
        retry_after > Some(self.max_retry_after)
    }

    /// Returns the delay that a `Retry-After` requires before the next attempt.
    pub(crate) fn required_delay(&self, retry_after: Option<Duration>) -> Duration {
        match self.is_too_long(retry_after) {
            false => retry_after.unwrap_or_default(),
            true if self.has_cooldown => Duration::ZERO,
            true if self.is_probing => PROBE_INTERVAL.min(self.max_retry_after),
            true => self.max_retry_after,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_honored_up_to_its_limit() {
        let limits = RetryLimits::default();
        let delay = |sec| {
            let retry_after = Some(Duration::from_secs(sec));
            limits.required_delay(retry_after).as_secs()
        };
        assert_eq!(limits.required_delay(None), Duration::ZERO);
        assert_eq!([7, 600, 601, u64::MAX].map(delay), [7, 600, 600, 600]);
        let too_long = Some(Duration::MAX);
        let limits = RetryLimits {
            is_probing: true,
            ..limits
        };
        assert_eq!(limits.required_delay(too_long).as_secs(), 60);
        let limits = RetryLimits {
            has_cooldown: true,
            ..limits
        };
        assert_eq!(limits.required_delay(too_long), Duration::ZERO);
    }
}
