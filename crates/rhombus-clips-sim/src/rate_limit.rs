//! The rate limit: a token bucket that fills with service time.

use std::time::Duration;

/// A token bucket. Each request takes one token; without a token a request is refused.
///
/// Others report that Rhombus keeps one bucket for an organization, shared by all its keys, with
/// a burst of about ten times the refill rate. The simulated service is one organization.
#[derive(Debug)]
pub(crate) struct TokenBucket {
    per_second: f64,
    burst: f64,
    tokens: f64,
    filled_at: Duration,
}

impl TokenBucket {
    /// A full bucket of `burst` tokens, at least 1, that gains `per_second` tokens in each second
    /// of service time, finite and above 0.
    pub(crate) fn new(per_second: f64, burst: u32) -> Self {
        let burst = f64::from(burst.max(1));
        Self {
            per_second,
            burst,
            tokens: burst,
            filled_at: Duration::ZERO,
        }
    }

    /// Takes a token at service time `now`, or says how long the next one will take.
    pub(crate) fn take(&mut self, now: Duration) -> Result<(), Duration> {
        let gained = now.saturating_sub(self.filled_at).as_secs_f64() * self.per_second;
        self.tokens = (self.tokens + gained).min(self.burst);
        self.filled_at = self.filled_at.max(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        let wait = (1.0 - self.tokens) / self.per_second;
        Err(Duration::try_from_secs_f64(wait).unwrap_or(Duration::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn lets_a_burst_through_then_one_request_per_token() {
        let mut bucket = TokenBucket::new(2.0, 3);
        for _ in 0..3 {
            assert_eq!(bucket.take(ms(0)), Ok(()));
        }
        assert_eq!(bucket.take(ms(0)), Err(ms(500)));
        assert_eq!(bucket.take(ms(250)), Err(ms(250)));
        assert_eq!(bucket.take(ms(500)), Ok(()));
        assert_eq!(bucket.take(ms(500)), Err(ms(500)));
    }

    #[test]
    fn never_holds_more_than_its_burst() {
        let mut bucket = TokenBucket::new(10.0, 2);
        let late = Duration::from_secs(3600);
        assert_eq!([bucket.take(late), bucket.take(late)], [Ok(()), Ok(())]);
        assert!(bucket.take(late).is_err());
    }

    #[test]
    fn a_clock_that_went_back_gives_no_tokens() {
        let mut bucket = TokenBucket::new(1.0, 1);
        assert_eq!(bucket.take(ms(5000)), Ok(()));
        assert!(bucket.take(ms(0)).is_err());
        assert_eq!(bucket.take(ms(5000)), Err(ms(1000)));
    }
}
