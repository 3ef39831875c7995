//! Distributions of durations: log-logistic, and weighted samples of a remaining time.
//!
//! Durations are modelled as log-logistic: positive and right-skewed like the log-normal, with a
//! heavier tail, and with a survival function and quantiles in closed form, so that neither
//! integration nor random sampling is needed. A forecast combines several log-logistic components by
//! mixing, shifting and convolution, for which no closed form exists; weighted samples make each of
//! these a loop. Samples are quantiles, not random draws: the same state always gives the same
//! forecast. This module is arithmetic only and must not know about clips, phases or polls.

// Numerical bounds, not tuned. They keep the arithmetic finite for parameters
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

/// Initial capacity, in samples: growing costs more than everything else here. Chosen from
/// the sizes that forecasts mostly have.
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
        let weight = (weight / samples as f64) as f32;
        let quantiles = LogLogistic::new(params).conditional_quantiles(elapsed, samples);
        self.samples
            .extend(quantiles.map(|remaining| WeightedSample {
                seconds: remaining as f32,
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
    pub(super) fn convolve(
        &mut self,
        probability: f64,
        params: LogLogisticParams,
        elapsed: f64,
        samples: usize,
    ) {
        let probability = probability as f32;
        let before = self.samples.len();
        for added in LogLogistic::new(params).conditional_quantiles(elapsed, samples) {
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
    #[cfg(test)]
    pub(super) fn samples(&self) -> &[WeightedSample] {
        &self.0
    }

    /// Returns the earliest time from now, in seconds, by which the mean delay of a poll, the time since
    /// the end where there was one, is this long; infinity if it never is.
    pub(super) fn time_of_expected_delay(&self, delay: f64) -> f64 {
        // Up to the next sample, the mean delay at `t` is `weight * t - weighted_sum`.
        let (mut weight, mut weighted_sum) = (0.0, 0.0);
        let mut samples = self.0.iter().peekable();
        while let Some(sample) = samples.next() {
            let (seconds, share) = (f64::from(sample.seconds), f64::from(sample.weight));
            weight += share;
            weighted_sum += share * seconds;
            let time = (delay + weighted_sum) / weight;
            let next = samples
                .peek()
                .map_or(f64::INFINITY, |next| f64::from(next.seconds));
            if time <= next {
                return time;
            }
        }
        f64::INFINITY
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
    fn a_delay_is_expected_after_the_earliest_ends() {
        let distribution = Distribution::from_params(NARROW, 0.0, 101).sorted();
        for delay in [0.1, 1.0, 30.0] {
            let time = distribution.time_of_expected_delay(delay);
            let samples = distribution.samples().iter();
            let mean: f64 = samples
                .map(|sample| {
                    f64::from(sample.weight) * (time - f64::from(sample.seconds)).max(0.0)
                })
                .sum();
            assert!((mean - delay).abs() < 1e-3, "{delay}: {time} {mean}");
        }
        let never = Distribution::default().sorted();
        assert_eq!(never.time_of_expected_delay(1.0), f64::INFINITY);
    }

    #[test]
    fn polls_of_a_constant_rate_are_as_far_apart_as_is_optimal() {
        // Of ends that are evenly distributed over 1000 s.
        let samples = (0..1000).map(|seconds| WeightedSample {
            seconds: seconds as f32,
            weight: 0.001,
        });
        let even = SortedDistribution(samples.collect());
        for cost in [0.01, 0.3, 5.0] {
            let optimum = (2.0 * cost / 0.001_f64).sqrt();
            let time = even.time_of_expected_delay(cost);
            assert!((time - optimum).abs() < 1.0, "{cost}: {time} {optimum}");
        }
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
        distribution.convolve(0.5, NARROW, 0.0, 5);
        let distribution = distribution.sorted();
        assert!(quantile(&distribution, 0.70) < 300.0);
        assert!(quantile(&distribution, 0.80) > 1000.0);
        let samples = distribution.samples().iter();
        let total: f32 = samples.map(|sample| sample.weight).sum();
        assert!((total - 1.0).abs() < 1e-5);
    }
}
