//! Retry policies.
//!
//! A client has one [`RetryPolicy`], unless a call sets its own
//! ([`GetClip::retry`](crate::GetClip::retry), [`Watch::retry`](crate::Watch::retry)). It is pure: it
//! receives a [`FailedAttempt`] and returns a [`RetryDecision`]. Bounds then apply that no policy can
//! exceed: a delay is at least the service's `Retry-After` and at least 10 ms, and it ends before the
//! deadline. Where these contradict each other a call gives up, and a watch sends its final poll at its
//! deadline.
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
//!         if failed.attempt() < 3 && failed.error().is_transient() {
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
mod policy;
mod retry_after;

pub use backoff::Backoff;
pub use policy::{CallKind, FailedAttempt, NoRetry, RetryDecision, RetryPolicy};

pub(crate) use budget::{RetryBudget, retry_delay};
pub(crate) use policy::Attempt;
pub(crate) use retry_after::retry_after;
