//! The state machine of one watch.
//!
//! Decides after each poll whether to poll again, and when, or how the watch ends. Pure: the time, the
//! result and the randomness come from the caller, so the same decisions drive a single watch, a batch,
//! and a workflow engine, and tests run them in virtual time. It knows no client, clock or runtime.
//! Times are durations since the start of the watch.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::change_detector::ChangeDetector;
use super::checkpoint::{
    Checkpoint, CheckpointData, ContentHash, DEFAULT_NOT_FOUND_GRACE_PERIOD, DEFAULT_TIMEOUT,
    LastStatus, ms, since_epoch_ms,
};
use super::update::Update;
use crate::clip::Lifecycle;
use crate::polling::{PollPolicy, PollState};
use crate::retry::{CallKind, FailedAttempt, RetryPolicy, retry_delay};
use crate::{Clip, ClipUuid, Error, ErrorKind, Hint, Result};

/// Lower bound of every delay, whatever the poll policy returns. Chosen, not tuned: it keeps a policy
/// that returns zero from sending requests in a tight loop.
const MIN_DELAY: Duration = Duration::from_millis(1);

/// Timeout of a poll that reaches beyond the deadline, and of the admission to it. Chosen, not tuned:
/// the service usually responds within a second, and a watch must end soon after its deadline.
const FINAL_POLL_TIMEOUT: Duration = Duration::from_secs(5);

/// Configuration of a watch. Watches of one batch share it.
#[derive(Clone, Debug)]
pub(crate) struct WatchConfig {
    pub(crate) timeout: Duration,
    pub(crate) grace_period: Duration,
    pub(crate) policy: Arc<dyn RetryPolicy>,
}

impl WatchConfig {
    pub(crate) fn new(policy: Arc<dyn RetryPolicy>) -> Self {
        Self {
            timeout: DEFAULT_TIMEOUT,
            grace_period: DEFAULT_NOT_FOUND_GRACE_PERIOD,
            policy,
        }
    }

    /// Returns the configuration of a checkpoint, with this retry policy.
    pub(crate) fn from_checkpoint(checkpoint: &Checkpoint, policy: Arc<dyn RetryPolicy>) -> Self {
        Self {
            timeout: checkpoint.timeout(),
            grace_period: checkpoint.not_found_grace_period(),
            policy,
        }
    }
}

/// The state machine's decision after a poll.
#[derive(Debug)]
pub(crate) enum Transition {
    /// Poll again after this delay.
    PollAgain {
        delay: Duration,
        has_failed: bool,
        /// `None` when nothing changed since the last update.
        update: Option<Update>,
    },
    /// The clip is complete: the last update.
    Complete(Clip, Update),
    /// The watch ends with an error.
    Failed(Error),
}

/// Result of one poll, with everything that the decision depends on.
pub(crate) struct PollInput<'a> {
    /// Time of the result.
    pub(crate) elapsed: Duration,
    pub(crate) result: Result<Option<Clip>>,
    /// The clip as it was last seen, if the caller has retained it.
    pub(crate) known: Option<&'a Clip>,
    /// Evenly distributed, at least 0 and below 1, for jitter.
    pub(crate) random: f64,
    /// Withdraws one retry from the retry budget, if one is left.
    pub(crate) withdraw: &'a dyn Fn() -> bool,
}

/// The part of a watch's state that a checkpoint stores.
#[derive(Clone, Debug)]
pub(super) struct WatchProgress {
    pub(super) uuid: ClipUuid,
    /// Number of polls started.
    pub(super) polls: u64,
    /// Time of the next poll, before it is cut to the deadline.
    pub(super) due: Option<Duration>,
    pub(super) last_status: Option<LastStatus>,
    pub(super) missing_since: Option<Duration>,
    pub(super) consecutive_failures: u32,
    pub(super) changes: ChangeDetector,
    /// Whether the poll in flight started at or after the deadline. It is not stored, because a poll in
    /// flight is not part of a checkpoint; it is here because it fits into the padding.
    is_final_poll: bool,
}

impl WatchProgress {
    pub(super) fn new(uuid: ClipUuid) -> Self {
        Self {
            uuid,
            polls: 0,
            due: None,
            last_status: None,
            missing_since: None,
            consecutive_failures: 0,
            changes: ChangeDetector::default(),
            is_final_poll: false,
        }
    }
}

/// State of one watch.
///
/// A client may watch a hundred thousand clips, so it is small and retains no clip.
pub(crate) struct WatchState {
    progress: WatchProgress,
    config: Arc<WatchConfig>,
    pub(super) poll_policy: Box<dyn PollPolicy>,
}

impl WatchState {
    pub(super) fn new(
        progress: WatchProgress,
        poll_policy: Box<dyn PollPolicy>,
        config: Arc<WatchConfig>,
    ) -> Self {
        Self {
            progress,
            config,
            poll_policy,
        }
    }

    /// Restores the state from a checkpoint.
    pub(super) fn restore(
        checkpoint: &Checkpoint,
        poll_policy: Box<dyn PollPolicy>,
        config: Arc<WatchConfig>,
    ) -> Self {
        let data = &checkpoint.data;
        let progress = WatchProgress {
            uuid: data.clip_uuid,
            polls: data.polls,
            due: data.next_poll_ms.map(Duration::from_millis),
            last_status: data.last_status.clone(),
            missing_since: data.missing_since_ms.map(Duration::from_millis),
            consecutive_failures: data.consecutive_failures,
            changes: ChangeDetector {
                content_hash: data.content_hash.map(|hash| hash.0),
                is_reported: data.is_reported,
            },
            is_final_poll: false,
        };
        Self::new(progress, poll_policy, config)
    }

    /// Takes the checkpoint of the watch, which has lasted for `elapsed` at `now`.
    pub(super) fn checkpoint(&self, elapsed: Duration, now: SystemTime) -> Checkpoint {
        let taken_at_ms = since_epoch_ms(now);
        let Self {
            progress, config, ..
        } = self;
        Checkpoint::from_data(CheckpointData {
            clip_uuid: progress.uuid,
            started_at_ms: taken_at_ms.saturating_sub(ms(elapsed)),
            taken_at_ms,
            elapsed_ms: ms(elapsed),
            timeout_ms: ms(config.timeout),
            not_found_grace_period_ms: ms(config.grace_period),
            polls: progress.polls,
            consecutive_failures: progress.consecutive_failures,
            missing_since_ms: progress.missing_since.map(ms),
            next_poll_ms: progress.due.map(ms),
            last_status: progress.last_status.clone(),
            content_hash: progress.changes.content_hash.map(ContentHash),
            is_reported: progress.changes.is_reported,
            poll_policy: self.poll_policy.save(),
        })
    }

    /// Makes the next poll an update even if it shows the state that was reported last.
    pub(super) fn report_next_poll(&mut self) {
        self.progress.changes.is_reported = false;
    }

    pub(crate) fn uuid(&self) -> ClipUuid {
        self.progress.uuid
    }

    pub(crate) fn config(&self) -> &WatchConfig {
        &self.config
    }

    pub(crate) fn config_mut(&mut self) -> &mut WatchConfig {
        Arc::make_mut(&mut self.config)
    }

    /// Number of polls started.
    pub(crate) fn polls(&self) -> u64 {
        self.progress.polls
    }

    /// Time of the next poll, at most the deadline; `None` before the first poll.
    pub(crate) fn due(&self) -> Option<Duration> {
        self.progress.due.map(|due| due.min(self.config.timeout))
    }

    /// Starts a poll and returns its deadline.
    pub(crate) fn start_poll(&mut self, elapsed: Duration) -> Duration {
        self.progress.polls = self.progress.polls.saturating_add(1);
        self.progress.is_final_poll = elapsed >= self.config.timeout;
        self.config
            .timeout
            .max(elapsed.saturating_add(FINAL_POLL_TIMEOUT))
    }

    /// Deadline for the rate limiter to admit the next poll. Beyond it the watch ends without one.
    pub(crate) fn admission_deadline(&self, elapsed: Duration) -> Duration {
        self.config
            .timeout
            .max(elapsed)
            .saturating_add(FINAL_POLL_TIMEOUT)
    }

    /// Processes the result of a poll.
    pub(crate) fn finish_poll(&mut self, poll: PollInput<'_>) -> Transition {
        let PollInput {
            elapsed,
            result,
            known,
            random,
            withdraw,
        } = poll;
        let (mut delay, clip, error) = match result {
            Ok(clip) => {
                let failed_polls = std::mem::take(&mut self.progress.consecutive_failures);
                if let Some(end) = self.observe(elapsed, clip.as_ref(), known) {
                    return end;
                }
                let state = PollState::from_clip(elapsed, clip.as_ref())
                    .with_failed_polls(failed_polls)
                    .with_random(random);
                (self.next_poll_delay(&state), clip, None)
            }
            Err(error) => match self.retry_delay(&error, random, withdraw) {
                Some(delay) => (delay, None, Some(error)),
                None => return self.fail(elapsed, error, known),
            },
        };
        let left = self.config.timeout.saturating_sub(elapsed);
        if left.is_zero() {
            if self.progress.is_final_poll {
                return self.exceed_deadline(elapsed, error, clip.as_ref().or(known));
            }
            // This poll started before the deadline, so it cannot tell the state at the deadline.
            delay = Duration::ZERO;
        }
        let delay = delay.min(left);
        self.progress.due = Some(elapsed.saturating_add(delay));
        let has_failed = error.is_some();
        let is_change = self.progress.changes.is_change(clip.as_ref(), has_failed);
        let update = is_change.then(|| Update {
            next_poll_in: Some(delay),
            estimate: self.poll_policy.estimate(),
            ..self.update(elapsed, clip.or_else(|| known.cloned()), error)
        });
        Transition::PollAgain {
            delay,
            has_failed,
            update,
        }
    }

    /// Ends the watch because its deadline passed, with the last failure as the cause.
    pub(crate) fn exceed_deadline(
        &self,
        elapsed: Duration,
        cause: Option<Error>,
        known: Option<&Clip>,
    ) -> Transition {
        let last_status = match &self.progress.last_status {
            Some(last_status) => format!("last status {last_status}"),
            None => "no record of the clip so far".to_owned(),
        };
        let message = format!(
            "watch timed out after {}; {last_status}",
            seconds(self.config.timeout)
        );
        let error = Error::new(ErrorKind::DeadlineExceeded, message)
            .with_hint(Hint::ResumeWatch)
            .with_hint(Hint::ExtendTimeout);
        let error = match cause {
            Some(cause) => error.with_source(cause),
            None => error,
        };
        self.fail(elapsed, error, known)
    }

    /// Records the state that a poll found, and returns the end of the watch if it is one.
    fn observe(
        &mut self,
        elapsed: Duration,
        clip: Option<&Clip>,
        known: Option<&Clip>,
    ) -> Option<Transition> {
        let Some(clip) = clip else {
            let since = *self.progress.missing_since.get_or_insert(elapsed);
            let is_over = elapsed.saturating_sub(since) >= self.config.grace_period;
            return is_over
                .then(|| self.fail(elapsed, not_found_error(self.config.grace_period), known));
        };
        let last_status = LastStatus::from(clip);
        self.progress.missing_since = None;
        let end = match Lifecycle::of(clip.record()) {
            Lifecycle::Complete => {
                self.poll_policy.on_complete(elapsed);
                let update = self.update(elapsed, Some(clip.clone()), None);
                Some(Transition::Complete(clip.clone(), update))
            }
            Lifecycle::Failed => {
                let error = clip_failed_error(&last_status).with_clip(Some(clip.clone()));
                Some(self.fail(elapsed, error, None))
            }
            Lifecycle::Pending => None,
        };
        self.progress.last_status = Some(last_status);
        end
    }

    /// Delay after a successful poll.
    fn next_poll_delay(&mut self, state: &PollState<'_>) -> Duration {
        let delay = self.poll_policy.next_delay(state).max(MIN_DELAY);
        match self.progress.missing_since {
            // The end of the grace period decides, so there must be a poll at it.
            Some(since) => {
                let end = since.saturating_add(self.config.grace_period);
                delay.min(end.saturating_sub(state.elapsed()))
            }
            None => delay,
        }
    }

    /// Delay after a failed poll; `None` when the retry policy gives up.
    fn retry_delay(
        &mut self,
        error: &Error,
        random: f64,
        withdraw: &dyn Fn() -> bool,
    ) -> Option<Duration> {
        self.progress.consecutive_failures = self.progress.consecutive_failures.saturating_add(1);
        let failed = FailedAttempt {
            call_kind: CallKind::Watch,
            attempt: self.progress.consecutive_failures,
            error,
            random,
            within_budget: true,
        };
        // The deadline cuts the delay but does not end the retries, so no time limit is passed on.
        retry_delay(&*self.config.policy, failed, Duration::MAX, withdraw)
    }

    fn update(&self, elapsed: Duration, clip: Option<Clip>, error: Option<Error>) -> Update {
        Update {
            clip,
            error,
            consecutive_failures: self.progress.consecutive_failures,
            polls: self.progress.polls,
            elapsed,
            next_poll_in: None,
            estimate: None,
        }
    }

    fn fail(&self, elapsed: Duration, error: Error, known: Option<&Clip>) -> Transition {
        let error = error.with_polls(self.progress.polls, elapsed);
        Transition::Failed(match error.clip() {
            Some(_) => error,
            None => error.with_clip(known.cloned()),
        })
    }
}

fn clip_failed_error(last_status: &LastStatus) -> Error {
    let message = format!("clip failed: {last_status}");
    Error::new(ErrorKind::ClipFailed, message)
}

fn not_found_error(grace_period: Duration) -> Error {
    let message = format!(
        "clip not found: no record of it for {}",
        seconds(grace_period)
    );
    Error::new(ErrorKind::NotFound, message)
        .with_hint(Hint::CheckClipUuid)
        .with_hint(Hint::ExtendNotFoundGracePeriod)
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests;
