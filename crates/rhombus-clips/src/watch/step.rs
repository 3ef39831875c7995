//! One step of a watch as a pure function, for drivers other than this crate's.
//!
//! A workflow engine, a job queue or a test advances a watch by a poll result at a time, without a
//! client, a stream, a clock or a runtime. The step runs the same state machine as `watch` and
//! `watch_all`; it only restores it from a checkpoint and stores it again.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::checkpoint::Checkpoint;
use super::state::{PollInput, Transition, WatchConfig, WatchLimits, WatchState};
use super::update::Update;
use crate::polling::{self, History, PollPolicy};
use crate::retry::{Backoff, RetryLimits, RetryPolicy};
use crate::text::sanitize_line;
use crate::{Clip, Error, ErrorKind, Hint, Result};

/// Result of one poll, the input of [`Checkpoint::step`].
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// use std::time::SystemTime;
/// use rhombus_clips::PollResult;
/// use rhombus_clips::retry::NoRetry;
///
/// let started_at = SystemTime::now();
/// let result = client.get_clip(uuid).retry(NoRetry).await;
/// let poll = PollResult::new(result, started_at, SystemTime::now()).with_random(0.25);
/// # });
/// ```
#[derive(Debug)]
pub struct PollResult {
    outcome: Outcome,
    started_at: SystemTime,
    finished_at: SystemTime,
    random: f64,
}

#[derive(Debug)]
enum Outcome {
    Completed(Result<Option<Clip>>),
    Held { until: SystemTime },
}

impl PollResult {
    /// Creates the result of a poll that sent one request between these times.
    ///
    /// `result` is that of [`get_clip`](crate::Client::get_clip) without retries, because the step
    /// decides about them. An error of kind [`ErrorKind::NotFound`] counts as a response without a
    /// record.
    #[must_use]
    pub fn new(result: Result<Clip>, started_at: SystemTime, finished_at: SystemTime) -> Self {
        let result = match result {
            Ok(clip) => Ok(Some(clip)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        };
        Self {
            outcome: Outcome::Completed(result),
            started_at,
            finished_at,
            random: 0.5,
        }
    }

    /// Creates the result of a poll that sent nothing, because a rate limit or a cooldown holds requests
    /// back until `until`.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use rhombus_clips::{Checkpoint, ClipUuid, PollResult, Step, WatchPolicies};
    ///
    /// let now = SystemTime::now();
    /// let checkpoint = Checkpoint::new(ClipUuid::from_bytes([1; 16]), now);
    /// let held = PollResult::held(now + Duration::from_secs(7), now);
    /// assert!(matches!(checkpoint.step(held, &WatchPolicies::default()), Step::Held { .. }));
    /// ```
    #[must_use]
    pub fn held(until: SystemTime, now: SystemTime) -> Self {
        Self {
            outcome: Outcome::Held { until },
            started_at: now,
            finished_at: now,
            random: 0.5,
        }
    }

    /// Sets the random number for jitter, at least 0 and below 1. Default: 0.5, so that a step is
    /// deterministic unless it is set.
    #[must_use]
    pub fn with_random(mut self, random: f64) -> Self {
        self.random = random;
        self
    }
}

/// Attempt timeout of a step, which is told of a poll afterwards: that of a client by default.
const DEFAULT_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// Policies that [`Checkpoint::step`] decides with.
///
/// The default is that of a fresh client: the adaptive poll policy with an empty history, and
/// [`Backoff`] for retries. There is no retry budget, which is a client's.
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::WatchPolicies;
/// use rhombus_clips::polling::{Fixed, History};
/// use rhombus_clips::retry::Backoff;
///
/// // The adaptive poll policy; what it learns of each clip goes into the history.
/// let history = History::new();
/// let policies = WatchPolicies::new(&history);
///
/// // Or a fixed interval, and longer delays after failures.
/// let policies = WatchPolicies::default()
///     .polling(Fixed::new(Duration::from_secs(5)))
///     .retry(Backoff::default().initial(Duration::from_secs(5)))
///     .max_retry_after(Duration::from_secs(3600))
///     .unreachable_grace_period(Duration::from_secs(300));
/// ```
#[must_use]
pub struct WatchPolicies {
    poll_policy: PollPolicyFactory,
    retry: Arc<dyn RetryPolicy>,
    limits: RetryLimits,
}

/// Makes the poll policy of one watch, restored from its checkpoint if there is one.
type PollPolicyFactory = Box<dyn Fn(Option<&str>) -> Box<dyn PollPolicy> + Send + Sync>;

impl WatchPolicies {
    /// Creates the default policies, with what the watches of `history` have learned.
    pub fn new(history: &History) -> Self {
        let history = history.clone();
        Self {
            poll_policy: Box::new(move |saved| polling::from_saved(saved, &history)),
            retry: Arc::new(Backoff::default()),
            limits: RetryLimits::default(),
        }
    }

    /// Sets the poll policy, of which each step uses a copy restored from the checkpoint.
    pub fn polling(mut self, policy: impl PollPolicy + Clone + Sync) -> Self {
        self.poll_policy = Box::new(move |saved| {
            let mut policy = policy.clone();
            if let Some(saved) = saved {
                policy.restore(saved);
            }
            Box::new(policy)
        });
        self
    }

    /// Sets the retry policy.
    pub fn retry(mut self, policy: impl RetryPolicy) -> Self {
        self.retry = Arc::new(policy);
        self
    }

    /// Sets the longest `Retry-After` that is honored to the second, as
    /// [`ClientBuilder::max_retry_after`](crate::ClientBuilder::max_retry_after) does. Default: 10
    /// minutes. After a longer one, the next poll is due after this time, and the following ones a minute
    /// later each.
    pub fn max_retry_after(mut self, max: Duration) -> Self {
        self.limits.max_retry_after = max;
        self
    }

    /// Sets the time for which an endpoint that has never responded may be unreachable, as
    /// [`ClientBuilder::unreachable_grace_period`](crate::ClientBuilder::unreachable_grace_period) does.
    /// Default: 60 seconds.
    pub fn unreachable_grace_period(mut self, grace_period: Duration) -> Self {
        self.limits.unreachable_grace_period = grace_period;
        self
    }
}

impl Default for WatchPolicies {
    fn default() -> Self {
        Self::new(&History::new())
    }
}

impl fmt::Debug for WatchPolicies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchPolicies")
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// The decision after a poll, from [`Checkpoint::step`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Step {
    /// Poll again at `due_at`.
    #[non_exhaustive]
    PollAgain {
        /// State of the watch, for the next step.
        checkpoint: Checkpoint,
        /// Time of the next poll, by the clock of the poll result.
        due_at: SystemTime,
        /// Change since the last update of the watch; `None` when nothing changed. The checkpoint
        /// carries a hash of the state that was reported, so steps on different machines emit no
        /// duplicates.
        ///
        /// A checkpoint retains no clip, so [`Update::clip`] is `None` after a poll that failed or
        /// that found no record.
        update: Option<Update>,
    },
    /// No request may be sent before `until`; try again then.
    #[non_exhaustive]
    Held {
        /// State of the watch, for the next step.
        checkpoint: Checkpoint,
        /// Time given with [`PollResult::held`].
        until: SystemTime,
    },
    /// The watch has ended.
    #[non_exhaustive]
    Ended {
        /// The complete clip, or the error that ended the watch. Unless the clip failed, was deleted or
        /// was not found by any poll, the error has a [checkpoint](Error::checkpoint) to resume from.
        result: Result<Clip>,
        /// Number of polls that the watch made.
        polls: u64,
        /// Duration of the watch since its start.
        elapsed: Duration,
    },
}

impl Checkpoint {
    /// Advances the watch by one poll: returns the next decision, with the next checkpoint.
    ///
    /// A pure function. It reads no clock and no random numbers, sends nothing, and needs no runtime:
    /// the same checkpoint, poll result and policies give the same step. The one effect is that the
    /// [`History`] of the default policies learns from a completed clip. It runs the same state machine
    /// as [`Client::watch`](crate::Client::watch) and [`Client::watch_all`](crate::Client::watch_all).
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let mut now = std::time::SystemTime::now();
    /// # async fn sleep_until(due_at: std::time::SystemTime, now: &mut std::time::SystemTime) {
    /// #     tokio::time::sleep(due_at.duration_since(*now).unwrap_or_default()).await;
    /// #     *now = due_at;
    /// # }
    /// use rhombus_clips::retry::NoRetry;
    /// use rhombus_clips::{Checkpoint, PollResult, Step, WatchPolicies};
    ///
    /// let policies = WatchPolicies::default();
    /// let mut checkpoint = Checkpoint::new(uuid, now);
    /// let clip = loop {
    ///     let result = client.get_clip(uuid).retry(NoRetry).await;
    ///     match checkpoint.step(PollResult::new(result, now, now), &policies) {
    ///         Step::PollAgain { checkpoint: next, due_at, .. } => {
    ///             checkpoint = next.to_string().parse()?; // Through a database, say.
    ///             sleep_until(due_at, &mut now).await;
    ///         }
    ///         Step::Ended { result, .. } => break result?,
    ///         other => panic!("unexpected step {other:?}"),
    ///     }
    /// };
    /// assert!(clip.is_complete());
    /// # });
    /// ```
    #[must_use = "the step has the next checkpoint, or the end of the watch"]
    pub fn step(&self, poll: PollResult, policies: &WatchPolicies) -> Step {
        let PollResult {
            outcome,
            started_at,
            finished_at,
            random,
        } = poll;
        let limits = WatchLimits::new(policies.limits, DEFAULT_ATTEMPT_TIMEOUT);
        let config = WatchConfig::from_checkpoint(self, policies.retry.clone(), limits);
        let config = Arc::new(config);
        let poll_policy = (policies.poll_policy)(self.poll_policy());
        let mut state = WatchState::restore(self, poll_policy, config);
        let started = self.elapsed_at(started_at);
        let elapsed = self.elapsed_at(finished_at).max(started);
        let transition = match outcome {
            Outcome::Completed(result) => {
                state.start_poll(started, started);
                state.finish_poll(PollInput {
                    elapsed,
                    result,
                    // The checkpoint knows.
                    is_reached: false,
                    resumed_at: started,
                    known: None,
                    random,
                    withdraw: &|| true,
                })
            }
            Outcome::Held { until } if self.elapsed_at(until) <= state.final_round_end(elapsed) => {
                return Step::Held {
                    checkpoint: state.checkpoint(elapsed, finished_at),
                    until,
                };
            }
            Outcome::Held { .. } => {
                let message = "requests are held back beyond the deadline of the watch";
                let error = Error::new(ErrorKind::RateLimited, message);
                state.exceed_deadline(elapsed, Some(error), None)
            }
        };
        let take = || state.checkpoint(elapsed, finished_at);
        let result = match transition {
            Transition::PollAgain { delay, update, .. } => {
                return Step::PollAgain {
                    checkpoint: take(),
                    due_at: finished_at.checked_add(delay).unwrap_or(finished_at),
                    update,
                };
            }
            Transition::Complete(clip, _) => Ok(clip),
            Transition::Failed(error) if state.is_resumable(&error) => {
                Err(error.with_checkpoint(take()))
            }
            Transition::Failed(error) => Err(error),
        };
        Step::Ended {
            result,
            polls: state.polls(),
            elapsed,
        }
    }
}

impl FromStr for Checkpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| {
            // The reason may quote the text.
            let reason = sanitize_line(&error.to_string());
            Error::new(
                ErrorKind::Checkpoint,
                format!("invalid checkpoint: {reason}"),
            )
            .with_hint(Hint::StartNewWatch)
        })
    }
}

#[cfg(test)]
mod tests;
