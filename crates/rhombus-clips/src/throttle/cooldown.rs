//! Closed for as long as the service asked to be left alone. Pure: time is what the caller says.

use std::time::Duration;

use tokio::time::Instant;

use crate::retry::Backoff;
use crate::time::{saturating_add, scale};

/// Open until the service answers 429, then started for everybody.
#[derive(Debug, Default)]
pub(crate) struct Cooldown {
    until: Option<Instant>,
    started: Option<Instant>,
    rejections: u32,
}

impl Cooldown {
    /// When the cooldown until; `None` when it is open.
    pub(crate) fn ready_at(&self, now: Instant) -> Option<Instant> {
        self.until.filter(|until| *until > now)
    }

    /// A request that was sent at this moment got through.
    pub(crate) fn on_success(&mut self, sent: Instant) {
        if self.is_after_start(sent) {
            self.rejections = 0;
        }
    }

    /// Whether a request sent then knows more than the last refusal.
    fn is_after_start(&self, sent: Instant) -> bool {
        self.started.is_none_or(|started| sent >= started)
    }

    /// A request that was sent at this moment was answered with 429.
    pub(crate) fn on_rate_limited(
        &mut self,
        sent: Instant,
        now: Instant,
        retry_after: Option<Duration>,
        random: f64,
    ) {
        // Requests that were under way when the cooldown started are of the same refusal.
        if self.is_after_start(sent) {
            self.rejections = self.rejections.saturating_add(1);
            self.started = Some(now);
        }
        // Half of it at least: no wait at all would try everybody's luck again at once.
        let backoff = Backoff::default().ceiling(self.rejections);
        let wait = scale(backoff, 0.5 + random / 2.0);
        let until = saturating_add(now, wait.max(retry_after.unwrap_or_default()));
        self.until = self.until.max(Some(until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEC: Duration = Duration::from_secs(1);

    fn refuse(cooldown: &mut Cooldown, at: Instant, retry_after: Option<Duration>) -> Duration {
        cooldown.on_rate_limited(at, at, retry_after, 0.0);
        cooldown.ready_at(at).unwrap() - at
    }

    #[test]
    fn it_closes_for_as_long_as_it_was_asked_to() {
        let (mut cooldown, now) = (Cooldown::default(), Instant::now());
        assert_eq!(cooldown.ready_at(now), None);
        assert_eq!(refuse(&mut cooldown, now, Some(7 * SEC)), 7 * SEC);
        assert_eq!(cooldown.ready_at(now + 7 * SEC), None);
        // A shorter wish does not take back a longer one.
        assert_eq!(refuse(&mut cooldown, now + SEC, Some(SEC)), 6 * SEC);
        // For ever is no overflow.
        refuse(&mut cooldown, now, Some(Duration::MAX));
    }

    #[test]
    fn refusals_in_a_row_close_it_for_longer_each_time() {
        let (mut cooldown, mut now) = (Cooldown::default(), Instant::now());
        for ceiling in [1, 2, 4, 8, 16, 32, 60, 60] {
            let wait = refuse(&mut cooldown, now, None);
            assert_eq!(wait, ceiling * SEC / 2);
            now += wait;
        }
        // An answer to what was sent before the last refusal says nothing about it.
        cooldown.on_success(now - 31 * SEC);
        assert_eq!(refuse(&mut cooldown, now, None), 30 * SEC);
        cooldown.on_success(now);
        assert_eq!(refuse(&mut cooldown, now + 30 * SEC, None), SEC / 2);
    }

    #[test]
    fn requests_under_way_when_it_closed_are_one_refusal() {
        let (mut cooldown, sent) = (Cooldown::default(), Instant::now());
        let now = sent + SEC;
        (0..100).for_each(|_| cooldown.on_rate_limited(sent, now, None, 0.0));
        assert_eq!(cooldown.ready_at(now), Some(now + SEC / 2));
    }
}
