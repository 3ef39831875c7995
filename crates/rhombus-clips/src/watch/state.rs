//! What a look means for a watch. Pure: time is what the caller says it is.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::checkpoint::{Checkpoint, CheckpointData, ms, since_epoch_ms};
use super::last_status::LastStatus;
use crate::lifecycle::Lifecycle;
use crate::polling::{Estimate, PollPolicy, PollState};
use crate::retry::{CallKind, FailedAttempt, RetryPolicy, retry_delay};
use crate::{Clip, ClipUuid, Error, ErrorKind, Result};

/// No poll_policy looks sooner than this after a look.
const MIN_DELAY: Duration = Duration::from_millis(1);

/// How long a look may take when it reaches beyond the deadline.
const FINAL_POLL_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a watch waits for what. Many watches share theirs.
#[derive(Clone, Debug)]
pub(crate) struct WatchConfig {
    pub(crate) timeout: Duration,
    pub(crate) grace_period: Duration,
    pub(crate) policy: Arc<dyn RetryPolicy>,
}

impl WatchConfig {
    pub(crate) fn new(policy: Arc<dyn RetryPolicy>) -> Self {
        Self {
            timeout: Duration::from_secs(30 * 60),
            grace_period: Duration::from_secs(60),
            policy,
        }
    }
}

/// What to do after a look.
#[derive(Debug)]
pub(crate) enum Decision {
    /// PollOutcome again after this wait.
    PollAgain {
        wait: Duration,
        /// Why this look failed, if it did.
        failure: Option<Error>,
    },
    /// The clip is complete.
    Complete(Clip),
    /// The watch ends with an error.
    Fail(Error),
}

/// How far a watch has come. Times count from its start.
///
/// A client may watch a hundred thousand clips: it is kept small, and keeps no clip.
pub(crate) struct WatchState {
    uuid: ClipUuid,
    config: Arc<WatchConfig>,
    pub(super) poll_policy: Box<dyn PollPolicy>,
    polls: u64,
    /// When the next look is due.
    due: Option<Duration>,
    last_status: Option<LastStatus>,
    missing_since: Option<Duration>,
    consecutive_failures: u32,
    /// Whether the latest look began when the deadline had passed.
    is_final_poll: bool,
}

impl WatchState {
    pub(crate) fn new(
        uuid: ClipUuid,
        poll_policy: Box<dyn PollPolicy>,
        config: Arc<WatchConfig>,
    ) -> Self {
        Self {
            uuid,
            config,
            poll_policy,
            polls: 0,
            due: None,
            last_status: None,
            missing_since: None,
            consecutive_failures: 0,
            is_final_poll: false,
        }
    }

    /// The state of the watch that a checkpoint was taken of.
    pub(crate) fn resume(
        checkpoint: &Checkpoint,
        poll_policy: Box<dyn PollPolicy>,
        config: Arc<WatchConfig>,
    ) -> Self {
        let data = &checkpoint.data;
        Self {
            polls: data.polls,
            due: data.next_poll_ms.map(Duration::from_millis),
            last_status: data.last_status.clone(),
            missing_since: data.missing_since_ms.map(Duration::from_millis),
            consecutive_failures: data.consecutive_failures,
            ..Self::new(data.clip_uuid, poll_policy, config)
        }
    }

    pub(crate) fn checkpoint(&self, elapsed: Duration, now: SystemTime) -> Checkpoint {
        let taken_at_ms = since_epoch_ms(now);
        Checkpoint::new(CheckpointData {
            clip_uuid: self.uuid,
            started_at_ms: taken_at_ms.saturating_sub(ms(elapsed)),
            taken_at_ms,
            elapsed_ms: ms(elapsed),
            timeout_ms: ms(self.config.timeout),
            not_found_grace_period_ms: ms(self.config.grace_period),
            polls: self.polls,
            consecutive_failures: self.consecutive_failures,
            missing_since_ms: self.missing_since.map(ms),
            next_poll_ms: self.due.map(ms),
            last_status: self.last_status.clone(),
            poll_policy: self.poll_policy.save(),
        })
    }

    pub(crate) fn uuid(&self) -> ClipUuid {
        self.uuid
    }

    pub(crate) fn config(&self) -> &WatchConfig {
        &self.config
    }

    pub(crate) fn config_mut(&mut self) -> &mut WatchConfig {
        Arc::make_mut(&mut self.config)
    }

    /// How many looks were begun.
    pub(crate) fn polls(&self) -> u64 {
        self.polls
    }

    /// How many looks in a row have failed.
    pub(crate) fn consecutive_failures(&self) -> u32 {
        self.consecutive_failures
    }

    /// How much longer it will take.
    pub(crate) fn estimate(&self) -> Option<Estimate> {
        self.poll_policy.estimate()
    }

    /// When the next look is due: never after the deadline.
    pub(crate) fn due(&self) -> Option<Duration> {
        self.due.map(|due| due.min(self.config.timeout))
    }

    /// A look begins, and ends at the moment that is returned at the latest.
    pub(crate) fn start_poll(&mut self, elapsed: Duration) -> Duration {
        self.polls = self.polls.saturating_add(1);
        self.is_final_poll = elapsed >= self.config.timeout;
        self.config
            .timeout
            .max(elapsed.saturating_add(FINAL_POLL_TIMEOUT))
    }

    /// Until when a request may be held back before the watch ends without it.
    pub(crate) fn limiter_deadline(&self, elapsed: Duration) -> Duration {
        self.config
            .timeout
            .max(elapsed)
            .saturating_add(FINAL_POLL_TIMEOUT)
    }

    /// A look ended.
    pub(crate) fn on_result(
        &mut self,
        elapsed: Duration,
        outcome: Result<Option<Clip>>,
        retry_context: RetryContext<'_>,
    ) -> Decision {
        let (mut wait, failure) = match outcome {
            Ok(found) => {
                let failed = std::mem::take(&mut self.consecutive_failures);
                if let Some(end) = self.observe(elapsed, found.as_ref()) {
                    return end;
                }
                let poll = PollState::from_clip(elapsed, found.as_ref())
                    .with_failed_polls(failed)
                    .with_random(retry_context.random);
                (self.next_poll_delay(&poll), None)
            }
            Err(error) => match self.after_failure(&error, retry_context) {
                Some(wait) => (wait, Some(error)),
                None => return self.fail(elapsed, error),
            },
        };
        let left = self.config.timeout.saturating_sub(elapsed);
        if left.is_zero() {
            if self.is_final_poll {
                return self.on_deadline(elapsed, failure);
            }
            // This look began too early to say how the clip was at the deadline.
            wait = Duration::ZERO;
        }
        let wait = wait.min(left);
        self.due = Some(elapsed.saturating_add(wait));
        Decision::PollAgain { wait, failure }
    }

    /// The watch ends because its deadline has passed.
    pub(crate) fn on_deadline(&self, elapsed: Duration, failure: Option<Error>) -> Decision {
        let seen = match &self.last_status {
            Some(seen) => format!("last seen {seen}"),
            None => "never seen".to_owned(),
        };
        let message = format!(
            "the deadline of {} passed (resume the watch, or set a later one): the clip was {seen}",
            seconds(self.config.timeout)
        );
        let exceeded = Error::new(ErrorKind::DeadlineExceeded, message);
        self.fail(
            elapsed,
            match failure {
                Some(failure) => exceeded.with_source(failure),
                None => exceeded,
            },
        )
    }

    /// Takes in what a look found, and says whether that is the end.
    fn observe(&mut self, elapsed: Duration, found: Option<&Clip>) -> Option<Decision> {
        let Some(clip) = found else {
            let since = *self.missing_since.get_or_insert(elapsed);
            let is_over = elapsed.saturating_sub(since) >= self.config.grace_period;
            return is_over.then(|| self.fail(elapsed, not_found(self.config.grace_period)));
        };
        let seen = LastStatus::from(clip);
        self.missing_since = None;
        let end = match Lifecycle::of(clip.record()) {
            Lifecycle::Complete => {
                self.poll_policy.on_complete(elapsed);
                Some(Decision::Complete(clip.clone()))
            }
            Lifecycle::Failed => {
                Some(self.fail(elapsed, clip_failed(&seen).with_clip(Some(clip.clone()))))
            }
            Lifecycle::Pending => None,
        };
        self.last_status = Some(seen);
        end
    }

    /// The wait after a look that succeeded.
    fn next_poll_delay(&mut self, poll: &PollState<'_>) -> Duration {
        let wait = self.poll_policy.next_delay(poll).max(MIN_DELAY);
        match self.missing_since {
            // What decides is whether the record is there at the end of the grace period.
            Some(since) => {
                let end = since.saturating_add(self.config.grace_period);
                wait.min(end.saturating_sub(poll.elapsed()))
            }
            None => wait,
        }
    }

    /// The wait after a look that failed, if another is worth it.
    fn after_failure(
        &mut self,
        error: &Error,
        retry_context: RetryContext<'_>,
    ) -> Option<Duration> {
        self.consecutive_failures = self.consecutive_failures.saturating_add(1);
        let failed = FailedAttempt {
            call_kind: CallKind::Watch,
            attempt: self.consecutive_failures,
            error,
            random: retry_context.random,
            within_budget: true,
        };
        // The deadline does not end it: it cuts the wait.
        retry_delay(
            &*self.config.policy,
            failed,
            Duration::MAX,
            retry_context.withdraw,
        )
    }

    fn fail(&self, elapsed: Duration, error: Error) -> Decision {
        Decision::Fail(error.with_attempts(self.polls, elapsed))
    }
}

/// What luck and the client have to say after a look.
#[derive(Clone, Copy)]
pub(crate) struct RetryContext<'a> {
    /// For the jitter: at least 0 and below 1.
    pub(crate) random: f64,
    /// Takes the right to one more try from the budget, if there is one left.
    pub(crate) withdraw: &'a dyn Fn() -> bool,
}

fn clip_failed(last_status: &LastStatus) -> Error {
    let message = format!("the clip will not be done: {last_status}");
    Error::new(ErrorKind::ClipFailed, message)
}

fn not_found(grace_period: Duration) -> Error {
    let message = format!(
        "the service has no such clip, and had none for {}: check the identifier, or set a longer grace period",
        seconds(grace_period)
    );
    Error::new(ErrorKind::NotFound, message)
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests;
