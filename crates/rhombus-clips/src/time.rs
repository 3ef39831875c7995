//! Arithmetic on times and durations that neither panics nor overflows.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Cap of a duration that is added to an instant, which has no portable maximum. Chosen as longer than
/// any watch: 30 years.
const FAR_FUTURE: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// Returns the instant after a duration, at most 30 years later.
pub(crate) fn saturating_add(instant: Instant, duration: Duration) -> Instant {
    instant + duration.min(FAR_FUTURE)
}

/// Returns a time in milliseconds since 1970, at least 0.
pub(crate) fn unix_ms(time: SystemTime) -> i64 {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// Returns a duration multiplied by a factor from 0 to 1.
pub(crate) fn scale(duration: Duration, factor: f64) -> Duration {
    // The longest durations are beyond the precision of floating point.
    Duration::try_from_secs_f64(duration.as_secs_f64() * factor)
        .map_or(duration, |scaled| scaled.min(duration))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scaled_duration_is_not_longer() {
        for duration in [Duration::ZERO, Duration::from_secs(1), Duration::MAX] {
            for factor in [0.0, 0.5, 1.0 - f64::EPSILON, 1.0, f64::NAN] {
                assert!(scale(duration, factor) <= duration);
            }
        }
        assert_eq!(scale(Duration::from_secs(4), 0.5), Duration::from_secs(2));
    }
}
