//! Retry budget, and the bounds of a retry's delay that hold for all policies.
//!
//! The budget limits the share of retries among a client's requests.

use std::fmt;
use std::time::Duration;

use tower::retry::budget::{Budget as _, TpsBudget};

use super::{FailedAttempt, RetryDecision, RetryLimits, RetryPolicy};
use crate::error::Result;
use crate::policy_guard;

/// Time for which a deposit can be withdrawn. Chosen, not tuned: the longest backoff.
const DEPOSIT_LIFETIME: Duration = Duration::from_secs(60);

/// Retries allowed without any success. Chosen, not tuned: a tenth of the 10 requests per second that
/// an old page of the service gives as the organization's limit.
const MIN_RETRIES_PER_SECOND: u32 = 1;

/// Retries earned by a success. Chosen as tower's default ratio, not tuned.
const RETRIES_PER_SUCCESS: f32 = 0.2;

/// Retry budget that all calls of a client share.
pub(crate) struct RetryBudget(TpsBudget);

impl RetryBudget {
    pub(crate) fn new() -> Self {
        Self(TpsBudget::new(
            DEPOSIT_LIFETIME,
            MIN_RETRIES_PER_SECOND,
            RETRIES_PER_SUCCESS,
        ))
    }

    /// Deposits for a successful attempt.
    pub(crate) fn deposit(&self) {
        self.0.deposit();
    }

    /// Withdraws one retry, if one is left.
    pub(crate) fn withdraw(&self) -> bool {
        self.0.withdraw()
    }
}

impl fmt::Debug for RetryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RetryBudget")
    }
}

/// Lower bound of the delay. Chosen, not tuned: it keeps an attempt that fails at once from being
/// repeated in a tight loop.
const MIN_DELAY: Duration = Duration::from_millis(10);

/// Returns the delay before a retry, if the policy decides on one and the delay ends within `left`.
///
/// The budget is withdrawn from last, so that only retries that are made count. When it is exhausted,
/// the policy decides once more. Fails if the policy panics.
pub(crate) fn retry_delay(
    policy: &dyn RetryPolicy,
    failed: FailedAttempt<'_>,
    limits: &RetryLimits,
    left: Duration,
    withdraw: impl FnOnce() -> bool,
) -> Result<Option<Duration>> {
    let decide = |failed: &FailedAttempt<'_>| bounded_delay(policy, failed, limits, left);
    let delay = decide(&failed)?;
    if delay.is_none() || withdraw() {
        return Ok(delay);
    }
    decide(&FailedAttempt {
        within_budget: false,
        ..failed
    })
}

fn bounded_delay(
    policy: &dyn RetryPolicy,
    failed: &FailedAttempt<'_>,
    limits: &RetryLimits,
    left: Duration,
) -> Result<Option<Duration>> {
    Ok(match policy_guard::run(|| policy.decide(failed))? {
        RetryDecision::After(delay) => {
            let required = limits.required_delay(failed.error().retry_after());
            Some(delay.max(required).max(MIN_DELAY))
                .filter(|delay| *delay < left || left == Duration::MAX)
        }
        RetryDecision::GiveUp => None,
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::retry::{Backoff, CallKind, NoRetry, Operation};
    use crate::{Error, ErrorKind};

    #[tokio::test(start_paused = true)]
    async fn it_is_exhausted_and_recovers() {
        let budget = RetryBudget::new();
        let spend = || (0..1000).take_while(|_| budget.withdraw()).count();
        assert_eq!(spend(), 60);
        (0..100).for_each(|_| budget.deposit());
        assert_eq!(spend(), 20);
        tokio::time::advance(Duration::from_secs(120)).await;
        assert_eq!(spend(), 60);
    }

    const SEC: Duration = Duration::from_secs(1);

    /// Returns the delay, and the number of withdrawals.
    fn delay_and_withdrawals(
        policy: &dyn RetryPolicy,
        left: Duration,
        has_budget: bool,
    ) -> (Option<Duration>, u32) {
        let withdrawals = Cell::new(0);
        let failed = FailedAttempt {
            call_kind: CallKind::Call,
            operation: Operation::find("getClipWithProgress"),
            attempt: 1,
            error: &Error::new(ErrorKind::Timeout, ""),
            random: 0.0,
            within_budget: true,
        };
        let limits = RetryLimits::default();
        let delay = retry_delay(policy, failed, &limits, left, || {
            withdrawals.set(withdrawals.get() + 1);
            has_budget
        });
        (delay.unwrap(), withdrawals.get())
    }

    #[test]
    fn the_budget_is_withdrawn_from_only_for_retries_that_are_made() {
        let backoff = Backoff::default();
        assert_eq!(
            delay_and_withdrawals(&backoff, SEC, true),
            (Some(MIN_DELAY), 1)
        );
        assert_eq!(delay_and_withdrawals(&backoff, MIN_DELAY, true), (None, 0));
        assert_eq!(delay_and_withdrawals(&NoRetry, SEC, true), (None, 0));
        assert_eq!(delay_and_withdrawals(&backoff, SEC, false), (None, 1));
    }
}
