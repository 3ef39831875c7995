//! The few formulas behind the forecasts.

use serde::{Deserialize, Serialize};

use super::forecast::Guess;

/// A log-logistic time: it exceeds t with the probability 1 / (1 + (t / median)^shape).
///
/// It is like a log-normal one with heavier tails, and all that is asked of it has a closed form.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogLogistic {
    median: f64,
    shape: f64,
}

impl LogLogistic {
    pub(super) fn of(guess: Guess) -> Self {
        // The standard deviation of the logarithm is pi / (shape * sqrt 3).
        const PI_BY_SQRT_3: f64 = 1.813_799_364_234_217_8;
        Self {
            median: guess.median.max(1e-3),
            shape: (PI_BY_SQRT_3 / guess.variance.max(1e-6).sqrt()).clamp(1.1, 60.0),
        }
    }

    /// The probability that it exceeds this time.
    pub(super) fn exceeds(self, time: f64) -> f64 {
        1.0 / (1.0 + (time / self.median).powf(self.shape))
    }

    /// So many times to come, each as likely as the others, of what exceeds `passed`: the middles
    /// of equal parts of the distribution, less what has passed.
    pub(super) fn left_after(self, passed: f64, count: usize) -> impl Iterator<Item = f64> {
        let exceeds = if passed > 0.0 {
            self.exceeds(passed)
        } else {
            1.0
        };
        let inverse = 1.0 / self.shape;
        (0..count).map(move |index| {
            let part = (index as f64 + 0.5) / count as f64;
            let later = (exceeds * (1.0 - part)).max(1e-12);
            let time = self.median * ((1.0 - later) / later).powf(inverse);
            (time - passed).max(0.0)
        })
    }
}

/// The greatest common divisor; of 0 and a number that number.
pub(super) fn common_divisor(a: u8, b: u8) -> u8 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// A mean and a variance that forget slowly: the newest twenty values count.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Running {
    pub(super) count: f64,
    pub(super) mean: f64,
    pub(super) variance: f64,
}

impl Running {
    const MEMORY: f64 = 20.0;

    /// Before any value: what to take for mean and variance.
    pub(super) const fn prior(mean: f64, variance: f64) -> Self {
        Self {
            count: 0.0,
            mean,
            variance,
        }
    }

    pub(super) fn add(&mut self, value: f64) {
        self.count = (self.count + 1.0).min(Self::MEMORY);
        let off = value - self.mean;
        if self.count <= 1.0 {
            self.mean = value;
            self.variance = 0.7 * self.variance + 0.3 * off.powi(2).min(1.0);
        } else {
            let part = 1.0 / (self.count + 1.0);
            self.mean += 1.2 * part * off;
            self.variance += part * (off.powi(2) - self.variance);
        }
    }

    /// The variance of the next value, the mean being uncertain too.
    pub(super) fn of_the_next(&self) -> f64 {
        self.variance * (1.0 + 1.0 / self.count.max(1.0)) + 0.01
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUESS: Guess = Guess {
        median: 30.0,
        variance: 1.0,
    };

    #[test]
    fn half_of_all_exceed_the_median() {
        let time = LogLogistic::of(GUESS);
        assert!((time.exceeds(30.0) - 0.5).abs() < 1e-9);
        let middle: Vec<_> = time.left_after(0.0, 1).collect();
        assert!((middle[0] - 30.0).abs() < 1e-9);
    }

    #[test]
    fn what_has_passed_is_given() {
        // Of those that exceed 30, half exceed the three-quarter point of all.
        let time = LogLogistic::of(GUESS);
        let left: Vec<_> = time.left_after(30.0, 1).collect();
        assert!((time.exceeds(30.0 + left[0]) - 0.25).abs() < 1e-9);
    }

    #[test]
    fn what_exceeds_falls_with_time() {
        let time = LogLogistic::of(Guess {
            variance: 0.01,
            ..GUESS
        });
        assert!(time.exceeds(0.0) > 0.999 && time.exceeds(90.0) < 1e-6);
    }

    #[test]
    fn extremes_stay_finite() {
        for variance in [0.0, 1e-9, 1e9] {
            for passed in [0.0, 1e-9, 1e9] {
                let guess = Guess {
                    median: 1.0,
                    variance,
                };
                for at in LogLogistic::of(guess).left_after(passed, 9) {
                    assert!(at.is_finite() && at >= 0.0, "{variance} {passed} {at}");
                }
            }
        }
    }

    #[test]
    fn a_running_mean_follows_its_values() {
        let mut running = Running::prior(0.0, 1.0);
        (0..100).for_each(|_| running.add(5.0));
        assert!((running.mean - 5.0).abs() < 1e-6 && running.variance < 0.02);
        (0..100).for_each(|index| running.add(if index % 2 == 0 { 7.0 } else { 9.0 }));
        assert!((running.mean - 8.0).abs() < 0.2 && (running.variance - 1.0).abs() < 0.2);
    }

    #[test]
    fn steps_have_a_common_divisor() {
        assert_eq!([25, 50, 75].into_iter().fold(0, common_divisor), 25);
        assert_eq!([33, 66, 99].into_iter().fold(0, common_divisor), 33);
        assert_eq!([12, 35, 78].into_iter().fold(0, common_divisor), 1);
    }
}
