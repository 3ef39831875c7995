//! When a client may send a request at all.
//!
//! The rate limit is the organization's: what one call of a client learns of it holds for all.

mod gate;
mod rate_limit;

pub use rate_limit::RateLimit;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use crate::deadline::{after, part_of};
use crate::error::{Error, ErrorKind, Result};
use gate::Gate;

/// Rhombus advises a jitter of at most one second.
const SPREAD: Duration = Duration::from_secs(1);

/// Holds requests back, for all calls of a client.
pub(crate) struct Throttle {
    gate: Mutex<Gate>,
    limiter: Option<leaky_bucket::RateLimiter>,
}

/// How long a request may be held back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Until when the service's wish to be left alone is respected.
    pub(crate) gate: Instant,
    /// Until when the client's own limit is waited for.
    pub(crate) limiter: Instant,
}

impl Throttle {
    pub(crate) fn new(rate_limit: Option<RateLimit>) -> Self {
        Self {
            gate: Mutex::new(Gate::default()),
            limiter: rate_limit.map(RateLimit::limiter),
        }
    }

    /// Waits until a request may be sent.
    ///
    /// At the end of the patience with the gate the request may be sent all the same: a watch has
    /// one last look. Nothing goes past the client's own limit.
    pub(crate) async fn admit(&self, patience: Patience) -> Result<()> {
        self.pass_gate(patience.gate).await;
        let Some(limiter) = &self.limiter else {
            return Ok(());
        };
        let admitted = timeout_at(patience.limiter, limiter.acquire_one()).await;
        // It may have closed meanwhile.
        self.pass_gate(patience.gate).await;
        admitted.map_err(|_| {
            Error::new(
                ErrorKind::RateLimited,
                "the rate limit that this client was given left no request in time: give it a higher one, or share it among fewer calls",
            )
        })
    }

    async fn pass_gate(&self, patience: Instant) {
        while let Some(opens) = self.closed_until(patience) {
            sleep_until(opens).await;
        }
    }

    /// When to try the gate again, if it is closed and there is patience left.
    fn closed_until(&self, patience: Instant) -> Option<Instant> {
        let now = Instant::now();
        let opens = self.gate().opens_at(now).filter(|_| now < patience)?;
        // Not everybody at once when it opens.
        let left = patience.saturating_duration_since(opens);
        let spread = part_of(SPREAD.min(left / 2), fastrand::f64());
        Some(after(opens, spread).min(patience))
    }

    /// The service answered a request sent at this moment with anything but 429.
    pub(crate) fn answered(&self, sent: Instant) {
        self.gate().answered(sent);
    }

    /// The service answered 429 to a request sent at this moment.
    pub(crate) fn refused(&self, sent: Instant, retry_after: Option<Duration>) {
        let random = fastrand::f64();
        self.gate()
            .refused(sent, Instant::now(), retry_after, random);
    }

    /// Nothing panics under the lock, and a gate is never half closed.
    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
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

    fn patience(sec: u32) -> Patience {
        let until = Instant::now() + SEC * sec;
        Patience {
            gate: until,
            limiter: until,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_holds_everybody_back_and_lets_them_go_one_by_one() {
        let throttle = Throttle::new(None);
        throttle.refused(Instant::now(), Some(7 * SEC));
        let began = Instant::now();
        let waits = futures_util::future::join_all((0..50).map(async |_| {
            throttle.admit(patience(60)).await.unwrap();
            began.elapsed()
        }));
        let mut waits = waits.await;
        waits.sort();
        assert!(waits[0] >= 7 * SEC && waits[49] <= 8 * SEC + SEC / 10);
        assert!(waits[49] - waits[0] > SEC / 2);
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_the_limiter_meets_a_gate_that_closed_meanwhile() {
        let throttle = Throttle::new(Some(RateLimit::per_second(1)));
        let began = Instant::now();
        let admissions = (0..5).map(async |_| {
            throttle.admit(patience(100)).await.unwrap();
            began.elapsed()
        });
        let refusal = async {
            tokio::time::sleep(SEC / 2).await;
            throttle.refused(Instant::now(), Some(60 * SEC));
        };
        let admissions = futures_util::future::join_all(admissions);
        let (mut waits, ()) = futures_util::future::join(admissions, refusal).await;
        waits.sort();
        assert_eq!(waits[0], Duration::ZERO);
        assert!(waits[1] >= 60 * SEC, "{waits:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_gate_opens_at_the_end_of_patience() {
        let throttle = Throttle::new(None);
        throttle.refused(Instant::now(), Some(3600 * SEC));
        let began = Instant::now();
        throttle.admit(patience(5)).await.unwrap();
        assert_eq!(began.elapsed(), 5 * SEC);
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_limit_spaces_requests_and_is_never_passed() {
        let throttle = Throttle::new(Some(RateLimit::per_second(2).burst(3)));
        let began = Instant::now();
        for _ in 0..7 {
            throttle.admit(patience(60)).await.unwrap();
        }
        assert_eq!(began.elapsed(), 2 * SEC);
        let throttle = Throttle::new(Some(RateLimit::per_minute(1)));
        throttle.admit(patience(1)).await.unwrap();
        let error = throttle.admit(patience(10)).await.unwrap_err();
        assert!(error.is_rate_limited());
        assert_eq!(began.elapsed(), 12 * SEC);
    }
}
