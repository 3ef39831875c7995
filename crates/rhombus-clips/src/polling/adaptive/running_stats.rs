//! Running means and variances, which forget, merge and fade.
//!
//! Counts are weights: evidence that faded to half its weight counts as half as many values. This
//! module is arithmetic only.

use serde::{Deserialize, Serialize};

use super::distribution::LogLogisticParams;

/// Rounds to four decimals, so that the text of a snapshot is short and is read as the same number.
pub(super) fn rounded(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}

/// Limit of a logarithm of seconds, or of their ratio: that of 15 years.
const MAX_LOG: f64 = 20.0;

/// Running mean over a sliding window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct RunningMean {
    /// Number of values, at most [`WINDOW`](RunningStats::WINDOW).
    pub(super) count: f64,
    pub(super) mean: f64,
}

impl RunningMean {
    pub(super) fn add(&mut self, value: f64) {
        self.count = (self.count + 1.0).min(RunningStats::WINDOW);
        self.mean += (value - self.mean) / self.count;
    }

    /// Adds the values of another mean.
    pub(super) fn merge(&mut self, other: &Self) {
        let count = self.count + other.count;
        if count > 0.0 {
            self.mean += other.count / count * (other.mean - self.mean);
        }
        self.count = count.min(RunningStats::WINDOW);
    }

    /// Multiplies the weight of the values by a factor from 0 to 1.
    pub(super) fn fade(&mut self, factor: f64) {
        self.count *= factor;
    }

    /// Returns whether the numbers are those of values from 0 to `max`.
    pub(super) fn is_plausible(&self, max: f64) -> bool {
        (0.0..=RunningStats::WINDOW).contains(&self.count) && (0.0..=max).contains(&self.mean)
    }

    /// Rounds the numbers to what a snapshot stores.
    pub(super) fn round(&mut self) {
        self.count = rounded(self.count);
        self.mean = rounded(self.mean);
    }

    /// Returns the mean with a prior that counts as so many values.
    pub(super) fn with_prior(&self, prior: f64, weight: f64) -> f64 {
        (prior * weight + self.mean * self.count) / (weight + self.count)
    }
}

/// Running mean and variance over a sliding window, with a prior variance that counts as one value.
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
    /// Number of values that the statistics remember.
    pub(super) const WINDOW: f64 = 20.0;

    /// Variance added to a prediction, so that identical durations do not make it certain.
    const VARIANCE_OFFSET: f64 = 0.01;

    /// Creates statistics without values.
    pub(super) const fn with_prior(mean: f64, variance: f64) -> Self {
        Self {
            count: 0.0,
            mean,
            variance,
        }
    }

    pub(super) fn add(&mut self, value: f64) {
        let value = value.clamp(-MAX_LOG, MAX_LOG);
        self.count = (self.count + 1.0).min(Self::WINDOW);
        let deviation = value - self.mean;
        self.mean += deviation / self.count;
        if self.count > 1.0 {
            self.variance += (deviation.powi(2) - self.variance) / (self.count + 1.0);
        }
    }

    /// Adds the values of other statistics that began with the same prior variance.
    pub(super) fn merge(&mut self, other: &Self, prior_variance: f64) {
        if other.count <= 0.0 {
            return;
        }
        let count = self.count + other.count;
        let deviation = other.mean - self.mean;
        let squared_deviations = self.squared_deviations(prior_variance)
            + other.squared_deviations(prior_variance)
            + self.count * other.count / count * deviation.powi(2);
        self.mean += other.count / count * deviation;
        let variance = Self::posterior_variance(count, squared_deviations, prior_variance);
        self.variance = variance.min(MAX_LOG.powi(2));
        self.count = count.min(Self::WINDOW);
    }

    /// Multiplies the weight of the values by a factor from 0 to 1.
    pub(super) fn fade(&mut self, factor: f64, prior_variance: f64) {
        let squared_deviations = factor * self.squared_deviations(prior_variance);
        self.count *= factor;
        self.variance = Self::posterior_variance(self.count, squared_deviations, prior_variance);
    }

    /// Returns the sum of the squared deviations, without the prior, which must not count twice.
    fn squared_deviations(&self, prior_variance: f64) -> f64 {
        let prior = prior_variance * (1.0 + self.count.min(1.0));
        (self.variance * (self.count + 1.0) - prior).max(0.0)
    }

    /// Returns the variance to which [`add`](Self::add) leads: the prior counts as one value, and as the
    /// first value too, which has no deviation.
    fn posterior_variance(count: f64, squared_deviations: f64, prior_variance: f64) -> f64 {
        let prior = prior_variance * (1.0 + count.min(1.0));
        (prior + squared_deviations) / (count + 1.0)
    }

    /// Returns whether the numbers are within what durations in seconds can result in.
    pub(super) fn is_plausible(&self) -> bool {
        (0.0..=Self::WINDOW).contains(&self.count)
            && (-MAX_LOG..=MAX_LOG).contains(&self.mean)
            && (0.0..=MAX_LOG.powi(2)).contains(&self.variance)
    }

    /// Rounds the numbers to what a snapshot stores.
    pub(super) fn round(&mut self) {
        for number in [&mut self.count, &mut self.mean, &mut self.variance] {
            *number = rounded(*number);
        }
    }

    /// Returns the distribution of the next duration, of which the values are logarithms; its variance
    /// includes the uncertainty of the mean.
    pub(super) fn duration(&self) -> LogLogisticParams {
        LogLogisticParams {
            median: self.mean.exp(),
            log_variance: self.variance * (1.0 + 1.0 / (self.count + 1.0)) + Self::VARIANCE_OFFSET,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_stats_converge_to_the_recent_values() {
        let mut stats = RunningStats::with_prior(0.0, 1.0);
        (0..100).for_each(|_| stats.add(5.0));
        assert!((stats.mean - 5.0).abs() < 1e-6 && stats.variance < 0.02);
        (0..100).for_each(|index| stats.add(if index % 2 == 0 { 7.0 } else { 9.0 }));
        assert!((stats.mean - 8.0).abs() < 0.2 && (stats.variance - 1.0).abs() < 0.2);
    }
}
