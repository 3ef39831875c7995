//! When it will be done, as far as anybody can tell: times with weights.

use super::math;

/// A distribution of a time to come, in seconds from now.
#[derive(Clone, Debug, Default)]
pub(super) struct Forecast {
    /// Times with their weights.
    moments: Vec<(f64, f64)>,
}

/// A time that is known by its middle, and by how far it may be off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guess {
    /// As likely to be exceeded as not, in seconds.
    pub(super) median: f64,
    /// Variance of the logarithm.
    pub(super) variance: f64,
}

impl Forecast {
    /// The time that is left of a guess, of which this much has passed already.
    pub(super) fn of(guess: Guess, passed: f64, moments: usize) -> Self {
        let mut forecast = Self::default();
        forecast.mix(1.0, guess, passed, moments);
        forecast
    }

    /// Makes a guess this much of the whole.
    pub(super) fn mix(&mut self, share: f64, guess: Guess, passed: f64, moments: usize) {
        for (_, weight) in &mut self.moments {
            *weight *= 1.0 - share;
        }
        for index in 0..moments {
            let part = (index as f64 + 0.5) / moments as f64;
            let left = math::quantile(guess, passed, part) - passed;
            self.moments.push((left.max(0.0), share / moments as f64));
        }
    }

    /// Adds another forecast, with its share of the whole.
    pub(super) fn add(&mut self, share: f64, other: Self) {
        let weighted = other.moments.into_iter().map(|(at, w)| (at, w * share));
        self.moments.extend(weighted);
    }

    /// Puts everything off by this many seconds.
    pub(super) fn put_off(&mut self, by: f64) {
        for (at, _) in &mut self.moments {
            *at += by;
        }
    }

    /// What comes when the one is followed by the other with this probability.
    pub(super) fn followed_by(self, probability: f64, after: &Self) -> Self {
        let mut moments = Vec::with_capacity(self.moments.len() * (1 + after.moments.len()));
        for (at, weight) in self.moments {
            moments.push((at, weight * (1.0 - probability)));
            let later = after.moments.iter();
            moments.extend(later.map(|(more, w)| (at + more, weight * w * probability)));
        }
        Self { moments }
    }

    /// In the order of time.
    pub(super) fn sorted(mut self) -> Sorted {
        self.moments.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total: f64 = self.moments.iter().map(|(_, weight)| weight).sum();
        for (_, weight) in &mut self.moments {
            *weight /= total.max(f64::MIN_POSITIVE);
        }
        Sorted(self.moments)
    }
}

/// A forecast in the order of time, whose weights are 1 together.
#[derive(Clone, Debug)]
pub(super) struct Sorted(Vec<(f64, f64)>);

impl Sorted {
    pub(super) fn moments(&self) -> &[(f64, f64)] {
        &self.0
    }

    /// The time by which it is done with this probability.
    pub(super) fn quantile(&self, probability: f64) -> f64 {
        let mut sum = 0.0;
        let reached = self.0.iter().find(|(_, weight)| {
            sum += weight;
            sum >= probability
        });
        reached.or(self.0.last()).map_or(0.0, |(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUESS: Guess = Guess {
        median: 40.0,
        variance: 0.25,
    };

    #[test]
    fn the_middle_of_a_guess_is_its_median() {
        let forecast = Forecast::of(GUESS, 0.0, 101).sorted();
        assert!((forecast.quantile(0.5) - 40.0).abs() < 0.5);
        assert!(forecast.quantile(0.1) < 30.0 && forecast.quantile(0.9) > 55.0);
    }

    #[test]
    fn what_has_passed_is_not_waited_for_again() {
        let late = Forecast::of(GUESS, 60.0, 101).sorted();
        assert!(late.quantile(0.0) < 1.0);
        assert!(late.quantile(0.5) > 5.0 && late.quantile(0.5) < 40.0);
    }

    #[test]
    fn shares_stay_shares() {
        let mut forecast = Forecast::of(GUESS, 0.0, 9);
        let far = Guess {
            median: 4000.0,
            ..GUESS
        };
        forecast.mix(0.25, far, 0.0, 9);
        let after = Forecast::of(GUESS, 0.0, 5);
        let forecast = forecast.followed_by(0.5, &after).sorted();
        assert!(forecast.quantile(0.70) < 300.0);
        assert!(forecast.quantile(0.80) > 1000.0);
        let total: f64 = forecast.moments().iter().map(|(_, weight)| weight).sum();
        assert!((total - 1.0).abs() < 1e-9);
    }
}
