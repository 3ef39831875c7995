//! One poll of a watch: admission, request, decision.
//!
//! The only place where the state machine meets the clock and the transport. The driver of one watch
//! and the scheduler of many both call [`poll_once`]. [`SharedWatch`] translates between the state
//! machine's durations and the runtime's clock; it decides nothing.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::checkpoint::Checkpoint;
use super::state::{PollInput, Transition, WatchState};
use crate::polling::Forecast;
use crate::retry::Attempt;
use crate::time::saturating_add;
use crate::transport::fetch_clip::FetchClip;
use crate::transport::throttle::AdmissionDeadlines;
use crate::transport::{Request as _, Transport};
use crate::{Clip, ClipUuid, Error, Result, policy_guard, telemetry};

/// Outcome of one poll.
pub(super) struct PollOutcome {
    pub(super) transition: Transition,
    /// Duration of the watch at the result, which may be delivered later.
    pub(super) elapsed: Duration,
    pub(super) polls: u64,
}

/// Waits for admission, sends one request, and returns the decision.
///
/// `known` is the clip as it was last seen, for updates that carry no new state. `on_sent` is called when
/// the request is sent.
pub(super) async fn poll_once(
    transport: &Transport,
    watch: &SharedWatch,
    known: Option<&Clip>,
    on_sent: impl FnOnce(),
) -> PollOutcome {
    let deadlines = watch.lock().admission_deadlines();
    if let Err(error) = transport.acquire(deadlines).await {
        return watch.exceed_deadline(Some(error), known);
    }
    let (request, attempt) = watch.lock().start_poll();
    on_sent();
    let result = transport.send(attempt, &request).await;
    let outcome = watch.finish_poll(transport, result, known);
    if let Transition::PollAgain {
        delay,
        has_failed: true,
        ..
    } = &outcome.transition
    {
        telemetry::log_retry(attempt, *delay);
    }
    outcome
}

/// Forecast of a clip in progress, and its next poll by its own policy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expectation {
    pub(super) forecast: Forecast,
    /// When the poll policy would poll the clip.
    pub(super) policy_due: Instant,
    /// Whether the service has a record of the clip.
    pub(super) has_record: bool,
}

/// State of a watch behind a lock.
pub(super) struct SharedWatch(Mutex<WatchInner>);

pub(super) struct WatchInner {
    state: WatchState,
    /// Duration of the watch before this process started or resumed it.
    offset: Duration,
    /// When this process did so.
    started: Option<Instant>,
}

impl SharedWatch {
    pub(super) fn new(state: WatchState, offset: Duration) -> Self {
        Self(Mutex::new(WatchInner {
            state,
            offset,
            started: None,
        }))
    }

    /// Locks the state. Nothing panics under the lock: policies of the caller's are guarded.
    pub(super) fn lock(&self) -> MutexGuard<'_, WatchInner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the checkpoint of the watch.
    pub(super) fn checkpoint(&self) -> Checkpoint {
        // A policy that uses a handle while it is saved spoils nothing.
        self.with_policies(|inner| inner.checkpoint()).0
    }

    /// Returns the decision after a poll.
    fn finish_poll(
        &self,
        transport: &Transport,
        result: Result<Option<Clip>>,
        known: Option<&Clip>,
    ) -> PollOutcome {
        let (outcome, used_handle) =
            self.with_policies(|inner| inner.finish_poll(transport, result, known));
        match (&outcome.transition, used_handle) {
            (Transition::PollAgain { update, .. }, Err(error)) => {
                let latest = update.as_ref().and_then(|update| update.clip.as_ref());
                self.fail(error, latest.or(known))
            }
            // The watch has ended already.
            _ => outcome,
        }
    }

    /// Returns the decision after a list of clips has shown the record: that of a poll.
    pub(super) fn observe(&self, transport: &Transport, clip: Clip) -> PollOutcome {
        _ = self.lock().start_poll();
        self.finish_poll(transport, Ok(Some(clip)), None)
    }

    /// Returns what is expected of the clip; `None` if its poll policy has no forecast.
    pub(super) fn expectation(&self) -> Option<Expectation> {
        self.with_policies(|inner| inner.expectation()).0
    }

    /// Ends the watch because no poll was admitted before its end.
    pub(super) fn exceed_deadline(
        &self,
        cause: Option<Error>,
        known: Option<&Clip>,
    ) -> PollOutcome {
        self.with_policies(|inner| {
            let elapsed = inner.elapsed();
            let transition = inner.state.exceed_deadline(elapsed, cause, known);
            inner.outcome(transition, elapsed)
        })
        .0
    }

    /// Ends the watch with an error that is not about a poll.
    pub(super) fn fail(&self, error: Error, known: Option<&Clip>) -> PollOutcome {
        self.with_policies(|inner| {
            let elapsed = inner.elapsed();
            let transition = inner.state.fail(elapsed, error, known);
            inner.outcome(transition, elapsed)
        })
        .0
    }

    /// Runs code that may run policies of the caller's, under the lock. Fails if a call of one was refused.
    fn with_policies<T>(&self, code: impl FnOnce(&mut WatchInner) -> T) -> (T, Result<()>) {
        let mut inner = self.lock();
        policy_guard::while_locked(|| code(&mut inner))
    }
}

impl WatchInner {
    /// Starts the clock of the watch, unless it is running.
    pub(super) fn start(&mut self) {
        self.started.get_or_insert_with(Instant::now);
    }

    pub(super) fn uuid(&self) -> ClipUuid {
        self.state.uuid()
    }

    /// Time of the next poll; `None` before the first one.
    pub(super) fn due(&self) -> Option<Instant> {
        self.state.due().map(|due| self.instant_at(due))
    }

    /// Time of the final poll.
    pub(super) fn deadline(&self) -> Instant {
        self.instant_at(self.state.config().timeout)
    }

    /// Returns whether nothing is known of the clip, and the watch began in this process.
    pub(super) fn is_new(&self) -> bool {
        self.state.polls() == 0 && self.offset.is_zero()
    }

    fn expectation(&self) -> Option<Expectation> {
        Some(Expectation {
            forecast: self.state.forecast()?,
            policy_due: self.due().unwrap_or_else(Instant::now),
            has_record: self.state.has_record(),
        })
    }

    pub(super) fn admission_deadlines(&self) -> AdmissionDeadlines {
        AdmissionDeadlines {
            cooldown: self.deadline(),
            limiter: self.end(),
        }
    }

    pub(super) fn start_poll(&mut self) -> (FetchClip, Attempt) {
        let deadline = self.state.start_poll(self.elapsed(), self.offset);
        let request = FetchClip {
            uuid: self.state.uuid(),
        };
        let attempt = Attempt {
            operation: request.operation(),
            clip_uuid: request.clip_uuid(),
            number: self.state.polls(),
            deadline: self.instant_at(deadline),
        };
        (request, attempt)
    }

    fn finish_poll(
        &mut self,
        transport: &Transport,
        result: Result<Option<Clip>>,
        known: Option<&Clip>,
    ) -> PollOutcome {
        let elapsed = self.elapsed();
        let input = PollInput {
            elapsed,
            result,
            is_reached: transport.is_reached(),
            resumed_at: self.offset,
            known,
            random: fastrand::f64(),
            withdraw: &|| transport.withdraw(),
        };
        let transition = self.state.finish_poll(input);
        self.outcome(transition, elapsed)
    }

    /// Time by which the watch ends, with or without a final poll.
    pub(super) fn end(&self) -> Instant {
        self.instant_at(self.state.final_round_end(self.offset))
    }

    fn outcome(&self, transition: Transition, elapsed: Duration) -> PollOutcome {
        let transition = match transition {
            Transition::Failed(error) if self.state.is_resumable(&error) => {
                Transition::Failed(error.with_checkpoint(self.checkpoint()))
            }
            other => other,
        };
        PollOutcome {
            transition,
            elapsed,
            polls: self.state.polls(),
        }
    }

    fn checkpoint(&self) -> Checkpoint {
        self.state.checkpoint(self.elapsed(), SystemTime::now())
    }

    fn elapsed(&self) -> Duration {
        let here = self
            .started
            .map_or(Duration::ZERO, |started| started.elapsed());
        self.offset.saturating_add(here)
    }

    /// Instant at which the watch has lasted for this long.
    fn instant_at(&self, elapsed: Duration) -> Instant {
        let started = self.started.unwrap_or_else(Instant::now);
        saturating_add(started, elapsed.saturating_sub(self.offset))
    }
}
