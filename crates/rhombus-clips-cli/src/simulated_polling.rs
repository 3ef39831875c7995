//! Poll policy for the built-in simulated service, which runs faster than real time.
//!
//! The adaptive policy expects clips to render as fast as the real service does, so that it is given
//! the service's time. The delays and the estimates that it returns are converted to the user's time.

use std::time::Duration;

use rhombus_clips::Client;
use rhombus_clips::polling::{Adaptive, Estimate, Forecast, PollPolicy, PollState};

use crate::client::SIMULATION_SPEED;

/// Maximum poll interval for simulated clips. Chosen: short enough for the progress bar to move
/// smoothly, not tuned.
const MAX_INTERVAL: Duration = Duration::from_millis(500);

/// Returns the policy for clips of the simulated service.
pub(crate) fn policy(client: &Client) -> impl PollPolicy + Clone {
    let to_service = |interval| scale(interval, SIMULATION_SPEED);
    let adaptive = Adaptive::new(client.history())
        .min_interval(to_service(Adaptive::MIN_INTERVAL))
        .max_interval(to_service(MAX_INTERVAL));
    Accelerated {
        policy: adaptive,
        speed: SIMULATION_SPEED,
    }
}

/// A policy in the time of a service that runs this many times as fast as real time.
#[derive(Clone, Debug)]
struct Accelerated<P> {
    policy: P,
    speed: f64,
}

impl<P> Accelerated<P> {
    fn to_user(&self, time: Duration) -> Duration {
        scale(time, 1.0 / self.speed)
    }
}

impl<P: PollPolicy> PollPolicy for Accelerated<P> {
    fn next_delay(&mut self, state: &PollState<'_>) -> Duration {
        let mut scaled = PollState::new(scale(state.elapsed(), self.speed))
            .with_failed_polls(state.failed_polls())
            .with_random(state.random());
        if let Some(status) = state.status() {
            scaled = scaled.with_status(status);
        }
        if let Some(percent) = state.percent() {
            scaled = scaled.with_percent(percent);
        }
        if let Some(operation) = state.operation() {
            scaled = scaled.with_operation(operation);
        }
        if let Some(length) = state.footage_duration() {
            scaled = scaled.with_footage_duration(length);
        }
        let delay = self.policy.next_delay(&scaled);
        self.to_user(delay)
    }

    fn on_complete(&mut self, elapsed: Duration) {
        self.policy.on_complete(scale(elapsed, self.speed));
    }

    fn estimate(&self) -> Option<Estimate> {
        let estimate = self.policy.estimate()?;
        let times = [estimate.remaining, estimate.lower, estimate.upper];
        let [remaining, lower, upper] = times.map(|time| self.to_user(time));
        Some(Estimate::new(remaining, lower, upper))
    }

    fn forecast(&self) -> Option<Forecast> {
        let forecast = self.policy.forecast()?;
        Some(Forecast::new(
            forecast.times().map(|time| self.to_user(time)),
        ))
    }

    fn save(&self) -> Option<String> {
        self.policy.save()
    }

    fn restore(&mut self, saved: &str) {
        self.policy.restore(saved);
    }
}

fn scale(time: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(time.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhombus_clips::polling::History;

    #[test]
    fn times_are_those_of_the_user() {
        let history = History::new();
        let mut real = Adaptive::new(&history);
        let mut simulated = Accelerated {
            policy: Adaptive::new(&history),
            speed: 10.0,
        };
        for (seconds, percent) in [(0, 0), (20, 20), (40, 40), (60, 60)] {
            let elapsed = Duration::from_secs(seconds);
            let delay = real.next_delay(&PollState::new(elapsed).with_percent(percent));
            let state = PollState::new(elapsed / 10).with_percent(percent);
            let simulated = simulated.next_delay(&state);
            assert!((simulated * 10).abs_diff(delay) < Duration::from_millis(1));
        }
        let estimate = simulated.estimate().unwrap();
        let expected = real.estimate().unwrap().remaining / 10;
        assert!(estimate.remaining.abs_diff(expected) < Duration::from_millis(1));
        let within = |forecast: Option<Forecast>, seconds| {
            forecast
                .unwrap()
                .probability_within(Duration::from_secs(seconds))
        };
        assert_eq!(within(simulated.forecast(), 5), within(real.forecast(), 50));
        simulated.on_complete(Duration::MAX);
    }
}
