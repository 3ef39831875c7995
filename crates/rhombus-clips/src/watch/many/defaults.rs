//! Configuration that the watches of a batch share.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::super::checkpoint::Checkpoint;
use super::super::shared::SharedWatch;
use super::super::state::{WatchConfig, WatchProgress, WatchState};
use crate::ClipUuid;
use crate::polling::PollPolicy;
use crate::retry::RetryPolicy;

/// Makes the poll policy of one watch from the state that its checkpoint has of one.
pub(super) type PolicyFactory = Box<dyn Fn(Option<&str>) -> Box<dyn PollPolicy> + Send>;

/// Configuration and policies of new and resumed watches.
pub(super) struct WatchDefaults {
    /// Of a new watch.
    config: Arc<WatchConfig>,
    /// Of the watch that was resumed last. The next ones mostly share it, which saves memory.
    resumed: Arc<WatchConfig>,
    /// If set, it applies to resumed watches as well.
    pub(super) timeout: Option<Duration>,
    pub(super) grace_period: Option<Duration>,
    pub(super) policy: Arc<dyn RetryPolicy>,
    pub(super) poll_policy: PolicyFactory,
}

impl WatchDefaults {
    pub(super) fn new(
        policy: Arc<dyn RetryPolicy>,
        poll_policy: impl Fn(Option<&str>) -> Box<dyn PollPolicy> + Send + 'static,
    ) -> Self {
        let config = Arc::new(WatchConfig::new(policy.clone()));
        Self {
            resumed: config.clone(),
            config,
            timeout: None,
            grace_period: None,
            policy,
            poll_policy: Box::new(poll_policy),
        }
    }

    /// Ends configuration: builds the configuration that new watches share.
    pub(super) fn freeze(&mut self) {
        let defaults = WatchConfig::new(self.policy.clone());
        self.config = Arc::new(WatchConfig {
            timeout: self.timeout.unwrap_or(defaults.timeout),
            grace_period: self.grace_period.unwrap_or(defaults.grace_period),
            ..defaults
        });
        self.resumed = self.config.clone();
    }

    /// Starts a new watch.
    pub(super) fn start(&self, uuid: ClipUuid) -> SharedWatch {
        let progress = WatchProgress::new(uuid);
        let state = WatchState::new(progress, (self.poll_policy)(None), self.config.clone());
        started(SharedWatch::new(state, Duration::ZERO))
    }

    /// Resumes a watch.
    pub(super) fn resume(&mut self, checkpoint: &Checkpoint) -> SharedWatch {
        let offset = checkpoint.elapsed_at(SystemTime::now());
        let mut config = checkpoint.config(self.policy.clone());
        if let Some(timeout) = self.timeout {
            config.timeout = offset.saturating_add(timeout);
        }
        config.grace_period = self.grace_period.unwrap_or(config.grace_period);
        let is_same = config.timeout == self.resumed.timeout
            && config.grace_period == self.resumed.grace_period;
        if !is_same {
            self.resumed = Arc::new(config);
        }
        let poll_policy = (self.poll_policy)(checkpoint.poll_policy());
        let mut state = checkpoint.restore(poll_policy, self.resumed.clone());
        state.report_next_poll();
        started(SharedWatch::new(state, offset))
    }
}

fn started(watch: SharedWatch) -> SharedWatch {
    watch.lock().start();
    watch
}

impl fmt::Debug for WatchDefaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchDefaults")
            .field("timeout", &self.timeout)
            .field("not_found_grace_period", &self.grace_period)
            .field("retry", &self.policy)
            .finish_non_exhaustive()
    }
}
