//! A retry policy that tells when an attempt has failed.

use std::sync::Arc;

use rhombus_clips::retry::{Backoff, FailedAttempt, RetryDecision, RetryPolicy};
use tokio::sync::watch;

use crate::terms::Terms;

/// Decides as the default policy does, with shorter waits.
#[derive(Clone, Debug)]
pub struct Telltale {
    backoff: Backoff,
    failures: Arc<watch::Sender<u64>>,
}

impl Telltale {
    pub fn new(terms: &Terms) -> Self {
        let backoff = Backoff::default()
            .initial(terms.first_wait)
            .max(terms.longest_wait)
            .attempts(terms.attempts);
        Self {
            backoff,
            failures: Arc::new(watch::Sender::new(0)),
        }
    }

    /// Waits for the first failed attempt.
    pub async fn failed(&self) {
        let mut failures = self.failures.subscribe();
        failures.wait_for(|count| *count > 0).await.unwrap();
    }
}

impl RetryPolicy for Telltale {
    fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
        self.failures.send_modify(|count| *count += 1);
        self.backoff.decide(failed)
    }
}
