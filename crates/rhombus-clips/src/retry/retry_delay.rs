//! Delay before a retry: a policy's decision within the bounds that hold for all policies.

use std::time::Duration;

use super::{FailedAttempt, RetryDecision, RetryPolicy};

/// Lower bound of the delay. Chosen, not tuned: it keeps an attempt that fails at once from being
/// repeated in a tight loop.
const MIN_DELAY: Duration = Duration::from_millis(10);

/// Returns the delay before a retry, if the policy decides on one and the delay ends within `left`.
///
/// The budget is withdrawn from last, so that only retries that are made count. When it is exhausted,
/// the policy decides once more.
pub(crate) fn retry_delay(
    policy: &dyn RetryPolicy,
    failed: FailedAttempt<'_>,
    left: Duration,
    withdraw: impl FnOnce() -> bool,
) -> Option<Duration> {
    let delay = bounded_delay(policy, &failed, left)?;
    if withdraw() {
        return Some(delay);
    }
    let exhausted = FailedAttempt {
        within_budget: false,
        ..failed
    };
    bounded_delay(policy, &exhausted, left)
}

fn bounded_delay(
    policy: &dyn RetryPolicy,
    failed: &FailedAttempt<'_>,
    left: Duration,
) -> Option<Duration> {
    match policy.decide(failed) {
        RetryDecision::After(delay) => {
            let retry_after = failed.error().retry_after().unwrap_or_default();
            Some(delay.max(retry_after).max(MIN_DELAY))
                .filter(|delay| *delay < left || left == Duration::MAX)
        }
        RetryDecision::GiveUp => None,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::retry::{Backoff, CallKind, NoRetry};
    use crate::{Error, ErrorKind};

    const SEC: Duration = Duration::from_secs(1);

    /// The wait, and how often the budget was asked.
    fn wait(policy: &dyn RetryPolicy, left: Duration, has_budget: bool) -> (Option<Duration>, u32) {
        let withdrawals = Cell::new(0);
        let failed = FailedAttempt {
            call_kind: CallKind::GetClip,
            attempt: 1,
            error: &Error::new(ErrorKind::Timeout, ""),
            random: 0.0,
            within_budget: true,
        };
        let delay = retry_delay(policy, failed, left, || {
            withdrawals.set(withdrawals.get() + 1);
            has_budget
        });
        (delay, withdrawals.get())
    }

    #[test]
    fn the_budget_is_withdrawn_from_only_for_retries_that_are_made() {
        let backoff = Backoff::default();
        assert_eq!(wait(&backoff, SEC, true), (Some(MIN_DELAY), 1));
        assert_eq!(wait(&backoff, MIN_DELAY, true), (None, 0));
        assert_eq!(wait(&NoRetry, SEC, true), (None, 0));
        assert_eq!(wait(&backoff, SEC, false), (None, 1));
    }
}
