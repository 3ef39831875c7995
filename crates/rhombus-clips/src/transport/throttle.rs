//! Admission of requests: the cooldown after a 429, and the client's own rate limit.
//!
//! The service limits the organization, so a 429 to one call holds back all calls of the client.
//! [`Cooldown`] is pure: its caller supplies time and randomness. [`Throttle`] waits.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use crate::error::{Error, ErrorKind, Hint, Result};
use crate::retry::Backoff;
use crate::time::{saturating_add, scale};

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

/// Cooldown that all calls of a client share.
#[derive(Debug, Default)]
struct Cooldown {
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
