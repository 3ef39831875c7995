//! Delay to the next poll of a clip: the optimal time for a forecast, and its limits.
//!
//! The schedule minimizes the sum of the expected delay and of a cost for each poll, so the cost
//! alone decides how polls are traded against delay. It depends on how much a poll can reveal and on
//! what the client already knows, and on the forecast only by its width. A dynamic program over
//! candidate poll times finds the next poll, as if polls revealed nothing but whether the clip is
//! complete. On top, the delay is limited where an early poll narrows the forecast, which saves later
//! polls.

use super::distribution::SortedDistribution;
use super::history::Stats;
use super::model::{ClipModel, StatusClass};
use super::phase::Phase;

/// Probabilities of the quartiles.
const LOWER_QUARTILE: f64 = 0.25;
const UPPER_QUARTILE: f64 = 0.75;

/// Longest delay during a cold start, as a multiple of the elapsed time, with a minimum in seconds:
/// limits the delay of a first clip that ends earlier than the prior suggests. Set in c419081; no
/// separate experiment is recorded.
/// Sensitivity: not significant (×0.8, ×1.25).
const COLD_START_MAX_DELAY_FRACTION: f64 = 1.5;
/// Sensitivity: not significant (×0.8, ×1.25).
const COLD_START_MAX_DELAY_SECONDS: f64 = 10.0;

/// Interquartile range, in poll costs, above which a probe pays off. Raised from 4 in 5e17d34 with
/// other constants; no separate experiment is recorded.
/// Sensitivity: not significant (×0.8, ×1.25).
const MAX_IQR_IN_POLL_COSTS: f64 = 7.0;

/// Time of a probe: this part of this quantile of the remaining time. Raised from 0.8 and 0.2 in
/// 5e17d34 with other constants; no separate experiment is recorded.
/// Sensitivity: ×0.8: +0.09 polls, −0.01 s; ×1.25: −0.05 polls, −0.01 s.
const PROBE_FRACTION: f64 = 0.88;
/// Sensitivity: ×0.8: +0.01 polls, −0.01 s; ×1.25: −0.04 polls, +0.01 s.
const PROBE_QUANTILE: f64 = 0.28;

/// Least growth of the phase until a probe, as a share of its duration so far: an earlier one would
/// hardly reveal more than the last poll. Set in 6f14c64; no separate experiment is recorded.
/// Sensitivity: not significant (×0.8, ×1.25).
const PROBE_MIN_GROWTH: f64 = 0.3;

/// Longest delay before the first progress, as a share of the elapsed time, with a minimum in
/// seconds: some clips take only seconds. The share is of 01abedf, the minimum of 6f14c64; no
/// separate experiment is recorded.
/// Sensitivity: ×0.8: +0.03 polls, −0.01 s; ×1.25: −0.03 polls, −0.01 s.
const FIRST_PROGRESS_MAX_DELAY_FRACTION: f64 = 0.7;
/// Sensitivity: ×0.8: +0.18 polls, −0.02 s; ×1.25: −0.13 polls, −0.01 s.
const FIRST_PROGRESS_MAX_DELAY_SECONDS: f64 = 4.0;

impl ClipModel {
    /// Returns the delay to the next poll, in seconds.
    pub(super) fn next_delay(
        &self,
        forecast: &SortedDistribution,
        min_interval: f64,
        stats: &Stats,
    ) -> f64 {
        let now = f64::from(self.last_poll_at);
        let [lower_quartile, probe_quantile, upper_quartile] =
            forecast.quantiles([LOWER_QUARTILE, PROBE_QUANTILE, UPPER_QUARTILE]);
        let iqr = upper_quartile - lower_quartile;
        let is_suspended = self.status == StatusClass::Suspended;
        let has_budget = stats.is_cold_start() && !is_suspended;
        let budgeted = has_budget.then(|| budgeted_poll_cost(self.polls, iqr));
        let poll_cost = poll_cost(now, self.has_no_progress, budgeted);
        let mut delay = next_poll_time(forecast, poll_cost, min_interval);
        if stats.is_cold_start() {
            let max = (COLD_START_MAX_DELAY_FRACTION * now).max(COLD_START_MAX_DELAY_SECONDS);
            delay = delay.min(max);
        }
        if self.has_no_progress || is_suspended {
            // A poll before the end would reveal nothing.
            return delay;
        }
        // A poll before the end narrows the forecast, which saves later polls.
        if iqr > MAX_IQR_IN_POLL_COSTS * poll_cost {
            let in_phase = now - self.phase.as_ref().map_or(0.0, Phase::entered_at);
            let probe = (PROBE_FRACTION * probe_quantile).max(PROBE_MIN_GROWTH * in_phase);
            delay = delay.min(probe.max(min_interval));
        }
        let has_advanced = self.phase.as_ref().is_some_and(Phase::has_advanced);
        if !has_advanced {
            let max =
                (FIRST_PROGRESS_MAX_DELAY_FRACTION * now).max(FIRST_PROGRESS_MAX_DELAY_SECONDS);
            delay = delay.min(max);
        }
        delay
    }
}

/// Cost of a poll of a clip that reports its progress.
///
/// Lowered from 0.45 s to shorten delays in 49e81ca: the next commit, 168af8a, records 11.3 polls and
/// 1.25 s delay for clips with percentages.
/// Sensitivity: ×0.8: +0.88 polls, −0.10 s; ×1.25: −0.79 polls, +0.13 s.
const POLL_COST_SECONDS: f64 = 0.33;

/// Lowest cost of a poll with progress during a cold start. Introduced at the then usual cost in
/// 6f14c64, and left there when 49e81ca lowered the usual one.
/// Sensitivity: not significant (×0.8, ×1.25).
const MIN_COLD_START_COST_SECONDS: f64 = 0.45;

/// Growth of that cost per second since the watch began, so that long first clips do not use up
/// their budget early. Set in 6f14c64; not tuned by itself.
/// Sensitivity: not significant (×0.8, ×1.25).
const COLD_START_COST_PER_SECOND: f64 = 0.001;

/// Cost of a poll without progress at the start of a watch, and its growth per second. Without
/// progress the relative delay counts, so the cost is a share of the elapsed time. Both set to
/// these values in 6f14c64, from 0.02 and 0.0026 in 5e17d34; no separate experiment is recorded.
/// Sensitivity: ×0.8: +0.10 polls, −0.01 s; ×1.25: −0.12 polls, +0.01 s.
const NO_PROGRESS_COST_SECONDS: f64 = 0.04;
/// Sensitivity: ×0.8: +0.15 polls, −0.01 s; ×1.25: −0.16 polls, ±0.00 s.
const NO_PROGRESS_COST_PER_SECOND: f64 = 0.002;

/// Number of polls budgeted for each clip of a cold start. Chosen in 6f14c64, not tuned; a unit test
/// allows a first clip one more.
/// Sensitivity: not significant (12, 20).
const COLD_START_POLLS: u16 = 16;

/// Smallest number of remaining polls that the budgeted cost is computed for, so that it stays
/// finite once the budget is used up. Set in 6f14c64; not tuned by itself.
/// Sensitivity: not significant (1, 3).
const MIN_REMAINING_POLLS: f64 = 2.0;

/// Width of the end's distribution that the remaining budget has to cover, in interquartile ranges.
/// For a uniform distribution it would be 2; it is less because forecasts narrow between polls.
/// Set in 6f14c64; no separate experiment is recorded.
/// Sensitivity: not significant (×0.8, ×1.25).
const WIDTH_IN_IQR: f64 = 0.7;

/// Returns the cost of a poll at `now`, in seconds.
///
/// `budgeted` is the [`budgeted_poll_cost`] of a cold start and acts as a lower bound; it is `None`
/// once the history knows enough.
fn poll_cost(now: f64, has_no_progress: bool, budgeted: Option<f64>) -> f64 {
    let usual = match budgeted {
        _ if has_no_progress => NO_PROGRESS_COST_SECONDS + NO_PROGRESS_COST_PER_SECOND * now,
        Some(_) => MIN_COLD_START_COST_SECONDS + COLD_START_COST_PER_SECOND * now,
        None => POLL_COST_SECONDS,
    };
    usual.max(budgeted.unwrap_or_default())
}

/// Returns the poll cost, in seconds, at which the remaining budget covers a forecast with the
/// interquartile range `iqr`, after `polls` polls.
///
/// For an end that is uniformly distributed over `t` seconds, `n` equidistant polls are optimal at
/// the cost `t / n²`.
fn budgeted_poll_cost(polls: u16, iqr: f64) -> f64 {
    let remaining = f64::from(COLD_START_POLLS.saturating_sub(polls)) + 1.0;
    WIDTH_IN_IQR * iqr / remaining.max(MIN_REMAINING_POLLS).powi(2)
}

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
    use super::super::distribution::{Distribution, LogLogisticParams};
    use super::*;

    #[test]
    fn the_poll_cost_rises_as_the_budget_is_used_up() {
        let cost_after = |polls| poll_cost(60.0, false, Some(budgeted_poll_cost(polls, 60.0)));
        let min = MIN_COLD_START_COST_SECONDS;
        assert!(cost_after(4) < 2.0 * min && cost_after(12) > 2.0 * min);
        assert!(cost_after(15) > 2.0 * cost_after(12));
        assert!(cost_after(16).is_finite() && cost_after(16) == cost_after(u16::MAX));
    }

    #[test]
    fn a_client_with_history_has_no_budget() {
        assert_eq!(poll_cost(900.0, false, None), POLL_COST_SECONDS);
        assert!(poll_cost(900.0, true, None) > poll_cost(9.0, true, None));
    }

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
