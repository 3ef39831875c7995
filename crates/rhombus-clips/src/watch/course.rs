//! One watch on its way: its progress by the clock, and what was told of it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::changes::Changes;
use super::checkpoint::Checkpoint;
use super::look::Look;
use super::progress::{Chance, Progress, Verdict};
use super::update::Update;
use crate::deadline::after;
use crate::looker::Attempt;
use crate::retry::Operation;
use crate::throttle::Patience;
use crate::{Clip, ClipUuid, Error, Result, trace};

/// A watch, for whoever drives it and for whoever asks for a checkpoint.
pub(super) struct Course(Mutex<Stand>);

pub(super) struct Stand {
    progress: Progress,
    changes: Changes,
    /// How long the watch had lasted when this process went on with it.
    offset: Duration,
    /// When this process did.
    began: Option<Instant>,
}

/// What a look is to whoever waits for the clip.
pub(super) enum Told {
    Nothing,
    Changed(Update),
    /// The last of the watch.
    Complete(Clip, Update),
    /// The last of the watch.
    Failed(Error),
}

impl Course {
    pub(super) fn new(progress: Progress, offset: Duration) -> Self {
        Self(Mutex::new(Stand {
            progress,
            changes: Changes::default(),
            offset,
            began: None,
        }))
    }

    /// A policy or poll_policy of the caller's that panics under the lock ends the watch with it.
    pub(super) fn lock(&self) -> MutexGuard<'_, Stand> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stand {
    /// The watch begins, or goes on, now.
    pub(super) fn begin(&mut self) {
        self.began.get_or_insert_with(Instant::now);
    }

    pub(super) fn uuid(&self) -> ClipUuid {
        self.progress.uuid()
    }

    /// When the next look is due; `None` when the watch has just begun.
    pub(super) fn due(&self) -> Option<Instant> {
        self.progress.due().map(|due| self.moment(due))
    }

    pub(super) fn patience(&self) -> Patience {
        Patience {
            gate: self.moment(self.progress.rules().deadline),
            limiter: self.moment(self.progress.patience(self.elapsed())),
        }
    }

    pub(super) fn begin_look(&mut self) -> Attempt {
        let until = self.progress.begin_look(self.elapsed());
        Attempt {
            operation: Operation::Watch,
            uuid: self.progress.uuid(),
            number: self.progress.polls(),
            until: self.moment(until),
        }
    }

    pub(super) fn judge(&mut self, outcome: Result<Option<Clip>>, chance: Chance<'_>) -> Look {
        let elapsed = self.elapsed();
        let clip = outcome.as_ref().ok().cloned().flatten();
        Look {
            verdict: self.progress.judge(elapsed, outcome, chance),
            clip,
            elapsed,
        }
    }

    /// The client had no request to spare.
    pub(super) fn miss_deadline(&self, error: Error) -> Look {
        let elapsed = self.elapsed();
        Look {
            verdict: self.progress.miss_deadline(elapsed, Some(error)),
            clip: None,
            elapsed,
        }
    }

    /// What a look is to whoever waits; `known` is the clip as it was last seen, if anybody kept
    /// it.
    pub(super) fn tell(&mut self, look: Look, known: Option<&Clip>) -> Told {
        let elapsed = look.elapsed;
        let (uuid, polls) = (self.progress.uuid(), self.progress.polls());
        match look.verdict {
            Verdict::LookAgain { wait, failure } => {
                let news = self
                    .changes
                    .are_there(look.clip.as_ref(), failure.is_some());
                if !news {
                    return Told::Nothing;
                }
                Told::Changed(Update {
                    next_poll_in: Some(wait),
                    estimate: self.progress.estimate(),
                    ..self.update(elapsed, known.cloned(), failure)
                })
            }
            Verdict::Complete(clip) => {
                trace::ended(uuid, polls, elapsed, None);
                let update = self.update(elapsed, Some(clip.clone()), None);
                Told::Complete(clip, update)
            }
            Verdict::Fail(mut error) => {
                trace::ended(uuid, polls, elapsed, Some(&error));
                if error.clip().is_none() {
                    error = error.with_clip(known.cloned());
                }
                if !(error.is_clip_failed() || error.is_not_found()) {
                    error = error.with_checkpoint(self.checkpoint());
                }
                Told::Failed(error)
            }
        }
    }

    /// How many requests it took so far.
    pub(super) fn polls(&self) -> u64 {
        self.progress.polls()
    }

    fn update(&self, elapsed: Duration, clip: Option<Clip>, error: Option<Error>) -> Update {
        Update {
            clip,
            error,
            consecutive_failures: self.progress.consecutive_failures(),
            polls: self.progress.polls(),
            elapsed,
            next_poll_in: None,
            estimate: None,
        }
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        self.progress.checkpoint(self.elapsed(), SystemTime::now())
    }

    /// How long the watch has lasted.
    fn elapsed(&self) -> Duration {
        let here = self.began.map_or(Duration::ZERO, |began| began.elapsed());
        self.offset.saturating_add(here)
    }

    /// The moment when the watch will have lasted this long.
    fn moment(&self, elapsed: Duration) -> Instant {
        let began = self.began.unwrap_or_else(Instant::now);
        after(began, elapsed.saturating_sub(self.offset))
    }
}
