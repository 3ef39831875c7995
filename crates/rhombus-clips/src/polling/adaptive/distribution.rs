//! Distribution of the remaining time, as weighted samples.
//!
//! A forecast combines several log-logistic components by mixing, shifting and convolution, for
//! which no closed form exists; weighted samples make each of these a loop. Samples are quantiles,
//! not random draws: the same state always gives the same forecast. This module must not know which
//! components a forecast is made of.

use super::math::{LogLogistic, LogLogisticParams};

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
        median: 40.0,
        log_variance: 0.25,
    };

    fn quantile(distribution: &SortedDistribution, probability: f64) -> f64 {
        distribution.quantiles([probability])[0]
    }

    #[test]
    fn the_median_is_that_of_the_parameters() {
        let distribution = Distribution::from_params(PARAMS, 0.0, 101).sorted();
        assert!((quantile(&distribution, 0.5) - 40.0).abs() < 0.5);
        assert!(quantile(&distribution, 0.1) < 30.0 && quantile(&distribution, 0.9) > 55.0);
    }

    #[test]
    fn distributions_are_conditional_on_the_elapsed_time() {
        let late = Distribution::from_params(PARAMS, 60.0, 101).sorted();
        assert!(quantile(&late, 0.0) < 1.0);
        assert!(quantile(&late, 0.5) > 5.0 && quantile(&late, 0.5) < 40.0);
    }

    #[test]
    fn mixing_and_convolution_preserve_the_total_weight() {
        let mut distribution = Distribution::from_params(PARAMS, 0.0, 9);
        let late = LogLogisticParams {
            median: 4000.0,
            ..PARAMS
        };
        distribution.mix(0.25, late, 0.0, 9);
        distribution.convolve(0.5, PARAMS, 5);
        let distribution = distribution.sorted();
        assert!(quantile(&distribution, 0.70) < 300.0);
        assert!(quantile(&distribution, 0.80) > 1000.0);
        let samples = distribution.samples().iter();
        let total: f32 = samples.map(|sample| sample.weight).sum();
        assert!((total - 1.0).abs() < 1e-5);
    }
}
