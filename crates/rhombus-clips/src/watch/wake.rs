//! Detection of a machine that slept.
//!
//! The clock that timers use stands still while a machine is suspended, on Linux and macOS, and the
//! clock of day does not. So a clip may be complete long before its next poll is due. Pure: the caller
//! supplies both clocks.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Longest time between two checks, and so from waking up to an early poll. Chosen, not tuned: one
/// wake-up in ten seconds costs nothing that could be measured.
pub(super) const CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// Shortest sleep that is recognized. Chosen, not tuned: longer than the steps by which a clock of day is
/// corrected in operation.
const MIN_SLEEP: Duration = Duration::from_secs(10);

/// Sleep of the machine that was detected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sleep {
    pub(super) duration: Duration,
    /// Time of the last check before it.
    pub(super) since: Instant,
}

/// Compares the two clocks between two checks.
#[derive(Debug)]
pub(super) struct WakeDetector {
    now: Instant,
    time_of_day: SystemTime,
}

impl WakeDetector {
    pub(super) fn new(now: Instant, time_of_day: SystemTime) -> Self {
        Self { now, time_of_day }
    }

    /// Returns the sleep of the machine since the last check, if it slept. A clock of day that was set
    /// ahead looks the same.
    pub(super) fn check(&mut self, now: Instant, time_of_day: SystemTime) -> Option<Sleep> {
        let awake = now.saturating_duration_since(self.now);
        let total = time_of_day.duration_since(self.time_of_day);
        let since = self.now;
        *self = Self::new(now, time_of_day);
        let duration = total.unwrap_or_default().saturating_sub(awake);
        (duration >= MIN_SLEEP).then_some(Sleep { duration, since })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_of_the_clocks_is_the_sleep() {
        let (start, day) = (Instant::now(), SystemTime::now());
        let sec = Duration::from_secs;
        let mut detector = WakeDetector::new(start, day);
        let mut check = |awake, total| detector.check(start + sec(awake), day + sec(total));
        assert_eq!(check(10, 10), None);
        let sleep = Sleep {
            duration: sec(3600),
            since: start + sec(10),
        };
        assert_eq!(check(20, 3620), Some(sleep));
        // Once, and a small correction is none.
        assert_eq!(check(30, 3635), None);
        // A clock that is set back, and forward again.
        assert_eq!(check(40, 0), None);
        assert_eq!(check(50, 10), None);
    }
}
