//! Distributions of durations: log-logistic, and weighted samples of a remaining time.
//!
//! Durations are modelled as log-logistic: positive and right-skewed like the log-normal, with a
//! heavier tail, and with a survival function and quantiles in closed form, so that neither
//! integration nor random sampling is needed. A forecast combines several log-logistic components by
//! mixing, shifting and convolution, for which no closed form exists; weighted samples make each of
//! these a loop. Samples are quantiles, not random draws: the same state always gives the same
//! forecast. This module is arithmetic only and must not know about clips, phases or polls.

use serde::{Deserialize, Serialize};

// Numerical bounds: chosen in 01abedf, not tuned. They keep the arithmetic finite for parameters
// from implausible input.

const MIN_MEDIAN_SECONDS: f64 = 1e-3;
const MIN_LOG_VARIANCE: f64 = 1e-6;
const MIN_SURVIVAL: f64 = 1e-12;

/// Limits of the shape parameter. The mean of a log-logistic distribution is finite only for a
/// shape above 1; the upper limit keeps `powf` in range.
const MIN_SHAPE: f64 = 1.1;
const MAX_SHAPE: f64 = 60.0;

/// Parameters of a log-logistic duration.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogLogisticParams {
    /// In seconds.
    pub(super) median: f64,
    /// Variance of the logarithm.
    pub(super) log_variance: f64,
}

/// Log-logistic distribution of a duration: P(T > t) = 1 / (1 + (t / median)^shape).
#[derive(Clone, Copy, Debug)]
pub(super) struct LogLogistic {
    /// In seconds.
    median: f64,
    shape: f64,
}

impl LogLogistic {
    pub(super) fn new(params: LogLogisticParams) -> Self {
        // ln T is logistic, with the standard deviation pi / (shape * sqrt 3).
        const PI_OVER_SQRT_3: f64 = 1.813_799_364_234_217_8;
        let std_dev = params.log_variance.max(MIN_LOG_VARIANCE).sqrt();
        Self {
            median: params.median.max(MIN_MEDIAN_SECONDS),
            shape: (PI_OVER_SQRT_3 / std_dev).clamp(MIN_SHAPE, MAX_SHAPE),
        }
    }

    /// Returns the probability that the duration exceeds `seconds`.
    pub(super) fn survival(self, seconds: f64) -> f64 {
        1.0 / (1.0 + (seconds / self.median).powf(self.shape))
    }

    /// Returns `count` equally likely remaining times, given that `elapsed` seconds have passed.
    ///
    /// These are the medians of `count` parts of equal probability of the distribution conditional
    /// on exceeding `elapsed`, minus `elapsed`.
    pub(super) fn conditional_quantiles(
        self,
        elapsed: f64,
        count: usize,
    ) -> impl Iterator<Item = f64> {
        let survival = if elapsed > 0.0 {
            self.survival(elapsed)
        } else {
            1.0
        };
        let inverse_shape = 1.0 / self.shape;
        (0..count).map(move |index| {
            let probability = (index as f64 + 0.5) / count as f64;
            let later = (survival * (1.0 - probability)).max(MIN_SURVIVAL);
            let duration = self.median * ((1.0 - later) / later).powf(inverse_shape);
            (duration - elapsed).max(0.0)
        })
    }
}

/// Returns the greatest common divisor; that of 0 and a number is the number.
pub(super) fn gcd(a: u8, b: u8) -> u8 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Running mean and variance with a prior, over a sliding window.
///
/// The gain of an update shrinks while the window fills and is constant from then on, so that old
/// values decay exponentially.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct RunningStats {
    /// Number of values, at most [`WINDOW`](Self::WINDOW).
    pub(super) count: f64,
    pub(super) mean: f64,
    pub(super) variance: f64,
}

impl RunningStats {
    // All set with the first version of the model in 01abedf and unchanged since; that commit
    // records no experiment for any one of them.

    /// Number of values that the statistics remember.
    /// Sensitivity: 10: −0.04 polls, +0.01 s; 40: +0.03 polls, +0.01 s.
    pub(super) const WINDOW: f64 = 20.0;

    /// Weights of the prior variance and of the first squared deviation, after the first value.
    /// Sensitivity: not significant (×0.8, ×1.25).
    const PRIOR_VARIANCE_WEIGHT: f64 = 0.7;
    const FIRST_DEVIATION_WEIGHT: f64 = 0.3;

    /// Limit of the first squared deviation: the mean of the prior may be arbitrarily wrong.
    /// Sensitivity: not significant (×0.8, ×1.25).
    const MAX_FIRST_DEVIATION: f64 = 1.0;

    /// Factor on the gain of the mean: above 1, the mean follows a trend faster than the average of
    /// the window.
    /// Sensitivity: not significant (×0.8, ×1.25).
    const MEAN_GAIN: f64 = 1.2;

    /// Variance added to a prediction, so that identical durations do not make it certain.
    /// Sensitivity: not significant (×0.8, ×1.25).
    const VARIANCE_OFFSET: f64 = 0.01;

    /// Creates statistics without values from a prior mean and variance.
    pub(super) const fn with_prior(mean: f64, variance: f64) -> Self {
        Self {
            count: 0.0,
            mean,
            variance,
        }
    }

    pub(super) fn add(&mut self, value: f64) {
        self.count = (self.count + 1.0).min(Self::WINDOW);
        let deviation = value - self.mean;
        if self.count <= 1.0 {
            self.mean = value;
            self.variance = Self::PRIOR_VARIANCE_WEIGHT * self.variance
                + Self::FIRST_DEVIATION_WEIGHT * deviation.powi(2).min(Self::MAX_FIRST_DEVIATION);
        } else {
            let gain = 1.0 / (self.count + 1.0);
            self.mean += Self::MEAN_GAIN * gain * deviation;
            self.variance += gain * (deviation.powi(2) - self.variance);
        }
    }

    /// Returns the variance of the next value, including the uncertainty of the mean.
    pub(super) fn predictive_variance(&self) -> f64 {
        self.variance * (1.0 + 1.0 / self.count.max(1.0)) + Self::VARIANCE_OFFSET
    }
}

/// Initial capacity, in samples: growing costs more than everything else here. Chosen in c018ca5
/// from the sizes that forecasts mostly have.
const CAPACITY: usize = 384;

/// Distribution of a remaining time, in seconds from now; the weights need not sum to 1.
#[derive(Clone, Debug)]
pub(super) struct Distribution {
    samples: Vec<WeightedSample>,
}

/// Remaining time and its weight, in `f32`: each poll creates hundreds of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct WeightedSample {
    pub(super) seconds: f32,
    pub(super) weight: f32,
}

impl Default for Distribution {
    fn default() -> Self {
        Self {
            samples: Vec::with_capacity(CAPACITY),
        }
    }
}

impl Distribution {
    /// Creates the distribution of the remaining time of a duration, of which `elapsed` seconds have
    /// passed.
    pub(super) fn from_params(params: LogLogisticParams, elapsed: f64, samples: usize) -> Self {
        let mut distribution = Self::default();
        distribution.add(1.0, params, elapsed, samples);
        distribution
    }

    /// Adds a component with this weight.
    pub(super) fn add(
        &mut self,
        weight: f64,
        params: LogLogisticParams,
        elapsed: f64,
        samples: usize,
    ) {
        self.add_shifted(0.0, weight, params, elapsed, samples);
    }

    /// Adds a component with this weight that begins `shift` seconds from now.
    pub(super) fn add_shifted(
        &mut self,
        shift: f64,
        weight: f64,
        params: LogLogisticParams,
        elapsed: f64,
        samples: usize,
    ) {
        let weight = (weight / samples as f64) as f32;
        let quantiles = LogLogistic::new(params).conditional_quantiles(elapsed, samples);
        self.samples
            .extend(quantiles.map(|remaining| WeightedSample {
                seconds: (shift + remaining) as f32,
                weight,
            }));
    }

    /// Mixes in a component that makes up this share of the result.
    pub(super) fn mix(
        &mut self,
        share: f64,
        params: LogLogisticParams,
        elapsed: f64,
        samples: usize,
    ) {
        for sample in &mut self.samples {
            sample.weight *= (1.0 - share) as f32;
        }
        self.add(share, params, elapsed, samples);
    }

    /// Convolves with an independent duration that follows with this probability.
    pub(super) fn convolve(&mut self, probability: f64, params: LogLogisticParams, samples: usize) {
        let probability = probability as f32;
        let before = self.samples.len();
        for added in LogLogistic::new(params).conditional_quantiles(0.0, samples) {
            for index in 0..before {
                let WeightedSample { seconds, weight } = self.samples[index];
                self.samples.push(WeightedSample {
                    seconds: seconds + added as f32,
                    weight: weight * probability / samples as f32,
                });
            }
        }
        for sample in &mut self.samples[..before] {
            sample.weight *= 1.0 - probability;
        }
    }

    /// Sorts the samples by time and normalizes their weights.
    pub(super) fn sorted(mut self) -> SortedDistribution {
        // The bits of non-negative floating-point numbers sort like the numbers.
        self.samples
            .sort_unstable_by_key(|sample| sample.seconds.to_bits());
        let total: f32 = self.samples.iter().map(|sample| sample.weight).sum();
        for sample in &mut self.samples {
            sample.weight /= total.max(f32::MIN_POSITIVE);
        }
        SortedDistribution(self.samples)
    }
}

/// Distribution whose samples are sorted by time and whose weights sum to 1.
#[derive(Clone, Debug)]
pub(super) struct SortedDistribution(Vec<WeightedSample>);

impl SortedDistribution {
    pub(super) fn samples(&self) -> &[WeightedSample] {
        &self.0
    }

    /// Returns the quantiles, in seconds from now, for ascending probabilities.
    pub(super) fn quantiles<const N: usize>(&self, probabilities: [f64; N]) -> [f64; N] {
        let mut samples = self.0.iter();
        let (mut seconds, mut sum) = (0.0, 0.0);
        probabilities.map(|probability| {
            while sum < probability
                && let Some(sample) = samples.next()
            {
                seconds = f64::from(sample.seconds);
                sum += f64::from(sample.weight);
            }
            seconds
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: LogLogisticParams = LogLogisticParams {
        median: 30.0,
        log_variance: 1.0,
    };

    #[test]
    fn survival_at_the_median_is_one_half() {
        let distribution = LogLogistic::new(PARAMS);
        assert!((distribution.survival(30.0) - 0.5).abs() < 1e-9);
        let median: Vec<_> = distribution.conditional_quantiles(0.0, 1).collect();
        assert!((median[0] - 30.0).abs() < 1e-9);
    }

    #[test]
    fn quantiles_are_conditional_on_the_elapsed_time() {
        // Half of the durations above 30 also exceed the third quartile of all.
        let distribution = LogLogistic::new(PARAMS);
        let remaining: Vec<_> = distribution.conditional_quantiles(30.0, 1).collect();
        assert!((distribution.survival(30.0 + remaining[0]) - 0.25).abs() < 1e-9);
    }

    #[test]
    fn survival_decreases_with_time() {
        let distribution = LogLogistic::new(LogLogisticParams {
            log_variance: 0.01,
            ..PARAMS
        });
        assert!(distribution.survival(0.0) > 0.999 && distribution.survival(90.0) < 1e-6);
    }

    #[test]
    fn extreme_parameters_have_finite_quantiles() {
        for log_variance in [0.0, 1e-9, 1e9] {
            for elapsed in [0.0, 1e-9, 1e9] {
                let params = LogLogisticParams {
                    median: 1.0,
                    log_variance,
                };
                for remaining in LogLogistic::new(params).conditional_quantiles(elapsed, 9) {
                    assert!(
                        remaining.is_finite() && remaining >= 0.0,
                        "{log_variance} {elapsed} {remaining}"
                    );
                }
            }
        }
    }

    #[test]
    fn running_stats_converge_to_the_recent_values() {
        let mut stats = RunningStats::with_prior(0.0, 1.0);
        (0..100).for_each(|_| stats.add(5.0));
        assert!((stats.mean - 5.0).abs() < 1e-6 && stats.variance < 0.02);
        (0..100).for_each(|index| stats.add(if index % 2 == 0 { 7.0 } else { 9.0 }));
        assert!((stats.mean - 8.0).abs() < 0.2 && (stats.variance - 1.0).abs() < 0.2);
    }

    #[test]
    fn gcd_finds_the_percent_step() {
        assert_eq!([25, 50, 75].into_iter().fold(0, gcd), 25);
        assert_eq!([33, 66, 99].into_iter().fold(0, gcd), 33);
        assert_eq!([12, 35, 78].into_iter().fold(0, gcd), 1);
    }

    const NARROW: LogLogisticParams = LogLogisticParams {
        median: 40.0,
        log_variance: 0.25,
    };

    fn quantile(distribution: &SortedDistribution, probability: f64) -> f64 {
        distribution.quantiles([probability])[0]
    }

    #[test]
    fn the_median_is_that_of_the_parameters() {
        let distribution = Distribution::from_params(NARROW, 0.0, 101).sorted();
        assert!((quantile(&distribution, 0.5) - 40.0).abs() < 0.5);
        assert!(quantile(&distribution, 0.1) < 30.0 && quantile(&distribution, 0.9) > 55.0);
    }

    #[test]
    fn distributions_are_conditional_on_the_elapsed_time() {
        let late = Distribution::from_params(NARROW, 60.0, 101).sorted();
        assert!(quantile(&late, 0.0) < 1.0);
        assert!(quantile(&late, 0.5) > 5.0 && quantile(&late, 0.5) < 40.0);
    }

    #[test]
    fn mixing_and_convolution_preserve_the_total_weight() {
        let mut distribution = Distribution::from_params(NARROW, 0.0, 9);
        let late = LogLogisticParams {
            median: 4000.0,
            ..NARROW
        };
        distribution.mix(0.25, late, 0.0, 9);
        distribution.convolve(0.5, NARROW, 5);
        let distribution = distribution.sorted();
        assert!(quantile(&distribution, 0.70) < 300.0);
        assert!(quantile(&distribution, 0.80) > 1000.0);
        let samples = distribution.samples().iter();
        let total: f32 = samples.map(|sample| sample.weight).sum();
        assert!((total - 1.0).abs() < 1e-5);
    }
}
