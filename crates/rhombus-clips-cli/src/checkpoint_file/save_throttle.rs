//! When the checkpoint file is saved.

use std::time::Duration;

/// Minimum delay between saves, and thus the progress lost when the process is killed. Chosen, not
/// tuned.
const MIN_SAVE_INTERVAL: Duration = Duration::from_secs(1);

/// Minimum delay after a save, as a multiple of its duration: on a slow disk, saving takes at most
/// about 5 % of the time. Chosen, not tuned.
const MIN_DELAY_PER_SAVE_DURATION: u32 = 20;

/// Schedule of the next save.
#[derive(Debug, Default)]
pub(crate) struct SaveThrottle {
    is_dirty: bool,
    not_before: Duration,
}

impl SaveThrottle {
    /// Records that there are unsaved changes.
    pub(crate) fn mark_dirty(&mut self) {
        self.is_dirty = true;
    }

    /// Returns the time of the next save, if there are unsaved changes.
    pub(crate) fn due(&self) -> Option<Duration> {
        self.is_dirty.then_some(self.not_before)
    }

    /// Records a save, successful or not, that ran from `started_at` until `now`.
    pub(crate) fn saved(&mut self, started_at: Duration, now: Duration) {
        self.is_dirty = false;
        let took = now.saturating_sub(started_at);
        let delay = took.saturating_mul(MIN_DELAY_PER_SAVE_DURATION);
        self.not_before = now.saturating_add(delay.max(MIN_SAVE_INTERVAL));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn saves_at_most_once_per_interval() {
        let mut throttle = SaveThrottle::default();
        assert_eq!(throttle.due(), None);
        throttle.mark_dirty();
        assert_eq!(throttle.due(), Some(Duration::ZERO));
        throttle.saved(5 * SECOND, 5 * SECOND);
        assert_eq!(throttle.due(), None);
        throttle.mark_dirty();
        assert_eq!(throttle.due(), Some(6 * SECOND));
    }

    #[test]
    fn saves_less_often_on_a_slow_disk() {
        let mut throttle = SaveThrottle::default();
        throttle.saved(SECOND, 2 * SECOND);
        throttle.mark_dirty();
        assert_eq!(throttle.due(), Some(22 * SECOND));
    }
}
