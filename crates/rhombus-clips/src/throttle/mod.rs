//! Admission of requests: the cooldown after a 429, and the client's own rate limit.
//!
//! The service limits the organization, so a 429 to one call holds back all calls of the client.

mod cooldown;
mod rate_limit;

pub use rate_limit::RateLimit;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use crate::error::{Error, ErrorKind, Hint, Result};
use crate::time::{saturating_add, scale};
use cooldown::Cooldown;

/// Maximum jitter at the end of a cooldown. Rhombus advises a jitter of 0 to 1 second.
const MAX_COOLDOWN_JITTER: Duration = Duration::from_secs(1);

/// Admits requests for all calls of a client.
pub(crate) struct Throttle {
    cooldown: Mutex<Cooldown>,
    limiter: Option<leaky_bucket::RateLimiter>,
}

/// Deadlines of one admission.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdmissionDeadlines {
    /// Until when the cooldown is respected.
    pub(crate) cooldown: Instant,
    /// Until when to wait for the client's rate limiter.
    pub(crate) limiter: Instant,
}

impl Throttle {
    pub(crate) fn new(rate_limit: Option<RateLimit>) -> Self {
        Self {
            cooldown: Mutex::new(Cooldown::default()),
            limiter: rate_limit.map(RateLimit::limiter),
        }
    }

    /// Waits until a request may be sent.
    ///
    /// At the cooldown's deadline the request is admitted all the same, because a watch has a final
    /// poll. The rate limiter is never bypassed.
    pub(crate) async fn acquire(&self, deadlines: AdmissionDeadlines) -> Result<()> {
        self.wait_cooldown(deadlines.cooldown).await;
        let Some(limiter) = &self.limiter else {
            return Ok(());
        };
        let admitted = timeout_at(deadlines.limiter, limiter.acquire_one()).await;
        // A cooldown may have started meanwhile.
        self.wait_cooldown(deadlines.cooldown).await;
        admitted.map_err(|_| {
            Error::new(
                ErrorKind::RateLimited,
                "client rate limit exhausted before the deadline",
            )
            .with_hint(Hint::RaiseRateLimit)
            .with_hint(Hint::ReduceConcurrency)
        })
    }

    async fn wait_cooldown(&self, deadline: Instant) {
        while let Some(until) = self.cooldown_end(deadline) {
            sleep_until(until).await;
        }
    }

    /// Returns the end of the cooldown with jitter, at most the deadline; `None` when there is no cooldown
    /// or the deadline has passed.
    fn cooldown_end(&self, deadline: Instant) -> Option<Instant> {
        let now = Instant::now();
        let until = self.cooldown().ready_at(now).filter(|_| now < deadline)?;
        // Jitter, so that the waiting calls do not all send at once.
        let left = deadline.saturating_duration_since(until);
        let jitter = scale(MAX_COOLDOWN_JITTER.min(left / 2), fastrand::f64());
        Some(saturating_add(until, jitter).min(deadline))
    }

    /// Records a response other than 429 to a request sent at `sent`.
    pub(crate) fn on_success(&self, sent: Instant) {
        self.cooldown().on_success(sent);
    }

    /// Records a 429 response to a request sent at `sent`.
    pub(crate) fn on_rate_limited(&self, sent: Instant, retry_after: Option<Duration>) {
        let random = fastrand::f64();
        self.cooldown()
            .on_rate_limited(sent, Instant::now(), retry_after, random);
    }

    /// Locks the cooldown. Nothing panics under the lock.
    fn cooldown(&self) -> MutexGuard<'_, Cooldown> {
        self.cooldown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEC: Duration = Duration::from_secs(1);

    fn deadlines(sec: u32) -> AdmissionDeadlines {
        let until = Instant::now() + SEC * sec;
        AdmissionDeadlines {
            cooldown: until,
            limiter: until,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_429_delays_all_calls_and_admits_them_with_jitter() {
        let throttle = Throttle::new(None);
        throttle.on_rate_limited(Instant::now(), Some(7 * SEC));
        let began = Instant::now();
        let waits = futures_util::future::join_all((0..50).map(async |_| {
            throttle.acquire(deadlines(60)).await.unwrap();
            began.elapsed()
        }));
        let mut waits = waits.await;
        waits.sort();
        assert!(waits[0] >= 7 * SEC && waits[49] <= 8 * SEC + SEC / 10);
        assert!(waits[49] - waits[0] > SEC / 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_waiting_for_the_limiter_respects_a_new_cooldown() {
        let throttle = Throttle::new(Some(RateLimit::per_second(1)));
        let began = Instant::now();
        let admissions = (0..5).map(async |_| {
            throttle.acquire(deadlines(100)).await.unwrap();
            began.elapsed()
        });
        let refusal = async {
            tokio::time::sleep(SEC / 2).await;
            throttle.on_rate_limited(Instant::now(), Some(60 * SEC));
        };
        let admissions = futures_util::future::join_all(admissions);
        let (mut waits, ()) = futures_util::future::join(admissions, refusal).await;
        waits.sort();
        assert_eq!(waits[0], Duration::ZERO);
        assert!(waits[1] >= 60 * SEC, "{waits:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_cooldown_is_ignored_after_its_deadline() {
        let throttle = Throttle::new(None);
        throttle.on_rate_limited(Instant::now(), Some(3600 * SEC));
        let began = Instant::now();
        throttle.acquire(deadlines(5)).await.unwrap();
        assert_eq!(began.elapsed(), 5 * SEC);
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_limit_spaces_requests_and_is_not_bypassed() {
        let throttle = Throttle::new(Some(RateLimit::per_second(2).burst(3)));
        let began = Instant::now();
        for _ in 0..7 {
            throttle.acquire(deadlines(60)).await.unwrap();
        }
        assert_eq!(began.elapsed(), 2 * SEC);
        let throttle = Throttle::new(Some(RateLimit::per_minute(1)));
        throttle.acquire(deadlines(1)).await.unwrap();
        let error = throttle.acquire(deadlines(10)).await.unwrap_err();
        assert!(error.is_rate_limited());
        assert_eq!(began.elapsed(), 12 * SEC);
    }
}
