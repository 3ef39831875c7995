//! Moments to come, and waits until then.

use std::time::Duration;

use tokio::time::Instant;

/// 30 years: there is no moment after the end of time.
const FAR_FUTURE: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// The moment this long after another.
pub(crate) fn saturating_add(moment: Instant, wait: Duration) -> Instant {
    moment + wait.min(FAR_FUTURE)
}

/// This part of a wait, 0 to 1.
pub(crate) fn scale(wait: Duration, part: f64) -> Duration {
    // The longest waits have no floating-point number of their own.
    Duration::try_from_secs_f64(wait.as_secs_f64() * part).map_or(wait, |some| some.min(wait))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_wait_is_longer_than_the_wait() {
        for wait in [Duration::ZERO, Duration::from_secs(1), Duration::MAX] {
            for part in [0.0, 0.5, 1.0 - f64::EPSILON, 1.0, f64::NAN] {
                assert!(scale(wait, part) <= wait);
            }
        }
        assert_eq!(scale(Duration::from_secs(4), 0.5), Duration::from_secs(2));
    }
}
