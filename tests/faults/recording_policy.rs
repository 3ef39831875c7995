//! A retry policy that counts failed attempts, so that a scenario can wait for the first one.

use std::sync::Arc;

use rhombus_clips::retry::{Backoff, FailedAttempt, RetryDecision, RetryPolicy};
use tokio::sync::watch;

use crate::test_config::TestConfig;

/// The default retry policy with the delays of a [`TestConfig`], plus a failure counter.
#[derive(Clone, Debug)]
pub struct RecordingPolicy {
    backoff: Backoff,
    failures: Arc<watch::Sender<u64>>,
}

impl RecordingPolicy {
    pub fn new(config: &TestConfig) -> Self {
        let backoff = Backoff::default()
            .initial(config.initial_backoff)
            .max(config.max_backoff)
            .attempts(config.max_attempts);
        Self {
            backoff,
            failures: Arc::new(watch::Sender::new(0)),
        }
    }

    /// Waits for the first failed attempt.
    pub async fn wait_for_failure(&self) {
        let mut failures = self.failures.subscribe();
        failures.wait_for(|count| *count > 0).await.unwrap();
    }
}

impl RetryPolicy for RecordingPolicy {
    fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
        self.failures.send_modify(|count| *count += 1);
        self.backoff.decide(failed)
    }
}
