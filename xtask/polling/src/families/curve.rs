//! Progress curve of one operation: the percentage over relative time.
//!
//! Curves are composed from a shape and modifiers; they must not know about operations or clocks.

use crate::rng::SeededRng;

/// Points of relative time (0 to 1) and percent (0 to 100), in ascending order of time.
#[derive(Clone, Debug)]
pub(super) struct Curve(pub(super) Vec<(f64, f64)>);

impl Curve {
    /// Creates a curve with one point per percent; `time` maps the completed share to relative time.
    fn from_time(time: impl Fn(f64) -> f64) -> Self {
        let percents = (1..100).map(f64::from);
        Self(percents.map(|p| (time(p / 100.0), p)).collect())
    }

    /// Linear progress.
    pub(super) fn linear() -> Self {
        Self::from_time(|done| done)
    }

    /// Progress as a power of time: decelerating below an exponent of 1, accelerating above.
    pub(super) fn power(exponent: f64) -> Self {
        Self::from_time(|done| done.powf(1.0 / exponent))
    }

    /// Progress as an exponential of time: decelerating at a negative rate, accelerating at a
    /// positive one.
    pub(super) fn exponential(rate: f64) -> Self {
        Self::from_time(|done| (done * rate.exp_m1()).ln_1p() / rate)
    }

    /// Two linear parts that meet at this share of the work and this relative time.
    pub(super) fn two_speed(knee_done: f64, knee_time: f64) -> Self {
        Self::from_time(|done| {
            if done < knee_done {
                done / knee_done * knee_time
            } else {
                knee_time + (done - knee_done) / (1.0 - knee_done) * (1.0 - knee_time)
            }
        })
    }

    /// Random jumps at random times.
    pub(super) fn jumpy(rng: &mut SeededRng) -> Self {
        let jumps = rng.range(2..=14);
        let mut sorted = |to: f64| {
            let mut values: Vec<f64> = (0..jumps).map(|_| rng.uniform(0.02, to)).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let times = sorted(0.98);
        let percents = sorted(99.0);
        Self(times.into_iter().zip(percents).collect())
    }

    /// Picks a random shape.
    pub(super) fn random(rng: &mut SeededRng) -> Self {
        match rng.range(0..=5) {
            0 | 1 => Self::linear(),
            2 => Self::power(rng.log_normal(1.0, 0.5)),
            3 => Self::two_speed(rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8)),
            4 => Self::linear().coarse(rng.choose(5.0, &[10.0, 20.0, 25.0])),
            _ => Self::jumpy(rng),
        }
    }

    /// Rounds down to multiples of `step` percent.
    #[must_use]
    pub(super) fn coarse(mut self, step: f64) -> Self {
        let mut current = 0.0;
        self.0.retain_mut(|(_, percent)| {
            let rounded = (*percent / step).floor() * step;
            let rises = rounded > current;
            *percent = rounded;
            current = rounded.max(current);
            rises
        });
        self
    }

    /// Inserts a stall at this percentage; `length` is relative to the duration without the stall.
    #[must_use]
    pub(super) fn stalled(mut self, percent: f64, length: f64) -> Self {
        let last = self.0.iter().rfind(|(_, p)| *p <= percent);
        let begin = last.map_or(0.0, |(time, _)| *time);
        for (time, _) in &mut self.0 {
            if *time > begin {
                *time += length;
            }
            *time /= 1.0 + length;
        }
        self
    }

    /// Compresses the curve to `share` of the time and holds this percentage until the end.
    #[must_use]
    pub(super) fn then_hold(mut self, percent: f64, share: f64) -> Self {
        for (time, _) in &mut self.0 {
            *time *= share;
        }
        self.0.push((share, percent));
        self
    }

    /// Samples the curve once per `period` of the time, starting at `phase`, as a service that updates
    /// its record rarely.
    #[must_use]
    pub(super) fn sampled_every(self, period: f64, phase: f64) -> Self {
        let mut points: Vec<(f64, f64)> = Vec::new();
        for (time, percent) in self.0 {
            let sampled = ((time - phase) / period).ceil().max(0.0) * period + phase;
            match points.last_mut() {
                Some(last) if last.0 == sampled => last.1 = percent,
                _ => points.push((sampled, percent)),
            }
        }
        points.retain(|(time, _)| *time < 1.0);
        Self(points)
    }

    /// Lowers the percentage by up to `max_drop` at so many random points.
    #[must_use]
    pub(super) fn with_drops(mut self, count: u64, max_drop: f64, rng: &mut SeededRng) -> Self {
        for _ in 0..count {
            let last = self.0.len().saturating_sub(1) as u64;
            let index = rng.range(0..=last) as usize;
            if let Some((_, percent)) = self.0.get_mut(index) {
                *percent = (*percent - rng.uniform(1.0, max_drop)).max(0.0);
            }
        }
        self
    }
}
