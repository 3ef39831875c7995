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
use crate::retry::{Attempt, CallKind};
use crate::time::saturating_add;
use crate::transport::Transport;
use crate::transport::throttle::AdmissionDeadlines;
use crate::{Clip, ClipUuid, Error, Result, telemetry};

/// Outcome of one poll.
pub(super) struct PollOutcome {
    pub(super) transition: Transition,
    /// Duration of the watch at the result, which may be delivered later.
    pub(super) elapsed: Duration,
    pub(super) polls: u64,
}

/// Waits for admission, sends one request, and returns the decision.
///
/// `known` is the clip as it was last seen, for updates that carry no new state.
pub(super) async fn poll_once(
    transport: &Transport,
    watch: &SharedWatch,
    known: Option<&Clip>,
) -> PollOutcome {
    let deadlines = watch.lock().admission_deadlines();
    if let Err(error) = transport.acquire(deadlines).await {
        return watch.lock().exceed_deadline(error, known);
    }
    let attempt = watch.lock().start_poll();
    let result = transport.fetch_clip(attempt).await;
    let withdraw = || transport.withdraw();
    let outcome = watch
        .lock()
        .finish_poll(result, known, fastrand::f64(), &withdraw);
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

    /// Locks the state. A policy of the caller's that panics under the lock ends its watch only.
    pub(super) fn lock(&self) -> MutexGuard<'_, WatchInner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

    pub(super) fn admission_deadlines(&self) -> AdmissionDeadlines {
        AdmissionDeadlines {
            cooldown: self.instant_at(self.state.config().timeout),
            limiter: self.instant_at(self.state.admission_deadline(self.elapsed())),
        }
    }

    pub(super) fn start_poll(&mut self) -> Attempt {
        let deadline = self.state.start_poll(self.elapsed());
        Attempt {
            call_kind: CallKind::Watch,
            uuid: self.state.uuid(),
            number: self.state.polls(),
            deadline: self.instant_at(deadline),
        }
    }

    pub(super) fn finish_poll(
        &mut self,
        result: Result<Option<Clip>>,
        known: Option<&Clip>,
        random: f64,
        withdraw: &dyn Fn() -> bool,
    ) -> PollOutcome {
        let elapsed = self.elapsed();
        let transition = self.state.finish_poll(PollInput {
            elapsed,
            result,
            known,
            random,
            withdraw,
        });
        self.outcome(transition, elapsed)
    }

    /// Ends the watch because the rate limiter admitted no poll before the deadline.
    pub(super) fn exceed_deadline(&self, error: Error, known: Option<&Clip>) -> PollOutcome {
        let elapsed = self.elapsed();
        let transition = self.state.exceed_deadline(elapsed, Some(error), known);
        self.outcome(transition, elapsed)
    }

    fn outcome(&self, transition: Transition, elapsed: Duration) -> PollOutcome {
        let transition = match transition {
            Transition::Failed(error) => {
                Transition::Failed(error.with_resumable_checkpoint(|| self.checkpoint()))
            }
            other => other,
        };
        PollOutcome {
            transition,
            elapsed,
            polls: self.state.polls(),
        }
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
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
