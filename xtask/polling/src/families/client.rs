//! Lengths and render times of synthetic clips.
//!
//! Render times of the service are undocumented, so these distributions are assumptions.

use crate::rng::SeededRng;

/// Limits of the footage length. Chosen, not measured.
const MIN_LENGTH_SECONDS: f64 = 5.0;
const MAX_LENGTH_SECONDS: f64 = 3600.0;

/// Client with its own relation between the footage length and the render time.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClientProfile {
    pub(super) name: &'static str,
    /// Median render seconds per second of footage; `None` if they are independent.
    seconds_per_footage_second: Option<f64>,
}

/// Clients of the synthetic traces.
pub(super) const CLIENTS: [ClientProfile; 2] = [
    ClientProfile {
        name: "by length",
        seconds_per_footage_second: Some(0.4),
    },
    ClientProfile {
        name: "by load",
        seconds_per_footage_second: None,
    },
];

impl ClientProfile {
    /// Returns the footage length of a clip with this render time; some have none.
    pub(super) fn clip_length(&self, render: f64, rng: &mut SeededRng) -> Option<u32> {
        let length = match self.seconds_per_footage_second {
            Some(rate) => render / rng.log_normal(rate, 0.25),
            None => rng.log_normal(120.0, 1.3),
        };
        let has_length = !rng.random_bool(0.15);
        has_length.then_some(length.round().clamp(MIN_LENGTH_SECONDS, MAX_LENGTH_SECONDS) as u32)
    }
}

/// Returns the render time of a typical clip, in seconds. The distribution was set in 00c7fe9 so that
/// a watch that polls every two seconds takes about 35 polls.
pub(super) fn render_seconds(rng: &mut SeededRng) -> f64 {
    rng.log_normal(45.0, 0.85).clamp(3.0, 1800.0)
}
