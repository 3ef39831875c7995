//! What a look means for a watch. Pure: time is what the caller says it is.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::checkpoint::{Checkpoint, Standing, ms, since_epoch_ms};
use super::seen::Seen;
use crate::lifecycle::Lifecycle;
use crate::polling::{Estimate, PollPolicy, PollState};
use crate::retry::{FailedAttempt, Operation, RetryPolicy, next_wait};
use crate::{Clip, ClipUuid, Error, ErrorKind, Result};

/// No poll_policy looks sooner than this after a look.
const SHORTEST: Duration = Duration::from_millis(1);

/// How long a look may take when it reaches beyond the deadline.
const LAST_LOOK: Duration = Duration::from_secs(5);

/// How long a watch waits for what. Many watches share theirs.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) deadline: Duration,
    pub(crate) grace: Duration,
    pub(crate) policy: Arc<dyn RetryPolicy>,
}

impl Rules {
    pub(crate) fn new(policy: Arc<dyn RetryPolicy>) -> Self {
        Self {
            deadline: Duration::from_secs(30 * 60),
            grace: Duration::from_secs(60),
            policy,
        }
    }
}

/// What to do after a look.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Look again after this wait.
    LookAgain {
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
pub(crate) struct Progress {
    uuid: ClipUuid,
    rules: Arc<Rules>,
    pub(super) poll_policy: Box<dyn PollPolicy>,
    polls: u64,
    /// When the next look is due.
    due: Option<Duration>,
    seen: Option<Seen>,
    missing_since: Option<Duration>,
    consecutive_failures: u32,
    /// Whether the latest look began when the deadline had passed.
    is_last_look: bool,
}

impl Progress {
    pub(crate) fn new(uuid: ClipUuid, poll_policy: Box<dyn PollPolicy>, rules: Arc<Rules>) -> Self {
        Self {
            uuid,
            rules,
            poll_policy,
            polls: 0,
            due: None,
            seen: None,
            missing_since: None,
            consecutive_failures: 0,
            is_last_look: false,
        }
    }

    /// The progress of the watch that a checkpoint was taken of.
    pub(crate) fn resume(
        checkpoint: &Checkpoint,
        poll_policy: Box<dyn PollPolicy>,
        rules: Arc<Rules>,
    ) -> Self {
        let standing = &checkpoint.standing;
        Self {
            polls: standing.polls,
            due: standing.next_poll_ms.map(Duration::from_millis),
            seen: standing.last_seen.clone(),
            missing_since: standing.missing_since_ms.map(Duration::from_millis),
            consecutive_failures: standing.consecutive_failures,
            ..Self::new(standing.clip_uuid, poll_policy, rules)
        }
    }

    pub(crate) fn checkpoint(&self, elapsed: Duration, now: SystemTime) -> Checkpoint {
        let taken_at_ms = since_epoch_ms(now);
        Checkpoint::new(Standing {
            clip_uuid: self.uuid,
            started_at_ms: taken_at_ms.saturating_sub(ms(elapsed)),
            taken_at_ms,
            elapsed_ms: ms(elapsed),
            deadline_ms: ms(self.rules.deadline),
            grace_ms: ms(self.rules.grace),
            polls: self.polls,
            consecutive_failures: self.consecutive_failures,
            missing_since_ms: self.missing_since.map(ms),
            next_poll_ms: self.due.map(ms),
            last_seen: self.seen.clone(),
            poll_policy: self.poll_policy.save(),
        })
    }

    pub(crate) fn uuid(&self) -> ClipUuid {
        self.uuid
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(crate) fn rules_mut(&mut self) -> &mut Rules {
        Arc::make_mut(&mut self.rules)
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
        self.due.map(|due| due.min(self.rules.deadline))
    }

    /// A look begins, and ends at the moment that is returned at the latest.
    pub(crate) fn begin_look(&mut self, elapsed: Duration) -> Duration {
        self.polls = self.polls.saturating_add(1);
        self.is_last_look = elapsed >= self.rules.deadline;
        self.rules.deadline.max(elapsed.saturating_add(LAST_LOOK))
    }

    /// Until when a request may be held back before the watch ends without it.
    pub(crate) fn patience(&self, elapsed: Duration) -> Duration {
        self.rules.deadline.max(elapsed).saturating_add(LAST_LOOK)
    }

    /// A look ended.
    pub(crate) fn judge(
        &mut self,
        elapsed: Duration,
        outcome: Result<Option<Clip>>,
        chance: Chance<'_>,
    ) -> Verdict {
        let (mut wait, failure) = match outcome {
            Ok(found) => {
                let failed = std::mem::take(&mut self.consecutive_failures);
                if let Some(end) = self.see(elapsed, found.as_ref()) {
                    return end;
                }
                let seen = PollState::from_clip(elapsed, found.as_ref())
                    .with_failed_polls(failed)
                    .with_random(chance.random);
                (self.next_delay(&seen), None)
            }
            Err(error) => match self.after_failure(&error, chance) {
                Some(wait) => (wait, Some(error)),
                None => return self.fail(elapsed, error),
            },
        };
        let left = self.rules.deadline.saturating_sub(elapsed);
        if left.is_zero() {
            if self.is_last_look {
                return self.miss_deadline(elapsed, failure);
            }
            // This look began too early to say how the clip was at the deadline.
            wait = Duration::ZERO;
        }
        let wait = wait.min(left);
        self.due = Some(elapsed.saturating_add(wait));
        Verdict::LookAgain { wait, failure }
    }

    /// The watch ends because its deadline has passed.
    pub(crate) fn miss_deadline(&self, elapsed: Duration, failure: Option<Error>) -> Verdict {
        let seen = match &self.seen {
            Some(seen) => format!("last seen {seen}"),
            None => "never seen".to_owned(),
        };
        let message = format!(
            "the deadline of {} passed (resume the watch, or set a later one): the clip was {seen}",
            seconds(self.rules.deadline)
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
    fn see(&mut self, elapsed: Duration, found: Option<&Clip>) -> Option<Verdict> {
        let Some(clip) = found else {
            let since = *self.missing_since.get_or_insert(elapsed);
            let is_over = elapsed.saturating_sub(since) >= self.rules.grace;
            return is_over.then(|| self.fail(elapsed, not_found(self.rules.grace)));
        };
        let seen = Seen::from(clip);
        self.missing_since = None;
        let end = match Lifecycle::of(clip.record()) {
            Lifecycle::Complete => {
                self.poll_policy.on_complete(elapsed);
                Some(Verdict::Complete(clip.clone()))
            }
            Lifecycle::Failed => {
                Some(self.fail(elapsed, clip_failed(&seen).with_clip(Some(clip.clone()))))
            }
            Lifecycle::Pending => None,
        };
        self.seen = Some(seen);
        end
    }

    /// The wait after a look that succeeded.
    fn next_delay(&mut self, seen: &PollState<'_>) -> Duration {
        let wait = self.poll_policy.next_delay(seen).max(SHORTEST);
        match self.missing_since {
            // What decides is whether the record is there at the end of the grace period.
            Some(since) => {
                let end = since.saturating_add(self.rules.grace);
                wait.min(end.saturating_sub(seen.elapsed()))
            }
            None => wait,
        }
    }

    /// The wait after a look that failed, if another is worth it.
    fn after_failure(&mut self, error: &Error, chance: Chance<'_>) -> Option<Duration> {
        self.consecutive_failures = self.consecutive_failures.saturating_add(1);
        let failed = FailedAttempt {
            operation: Operation::Watch,
            attempt: self.consecutive_failures,
            error,
            random: chance.random,
            within_budget: true,
        };
        // The deadline does not end it: it cuts the wait.
        next_wait(&*self.rules.policy, failed, Duration::MAX, chance.withdraw)
    }

    fn fail(&self, elapsed: Duration, error: Error) -> Verdict {
        Verdict::Fail(error.with_effort(self.polls, elapsed))
    }
}

/// What luck and the client have to say after a look.
#[derive(Clone, Copy)]
pub(crate) struct Chance<'a> {
    /// For the jitter: at least 0 and below 1.
    pub(crate) random: f64,
    /// Takes the right to one more try from the budget, if there is one left.
    pub(crate) withdraw: &'a dyn Fn() -> bool,
}

fn clip_failed(seen: &Seen) -> Error {
    let message = format!("the clip will not be done: {seen}");
    Error::new(ErrorKind::ClipFailed, message)
}

fn not_found(grace: Duration) -> Error {
    let message = format!(
        "the service has no such clip, and had none for {}: check the identifier, or set a longer grace period",
        seconds(grace)
    );
    Error::new(ErrorKind::NotFound, message)
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests;
