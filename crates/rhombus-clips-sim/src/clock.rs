//! Service time, and the rate limiter that refills with it.
//!
//! Service time is tokio's clock multiplied by a speed, plus explicit advances, so that a test
//! need not wait for a clip in real time. Everything else in the crate receives the current time
//! as an argument and must not read a clock. The rate limiter is a token bucket in service time, so that
//! tests of rate limiting run in virtual time. Users report that Rhombus has one bucket per
//! organization, shared by all its keys, with a burst of about ten times the refill rate; the simulated
//! service is one organization.

use std::time::Duration;
use tokio::time::Instant;

/// Service time since the service started. It follows tokio's clock, so in a paused runtime
/// (`tokio::time::pause`) it moves with virtual time.
#[derive(Debug)]
pub(crate) struct Clock {
    started_at: Instant,
    speed: f64,
    advanced: Duration,
}

impl Clock {
    /// Starts a clock at zero. `speed` is service seconds per second of tokio's clock, finite and
    /// not negative; at zero the clock moves by [`Clock::advance`] only.
    pub(crate) fn start(speed: f64) -> Self {
        Self {
            started_at: Instant::now(),
            speed,
            advanced: Duration::ZERO,
        }
    }

    pub(crate) fn now(&self) -> Duration {
        saturating_scale(self.started_at.elapsed(), self.speed).saturating_add(self.advanced)
    }

    pub(crate) fn advance(&mut self, duration: Duration) {
        self.advanced = self.advanced.saturating_add(duration);
    }
}

/// Multiplies `duration` by `factor`, saturating at [`Duration::MAX`].
pub(crate) fn saturating_scale(duration: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(duration.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

/// Token bucket. Each request takes one token; a request without a token is rejected.
#[derive(Debug)]
pub(crate) struct TokenBucket {
    refill_per_second: f64,
    burst: f64,
    tokens: f64,
    refilled_at: Duration,
}

impl TokenBucket {
    /// Creates a full bucket of `burst` tokens, at least 1, that gains `refill_per_second` tokens
    /// per second of service time, finite and above 0.
    pub(crate) fn new(refill_per_second: f64, burst: u32) -> Self {
        let burst = f64::from(burst.max(1));
        Self {
            refill_per_second,
            burst,
            tokens: burst,
            refilled_at: Duration::ZERO,
        }
    }

    /// Takes a token at service time `now`, or returns the time until the next one is available.
    pub(crate) fn try_acquire(&mut self, now: Duration) -> Result<(), Duration> {
        let elapsed = now.saturating_sub(self.refilled_at).as_secs_f64();
        let gained = elapsed * self.refill_per_second;
        self.tokens = (self.tokens + gained).min(self.burst);
        self.refilled_at = self.refilled_at.max(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        let delay = (1.0 - self.tokens) / self.refill_per_second;
        Err(Duration::try_from_secs_f64(delay).unwrap_or(Duration::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn runs_at_its_speed() {
        let (real, fast, stopped) = (Clock::start(1.0), Clock::start(100.0), Clock::start(0.0));
        tokio::time::advance(Duration::from_millis(300)).await;
        assert_eq!(real.now(), Duration::from_millis(300));
        assert_eq!(fast.now(), Duration::from_secs(30));
        assert_eq!(stopped.now(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn advances_and_saturates() {
        let mut clock = Clock::start(1e300);
        clock.advance(Duration::from_secs(5));
        assert_eq!(clock.now(), Duration::from_secs(5));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(clock.now(), Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Duration::MAX);
    }

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn admits_a_burst_then_one_request_per_token() {
        let mut bucket = TokenBucket::new(2.0, 3);
        for _ in 0..3 {
            assert_eq!(bucket.try_acquire(ms(0)), Ok(()));
        }
        assert_eq!(bucket.try_acquire(ms(0)), Err(ms(500)));
        assert_eq!(bucket.try_acquire(ms(250)), Err(ms(250)));
        assert_eq!(bucket.try_acquire(ms(500)), Ok(()));
        assert_eq!(bucket.try_acquire(ms(500)), Err(ms(500)));
    }

    #[test]
    fn never_exceeds_its_burst() {
        let mut bucket = TokenBucket::new(10.0, 2);
        let late = Duration::from_secs(3600);
        assert_eq!(
            [bucket.try_acquire(late), bucket.try_acquire(late)],
            [Ok(()), Ok(())]
        );
        assert!(bucket.try_acquire(late).is_err());
    }

    #[test]
    fn ignores_a_clock_that_moves_backwards() {
        let mut bucket = TokenBucket::new(1.0, 1);
        assert_eq!(bucket.try_acquire(ms(5000)), Ok(()));
        assert!(bucket.try_acquire(ms(0)).is_err());
        assert_eq!(bucket.try_acquire(ms(5000)), Err(ms(1000)));
    }
}
