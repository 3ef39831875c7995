//! Whether another try is worth it, and when.
//!
//! One [`RetryPolicy`] decides for a client, unless a call brings its own
//! ([`GetClip::retry`](crate::GetClip::retry), [`Watch::retry`](crate::Watch::retry)). It is pure:
//! it sees a [`FailedAttempt`] and answers with a [`RetryDecision`]. What it answers is then kept
//! within bounds that no policy can leave: no wait is shorter than a `Retry-After` that the
//! service asked for, or than 10 ms, and none goes beyond the deadline. Where the two contradict
//! each other a look-up gives up, and a watch sends its one last request at its deadline.
//!
//! - [`Backoff`], the default: exponential back-off with full jitter after failures that may pass.
//! - [`NoRetry`]: no failure is worth another try.
//!
//! A policy of one's own:
//!
//! ```
//! use std::time::Duration;
//! use rhombus_clips::Client;
//! use rhombus_clips::retry::{FailedAttempt, RetryDecision, RetryPolicy};
//!
//! /// Three tries, a second apart.
//! #[derive(Debug)]
//! struct ThreeTries;
//!
//! impl RetryPolicy for ThreeTries {
//!     fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
//!         if failed.attempt() < 3 && failed.error().is_transient() {
//!             RetryDecision::After(Duration::from_secs(1))
//!         } else {
//!             RetryDecision::GiveUp
//!         }
//!     }
//! }
//!
//! let client = Client::builder().api_key("0123456789").retry(ThreeTries).build()?;
//! # Ok::<(), rhombus_clips::Error>(())
//! ```

mod backoff;
mod budget;
mod policy;
mod retry_after;
mod retry_delay;

pub use backoff::Backoff;
pub use policy::{CallKind, FailedAttempt, NoRetry, RetryDecision, RetryPolicy};

pub(crate) use budget::RetryBudget;
pub(crate) use retry_after::retry_after;
pub(crate) use retry_delay::retry_delay;
