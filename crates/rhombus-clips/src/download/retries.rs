//! Retries of a download, without a clock: a transfer that moves on may be interrupted any number of times.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::retry::{CallKind, FailedAttempt, RetryLimits, RetryPolicy, retry_delay};

/// Bytes by which a download must have grown for its failed attempts to count no more. Chosen, not tuned: a
/// connection that breaks after less is not worth many more.
const PROGRESS_BYTES: u64 = 64 * 1024;

/// The failed attempts of a download since it last moved on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Retries {
    consecutive: u32,
    total: u64,
    /// Largest number of bytes that were there at a failure.
    furthest: u64,
}

impl Retries {
    /// Records a failed attempt after this many bytes of the file. Returns the delay before the next one, or
    /// the error of the download.
    pub(crate) fn on_failure(
        &mut self,
        policy: &dyn RetryPolicy,
        limits: &RetryLimits,
        error: Error,
        bytes: u64,
        left: Duration,
        random: f64,
        withdraw: impl FnOnce() -> bool,
    ) -> Result<Duration> {
        if bytes >= self.furthest.saturating_add(PROGRESS_BYTES) {
            self.consecutive = 0;
        }
        self.furthest = self.furthest.max(bytes);
        self.consecutive = self.consecutive.saturating_add(1);
        self.total = self.total.saturating_add(1);
        let failed = FailedAttempt {
            call_kind: CallKind::Download,
            operation: None,
            attempt: self.consecutive,
            within_budget: true,
            error: &error,
            random,
        };
        match retry_delay(policy, failed, limits, left, withdraw) {
            Ok(Some(delay)) => Ok(delay),
            Ok(None) => Err(error),
            Err(panicked) => Err(panicked),
        }
    }

    /// Number of failed attempts in all.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::retry::Backoff;

    fn lost() -> Error {
        Error::new(ErrorKind::Connection, "lost")
    }

    fn failures(bytes: impl Fn(u64) -> u64) -> Option<u64> {
        let mut retries = Retries::default();
        let policy = Backoff::default();
        (1..=100).find(|number| {
            let limits = RetryLimits::default();
            retries
                .on_failure(
                    &policy,
                    &limits,
                    lost(),
                    bytes(*number),
                    Duration::MAX,
                    0.5,
                    || true,
                )
                .is_err()
        })
    }

    #[test]
    fn only_progress_allows_more_attempts_than_the_policy() {
        assert_eq!(failures(|_| 0), Some(10));
        assert_eq!(failures(|number| number), Some(10));
        assert_eq!(failures(|number| number * PROGRESS_BYTES), None);
        // A transfer that begins again and breaks at the same byte.
        assert_eq!(failures(|_| 9 * PROGRESS_BYTES), Some(10));
    }

    #[test]
    fn a_permanent_error_is_not_retried() {
        let mut retries = Retries::default();
        let error = Error::new(ErrorKind::Decode, "a page");
        let limits = RetryLimits::default();
        let result = retries.on_failure(
            &Backoff::default(),
            &limits,
            error,
            0,
            Duration::MAX,
            0.5,
            || true,
        );
        assert!(result.unwrap_err().is_decode());
        assert_eq!(retries.total(), 1);
    }
}
