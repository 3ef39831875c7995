//! Retry policies.
//!
//! A client has one [`RetryPolicy`], unless a call sets its own
//! ([`GetClip::retry`](crate::GetClip::retry), [`Watch::retry`](crate::Watch::retry)). It is pure: it
//! receives a [`FailedAttempt`] and returns a [`RetryDecision`]. Bounds then apply that no policy can
//! exceed: a delay is at least the service's `Retry-After`, up to
//! [`max_retry_after`](crate::ClientBuilder::max_retry_after), and at least 10 ms, and it ends before
//! the deadline. Where these contradict each other a call gives up, and a watch sends its final poll at
//! its deadline. While the endpoint has never responded, failures to connect are retried for the
//! [`unreachable_grace_period`](crate::ClientBuilder::unreachable_grace_period) only.
//!
//! A policy that panics ends its call or watch with an error of kind
//! [`ErrorKind::Policy`](crate::ErrorKind::Policy).
//!
//! # Reads and writes
//!
//! A request whose response was lost may have been acted on, and a second one may do the same again. This
//! is harmless for an operation that reads. The [`Effect`] of each [`Operation`] of the service is declared,
//! with the reason; one without a declaration is a write.
//!
//! A write that the service may have processed is never sent again, whatever the policy is. Of all other
//! failed attempts the policy decides: [`FailedAttempt::is_retryable`] returns whether the failure is
//! transient and a second request is safe.
//!
//! # Policies
//!
//! - [`Backoff`], the default: exponential backoff with full jitter for transient failures.
//! - [`NoRetry`]: no retries.
//!
//! A custom policy:
//!
//! ```
//! use std::time::Duration;
//! use rhombus_clips::Client;
//! use rhombus_clips::retry::{FailedAttempt, RetryDecision, RetryPolicy};
//!
//! /// Three attempts, a second apart.
//! #[derive(Debug)]
//! struct ThreeAttempts;
//!
//! impl RetryPolicy for ThreeAttempts {
//!     fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
//!         if failed.attempt() < 3 && failed.is_retryable() {
//!             RetryDecision::After(Duration::from_secs(1))
//!         } else {
//!             RetryDecision::GiveUp
//!         }
//!     }
//! }
//!
//! let client = Client::builder().api_key("0123456789").retry(ThreeAttempts).build()?;
//! # Ok::<(), rhombus_clips::Error>(())
//! ```

mod backoff;
mod budget;
mod limits;
mod retry_after;

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

pub use backoff::Backoff;
pub(crate) use budget::{RetryBudget, retry_delay};
pub(crate) use limits::{PROBE_INTERVAL, RetryLimits};
pub(crate) use retry_after::retry_after;
pub use rhombus_clips_api::{Effect, Operation};

use crate::{ClipUuid, Error};

/// Decides whether a failed attempt is retried. Pure: no clock, no socket, no randomness of its own.
pub trait RetryPolicy: fmt::Debug + Send + Sync + 'static {
    /// Returns the decision for a failed attempt.
    ///
    /// When it decides on a retry and the retry budget is exhausted, it is called once more with
    /// [`is_within_budget`](FailedAttempt::is_within_budget) false.
    fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision;
}

/// Decision about a failed attempt.
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::retry::{FailedAttempt, RetryDecision, RetryPolicy};
///
/// /// A fixed delay.
/// #[derive(Debug)]
/// struct After(Duration);
///
/// impl RetryPolicy for After {
///     fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
///         if failed.is_retryable() {
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
    /// Retry after this delay, or after the service's `Retry-After` if that is longer. A watch cuts the
    /// delay to its deadline; a call gives up if the delay would end beyond its own.
    After(Duration),
    /// Return this failure to the caller.
    GiveUp,
}

/// Kind of call that an attempt belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallKind {
    /// A call that a caller is waiting for, such as [`Client::get_clip`](crate::Client::get_clip).
    Call,
    /// A poll of [`Client::watch`](crate::Client::watch) or
    /// [`watch_all`](crate::Client::watch_all), which continue until their deadline.
    Watch,
    /// A transfer of a file from the media host. Its attempts are counted since it last moved on.
    Download,
}

/// A failed attempt, the input of a [`RetryPolicy`].
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// # let service = service.with_fault(fault(Response::status(503)).on_requests(..=2));
/// use std::time::Duration;
/// use rhombus_clips::retry::{FailedAttempt, CallKind, RetryDecision, RetryPolicy};
///
/// /// Linear with jitter; a call gives up when the retry budget is exhausted.
/// #[derive(Debug)]
/// struct Linear;
///
/// impl RetryPolicy for Linear {
///     fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
///         let is_urgent = match failed.call_kind() {
///             CallKind::Call => true,
///             CallKind::Watch | CallKind::Download => false,
///             _ => false, // Kinds may be added.
///         };
///         if !failed.is_retryable() || (is_urgent && !failed.is_within_budget()) {
///             return RetryDecision::GiveUp;
///         }
///         let seconds = f64::from(failed.attempt()) + failed.random();
///         RetryDecision::After(Duration::from_secs_f64(seconds.min(60.0)))
///     }
/// }
///
/// client.get_clip(uuid).retry(Linear).await?;
/// service.verify(uuid).count(3).min_interval(900.ms());
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FailedAttempt<'a> {
    pub(crate) call_kind: CallKind,
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) attempt: u32,
    pub(crate) error: &'a Error,
    pub(crate) random: f64,
    pub(crate) within_budget: bool,
}

impl FailedAttempt<'_> {
    /// Kind of the call that the attempt belongs to.
    pub fn call_kind(&self) -> CallKind {
        self.call_kind
    }

    /// Operation of the service that the attempt was for; `None` for a [download](CallKind::Download), and for an
    /// attempt of [`Client::call`](crate::Client::call) that failed before one was chosen.
    pub fn operation(&self) -> Option<&'static Operation> {
        self.operation
    }

    /// Declared effect of the operation; [`Effect::Write`] if there is none, and [`Effect::Read`] for a download.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::retry::{CallKind, Effect, FailedAttempt, RetryDecision, RetryPolicy};
    ///
    /// /// Retries reads alone.
    /// #[derive(Debug)]
    /// struct ReadsOnly;
    ///
    /// impl RetryPolicy for ReadsOnly {
    ///     fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
    ///         println!("{:?}", failed.operation().map(|operation| operation.id()));
    ///         match failed.effect() {
    ///             Effect::Read if failed.is_retryable() => RetryDecision::After(Duration::from_secs(2)),
    ///             _ => RetryDecision::GiveUp,
    ///         }
    ///     }
    /// }
    /// ```
    pub fn effect(&self) -> Effect {
        match (self.operation, self.call_kind) {
            (Some(operation), _) => operation.effect(),
            (None, CallKind::Download) => Effect::Read,
            (None, _) => Effect::Write,
        }
    }

    /// Returns whether a second request may succeed ([`Error::is_transient`]), and is safe: the operation is
    /// a read, or the service certainly did not act on the request ([`Error::is_unprocessed`]).
    pub fn is_retryable(&self) -> bool {
        let is_safe = match self.effect() {
            Effect::Read => true,
            Effect::Write => self.error.is_unprocessed(),
        };
        self.error.is_transient() && is_safe
    }

    /// Number of consecutive failed attempts, this one included: 1 for the first.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Error of the attempt: its [kind](Error::kind), [status](Error::status),
    /// [headers](Error::header) and [`Retry-After`](Error::retry_after).
    pub fn error(&self) -> &Error {
        self.error
    }

    /// Random number for jitter, evenly distributed, at least 0 and below 1.
    pub fn random(&self) -> f64 {
        self.random
    }

    /// Returns whether the client's retry budget allows another retry.
    ///
    /// All calls of a client share one budget: 20 retries for each 100 attempts that succeeded in the
    /// last minute, and 60 beyond that. During an outage it keeps clients from multiplying the load.
    pub fn is_within_budget(&self) -> bool {
        self.within_budget
    }
}

/// Policy without retries: the first failure is the result, and ends a watch.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// # let service = service.with_fault(fault(Response::status(503)));
/// use rhombus_clips::retry::NoRetry;
///
/// let error = client.get_clip(uuid).retry(NoRetry).await.unwrap_err();
/// assert_eq!(error.attempts(), Some(1));
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoRetry;

impl RetryPolicy for NoRetry {
    fn decide(&self, _: &FailedAttempt<'_>) -> RetryDecision {
        RetryDecision::GiveUp
    }
}

/// One attempt of a call, or one poll of a watch.
#[derive(Clone, Copy, Debug)]
// Some fields serve `tracing` alone.
#[cfg_attr(not(feature = "tracing"), allow(dead_code))]
pub(crate) struct Attempt {
    /// `None` while it is not known.
    pub(crate) operation: Option<&'static Operation>,
    /// The clip that the request is about, if it is about one.
    pub(crate) clip_uuid: Option<ClipUuid>,
    /// 1 for the first attempt of a call, or the first poll of a watch.
    pub(crate) number: u64,
    pub(crate) deadline: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::error::RequestFailure;

    fn status(status: u16) -> Error {
        Error::new(ErrorKind::UnexpectedStatus, "").with_status(status)
    }

    fn failure(kind: ErrorKind, failure: RequestFailure) -> Error {
        Error::new(kind, "").with_request_failure(failure)
    }

    fn response(kind: ErrorKind) -> Error {
        Error::new(kind, "").with_status(200)
    }

    /// Every class of failed attempts, with whether a read and a write are retried after it.
    fn failures() -> Vec<(Error, bool, bool)> {
        use ErrorKind::*;
        use RequestFailure::*;
        vec![
            // Nothing was sent.
            (failure(Connection, NotConnected), true, true),
            (failure(Tls, NotConnected), false, false),
            (failure(Configuration, NotConnected), false, false),
            (Error::new(Configuration, ""), false, false),
            // The request may have arrived.
            (failure(Connection, Lost), true, false),
            (failure(Connection, NotHttp), true, false),
            (failure(Connection, Http1Required), true, false),
            (failure(ErrorKind::Timeout, Unanswered), true, false),
            (failure(Decode, NotHttp), false, false),
            (failure(Tls, Lost), false, false),
            // It was rejected unprocessed.
            (failure(Connection, Refused), true, true),
            (Error::new(RateLimited, "").with_status(429), true, true),
            (status(421), true, true),
            (status(425), true, true),
            // Another response arrived.
            (status(408), true, false),
            (status(500), true, false),
            (status(502), true, false),
            (
                status(503).with_retry_after(Some(Duration::ZERO)),
                true,
                false,
            ),
            (status(504), true, false),
            (status(999), true, false),
            (status(400), false, false),
            (status(404), false, false),
            (status(501), false, false),
            (
                Error::new(Authentication, "").with_status(403),
                false,
                false,
            ),
            (response(Connection), true, false),
            (response(UnexpectedClip), true, false),
            (response(Decode), false, false),
            (response(BodyTooLarge), false, false),
            (response(Service), false, false),
        ]
    }

    #[test]
    fn a_write_is_retried_only_if_it_was_certainly_not_processed() {
        let operation = |id| Operation::find(id);
        assert_eq!(operation("spliceV3").unwrap().effect(), Effect::Write);
        for (error, read, write) in failures() {
            for (operation, is_retried) in [
                (operation("getClipWithProgress"), read),
                (operation("spliceV3"), write),
                (None, write),
            ] {
                let failed = FailedAttempt {
                    call_kind: CallKind::Call,
                    operation,
                    attempt: 1,
                    error: &error,
                    random: 0.5,
                    within_budget: true,
                };
                let decision = Backoff::default().decide(&failed);
                let expected = match is_retried {
                    true => RetryDecision::After(Duration::from_millis(500)),
                    false => RetryDecision::GiveUp,
                };
                assert_eq!(decision, expected, "{operation:?} after {error:?}");
                assert_eq!(
                    failed.is_retryable(),
                    is_retried,
                    "{operation:?} after {error:?}"
                );
            }
        }
    }
}
