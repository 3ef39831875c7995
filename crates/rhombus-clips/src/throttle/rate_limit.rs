//! Rate limit that a client sets for itself.

use std::time::Duration;

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
