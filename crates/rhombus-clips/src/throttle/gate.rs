//! Closed for as long as the service asked to be left alone. Pure: time is what the caller says.

use std::time::Duration;

use tokio::time::Instant;

use crate::deadline::{after, part_of};
use crate::retry::Backoff;

/// Open until the service answers 429, then closed for everybody.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    opens: Option<Instant>,
    closed: Option<Instant>,
    refusals: u32,
}

impl Gate {
    /// When the gate opens; `None` when it is open.
    pub(crate) fn opens_at(&self, now: Instant) -> Option<Instant> {
        self.opens.filter(|opens| *opens > now)
    }

    /// A request that was sent at this moment got through.
    pub(crate) fn answered(&mut self, sent: Instant) {
        if self.is_later_than_closing(sent) {
            self.refusals = 0;
        }
    }

    /// Whether a request sent then knows more than the last refusal.
    fn is_later_than_closing(&self, sent: Instant) -> bool {
        self.closed.is_none_or(|closed| sent >= closed)
    }

    /// A request that was sent at this moment was answered with 429.
    pub(crate) fn refused(
        &mut self,
        sent: Instant,
        now: Instant,
        retry_after: Option<Duration>,
        random: f64,
    ) {
        // Requests that were under way when the gate closed are of the same refusal.
        if self.is_later_than_closing(sent) {
            self.refusals = self.refusals.saturating_add(1);
            self.closed = Some(now);
        }
        // Half of it at least: no wait at all would try everybody's luck again at once.
        let backoff = Backoff::default().ceiling(self.refusals);
        let wait = part_of(backoff, 0.5 + random / 2.0);
        let opens = after(now, wait.max(retry_after.unwrap_or_default()));
        self.opens = self.opens.max(Some(opens));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEC: Duration = Duration::from_secs(1);

    fn refuse(gate: &mut Gate, at: Instant, retry_after: Option<Duration>) -> Duration {
        gate.refused(at, at, retry_after, 0.0);
        gate.opens_at(at).unwrap() - at
    }

    #[test]
    fn it_closes_for_as_long_as_it_was_asked_to() {
        let (mut gate, now) = (Gate::default(), Instant::now());
        assert_eq!(gate.opens_at(now), None);
        assert_eq!(refuse(&mut gate, now, Some(7 * SEC)), 7 * SEC);
        assert_eq!(gate.opens_at(now + 7 * SEC), None);
        // A shorter wish does not take back a longer one.
        assert_eq!(refuse(&mut gate, now + SEC, Some(SEC)), 6 * SEC);
        // For ever is no overflow.
        refuse(&mut gate, now, Some(Duration::MAX));
    }

    #[test]
    fn refusals_in_a_row_close_it_for_longer_each_time() {
        let (mut gate, mut now) = (Gate::default(), Instant::now());
        for ceiling in [1, 2, 4, 8, 16, 32, 60, 60] {
            let wait = refuse(&mut gate, now, None);
            assert_eq!(wait, ceiling * SEC / 2);
            now += wait;
        }
        // An answer to what was sent before the last refusal says nothing about it.
        gate.answered(now - 31 * SEC);
        assert_eq!(refuse(&mut gate, now, None), 30 * SEC);
        gate.answered(now);
        assert_eq!(refuse(&mut gate, now + 30 * SEC, None), SEC / 2);
    }

    #[test]
    fn requests_under_way_when_it_closed_are_one_refusal() {
        let (mut gate, sent) = (Gate::default(), Instant::now());
        let now = sent + SEC;
        (0..100).for_each(|_| gate.refused(sent, now, None, 0.0));
        assert_eq!(gate.opens_at(now), Some(now + SEC / 2));
    }
}
