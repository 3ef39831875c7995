//! The wait before another try.

use std::time::Duration;

use super::{FailedAttempt, RetryDecision, RetryPolicy};

/// What fails at once is not tried again at once.
const MIN_DELAY: Duration = Duration::from_millis(10);

/// The wait before another try, if the policy has one, and it ends in the time that is left.
///
/// The budget is asked last, for a try that will be made; the policy again, when it is spent.
pub(crate) fn retry_delay(
    policy: &dyn RetryPolicy,
    failed: FailedAttempt<'_>,
    left: Duration,
    withdraw: impl FnOnce() -> bool,
) -> Option<Duration> {
    let wait = decided(policy, &failed, left)?;
    if withdraw() {
        return Some(wait);
    }
    let spent = FailedAttempt {
        within_budget: false,
        ..failed
    };
    decided(policy, &spent, left)
}

fn decided(
    policy: &dyn RetryPolicy,
    failed: &FailedAttempt<'_>,
    left: Duration,
) -> Option<Duration> {
    match policy.decide(failed) {
        RetryDecision::After(wait) => {
            let asked = failed.error().retry_after().unwrap_or_default();
            Some(wait.max(asked).max(MIN_DELAY))
                .filter(|wait| *wait < left || left == Duration::MAX)
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
        let asked = Cell::new(0);
        let failed = FailedAttempt {
            call_kind: CallKind::GetClip,
            attempt: 1,
            error: &Error::new(ErrorKind::Timeout, ""),
            random: 0.0,
            within_budget: true,
        };
        let wait = retry_delay(policy, failed, left, || {
            asked.set(asked.get() + 1);
            has_budget
        });
        (wait, asked.get())
    }

    #[test]
    fn the_budget_is_drawn_on_for_tries_alone_that_are_made() {
        let backoff = Backoff::default();
        assert_eq!(wait(&backoff, SEC, true), (Some(MIN_DELAY), 1));
        assert_eq!(wait(&backoff, MIN_DELAY, true), (None, 0));
        assert_eq!(wait(&NoRetry, SEC, true), (None, 0));
        assert_eq!(wait(&backoff, SEC, false), (None, 1));
    }
}
