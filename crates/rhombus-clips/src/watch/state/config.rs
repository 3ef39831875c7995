//! Settings and limits of a watch.

use std::sync::Arc;
use std::time::Duration;

use super::super::checkpoint::{Checkpoint, DEFAULT_NOT_FOUND_GRACE_PERIOD, DEFAULT_TIMEOUT};
use crate::retry::{RetryLimits, RetryPolicy};

/// Longest time from the deadline to the end of a watch: for the poll in flight and the final poll. All
/// watches of one deadline share it, however many they are. Chosen, not tuned: the service usually
/// responds within a second, and a watch must end soon after its deadline.
const MAX_FINAL_ROUND: Duration = Duration::from_secs(5);

/// Limits of a client that apply to all of its watches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WatchLimits {
    pub(super) retry: RetryLimits,
    /// Time from the deadline to the end of a watch.
    final_round: Duration,
}

impl WatchLimits {
    pub(crate) fn new(retry: RetryLimits, attempt_timeout: Duration) -> Self {
        Self {
            retry,
            final_round: attempt_timeout.min(MAX_FINAL_ROUND),
        }
    }

    pub(crate) fn final_round(&self) -> Duration {
        self.final_round
    }
}

/// Configuration of a watch. Watches of one batch share it.
#[derive(Clone, Debug)]
pub(crate) struct WatchConfig {
    pub(crate) timeout: Duration,
    pub(crate) grace_period: Duration,
    pub(crate) policy: Arc<dyn RetryPolicy>,
    pub(crate) limits: WatchLimits,
}

impl WatchConfig {
    pub(crate) fn new(policy: Arc<dyn RetryPolicy>, limits: WatchLimits) -> Self {
        Self {
            timeout: DEFAULT_TIMEOUT,
            grace_period: DEFAULT_NOT_FOUND_GRACE_PERIOD,
            policy,
            limits,
        }
    }

    /// Returns the configuration of a checkpoint, with this retry policy and these limits.
    pub(crate) fn from_checkpoint(
        checkpoint: &Checkpoint,
        policy: Arc<dyn RetryPolicy>,
        limits: WatchLimits,
    ) -> Self {
        Self {
            timeout: checkpoint.timeout(),
            grace_period: checkpoint.not_found_grace_period(),
            policy,
            limits,
        }
    }
}
