//! What a retry policy is asked, and what it answers.

use std::fmt;
use std::time::Duration;

use crate::Error;

/// Decides whether another try is worth it. Pure: no clock, no socket, no randomness of its own.
pub trait RetryPolicy: fmt::Debug + Send + Sync + 'static {
    /// What to do after an attempt failed.
    ///
    /// It is asked again with a [spent budget](FailedAttempt::is_within_budget) when another try
    /// was decided on and the budget has none left.
    fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision;
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryDecision {
    /// Try again after this wait, or after the service's `Retry-After` if that is longer. A watch
    /// never waits beyond its deadline; a look-up gives up where the wait would end beyond its.
    After(Duration),
    /// Make this failure the result.
    GiveUp,
}

/// What an attempt was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// [`Client::clip`](crate::Client::clip): somebody waits for this answer.
    Lookup,
    /// A look of [`Client::watch`](crate::Client::watch): the watch goes on to its deadline.
    Watch,
}

impl Operation {
    /// The name of the service's own operation, the same for both: `getClipWithProgress`. It only
    /// reads, so repeating it is safe.
    pub fn name(self) -> &'static str {
        "getClipWithProgress"
    }
}

/// An attempt that failed, as a [`RetryPolicy`] sees it.
#[derive(Clone, Copy, Debug)]
pub struct FailedAttempt<'a> {
    pub(crate) operation: Operation,
    pub(crate) attempt: u32,
    pub(crate) error: &'a Error,
    pub(crate) random: f64,
    pub(crate) within_budget: bool,
}

impl FailedAttempt<'_> {
    /// What the attempt was made for.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// How many attempts have failed in a row, this one included: 1 for the first.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Why it failed: its [kind](Error::kind), [status](Error::status),
    /// [headers](Error::header) and [`Retry-After`](Error::retry_after).
    pub fn error(&self) -> &Error {
        self.error
    }

    /// A random number for the jitter, evenly distributed, at least 0 and below 1.
    pub fn random(&self) -> f64 {
        self.random
    }

    /// Whether the client's retry budget allows another try.
    ///
    /// All calls of a client share one budget: 20 tries again for each 100 attempts that
    /// succeeded in the last minute, and 60 beside. When a service is down for everybody, it
    /// keeps the clients from multiplying their load on it.
    pub fn is_within_budget(&self) -> bool {
        self.within_budget
    }
}

/// No failure is worth another try: the first one is the result, and ends a watch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Never;

impl RetryPolicy for Never {
    fn decide(&self, _: &FailedAttempt<'_>) -> RetryDecision {
        RetryDecision::GiveUp
    }
}
