//! Retry budget: limits the share of retries among a client's requests.

use std::fmt;
use std::time::Duration;

use tower::retry::budget::{Budget as _, TpsBudget};

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
