//! When it will be done, as far as anybody can tell: times with weights.

use super::math::LogLogistic;

/// A distribution of a time to come, in seconds from now.
#[derive(Clone, Debug)]
pub(super) struct Forecast {
    moments: Vec<Moment>,
}

/// A time with its share of the whole. There are hundreds, at every look: they are small.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) at: f32,
    pub(super) weight: f32,
}

/// A time that is known by its middle, and by how far it may be off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guess {
    /// As likely to be exceeded as not, in seconds.
    pub(super) median: f64,
    /// Variance of the logarithm.
    pub(super) variance: f64,
}

impl Default for Forecast {
    fn default() -> Self {
        // As many as there mostly are: growing costs more than all else.
        let moments = Vec::with_capacity(384);
        Self { moments }
    }
}

impl Forecast {
    /// The time that is left of a guess, of which this much has passed already.
    pub(super) fn of(guess: Guess, passed: f64, moments: usize) -> Self {
        let mut forecast = Self::default();
        forecast.add(1.0, guess, passed, moments);
        forecast
    }

    /// Adds a guess with this share of the whole.
    pub(super) fn add(&mut self, share: f64, guess: Guess, passed: f64, moments: usize) {
        self.add_later(0.0, share, guess, passed, moments);
    }

    /// Adds a guess of what begins so many seconds from now.
    pub(super) fn add_later(
        &mut self,
        later: f64,
        share: f64,
        guess: Guess,
        passed: f64,
        moments: usize,
    ) {
        let weight = (share / moments as f64) as f32;
        let times = LogLogistic::of(guess).left_after(passed, moments);
        self.moments.extend(times.map(|left| Moment {
            at: (later + left) as f32,
            weight,
        }));
    }

    /// Makes a guess this much of the whole.
    pub(super) fn mix(&mut self, share: f64, guess: Guess, passed: f64, moments: usize) {
        for moment in &mut self.moments {
            moment.weight *= (1.0 - share) as f32;
        }
        self.add(share, guess, passed, moments);
    }

    /// Makes it followed by something else with this probability.
    pub(super) fn follow(&mut self, probability: f64, after: Guess, moments: usize) {
        let probability = probability as f32;
        let before = self.moments.len();
        for more in LogLogistic::of(after).left_after(0.0, moments) {
            for index in 0..before {
                let Moment { at, weight } = self.moments[index];
                self.moments.push(Moment {
                    at: at + more as f32,
                    weight: weight * probability / moments as f32,
                });
            }
        }
        for moment in &mut self.moments[..before] {
            moment.weight *= 1.0 - probability;
        }
    }

    /// In the order of time.
    pub(super) fn sorted(mut self) -> Sorted {
        // Of what is not negative the bits have the order of the numbers.
        self.moments
            .sort_unstable_by_key(|moment| moment.at.to_bits());
        let total: f32 = self.moments.iter().map(|moment| moment.weight).sum();
        for moment in &mut self.moments {
            moment.weight /= total.max(f32::MIN_POSITIVE);
        }
        Sorted(self.moments)
    }
}

/// A forecast in the order of time, whose weights are 1 together.
#[derive(Clone, Debug)]
pub(super) struct Sorted(Vec<Moment>);

impl Sorted {
    pub(super) fn moments(&self) -> &[Moment] {
        &self.0
    }

    /// The times by which it is done with these probabilities, which rise.
    pub(super) fn quantiles<const N: usize>(&self, probabilities: [f64; N]) -> [f64; N] {
        let mut moments = self.0.iter();
        let (mut at, mut sum) = (0.0, 0.0);
        probabilities.map(|probability| {
            while sum < probability
                && let Some(moment) = moments.next()
            {
                at = f64::from(moment.at);
                sum += f64::from(moment.weight);
            }
            at
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUESS: Guess = Guess {
        median: 40.0,
        variance: 0.25,
    };

    fn quantile(forecast: &Sorted, probability: f64) -> f64 {
        forecast.quantiles([probability])[0]
    }

    #[test]
    fn the_middle_of_a_guess_is_its_median() {
        let forecast = Forecast::of(GUESS, 0.0, 101).sorted();
        assert!((quantile(&forecast, 0.5) - 40.0).abs() < 0.5);
        assert!(quantile(&forecast, 0.1) < 30.0 && quantile(&forecast, 0.9) > 55.0);
    }

    #[test]
    fn what_has_passed_is_not_waited_for_again() {
        let late = Forecast::of(GUESS, 60.0, 101).sorted();
        assert!(quantile(&late, 0.0) < 1.0);
        assert!(quantile(&late, 0.5) > 5.0 && quantile(&late, 0.5) < 40.0);
    }

    #[test]
    fn shares_stay_shares() {
        let mut forecast = Forecast::of(GUESS, 0.0, 9);
        let far = Guess {
            median: 4000.0,
            ..GUESS
        };
        forecast.mix(0.25, far, 0.0, 9);
        forecast.follow(0.5, GUESS, 5);
        let forecast = forecast.sorted();
        assert!(quantile(&forecast, 0.70) < 300.0);
        assert!(quantile(&forecast, 0.80) > 1000.0);
        let moments = forecast.moments().iter();
        let total: f32 = moments.map(|moment| moment.weight).sum();
        assert!((total - 1.0).abs() < 1e-5);
    }
}
