//! Cooldown after a 429: a time during which no request of the client is sent.
//!
//! Pure: the caller supplies time and randomness.

use std::time::Duration;

use tokio::time::Instant;

use crate::retry::Backoff;
use crate::time::{saturating_add, scale};

/// Cooldown that all calls of a client share.
#[derive(Debug, Default)]
pub(crate) struct Cooldown {
    /// End of the cooldown.
    until: Option<Instant>,
    /// Start of the latest cooldown.
    started: Option<Instant>,
    /// Number of consecutive cooldowns.
    rejections: u32,
}

impl Cooldown {
    /// Returns the end of the cooldown; `None` when requests may be sent.
    pub(crate) fn ready_at(&self, now: Instant) -> Option<Instant> {
        self.until.filter(|until| *until > now)
    }

    /// Records a response other than 429 to a request sent at `sent`.
    pub(crate) fn on_success(&mut self, sent: Instant) {
        if self.is_after_start(sent) {
            self.rejections = 0;
        }
    }

    /// Returns whether a request sent at `sent` is newer than the latest 429.
    fn is_after_start(&self, sent: Instant) -> bool {
        self.started.is_none_or(|started| sent >= started)
    }

    /// Records a 429 response to a request sent at `sent`.
    pub(crate) fn on_rate_limited(
        &mut self,
        sent: Instant,
        now: Instant,
        retry_after: Option<Duration>,
        random: f64,
    ) {
        // Requests in flight when the cooldown started belong to the same rejection.
        if self.is_after_start(sent) {
            self.rejections = self.rejections.saturating_add(1);
            self.started = Some(now);
        }
        // At least half of the ceiling: with full jitter, some delays would be near zero.
        let ceiling = Backoff::default().ceiling(self.rejections);
        let delay = scale(ceiling, 0.5 + random / 2.0);
        let until = saturating_add(now, delay.max(retry_after.unwrap_or_default()));
        self.until = self.until.max(Some(until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEC: Duration = Duration::from_secs(1);

    fn reject(cooldown: &mut Cooldown, at: Instant, retry_after: Option<Duration>) -> Duration {
        cooldown.on_rate_limited(at, at, retry_after, 0.0);
        cooldown.ready_at(at).unwrap() - at
    }

    #[test]
    fn retry_after_sets_the_cooldown() {
        let (mut cooldown, now) = (Cooldown::default(), Instant::now());
        assert_eq!(cooldown.ready_at(now), None);
        assert_eq!(reject(&mut cooldown, now, Some(7 * SEC)), 7 * SEC);
        assert_eq!(cooldown.ready_at(now + 7 * SEC), None);
        // A shorter cooldown does not replace a longer one.
        assert_eq!(reject(&mut cooldown, now + SEC, Some(SEC)), 6 * SEC);
        // The longest delay does not overflow.
        reject(&mut cooldown, now, Some(Duration::MAX));
    }

    #[test]
    fn consecutive_rejections_lengthen_the_cooldown() {
        let (mut cooldown, mut now) = (Cooldown::default(), Instant::now());
        for ceiling in [1, 2, 4, 8, 16, 32, 60, 60] {
            let wait = reject(&mut cooldown, now, None);
            assert_eq!(wait, ceiling * SEC / 2);
            now += wait;
        }
        // A response to a request that was sent before the last 429 does not end the series.
        cooldown.on_success(now - 31 * SEC);
        assert_eq!(reject(&mut cooldown, now, None), 30 * SEC);
        cooldown.on_success(now);
        assert_eq!(reject(&mut cooldown, now + 30 * SEC, None), SEC / 2);
    }

    #[test]
    fn requests_in_flight_at_the_start_are_one_rejection() {
        let (mut cooldown, sent) = (Cooldown::default(), Instant::now());
        let now = sent + SEC;
        (0..100).for_each(|_| cooldown.on_rate_limited(sent, now, None, 0.0));
        assert_eq!(cooldown.ready_at(now), Some(now + SEC / 2));
    }
}
