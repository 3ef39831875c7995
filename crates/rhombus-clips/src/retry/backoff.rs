//! Exponential backoff with full jitter.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};

use crate::time::scale;

use super::{CallKind, FailedAttempt, RetryDecision, RetryPolicy};

/// Attempts of a download for each one of a call. Chosen, not tuned: with the defaults, a download outlasts an
/// interruption of about two minutes.
const DOWNLOAD_ATTEMPTS_FACTOR: u32 = 2;

/// Exponential backoff with full jitter, for transient failures after which a second request is safe
/// ([`FailedAttempt::is_retryable`]).
///
/// The delay after the n-th consecutive failure is random, between zero and a ceiling that starts at 1
/// second, doubles with each failure, and is at most 60 seconds. Rhombus advises a backoff from 1 to at
/// most 60 seconds and 5 to 10 attempts.
///
/// - A call such as [`get_clip`](crate::Client::get_clip) makes at most 5 attempts, and none after the
///   first once the client's [retry budget](FailedAttempt::is_within_budget) is exhausted.
/// - A watch has no limit of attempts, because its deadline ends it. With an exhausted budget its delay
///   is between half the maximum ceiling and the maximum.
/// - A download makes at most twice the attempts of a call since it last moved on, and waits as a watch does with
///   an exhausted budget.
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::Client;
/// use rhombus_clips::retry::Backoff;
///
/// let backoff = Backoff::default()
///     .initial(Duration::from_millis(500))
///     .factor(1.5)
///     .max(Duration::from_secs(10))
///     .attempts(8);
/// let client = Client::builder().api_key("0123456789").retry(backoff).build()?;
/// # Ok::<(), rhombus_clips::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct Backoff {
    initial: Duration,
    factor: f32,
    max: Duration,
    attempts: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            initial: Duration::from_secs(1),
            factor: 2.0,
            max: Duration::from_secs(60),
            attempts: 5,
        }
    }
}

impl Backoff {
    /// Sets the ceiling after the first failure. Default: 1 second.
    pub fn initial(mut self, initial: Duration) -> Self {
        self.initial = initial;
        self
    }

    /// Sets the factor that each further failure multiplies the ceiling by. Default: 2; less than 1
    /// counts as 1.
    pub fn factor(mut self, factor: f32) -> Self {
        self.factor = factor.max(1.0);
        self
    }

    /// Sets the maximum ceiling. Default: 60 seconds.
    pub fn max(mut self, max: Duration) -> Self {
        self.max = max;
        self
    }

    /// Sets the maximum number of attempts of a call, the first included. Default: 5; 0 counts as 1. It
    /// does not apply to a watch, which its deadline ends, and a download makes twice as many without progress.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Attempts of a download without progress. One attempt stays one.
    fn download_attempts(&self) -> u32 {
        match self.attempts {
            0 | 1 => 1,
            attempts => attempts.saturating_mul(DOWNLOAD_ATTEMPTS_FACTOR),
        }
    }

    /// Returns the ceiling after this many consecutive failures.
    pub(crate) fn ceiling(&self, failures: u32) -> Duration {
        let schedule = ExponentialBuilder::new()
            .with_min_delay(self.initial)
            .with_factor(self.factor)
            .with_max_delay(self.max)
            .without_max_times()
            .build();
        // The ceiling reaches its maximum long before the hundredth failure.
        let index = failures.clamp(1, 100) - 1;
        let ceiling = schedule.take(index as usize + 1).last();
        ceiling.unwrap_or(self.max).min(self.max)
    }
}

impl RetryPolicy for Backoff {
    fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
        if !failed.is_retryable() {
            return RetryDecision::GiveUp;
        }
        let is_exhausted = !failed.is_within_budget();
        RetryDecision::After(match failed.call_kind() {
            CallKind::Watch if is_exhausted => scale(self.max, 0.5 + failed.random() / 2.0),
            CallKind::Call if is_exhausted || failed.attempt() >= self.attempts => {
                return RetryDecision::GiveUp;
            }
            CallKind::Download if failed.attempt() >= self.download_attempts() => {
                return RetryDecision::GiveUp;
            }
            CallKind::Download if is_exhausted => scale(self.max, 0.5 + failed.random() / 2.0),
            CallKind::Watch | CallKind::Call | CallKind::Download => {
                scale(self.ceiling(failed.attempt()), failed.random())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::Operation;
    use crate::{Error, ErrorKind};

    const SEC: Duration = Duration::from_secs(1);

    struct Case {
        call_kind: CallKind,
        attempt: u32,
        kind: ErrorKind,
        random: f64,
        within_budget: bool,
    }

    const CASE: Case = Case {
        call_kind: CallKind::Call,
        attempt: 1,
        kind: ErrorKind::Timeout,
        random: 0.5,
        within_budget: true,
    };

    fn decide(policy: &dyn RetryPolicy, case: Case) -> RetryDecision {
        policy.decide(&FailedAttempt {
            call_kind: case.call_kind,
            operation: Operation::find("getClipWithProgress"),
            attempt: case.attempt,
            error: &Error::new(case.kind, ""),
            random: case.random,
            within_budget: case.within_budget,
        })
    }

    #[test]
    fn the_ceiling_doubles_from_one_second_to_sixty() {
        let ceilings = [1, 2, 3, 4, 5, 6, 7, 8, 1000, u32::MAX]
            .map(|failures| Backoff::default().ceiling(failures).as_secs());
        assert_eq!(ceilings, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        assert_eq!(Backoff::default().ceiling(0), SEC);
    }

    #[test]
    fn extreme_settings_are_clamped() {
        let extreme = Backoff::default().initial(90 * SEC).factor(f32::NAN);
        assert_eq!(extreme.ceiling(3), 60 * SEC);
        assert_eq!(Backoff::default().factor(0.1).ceiling(9), SEC);
        assert_eq!(
            Backoff::default().factor(f32::INFINITY).ceiling(9),
            60 * SEC
        );
    }

    #[test]
    fn the_jitter_is_full() {
        for (random, wait) in [(0.0, Duration::ZERO), (0.5, 4 * SEC)] {
            let case = Case {
                attempt: 4,
                random,
                ..CASE
            };
            assert_eq!(
                decide(&Backoff::default(), case),
                RetryDecision::After(wait)
            );
        }
    }

    #[test]
    fn attempts_limit_a_call_but_not_a_watch() {
        let call = |attempt| decide(&Backoff::default(), Case { attempt, ..CASE });
        assert_eq!(call(4), RetryDecision::After(4 * SEC));
        assert_eq!(call(5), RetryDecision::GiveUp);
        let watch = Case {
            call_kind: CallKind::Watch,
            attempt: 500,
            ..CASE
        };
        assert_eq!(
            decide(&Backoff::default(), watch),
            RetryDecision::After(30 * SEC)
        );
    }

    #[test]
    fn an_exhausted_budget_ends_a_call_and_slows_a_watch() {
        let exhausted = |call_kind, random| {
            decide(
                &Backoff::default(),
                Case {
                    call_kind,
                    random,
                    within_budget: false,
                    ..CASE
                },
            )
        };
        assert_eq!(exhausted(CallKind::Call, 0.5), RetryDecision::GiveUp);
        assert_eq!(
            exhausted(CallKind::Watch, 0.0),
            RetryDecision::After(30 * SEC)
        );
        assert_eq!(
            exhausted(CallKind::Watch, 0.5),
            RetryDecision::After(45 * SEC)
        );
    }

    #[test]
    fn permanent_failures_are_not_retried() {
        for kind in [
            ErrorKind::Authentication,
            ErrorKind::Decode,
            ErrorKind::Service,
            ErrorKind::Tls,
        ] {
            let case = Case {
                call_kind: CallKind::Watch,
                kind,
                ..CASE
            };
            assert_eq!(
                decide(&Backoff::default(), case),
                RetryDecision::GiveUp,
                "{kind:?}"
            );
        }
        assert_eq!(decide(&super::super::NoRetry, CASE), RetryDecision::GiveUp);
    }
}
