//! One watch on its way: its state by the clock, and what was told of it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::change_detector::ChangeDetector;
use super::checkpoint::Checkpoint;
use super::poll::PollOutcome;
use super::state::{Decision, RetryContext, WatchState};
use super::update::Update;
use crate::retry::CallKind;
use crate::throttle::AdmissionDeadlines;
use crate::time::saturating_add;
use crate::transport::Attempt;
use crate::{Clip, ClipUuid, Error, Result, telemetry};

/// A watch, for whoever drives it and for whoever asks for a checkpoint.
pub(super) struct SharedWatch(Mutex<WatchInner>);

pub(super) struct WatchInner {
    state: WatchState,
    changes: ChangeDetector,
    /// How long the watch had lasted when this process went on with it.
    offset: Duration,
    /// When this process did.
    started: Option<Instant>,
}

/// What a look is to whoever waits for the clip.
pub(super) enum WatchEvent {
    Nothing,
    Changed(Update),
    /// The last of the watch.
    Complete(Clip, Update),
    /// The last of the watch.
    Failed(Error),
}

impl SharedWatch {
    pub(super) fn new(state: WatchState, offset: Duration) -> Self {
        Self(Mutex::new(WatchInner {
            state,
            changes: ChangeDetector::default(),
            offset,
            started: None,
        }))
    }

    /// A policy or poll_policy of the caller's that panics under the lock ends the watch with it.
    pub(super) fn lock(&self) -> MutexGuard<'_, WatchInner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WatchInner {
    /// The watch begins, or goes on, now.
    pub(super) fn start(&mut self) {
        self.started.get_or_insert_with(Instant::now);
    }

    pub(super) fn uuid(&self) -> ClipUuid {
        self.state.uuid()
    }

    /// When the next look is due; `None` when the watch has just begun.
    pub(super) fn due(&self) -> Option<Instant> {
        self.state.due().map(|due| self.instant_at(due))
    }

    pub(super) fn admission_deadlines(&self) -> AdmissionDeadlines {
        AdmissionDeadlines {
            cooldown: self.instant_at(self.state.config().timeout),
            limiter: self.instant_at(self.state.limiter_deadline(self.elapsed())),
        }
    }

    pub(super) fn start_poll(&mut self) -> Attempt {
        let until = self.state.start_poll(self.elapsed());
        Attempt {
            call_kind: CallKind::Watch,
            uuid: self.state.uuid(),
            number: self.state.polls(),
            until: self.instant_at(until),
        }
    }

    pub(super) fn on_result(
        &mut self,
        result: Result<Option<Clip>>,
        retry_context: RetryContext<'_>,
    ) -> PollOutcome {
        let elapsed = self.elapsed();
        let clip = result.as_ref().ok().cloned().flatten();
        PollOutcome {
            decision: self.state.on_result(elapsed, result, retry_context),
            clip,
            elapsed,
        }
    }

    /// The client had no request to spare.
    pub(super) fn on_deadline(&self, error: Error) -> PollOutcome {
        let elapsed = self.elapsed();
        PollOutcome {
            decision: self.state.on_deadline(elapsed, Some(error)),
            clip: None,
            elapsed,
        }
    }

    /// What a look is to whoever waits; `known` is the clip as it was last seen, if anybody kept
    /// it.
    pub(super) fn report(&mut self, outcome: PollOutcome, known: Option<&Clip>) -> WatchEvent {
        let elapsed = outcome.elapsed;
        let (uuid, polls) = (self.state.uuid(), self.state.polls());
        match outcome.decision {
            Decision::PollAgain { wait, failure } => {
                let news = self
                    .changes
                    .is_change(outcome.clip.as_ref(), failure.is_some());
                if !news {
                    return WatchEvent::Nothing;
                }
                WatchEvent::Changed(Update {
                    next_poll_in: Some(wait),
                    estimate: self.state.estimate(),
                    ..self.update(elapsed, known.cloned(), failure)
                })
            }
            Decision::Complete(clip) => {
                telemetry::log_watch_end(uuid, polls, elapsed, None);
                let update = self.update(elapsed, Some(clip.clone()), None);
                WatchEvent::Complete(clip, update)
            }
            Decision::Fail(mut error) => {
                telemetry::log_watch_end(uuid, polls, elapsed, Some(&error));
                if error.clip().is_none() {
                    error = error.with_clip(known.cloned());
                }
                if !(error.is_clip_failed() || error.is_not_found()) {
                    error = error.with_checkpoint(self.checkpoint());
                }
                WatchEvent::Failed(error)
            }
        }
    }

    /// How many requests it took so far.
    pub(super) fn polls(&self) -> u64 {
        self.state.polls()
    }

    fn update(&self, elapsed: Duration, clip: Option<Clip>, error: Option<Error>) -> Update {
        Update {
            clip,
            error,
            consecutive_failures: self.state.consecutive_failures(),
            polls: self.state.polls(),
            elapsed,
            next_poll_in: None,
            estimate: None,
        }
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        self.state.checkpoint(self.elapsed(), SystemTime::now())
    }

    /// How long the watch has lasted.
    fn elapsed(&self) -> Duration {
        let here = self
            .started
            .map_or(Duration::ZERO, |started| started.elapsed());
        self.offset.saturating_add(here)
    }

    /// The moment when the watch will have lasted this long.
    fn instant_at(&self, elapsed: Duration) -> Instant {
        let started = self.started.unwrap_or_else(Instant::now);
        saturating_add(started, elapsed.saturating_sub(self.offset))
    }
}
