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
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::retry::{FailedAttempt, RetryDecision, RetryPolicy};
///
/// /// After so long, but for what will not pass.
/// #[derive(Debug)]
/// struct After(Duration);
///
/// impl RetryPolicy for After {
///     fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
///         if failed.error().is_transient() {
///             RetryDecision::After(self.0)
///         } else {
///             RetryDecision::GiveUp
///         }
///     }
/// }
/// ```
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
///
/// ```
/// use rhombus_clips::retry::CallKind;
///
/// assert_eq!(CallKind::GetClip.name(), "getClipWithProgress");
/// assert_eq!(CallKind::Watch.name(), "getClipWithProgress");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallKind {
    /// [`Client::get_clip`](crate::Client::get_clip): somebody waits for this answer.
    GetClip,
    /// A look of [`Client::watch`](crate::Client::watch): the watch goes on to its deadline.
    Watch,
}

impl CallKind {
    /// The name of the service's own operation, the same for both: `getClipWithProgress`. It only
    /// reads, so repeating it is safe.
    pub fn name(self) -> &'static str {
        "getClipWithProgress"
    }
}

/// An attempt that failed, as a [`RetryPolicy`] sees it.
///
/// ```
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s())).with_fault(fault(Response::status(503)).on_requests(..=2));
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
/// use std::time::Duration;
/// use rhombus_clips::retry::{FailedAttempt, CallKind, RetryDecision, RetryPolicy};
///
/// /// Linear, jittered, and not when the service is down for everybody.
/// #[derive(Debug)]
/// struct Linear;
///
/// impl RetryPolicy for Linear {
///     fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
///         let is_urgent = failed.call_kind() == CallKind::GetClip;
///         if !failed.error().is_transient() || (is_urgent && !failed.is_within_budget()) {
///             return RetryDecision::GiveUp;
///         }
///         let seconds = f64::from(failed.attempt()) + failed.random();
///         RetryDecision::After(Duration::from_secs_f64(seconds.min(60.0)))
///     }
/// }
///
/// client.get_clip(uuid).retry(Linear).await?;
/// service.verify(uuid).count(3).min_interval(900.ms());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FailedAttempt<'a> {
    pub(crate) call_kind: CallKind,
    pub(crate) attempt: u32,
    pub(crate) error: &'a Error,
    pub(crate) random: f64,
    pub(crate) within_budget: bool,
}

impl FailedAttempt<'_> {
    /// What the attempt was made for.
    pub fn call_kind(&self) -> CallKind {
        self.call_kind
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
///
/// ```
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s())).with_fault(fault(Response::status(503)));
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
/// use rhombus_clips::retry::NoRetry;
///
/// let error = client.get_clip(uuid).retry(NoRetry).await.unwrap_err();
/// assert_eq!(error.attempts(), Some(1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoRetry;

impl RetryPolicy for NoRetry {
    fn decide(&self, _: &FailedAttempt<'_>) -> RetryDecision {
        RetryDecision::GiveUp
    }
}
