//! Detection of a transfer that has stopped or is too slow, without a clock.
//!
//! Only the time in which the download waits for the network counts, not that in which the caller, or a disk,
//! takes the bytes.

use std::time::Duration;

/// Time over which the lowest rate is measured. Chosen, not tuned: longer than an interruption that a
/// connection survives.
const WINDOW: Duration = Duration::from_secs(60);

/// Lowest rate, in bytes per second over a window. Chosen, not tuned: far below any network that video is
/// recorded over, and above a server that sends a byte now and then.
const MIN_BYTES_PER_SEC: u64 = 1024;

/// Measures the time that a transfer waits for the network, and what arrives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watchdog {
    waited: Duration,
    received: u64,
}

impl Watchdog {
    /// Records that bytes arrived after this time. Returns whether the transfer is too slow.
    pub(crate) fn is_too_slow(&mut self, bytes: u64, waited: Duration) -> bool {
        self.waited = self.waited.saturating_add(waited);
        self.received = self.received.saturating_add(bytes);
        if self.waited < WINDOW {
            return false;
        }
        let seconds = self.waited.as_secs().max(1);
        let is_too_slow = self.received / seconds < MIN_BYTES_PER_SEC;
        *self = Self::default();
        is_too_slow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_transfer_is_detected_after_a_window() {
        let windows = |bytes: u64| {
            let mut watchdog = Watchdog::default();
            (1..=61).find(|_| watchdog.is_too_slow(bytes, Duration::from_secs(2)))
        };
        assert_eq!(windows(1), Some(30));
        assert_eq!(windows(2047), Some(30));
        assert_eq!(windows(2048), None);
    }

    #[test]
    fn time_without_waiting_does_not_count() {
        let mut watchdog = Watchdog::default();
        assert!((0..1000).all(|_| !watchdog.is_too_slow(1, Duration::ZERO)));
    }
}
