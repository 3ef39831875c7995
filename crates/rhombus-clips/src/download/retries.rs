//! Retries of a download, without a clock: a transfer that moves on may be interrupted any number of times.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::retry::{CallKind, FailedAttempt, RetryLimits, RetryPolicy, retry_delay};

/// Bytes by which a download must have grown for its failed attempts to count no more. Chosen, not tuned: a
/// connection that breaks after less is not worth many more.
const PROGRESS_BYTES: u64 = 64 * 1024;

/// The failed attempts of a download since it last moved on.
#[derive(Clone, Debug)]
pub(crate) struct Retries {
    policy: Arc<dyn RetryPolicy>,
    limits: RetryLimits,
    consecutive: u32,
    total: u64,
    /// Largest number of bytes that were there at a failure.
    furthest: u64,
}

impl Retries {
    pub(crate) fn new(policy: Arc<dyn RetryPolicy>, limits: RetryLimits) -> Self {
        Self {
            policy,
            limits,
            consecutive: 0,
            total: 0,
            furthest: 0,
        }
    }

    /// Records a failed attempt after this many bytes of the file. Returns the delay before the next one, or
    /// the error of the download.
    pub(crate) fn on_failure(
        &mut self,
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
        match retry_delay(&*self.policy, failed, &self.limits, left, withdraw) {
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

    fn retries() -> Retries {
        Retries::new(Arc::new(Backoff::default()), RetryLimits::default())
    }

    fn fail(retries: &mut Retries, kind: ErrorKind, bytes: u64) -> Result<Duration> {
        let error = Error::new(kind, "lost");
        retries.on_failure(error, bytes, Duration::MAX, 0.5, || true)
    }

    /// Returns the number of the failure that ends a download, each after so many bytes.
    fn failures(bytes: impl Fn(u64) -> u64) -> Option<u64> {
        let mut retries = retries();
        let mut numbers = 1..=100;
        numbers.find(|number| fail(&mut retries, ErrorKind::Connection, bytes(*number)).is_err())
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
        let mut retries = retries();
        let error = fail(&mut retries, ErrorKind::Decode, 0).unwrap_err();
        assert!(error.is_decode());
        assert_eq!(retries.total(), 1);
    }
}
