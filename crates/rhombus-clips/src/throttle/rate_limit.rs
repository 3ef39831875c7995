//! A limit that a client sets itself.

use std::time::Duration;

/// How many requests a client sends at most: a token bucket for all its calls and watches.
///
/// The service limits an organization, with all its keys together. A client that stays under a
/// limit of its own leaves the rest to others. The service's limit is unpublished; an old page
/// said 10 requests in a second, and its burst is about ten times the rate.
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
    /// At most this many requests in a second, evenly spaced. 0 counts as 1.
    pub fn per_second(requests: u32) -> Self {
        Self::new(requests, Duration::from_secs(1))
    }

    /// At most this many requests in a minute, evenly spaced. 0 counts as 1.
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

    /// How many requests may be sent at once after a quiet time. 1 unless set; 0 counts as 1.
    pub fn burst(mut self, burst: u32) -> Self {
        self.burst = burst.max(1);
        self
    }

    pub(crate) fn limiter(self) -> leaky_bucket::RateLimiter {
        // The bucket counts whole milliseconds and is woken by a timer: tokens come one by one up
        // to a hundred in a second, above that in small groups, and rounded never too soon.
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

    #[test]
    fn tokens_come_never_too_soon_and_hardly_too_late() {
        let limits = [1, 3, 10, 99, 100, 101, 950, 1000, 12_345, u32::MAX]
            .map(RateLimit::per_second)
            .into_iter()
            .chain([0, 1, 7, 6000, 6001].map(RateLimit::per_minute));
        for limit in limits {
            let limiter = limit.limiter();
            let wanted = f64::from(limit.requests) / limit.per.as_secs_f64();
            let given = limiter.refill() as f64 / limiter.interval().as_secs_f64();
            assert!(
                given <= wanted && given >= 0.9 * wanted,
                "{limit:?}: {given}"
            );
        }
    }
}
