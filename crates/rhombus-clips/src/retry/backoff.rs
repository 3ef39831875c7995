//! Exponential back-off with full jitter.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};

use crate::time::scale;

use super::{CallKind, FailedAttempt, RetryDecision, RetryPolicy};

/// Exponential back-off with full jitter, after failures that may pass
/// ([`Error::is_transient`](crate::Error::is_transient)).
///
/// The wait after the n-th failure in a row is a random part, 0 to all, of a ceiling that begins
/// at 1 second, doubles with each failure, and ends at 60 seconds. Rhombus advises a back-off from
/// 1 to at most 60 seconds and 5 to 10 attempts.
///
/// - A look-up makes at most 5 attempts, and no second one when the client's
///   [retry budget](FailedAttempt::is_within_budget) is spent.
/// - A watch is not limited in attempts: its deadline ends it. With the budget spent, it waits
///   between half of the longest ceiling and all of it.
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
    /// The ceiling after the first failure. 1 second unless set.
    pub fn initial(mut self, initial: Duration) -> Self {
        self.initial = initial;
        self
    }

    /// By how much each failure multiplies the ceiling. 2 unless set; less than 1 counts as 1.
    pub fn factor(mut self, factor: f32) -> Self {
        self.factor = factor.max(1.0);
        self
    }

    /// The highest ceiling. 60 seconds unless set.
    pub fn max(mut self, max: Duration) -> Self {
        self.max = max;
        self
    }

    /// How many attempts a look-up makes at most, the first included. 5 unless set; 0 counts as 1.
    /// A watch takes no notice: its deadline ends it.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The longest wait after this many failures in a row.
    pub(crate) fn ceiling(&self, failures: u32) -> Duration {
        let schedule = ExponentialBuilder::new()
            .with_min_delay(self.initial)
            .with_factor(self.factor)
            .with_max_delay(self.max)
            .without_max_times()
            .build();
        // Long before the hundredth failure the ceiling is the highest.
        let index = failures.clamp(1, 100) - 1;
        let ceiling = schedule.take(index as usize + 1).last();
        ceiling.unwrap_or(self.max).min(self.max)
    }
}

impl RetryPolicy for Backoff {
    fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
        if !failed.error().is_transient() {
            return RetryDecision::GiveUp;
        }
        let spent = !failed.is_within_budget();
        RetryDecision::After(match failed.call_kind() {
            CallKind::GetClip if spent || failed.attempt() >= self.attempts => {
                return RetryDecision::GiveUp;
            }
            CallKind::Watch if spent => scale(self.max, 0.5 + failed.random() / 2.0),
            _ => scale(self.ceiling(failed.attempt()), failed.random()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        call_kind: CallKind::GetClip,
        attempt: 1,
        kind: ErrorKind::Timeout,
        random: 0.5,
        within_budget: true,
    };

    fn decide(policy: &dyn RetryPolicy, case: Case) -> RetryDecision {
        policy.decide(&FailedAttempt {
            call_kind: case.call_kind,
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
    fn odd_settings_stay_within_bounds() {
        let odd = Backoff::default().initial(90 * SEC).factor(f32::NAN);
        assert_eq!(odd.ceiling(3), 60 * SEC);
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
    fn a_lookup_ends_with_its_attempts_and_a_watch_does_not() {
        let lookup = |attempt| decide(&Backoff::default(), Case { attempt, ..CASE });
        assert_eq!(lookup(4), RetryDecision::After(4 * SEC));
        assert_eq!(lookup(5), RetryDecision::GiveUp);
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
    fn a_spent_budget_ends_a_lookup_and_slows_a_watch() {
        let spent = |call_kind, random| {
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
        assert_eq!(spent(CallKind::GetClip, 0.5), RetryDecision::GiveUp);
        assert_eq!(spent(CallKind::Watch, 0.0), RetryDecision::After(30 * SEC));
        assert_eq!(spent(CallKind::Watch, 0.5), RetryDecision::After(45 * SEC));
    }

    #[test]
    fn what_will_not_pass_is_not_tried_again() {
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
