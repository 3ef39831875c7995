//! Optimal poll times for a forecast.
//!
//! Finds the next poll by a dynamic program over candidate poll times, as if polls revealed nothing
//! but whether the clip is complete. Polls that also narrow the forecast are the
//! [model](super::model)'s concern: this module must know nothing but a distribution and a poll cost.

use super::distribution::SortedDistribution;

/// Number of candidate poll times: the forecast's samples are grouped into bins of equal weight.
/// Chosen in 01abedf as a compromise between precision and time; not tuned by itself.
/// Sensitivity: 16: −2.17 polls, +0.48 s.
const BINS: usize = 32;

/// Bin of samples, with the cumulative sums up to its end.
#[derive(Clone, Copy, Default)]
struct Bin {
    /// Last sample of the bin, in seconds from now.
    end: f64,
    /// Sum of the weights.
    weight: f64,
    /// Sum of the samples multiplied by their weights.
    weighted_sum: f64,
}

/// Returns the optimal time of the next poll, in seconds from now.
///
/// Minimizes the expected cost of all polls until one sees the clip complete: `poll_cost` for each,
/// plus the detection delay in seconds. With `cost(i)` the expected cost after an unsuccessful poll
/// at the end of bin `i`, backward induction gives
///
/// ```text
/// cost(i) = poll_cost + min over j > i of (delay(i, j) + survival(j) * cost(j)) / survival(i)
/// delay(i, j) = (weight(j) - weight(i)) * end(j) - (weighted_sum(j) - weighted_sum(i))
/// ```
///
/// where `survival` is 1 - `weight`. The only term that depends on both `i` and `j` is
/// `-weight(i) * end(j)`: each `j` is a line over `weight(i)`, so the convex hull trick finds the
/// minima of all bins in linear time.
pub(super) fn next_poll_time(
    forecast: &SortedDistribution,
    poll_cost: f64,
    min_interval: f64,
) -> f64 {
    let (bins, count) = bins(forecast);
    let bins = &bins[..count];
    let total_weight = bins.last().map_or(0.0, |bin| bin.weight);
    let mut candidates = LowerEnvelope::default();
    let (mut next_poll, mut later_cost) = (min_interval, 0.0);
    for (index, bin) in bins.iter().enumerate().rev() {
        let time = bin.end.max(min_interval);
        candidates.insert(Line {
            slope: -time,
            intercept: bin.weight * time - bin.weighted_sum + later_cost,
        });
        let previous = match index {
            0 => Bin::default(),
            _ => bins[index - 1],
        };
        let best = candidates.query_min(previous.weight);
        next_poll = -best.slope;
        // Expected cost after a poll at the end of the previous bin, not divided by its survival.
        later_cost = (total_weight - previous.weight) * poll_cost
            + best.eval(previous.weight)
            + previous.weighted_sum;
    }
    next_poll
}

/// Returns the bins of a forecast and their number.
fn bins(forecast: &SortedDistribution) -> ([Bin; BINS], usize) {
    let mut bins = [Bin::default(); BINS];
    let mut count = 0;
    let mut sums = Bin::default();
    let mut next_bin_weight = 0.0;
    for sample in forecast.samples() {
        let (seconds, weight) = (f64::from(sample.seconds), f64::from(sample.weight));
        if sums.weight >= next_bin_weight && count < BINS {
            count += 1;
            next_bin_weight = ((sums.weight * BINS as f64) as u32 + 1) as f64 / BINS as f64;
        }
        sums = Bin {
            end: seconds,
            weight: sums.weight + weight,
            weighted_sum: sums.weighted_sum + seconds * weight,
        };
        bins[count - 1] = sums;
    }
    (bins, count)
}

/// Lower envelope of lines, queried for its minimum.
///
/// Lines are inserted by rising slope and queries come from right to left, so that each line is
/// visited a constant number of times on average.
#[derive(Default)]
struct LowerEnvelope {
    lines: [Line; BINS],
    /// First line that can still be the minimum of a later query.
    first: usize,
    end: usize,
}

#[derive(Clone, Copy, Default)]
struct Line {
    slope: f64,
    intercept: f64,
}

impl Line {
    fn eval(self, x: f64) -> f64 {
        self.slope * x + self.intercept
    }

    /// Returns whether this line is nowhere below both the steeper and the flatter one.
    fn is_redundant(self, steeper: Self, flatter: Self) -> bool {
        (steeper.intercept - self.intercept) * (flatter.slope - self.slope)
            <= (self.intercept - flatter.intercept) * (self.slope - steeper.slope)
    }
}

impl LowerEnvelope {
    fn insert(&mut self, line: Line) {
        while let [.., steeper, last] = self.lines[self.first..self.end]
            && last.is_redundant(steeper, line)
        {
            self.end -= 1;
        }
        self.lines[self.end] = line;
        self.end += 1;
    }

    fn query_min(&mut self, x: f64) -> Line {
        while let [lowest, next, ..] = self.lines[self.first..self.end]
            && next.eval(x) <= lowest.eval(x)
        {
            self.first += 1;
        }
        self.lines[self.first]
    }
}

#[cfg(test)]
mod tests {
    use super::super::distribution::Distribution;
    use super::super::math::LogLogisticParams;
    use super::*;

    fn next_poll(median: f64, log_variance: f64, poll_cost: f64) -> f64 {
        let params = LogLogisticParams {
            median,
            log_variance,
        };
        let forecast = Distribution::from_params(params, 0.0, 99).sorted();
        next_poll_time(&forecast, poll_cost, 0.25)
    }

    #[test]
    fn a_certain_completion_time_needs_one_poll() {
        let seconds = next_poll(30.0, 0.0001, 0.5);
        assert!(seconds > 30.0 && seconds < 31.5, "{seconds}");
    }

    #[test]
    fn no_poll_precedes_the_earliest_plausible_end() {
        let seconds = next_poll(600.0, 0.01, 0.5);
        assert!(seconds > 350.0 && seconds < 600.0, "{seconds}");
    }

    #[test]
    fn a_higher_poll_cost_delays_the_next_poll() {
        assert!(next_poll(60.0, 1.0, 4.0) > next_poll(60.0, 1.0, 0.25));
    }

    #[test]
    fn the_lower_envelope_agrees_with_exhaustive_search() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..500 {
            let mut slopes: Vec<f64> = (0..BINS).map(|_| -random.f64()).collect();
            slopes[BINS / 2] = slopes[0];
            slopes.sort_by(f64::total_cmp);
            let (mut lines, mut envelope) = (Vec::new(), LowerEnvelope::default());
            let mut x = 1.0;
            for slope in slopes {
                let intercept = random.f64();
                lines.push(Line { slope, intercept });
                envelope.insert(Line { slope, intercept });
                x -= random.f64() / 16.0;
                let values = lines.iter().map(|line| line.eval(x));
                let min = values.fold(f64::INFINITY, f64::min);
                assert!((envelope.query_min(x).eval(x) - min).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn an_empty_forecast_is_polled_after_the_minimum_interval() {
        let forecast = Distribution::default().sorted();
        assert_eq!(next_poll_time(&forecast, 0.5, 0.25), 0.25);
    }
}
