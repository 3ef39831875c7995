//! The service's time: it runs faster or slower than the wall clock, and can be put forward.

use std::time::Duration;
use tokio::time::Instant;

/// Service time since the service started. It follows tokio's clock, so under a paused runtime
/// (`tokio::time::pause`) it moves with virtual time.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    speed: f64,
    put_forward: Duration,
}

impl Clock {
    /// Starts at zero. `speed` is service seconds per second of tokio's clock, finite and not
    /// negative; at zero the clock only moves by [`Clock::advance`].
    pub(crate) fn start(speed: f64) -> Self {
        Self {
            started: Instant::now(),
            speed,
            put_forward: Duration::ZERO,
        }
    }

    pub(crate) fn now(&self) -> Duration {
        scaled(self.started.elapsed(), self.speed).saturating_add(self.put_forward)
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.put_forward = self.put_forward.saturating_add(by);
    }
}

/// `duration` times `factor`; what is too long for a `Duration` becomes the longest one.
pub(crate) fn scaled(duration: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(duration.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn runs_as_many_times_faster_as_its_speed_says() {
        let (real, fast, still) = (Clock::start(1.0), Clock::start(100.0), Clock::start(0.0));
        tokio::time::advance(Duration::from_millis(300)).await;
        assert_eq!(real.now(), Duration::from_millis(300));
        assert_eq!(fast.now(), Duration::from_secs(30));
        assert_eq!(still.now(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn can_be_put_forward_and_never_overflows() {
        let mut clock = Clock::start(1e300);
        clock.advance(Duration::from_secs(5));
        assert_eq!(clock.now(), Duration::from_secs(5));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(clock.now(), Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Duration::MAX);
    }
}
