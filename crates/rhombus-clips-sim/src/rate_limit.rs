//! Rate limiter of the service.
//!
//! A token bucket that refills with service time, so that tests of rate limiting run in virtual
//! time. Users report that Rhombus has one bucket per organization, shared by all its keys, with a
//! burst of about ten times the refill rate; the simulated service is one organization.

use std::time::Duration;

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
