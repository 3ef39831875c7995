//! The cooldown after a 429, which all calls of a client share.

use std::time::Duration;

use tokio::time::Instant;

use crate::retry::{Backoff, PROBE_INTERVAL};
use crate::time::{saturating_add, scale};

/// Decision about one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// There is no cooldown.
    Open,
    /// The request is the one that finds out whether the cooldown still holds.
    Probe,
    /// Ask again at this time.
    Wait(Instant),
}

/// Cooldown that all calls of a client share.
#[derive(Debug)]
pub(super) struct Cooldown {
    /// Longest `Retry-After` that is honored to the second.
    max_retry_after: Duration,
    /// End of the cooldown.
    until: Option<Instant>,
    /// Time of the next probe, if the cooldown is longer than is credible.
    next_probe: Option<Instant>,
    /// Start of the latest cooldown.
    started: Option<Instant>,
    /// Number of consecutive cooldowns.
    rejections: u32,
}

impl Cooldown {
    pub(super) fn new(max_retry_after: Duration) -> Self {
        Self {
            max_retry_after,
            until: None,
            next_probe: None,
            started: None,
            rejections: 0,
        }
    }

    /// Returns whether a `Retry-After` is honored to the second.
    pub(super) fn is_credible(&self, retry_after: Duration) -> bool {
        retry_after <= self.max_retry_after
    }

    /// Decides about a request that is to be sent now.
    pub(super) fn admit(&mut self, now: Instant) -> Admission {
        let Some(until) = self.until.filter(|until| *until > now) else {
            return Admission::Open;
        };
        match self.next_probe {
            Some(next_probe) if next_probe <= now => {
                self.next_probe = Some(now + self.probe_interval());
                Admission::Probe
            }
            Some(next_probe) => Admission::Wait(until.min(next_probe)),
            None => Admission::Wait(until),
        }
    }

    fn probe_interval(&self) -> Duration {
        PROBE_INTERVAL.min(self.max_retry_after)
    }

    /// Records a response that neither starts nor ends a cooldown, to a request sent at `sent`.
    pub(super) fn on_response(&mut self, sent: Instant) {
        if self.is_after_start(sent) {
            self.rejections = 0;
        }
    }

    /// Records that a request sent at `sent` was served. Returns whether that ends a cooldown early.
    pub(super) fn on_success(&mut self, sent: Instant, now: Instant) -> bool {
        self.on_response(sent);
        let ends_early = self.is_probed(now) && self.is_after_start(sent);
        if ends_early {
            self.until = None;
            self.next_probe = None;
        }
        ends_early
    }

    /// Returns whether there is a cooldown that is longer than is credible.
    fn is_probed(&self, now: Instant) -> bool {
        self.next_probe.is_some() && self.until > Some(now)
    }

    /// Returns whether a request sent at `sent` is newer than the latest 429.
    fn is_after_start(&self, sent: Instant) -> bool {
        self.started.is_none_or(|started| sent >= started)
    }

    /// Records a 429 response to a request sent at `sent`. Returns whether it shortens a cooldown.
    pub(super) fn on_rate_limited(
        &mut self,
        sent: Instant,
        now: Instant,
        retry_after: Option<Duration>,
        random: f64,
    ) -> bool {
        let is_probed = self.is_probed(now);
        if !is_probed {
            // Of a cooldown that is over.
            self.next_probe = None;
        }
        // Requests in flight when the cooldown started belong to the same rejection.
        let is_news = self.is_after_start(sent);
        if is_news {
            self.rejections = self.rejections.saturating_add(1);
            self.started = Some(now);
        }
        // At least half of the ceiling: with full jitter, some delays would be near zero.
        let ceiling = Backoff::default().ceiling(self.rejections);
        let delay = scale(ceiling, 0.5 + random / 2.0);
        let retry_after = retry_after.unwrap_or_default();
        let until = saturating_add(now, delay.max(retry_after));
        let is_shortened = self.is_credible(retry_after) && is_probed && is_news;
        if is_shortened {
            // The newer word replaces the one that was too long.
            self.next_probe = None;
            self.until = Some(until);
        }
        if !self.is_credible(retry_after) {
            let honored = match is_probed {
                true => self.probe_interval(),
                false => self.max_retry_after,
            };
            let next_probe = saturating_add(now, delay.max(honored));
            self.next_probe = self.next_probe.max(Some(next_probe));
        }
        self.until = self.until.max(Some(until));
        is_shortened
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEC: Duration = Duration::from_secs(1);

    fn reject(cooldown: &mut Cooldown, at: Instant, retry_after: Option<Duration>) -> Duration {
        cooldown.on_rate_limited(at, at, retry_after, 0.0);
        match cooldown.admit(at) {
            Admission::Wait(until) => until - at,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn retry_after_sets_the_cooldown() {
        let (mut cooldown, now) = (Cooldown::new(600 * SEC), Instant::now());
        assert_eq!(cooldown.admit(now), Admission::Open);
        assert_eq!(reject(&mut cooldown, now, Some(7 * SEC)), 7 * SEC);
        assert_eq!(cooldown.admit(now + 7 * SEC), Admission::Open);
        // A shorter cooldown does not replace a longer one.
        assert_eq!(reject(&mut cooldown, now + SEC, Some(SEC)), 6 * SEC);
        // The longest delay does not overflow.
        reject(&mut cooldown, now, Some(Duration::MAX));
    }

    #[test]
    fn consecutive_rejections_lengthen_the_cooldown() {
        let (mut cooldown, mut now) = (Cooldown::new(600 * SEC), Instant::now());
        for ceiling in [1, 2, 4, 8, 16, 32, 60, 60] {
            let wait = reject(&mut cooldown, now, None);
            assert_eq!(wait, ceiling * SEC / 2);
            now += wait;
        }
        // A response to a request that was sent before the last 429 does not end the series.
        cooldown.on_response(now - 31 * SEC);
        assert_eq!(reject(&mut cooldown, now, None), 30 * SEC);
        cooldown.on_response(now);
        assert_eq!(reject(&mut cooldown, now + 30 * SEC, None), SEC / 2);
    }

    #[test]
    fn requests_in_flight_at_the_start_are_one_rejection() {
        let (mut cooldown, sent) = (Cooldown::new(600 * SEC), Instant::now());
        let now = sent + SEC;
        for _ in 0..100 {
            cooldown.on_rate_limited(sent, now, None, 0.0);
        }
        assert_eq!(cooldown.admit(now), Admission::Wait(now + SEC / 2));
    }

    #[test]
    fn a_cooldown_that_is_too_long_is_probed_after_the_limit() {
        let (mut cooldown, now) = (Cooldown::new(600 * SEC), Instant::now());
        let wait = |cooldown: &mut Cooldown, at: u32| match cooldown.admit(now + at * SEC) {
            Admission::Wait(until) => Some((until - now).as_secs()),
            Admission::Probe => None,
            Admission::Open => panic!("open"),
        };
        // Requests in flight get the same word.
        cooldown.on_rate_limited(now, now, Some(Duration::MAX), 0.0);
        cooldown.on_rate_limited(now - SEC, now, Some(60_000 * SEC), 0.0);
        assert_eq!(wait(&mut cooldown, 1), Some(600));
        assert_eq!(wait(&mut cooldown, 600), None);
        assert_eq!(wait(&mut cooldown, 601), Some(660));
        // The probe is rejected.
        let at = now + 602 * SEC;
        cooldown.on_rate_limited(now + 600 * SEC, at, Some(Duration::MAX), 0.0);
        assert_eq!(wait(&mut cooldown, 603), Some(662));
        // A success of before the cooldown does not end it, one of after it does.
        assert!(!cooldown.on_success(now - SEC, at));
        assert!(cooldown.on_success(now + 662 * SEC, now + 663 * SEC));
        assert_eq!(cooldown.admit(now + 663 * SEC), Admission::Open);
    }

    #[test]
    fn a_credible_word_replaces_one_that_is_not() {
        let (mut cooldown, now) = (Cooldown::new(600 * SEC), Instant::now());
        cooldown.on_rate_limited(now, now, Some(Duration::MAX), 0.0);
        let at = now + 600 * SEC;
        assert_eq!(cooldown.admit(at), Admission::Probe);
        assert!(cooldown.on_rate_limited(at, at, Some(20 * SEC), 0.0));
        assert_eq!(cooldown.admit(at), Admission::Wait(at + 20 * SEC));
        assert_eq!(cooldown.admit(at + 20 * SEC), Admission::Open);
    }

    #[test]
    fn a_probe_that_was_never_sent_does_not_open_a_later_cooldown() {
        let (mut cooldown, now) = (Cooldown::new(600 * SEC), Instant::now());
        cooldown.on_rate_limited(now, now, Some(700 * SEC), 0.0);
        let at = now + 800 * SEC;
        assert_eq!(cooldown.admit(at), Admission::Open);
        cooldown.on_rate_limited(at, at, Some(20 * SEC), 0.0);
        assert_eq!(cooldown.admit(at + SEC), Admission::Wait(at + 20 * SEC));
        assert!(!cooldown.on_success(at, at + SEC));
    }
}
