//! Retry state of a call, without a clock.
//!
//! The caller supplies elapsed time, results and randomness, so that retries are tested without a clock.

use std::time::Duration;

use crate::error::{Error, ErrorKind, Hint, Result};
use crate::retry::{
    CallKind, Effect, FailedAttempt, NoRetry, Operation, RetryLimits, RetryPolicy, retry_delay,
};

/// Retry state of one call: its attempts so far, and the time that is left.
pub(super) struct CallState<'a> {
    timeout: Duration,
    policy: &'a dyn RetryPolicy,
    limits: RetryLimits,
    attempts: u64,
    last_error: Option<Error>,
}

impl<'a> CallState<'a> {
    pub(super) fn new(timeout: Duration, policy: &'a dyn RetryPolicy, limits: RetryLimits) -> Self {
        Self {
            timeout,
            policy,
            limits,
            attempts: 0,
            last_error: None,
        }
    }

    /// Starts the next attempt after its admission, and returns its number. Fails with the error of the
    /// call if it was not admitted, or no time is left for a response.
    pub(super) fn start_attempt(
        &mut self,
        admission: Result<()>,
        elapsed: Duration,
    ) -> Result<u64> {
        let is_over = elapsed >= self.timeout && !self.timeout.is_zero();
        if let Some(error) = admission.err().or_else(|| is_over.then(cooldown_error)) {
            let error = self.last_error.take().unwrap_or(error);
            return Err(self.end(error, elapsed));
        }
        self.attempts = self.attempts.saturating_add(1);
        Ok(self.attempts)
    }

    /// Returns the delay before the next attempt, or the error of the call.
    ///
    /// `is_reached` is whether the endpoint has ever responded.
    pub(super) fn on_failure(
        &mut self,
        operation: Option<&'static Operation>,
        error: Error,
        elapsed: Duration,
        is_reached: bool,
        random: f64,
        withdraw: impl FnOnce() -> bool,
    ) -> Result<Duration> {
        let failed = FailedAttempt {
            call_kind: CallKind::Call,
            operation,
            attempt: u32::try_from(self.attempts).unwrap_or(u32::MAX),
            within_budget: true,
            error: &error,
            random,
        };
        let end = match error.is_connect() && !is_reached {
            true => self.timeout.min(self.limits.unreachable_grace_period),
            false => self.timeout,
        };
        let left = end.saturating_sub(elapsed);
        let is_repeatable = failed.effect() == Effect::Read || error.is_unprocessed();
        let policy: &dyn RetryPolicy = match is_repeatable {
            true => self.policy,
            // No policy makes a write safe that may have been processed.
            false => &NoRetry,
        };
        match retry_delay(policy, failed, &self.limits, left, withdraw) {
            Ok(Some(delay)) => {
                self.last_error = Some(error);
                Ok(delay)
            }
            Ok(None) => {
                let is_read = operation.is_some_and(|it| it.effect() == Effect::Read);
                let error = if is_read { error } else { error.after_write() };
                Err(self.end(error, elapsed))
            }
            Err(panicked) => Err(self.end(panicked, elapsed)),
        }
    }

    /// Adds the number of attempts and the duration of the call to its error.
    pub(super) fn end(&self, error: Error, elapsed: Duration) -> Error {
        error.with_attempts(self.attempts, elapsed)
    }
}

fn cooldown_error() -> Error {
    let message = "the service requires a longer delay between requests than the timeout leaves";
    Error::new(ErrorKind::RateLimited, message)
        .with_hint(Hint::RetryLater)
        .with_hint(Hint::ExtendTimeout)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::RequestFailure;
    use crate::retry::{Backoff, RetryDecision};

    const SEC: Duration = Duration::from_secs(1);

    /// Backoff without jitter: delays are the ceilings.
    #[derive(Debug)]
    struct MaxBackoff;

    impl RetryPolicy for MaxBackoff {
        fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
            Backoff::default().decide(&FailedAttempt {
                random: 1.0,
                ..*failed
            })
        }
    }

    fn call_state(timeout: Duration, policy: &dyn RetryPolicy) -> CallState<'_> {
        CallState::new(timeout, policy, RetryLimits::default())
    }

    fn read() -> Option<&'static Operation> {
        Operation::find("getClipWithProgress")
    }

    fn refused() -> Error {
        Error::new(ErrorKind::Connection, "refused")
    }

    /// Makes attempts that take no time and fail, until the call ends; returns the delays and the end.
    fn run(
        timeout: Duration,
        policy: &dyn RetryPolicy,
        has_budget: bool,
        fail: fn() -> Error,
    ) -> (Vec<Duration>, Error) {
        let mut state = call_state(timeout, policy);
        let mut delays = Vec::new();
        loop {
            let elapsed = delays.iter().sum();
            state.start_attempt(Ok(()), elapsed).unwrap();
            match state.on_failure(read(), fail(), elapsed, true, 0.5, || has_budget) {
                Ok(delay) => delays.push(delay),
                Err(error) => return (delays, error),
            }
        }
    }

    #[test]
    fn transient_failures_are_retried_with_growing_delays() {
        let (delays, error) = run(60 * SEC, &MaxBackoff, true, refused);
        assert_eq!(delays, [SEC, 2 * SEC, 4 * SEC, 8 * SEC]);
        assert!(error.is_connection());
        assert_eq!(
            (error.attempts(), error.elapsed()),
            (Some(5), Some(15 * SEC))
        );
    }

    #[test]
    fn no_delay_exceeds_the_timeout() {
        let (delays, error) = run(6 * SEC, &MaxBackoff, true, refused);
        assert_eq!(delays, [SEC, 2 * SEC]);
        assert_eq!(
            (error.attempts(), error.elapsed()),
            (Some(3), Some(3 * SEC))
        );
    }

    #[test]
    fn a_longer_retry_after_is_obeyed() {
        let limited = || Error::new(ErrorKind::RateLimited, "").with_retry_after(Some(20 * SEC));
        let (delays, error) = run(60 * SEC, &MaxBackoff, true, limited);
        assert_eq!(delays, [20 * SEC, 20 * SEC]);
        assert!(error.is_rate_limited());
    }

    #[test]
    fn no_retry_permanent_failures_and_an_exhausted_budget_mean_one_attempt() {
        let denied = || Error::new(ErrorKind::Authentication, "denied");
        for (delays, error) in [
            run(60 * SEC, &NoRetry, true, refused),
            run(60 * SEC, &MaxBackoff, true, denied),
            run(60 * SEC, &MaxBackoff, false, refused),
        ] {
            assert_eq!((delays, error.attempts()), (vec![], Some(1)));
        }
    }

    #[test]
    fn a_write_is_sent_again_only_if_it_did_not_arrive() {
        let end = |fail: fn() -> Error| {
            let mut state = call_state(60 * SEC, &MaxBackoff);
            for _ in 0..3 {
                state.start_attempt(Ok(()), Duration::ZERO).unwrap();
                let write = Operation::find("spliceV3");
                let result = state.on_failure(write, fail(), Duration::ZERO, true, 0.5, || true);
                if let Err(error) = result {
                    return Some((error.attempts(), error.hints().to_vec()));
                }
            }
            None
        };
        let lost = || refused().with_request_failure(RequestFailure::Lost);
        let not_sent = || refused().with_request_failure(RequestFailure::NotConnected);
        let unavailable = || {
            let error = Error::new(ErrorKind::UnexpectedStatus, "").with_status(503);
            error.with_hint(Hint::RetryLater)
        };
        let failed = || Error::new(ErrorKind::Service, "").with_status(200);
        let refused = || Error::new(ErrorKind::UnexpectedStatus, "").with_status(400);
        let unknown = Some((Some(1), vec![Hint::CheckOutcome]));
        assert_eq!(end(lost), unknown);
        assert_eq!(end(unavailable), unknown);
        assert_eq!(end(failed), Some((Some(1), vec![])));
        assert_eq!(end(refused), Some((Some(1), vec![])));
        assert_eq!(end(not_sent), None);
    }

    #[test]
    fn an_endpoint_that_never_responded_is_tried_for_the_grace_period() {
        let unreachable = || refused().with_request_failure(RequestFailure::NotConnected);
        let delay = |fail: fn() -> Error, is_reached, elapsed| {
            let mut state = call_state(600 * SEC, &MaxBackoff);
            state.start_attempt(Ok(()), elapsed).unwrap();
            state.on_failure(read(), fail(), elapsed, is_reached, 0.5, || true)
        };
        assert_eq!(delay(unreachable, false, 58 * SEC).unwrap(), SEC);
        assert!(
            delay(unreachable, false, 59 * SEC)
                .unwrap_err()
                .is_connect()
        );
        assert_eq!(delay(unreachable, true, 59 * SEC).unwrap(), SEC);
        assert_eq!(delay(refused, false, 59 * SEC).unwrap(), SEC);
    }

    #[test]
    fn a_policy_that_panics_ends_the_call_with_an_error() {
        #[derive(Debug)]
        struct Broken;
        impl RetryPolicy for Broken {
            fn decide(&self, _: &FailedAttempt<'_>) -> RetryDecision {
                panic!("no idea")
            }
        }
        let (delays, error) = run(6 * SEC, &Broken, true, refused);
        assert!(delays.is_empty() && error.is_policy());
        assert_eq!(error.attempts(), Some(1));
    }

    #[test]
    fn a_cooldown_beyond_the_timeout_ends_the_call_with_the_rate_limit_error() {
        let limited = Error::new(ErrorKind::RateLimited, "").with_status(429);
        let mut state = call_state(6 * SEC, &MaxBackoff);
        state.start_attempt(Ok(()), Duration::ZERO).unwrap();
        state
            .on_failure(read(), limited, Duration::ZERO, true, 0.5, || true)
            .unwrap();
        let error = state.start_attempt(Ok(()), 6 * SEC).unwrap_err();
        assert!(error.is_rate_limited());
        assert_eq!((error.attempts(), error.status()), (Some(1), Some(429)));
        let mut state = call_state(6 * SEC, &MaxBackoff);
        let error = state.start_attempt(Ok(()), 6 * SEC).unwrap_err();
        assert!(error.is_rate_limited());
        assert_eq!((error.attempts(), error.status()), (Some(0), None));
    }

    #[test]
    fn a_call_that_is_not_admitted_ends_with_its_last_failure() {
        let rejection = || Err(Error::new(ErrorKind::RateLimited, "exhausted"));
        let mut state = call_state(6 * SEC, &MaxBackoff);
        let error = state.start_attempt(rejection(), SEC).unwrap_err();
        assert_eq!(error.to_string(), "exhausted");
        let mut state = call_state(6 * SEC, &MaxBackoff);
        state.start_attempt(Ok(()), Duration::ZERO).unwrap();
        state
            .on_failure(read(), refused(), Duration::ZERO, true, 0.5, || true)
            .unwrap();
        let error = state.start_attempt(rejection(), SEC).unwrap_err();
        assert!(error.is_connection());
        assert_eq!(error.attempts(), Some(1));
    }
}
