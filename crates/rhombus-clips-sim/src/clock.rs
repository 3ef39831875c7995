//! Service time.
//!
//! Service time is tokio's clock multiplied by a speed, plus explicit advances, so that a test
//! need not wait for a clip in real time. Everything else in the crate receives the current time
//! as an argument and must not read a clock.

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
}
