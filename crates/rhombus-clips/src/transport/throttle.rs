//! Admission of requests: the cooldown after a 429, and the client's own rate limit.
//!
//! The service limits the organization, so a 429 to one call holds back all calls of the client.
//! [`Cooldown`] is pure: its caller supplies time and randomness. [`Throttle`] waits.

mod cooldown;

use std::fmt;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::error::{Error, ErrorKind, Hint, Result};
use crate::time::{saturating_add, scale};
use cooldown::{Admission, Cooldown};

/// Maximum jitter at the end of a cooldown. Rhombus advises a jitter of 0 to 1 second.
const MAX_COOLDOWN_JITTER: Duration = Duration::from_secs(1);

/// Admits requests for all calls of a client.
pub(crate) struct Throttle {
    cooldown: Mutex<Cooldown>,
    /// Notifies the waiting calls that a cooldown ended early, or ends earlier.
    is_shorter: Notify,
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
    pub(crate) fn new(rate_limit: Option<RateLimit>, max_retry_after: Duration) -> Self {
        Self {
            cooldown: Mutex::new(Cooldown::new(max_retry_after)),
            is_shorter: Notify::new(),
            limiter: rate_limit.map(RateLimit::limiter),
        }
    }

    /// Waits until a request may be sent.
    ///
    /// At the cooldown's deadline the request is admitted all the same, because a watch has a final
    /// poll. The rate limiter is never bypassed.
    pub(crate) async fn acquire(&self, deadlines: AdmissionDeadlines) -> Result<()> {
        let admission = self.wait_cooldown(deadlines.cooldown).await;
        let Some(limiter) = &self.limiter else {
            return Ok(());
        };
        let admitted = timeout_at(deadlines.limiter, limiter.acquire_one()).await;
        if admission == Admission::Open {
            // A cooldown may have started meanwhile.
            self.wait_cooldown(deadlines.cooldown).await;
        }
        admitted.map_err(|_| {
            Error::new(
                ErrorKind::RateLimited,
                "client rate limit exhausted before the deadline",
            )
            .with_hint(Hint::RaiseRateLimit)
            .with_hint(Hint::ReduceConcurrency)
        })
    }

    async fn wait_cooldown(&self, deadline: Instant) -> Admission {
        loop {
            // Before the cooldown is read, so that its end cannot be missed.
            let mut is_shorter = pin!(self.is_shorter.notified());
            is_shorter.as_mut().enable();
            let now = Instant::now();
            let until = match self.cooldown().admit(now) {
                Admission::Wait(_) if now >= deadline => return Admission::Open,
                Admission::Wait(until) => until,
                admission => return admission,
            };
            let until = with_jitter(until, deadline);
            if let Either::Right(_) = select(pin!(sleep_until(until)), is_shorter).await {
                sleep_until(with_jitter(Instant::now(), deadline)).await;
            }
        }
    }

    /// Records a response of any status other than those below, to a request sent at `sent`.
    pub(crate) fn on_response(&self, sent: Instant) {
        self.cooldown().on_response(sent);
    }

    /// Records that a request sent at `sent` was served.
    pub(crate) fn on_success(&self, sent: Instant) {
        let has_ended_early = self.cooldown().on_success(sent, Instant::now());
        if has_ended_early {
            self.is_shorter.notify_waiters();
        }
    }

    /// Records a 429 response to a request sent at `sent`.
    pub(crate) fn on_rate_limited(&self, sent: Instant, retry_after: Option<Duration>) {
        let random = fastrand::f64();
        let is_shortened =
            self.cooldown()
                .on_rate_limited(sent, Instant::now(), retry_after, random);
        if is_shortened {
            self.is_shorter.notify_waiters();
        }
    }

    /// Records a `Retry-After` with another status. Only one that is too long to be honored concerns
    /// other calls: one of them asks for all.
    pub(crate) fn on_retry_after(&self, sent: Instant, retry_after: Duration) {
        let mut cooldown = self.cooldown();
        if cooldown.is_credible(retry_after) {
            cooldown.on_response(sent);
        } else {
            cooldown.on_rate_limited(sent, Instant::now(), Some(retry_after), fastrand::f64());
        }
    }

    /// Locks the cooldown. Nothing panics under the lock.
    fn cooldown(&self) -> MutexGuard<'_, Cooldown> {
        self.cooldown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds jitter to an instant, at most up to the deadline, so that the waiting calls do not all send at
/// once.
fn with_jitter(instant: Instant, deadline: Instant) -> Instant {
    let left = deadline.saturating_duration_since(instant);
    let jitter = scale(MAX_COOLDOWN_JITTER.min(left / 2), fastrand::f64());
    saturating_add(instant, jitter).min(deadline)
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle").finish_non_exhaustive()
    }
}

/// Rate limit of a client's requests: a token bucket for all its calls and watches.
///
/// The service limits the organization, with all its keys together. A client with a limit of its own
/// leaves the rest to other clients. The service's limit is unpublished; an old page gave 10 requests per
/// second, and its burst is about ten times the rate.
///
/// ```
/// use rhombus_clips::{Client, RateLimit};
///
/// let client = Client::builder()
///     .api_key("0123456789")
///     .rate_limit(RateLimit::per_second(4).burst(8))
///     .build()?;
/// # Ok::<(), rhombus_clips::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct RateLimit {
    requests: u32,
    per: Duration,
    burst: u32,
}

impl RateLimit {
    /// Creates a limit of this many requests per second, evenly spaced. 0 counts as 1.
    pub fn per_second(requests: u32) -> Self {
        Self::new(requests, Duration::from_secs(1))
    }

    /// Creates a limit of this many requests per minute, evenly spaced. 0 counts as 1.
    ///
    /// ```
    /// use rhombus_clips::RateLimit;
    ///
    /// assert_eq!(RateLimit::per_minute(0), RateLimit::per_minute(1).burst(1));
    /// ```
    pub fn per_minute(requests: u32) -> Self {
        Self::new(requests, Duration::from_secs(60))
    }

    fn new(requests: u32, per: Duration) -> Self {
        Self {
            requests: requests.max(1),
            per,
            burst: 1,
        }
    }

    /// Sets the burst: the number of requests that may be sent at once after an idle time. Default: 1; 0
    /// counts as 1.
    pub fn burst(mut self, burst: u32) -> Self {
        self.burst = burst.max(1);
        self
    }

    pub(crate) fn limiter(self) -> leaky_bucket::RateLimiter {
        // The bucket counts whole milliseconds and wakes by a timer: tokens are added singly up to a
        // hundred per second and in small groups above, and rounding never adds them early.
        let per_ms = u32::try_from(self.per.as_millis()).unwrap_or(u32::MAX);
        let refill = self.requests.div_ceil(per_ms / 10).max(1);
        let interval_ms = (u64::from(per_ms) * u64::from(refill)).div_ceil(self.requests.into());
        let tokens = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        leaky_bucket::RateLimiter::builder()
            .max(tokens(self.burst.max(refill)))
            .initial(tokens(self.burst))
            .refill(tokens(refill))
            .interval(Duration::from_millis(interval_ms))
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEC: Duration = Duration::from_secs(1);

    fn new_throttle(rate_limit: Option<RateLimit>) -> Throttle {
        Throttle::new(rate_limit, 600 * SEC)
    }

    fn deadlines(sec: u32) -> AdmissionDeadlines {
        let until = Instant::now() + SEC * sec;
        AdmissionDeadlines {
            cooldown: until,
            limiter: until,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_429_delays_all_calls_and_admits_them_with_jitter() {
        let throttle = new_throttle(None);
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
        let throttle = new_throttle(Some(RateLimit::per_second(1)));
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
        let throttle = new_throttle(None);
        throttle.on_rate_limited(Instant::now(), Some(3600 * SEC));
        let began = Instant::now();
        throttle.acquire(deadlines(5)).await.unwrap();
        assert_eq!(began.elapsed(), 5 * SEC);
    }

    #[tokio::test(start_paused = true)]
    async fn one_request_a_minute_probes_a_cooldown_that_is_too_long_and_a_success_ends_it() {
        let throttle = new_throttle(Some(RateLimit::per_second(50).burst(50)));
        let began = Instant::now();
        throttle.on_rate_limited(began, Some(Duration::from_secs(99_999_999_999)));
        let calls = (0..20).map(async |_| {
            throttle.acquire(deadlines(86_400)).await.unwrap();
            let (sent, waited) = (Instant::now(), began.elapsed());
            match waited > 720 * SEC {
                true => throttle.on_success(sent),
                false => throttle.on_rate_limited(sent, Some(Duration::MAX)),
            }
            waited
        });
        let mut waits = futures_util::future::join_all(calls).await;
        waits.sort();
        assert!(waits[0] >= 600 * SEC, "{waits:?}");
        assert!(waits[1] >= 660 * SEC && waits[2] >= 720 * SEC, "{waits:?}");
        assert!(waits[19] <= waits[2] + 2 * SEC, "{waits:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_limit_spaces_requests_and_is_not_bypassed() {
        let throttle = new_throttle(Some(RateLimit::per_second(2).burst(3)));
        let began = Instant::now();
        for _ in 0..7 {
            throttle.acquire(deadlines(60)).await.unwrap();
        }
        assert_eq!(began.elapsed(), 2 * SEC);
        let throttle = new_throttle(Some(RateLimit::per_minute(1)));
        throttle.acquire(deadlines(1)).await.unwrap();
        let error = throttle.acquire(deadlines(10)).await.unwrap_err();
        assert!(error.is_rate_limited());
        assert_eq!(began.elapsed(), 12 * SEC);
    }

    #[test]
    fn tokens_are_never_early_and_at_most_slightly_late() {
        let limits = [1, 3, 10, 99, 100, 101, 950, 1000, 12_345, u32::MAX]
            .map(RateLimit::per_second)
            .into_iter()
            .chain([0, 1, 7, 6000, 6001].map(RateLimit::per_minute));
        for limit in limits {
            let limiter = limit.limiter();
            let nominal = f64::from(limit.requests) / limit.per.as_secs_f64();
            let effective = limiter.refill() as f64 / limiter.interval().as_secs_f64();
            assert!(
                effective <= nominal && effective >= 0.9 * nominal,
                "{limit:?}: {effective}"
            );
        }
    }
}
