//! The state machine of one watch.
//!
//! Decides after each poll whether to poll again, and when, or how the watch ends. Pure: the time, the
//! result and the randomness come from the caller, so the same decisions drive a single watch, a batch,
//! and a workflow engine, and tests run them in virtual time. It knows no client, clock or runtime.
//! Times are durations since the start of the watch.

mod config;
mod errors;
mod progress;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub(crate) use config::{WatchConfig, WatchLimits};
use progress::Absence;
pub(super) use progress::WatchProgress;

use super::checkpoint::{Checkpoint, CheckpointData, ContentHash, ms, since_epoch_ms};
use super::last_status::LastStatus;
use super::update::Update;
use crate::clip::Lifecycle;
use crate::polling::{Forecast, PollPolicy, PollState};
use crate::retry::{CallKind, FailedAttempt, Operation, RetryLimits, retry_delay};
use crate::{Clip, ClipUuid, Error, ErrorKind, Result, policy_guard};

/// Lower bound of every delay, whatever the poll policy returns. Chosen, not tuned: it keeps a policy
/// that returns zero from sending requests in a tight loop.
const MIN_DELAY: Duration = Duration::from_millis(1);

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
    /// Whether the endpoint has ever responded to the client.
    pub(crate) is_reached: bool,
    /// Duration of the watch when this process started or resumed it.
    pub(crate) resumed_at: Duration,
    /// The clip as it was last seen, if the caller has retained it.
    pub(crate) known: Option<&'a Clip>,
    /// Evenly distributed, at least 0 and below 1, for jitter.
    pub(crate) random: f64,
    /// Withdraws one retry from the retry budget, if one is left.
    pub(crate) withdraw: &'a dyn Fn() -> bool,
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
        let progress = WatchProgress::restore(&checkpoint.data);
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
            is_probing: progress.is_probing,
            missing_since_ms: progress.absence.missing_since().map(ms),
            unreachable_since_ms: progress.absence.unreachable_since().map(ms),
            is_reached: progress.is_reached,
            next_poll_ms: progress.due.map(ms),
            last_status: progress.last_status.clone(),
            content_hash: progress.changes.content_hash.map(ContentHash),
            is_reported: progress.changes.is_reported,
            // A policy that panics is not resumed.
            poll_policy: policy_guard::run(|| self.poll_policy.save()).unwrap_or_default(),
        })
    }

    /// Makes the next poll an update even if it shows the state that was reported last.
    pub(super) fn report_next_poll(&mut self) {
        self.progress.changes.is_reported = false;
    }

    /// Starts the grace period again, because while no process watched, nothing was tried: that of an
    /// unreachable endpoint, and that of a record which a poll has shown before. A record that was never
    /// there had all the time to appear.
    pub(super) fn resume_grace_period(&mut self) {
        if self.progress.is_known() || matches!(self.progress.absence, Absence::Endpoint(_)) {
            self.progress.absence = Absence::Nothing;
        }
    }

    /// Returns whether a watch that ends with this error can be resumed: the clip is not terminal, and it
    /// exists as far as known. A record that is missing after it was shown may return, or belong to
    /// another organization than the API key.
    pub(super) fn is_resumable(&self, error: &Error) -> bool {
        match error.kind() {
            ErrorKind::ClipFailed => false,
            ErrorKind::NotFound => self.progress.is_known(),
            _ => true,
        }
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

    /// Returns whether the service has a record of the clip, as far as known.
    pub(super) fn has_record(&self) -> bool {
        self.progress.is_known() && self.progress.absence == Absence::Nothing
    }

    /// Returns the poll policy's forecast; `None` if it has none, or panics.
    pub(super) fn forecast(&self) -> Option<Forecast> {
        policy_guard::run(|| self.poll_policy.forecast()).unwrap_or_default()
    }

    /// Number of polls started.
    pub(crate) fn polls(&self) -> u64 {
        self.progress.polls
    }

    /// Time of the next poll, at most the deadline; `None` before the first poll.
    pub(crate) fn due(&self) -> Option<Duration> {
        self.progress.due.map(|due| due.min(self.config.timeout))
    }

    /// Time by which the watch ends, with or without a final poll. A watch that was resumed after its
    /// deadline has a final poll all the same.
    pub(crate) fn final_round_end(&self, resumed_at: Duration) -> Duration {
        let WatchConfig {
            timeout, limits, ..
        } = &*self.config;
        timeout
            .max(&resumed_at)
            .saturating_add(limits.final_round())
    }

    /// Starts a poll and returns its deadline.
    pub(crate) fn start_poll(&mut self, elapsed: Duration, resumed_at: Duration) -> Duration {
        self.progress.polls = self.progress.polls.saturating_add(1);
        self.progress.is_final_poll = elapsed >= self.config.timeout;
        if !self.progress.is_reached && self.progress.absence == Absence::Nothing {
            // Until the poll ends in another way than without a connection.
            self.progress.absence = Absence::Endpoint(elapsed);
        }
        let end = elapsed.saturating_add(self.config.limits.final_round());
        self.config
            .timeout
            .max(end)
            .min(self.final_round_end(resumed_at))
    }

    /// Processes the result of a poll.
    pub(crate) fn finish_poll(&mut self, poll: PollInput<'_>) -> Transition {
        let PollInput {
            elapsed,
            result,
            is_reached,
            resumed_at,
            known,
            random,
            withdraw,
        } = poll;
        let is_response = match &result {
            Ok(_) => true,
            Err(error) => error.status().is_some(),
        };
        self.progress.is_reached |= is_response;
        let (mut delay, clip, error) = match result {
            Ok(clip) => {
                let failed_polls = std::mem::take(&mut self.progress.consecutive_failures);
                self.progress.is_probing = false;
                if let Some(end) = self.observe(elapsed, clip.as_ref(), known) {
                    return end;
                }
                let state = PollState::from_clip(elapsed, clip.as_ref())
                    .with_failed_polls(failed_polls)
                    .with_random(random);
                match self.next_poll_delay(&state) {
                    Ok(delay) => (delay, clip, None),
                    Err(panicked) => return self.fail(elapsed, panicked, clip.as_ref().or(known)),
                }
            }
            Err(error) => {
                let patience = self.patience(elapsed, &error, is_reached);
                match self.retry_delay(&error, random, withdraw) {
                    Ok(Some(delay)) if !patience.is_zero() => {
                        (delay.min(patience), None, Some(error))
                    }
                    Ok(_) => return self.fail(elapsed, error, known),
                    Err(panicked) => return self.fail(elapsed, panicked, known),
                }
            }
        };
        let left = self.config.timeout.saturating_sub(elapsed);
        if left.is_zero() {
            if self.progress.is_final_poll || elapsed >= self.final_round_end(resumed_at) {
                return self.exceed_deadline(elapsed, error, clip.as_ref().or(known));
            }
            // This poll started before the deadline, so it cannot tell the state at the deadline.
            delay = Duration::ZERO;
        }
        let delay = delay.min(left);
        self.progress.due = Some(elapsed.saturating_add(delay));
        let has_failed = error.is_some();
        let is_change = self.progress.changes.is_change(clip.as_ref(), has_failed);
        let estimate = match is_change {
            true => policy_guard::run(|| self.poll_policy.estimate()),
            false => Ok(None),
        };
        let estimate = match estimate {
            Ok(estimate) => estimate,
            Err(panicked) => return self.fail(elapsed, panicked, clip.as_ref().or(known)),
        };
        let update = is_change.then(|| Update {
            next_poll_in: Some(delay),
            estimate,
            ..self.update(elapsed, clip.or_else(|| known.cloned()), error)
        });
        Transition::PollAgain {
            delay,
            has_failed,
            update,
        }
    }

    /// Time for which the watch tolerates that the endpoint is unreachable, from now on; the maximum if
    /// it is not, or has ever responded.
    fn patience(&mut self, elapsed: Duration, error: &Error, is_reached: bool) -> Duration {
        self.progress.is_reached |= is_reached;
        if self.progress.is_reached || !error.is_connect() {
            if let Absence::Endpoint(_) = self.progress.absence {
                self.progress.absence = Absence::Nothing;
            }
            return Duration::MAX;
        }
        let since = self.progress.absence.unreachable_since();
        let since = since.unwrap_or(elapsed);
        let grace_period = self.config.limits.retry.unreachable_grace_period;
        since.saturating_add(grace_period).saturating_sub(elapsed)
    }

    /// Ends the watch because its deadline passed, with the last failure as the cause.
    pub(crate) fn exceed_deadline(
        &self,
        elapsed: Duration,
        cause: Option<Error>,
        known: Option<&Clip>,
    ) -> Transition {
        let error = errors::deadline_exceeded(&self.progress, self.config.timeout, cause, known);
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
            let since = self.progress.absence.missing_since().unwrap_or(elapsed);
            self.progress.absence = Absence::Record(since);
            let is_over = elapsed.saturating_sub(since) >= self.config.grace_period;
            return is_over.then(|| {
                let error = errors::not_found(&self.progress, self.config.grace_period);
                self.fail(elapsed, error, known)
            });
        };
        let last_status = LastStatus::from(clip);
        self.progress.absence = Absence::Nothing;
        let end = match Lifecycle::of(clip.record()) {
            Lifecycle::Complete => {
                // The clip is the result, whatever the policy makes of it.
                let _ = policy_guard::run(|| self.poll_policy.on_complete(elapsed));
                let update = self.update(elapsed, Some(clip.clone()), None);
                Some(Transition::Complete(clip.clone(), update))
            }
            Lifecycle::Failed => {
                let error = errors::clip_failed(clip).with_clip(Some(clip.clone()));
                Some(self.fail(elapsed, error, None))
            }
            Lifecycle::Pending => None,
        };
        self.progress.last_status = Some(last_status);
        end
    }

    /// Delay after a successful poll.
    fn next_poll_delay(&mut self, state: &PollState<'_>) -> Result<Duration> {
        let poll_policy = &mut self.poll_policy;
        let delay = policy_guard::run(|| poll_policy.next_delay(state))?.max(MIN_DELAY);
        Ok(match self.progress.absence.missing_since() {
            // The end of the grace period decides, so there must be a poll at it.
            Some(since) => {
                let end = since.saturating_add(self.config.grace_period);
                delay.min(end.saturating_sub(state.elapsed()))
            }
            None => delay,
        })
    }

    /// Delay after a failed poll; `None` when the retry policy gives up.
    fn retry_delay(
        &mut self,
        error: &Error,
        random: f64,
        withdraw: &dyn Fn() -> bool,
    ) -> Result<Option<Duration>> {
        self.progress.consecutive_failures = self.progress.consecutive_failures.saturating_add(1);
        let failed = FailedAttempt {
            call_kind: CallKind::Watch,
            operation: Operation::find("getClipWithProgress"),
            attempt: self.progress.consecutive_failures,
            error,
            random,
            within_budget: true,
        };
        // The deadline cuts the delay but does not end the retries, so no time limit is passed on.
        let WatchConfig { policy, limits, .. } = &*self.config;
        let limits = RetryLimits {
            is_probing: self.progress.is_probing,
            ..limits.retry
        };
        self.progress.is_probing = limits.is_too_long(error.retry_after());
        retry_delay(&**policy, failed, &limits, Duration::MAX, withdraw)
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

    /// Ends the watch with an error.
    pub(crate) fn fail(&self, elapsed: Duration, error: Error, known: Option<&Clip>) -> Transition {
        let error = error.with_polls(self.progress.polls, elapsed);
        Transition::Failed(match error.clip() {
            Some(_) => error,
            None => error.with_clip(known.cloned()),
        })
    }
}

#[cfg(test)]
mod tests;
