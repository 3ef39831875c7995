//! Calibration of the estimates: how often the true remaining time lies within the interval.
//!
//! An estimate is taken at each poll. Each clip has the same weight, however often it was polled.

use std::time::Duration;

use rhombus_clips::polling::Estimate;
use serde::Serialize;

use crate::replay::WatchResult;

/// Shortest lower bound that enters the width of an interval, which is a ratio.
const MIN_LOWER: Duration = Duration::from_millis(100);

/// Calibration of the 80 % interval of the estimate, by the true remaining times.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IntervalSummary {
    /// Share of the remaining times within the interval, 0 to 1.
    pub(crate) coverage: f64,
    pub(crate) below_lower: f64,
    pub(crate) above_upper: f64,
    /// Geometric mean of the upper bound relative to the lower bound.
    pub(crate) width_factor_mean: f64,
    /// Coverage in each third of the time until the clip was done.
    pub(crate) thirds: [Option<f64>; 3],
}

impl IntervalSummary {
    /// Summarizes the estimates of all watches; returns `None` without any.
    pub(crate) fn from_watches(watches: &[WatchResult]) -> Option<Self> {
        Some(Self {
            coverage: mean(watches, any, |remaining, estimate| {
                share(within(remaining, estimate))
            })?,
            below_lower: mean(watches, any, |remaining, estimate| {
                share(remaining < estimate.lower)
            })?,
            above_upper: mean(watches, any, |remaining, estimate| {
                share(remaining > estimate.upper)
            })?,
            width_factor_mean: mean(watches, any, |_, estimate| {
                let lower = estimate.lower.max(MIN_LOWER).as_secs_f64();
                (estimate.upper.as_secs_f64() / lower).max(1.0).ln()
            })?
            .exp(),
            thirds: [0, 1, 2].map(|third| {
                let in_third = |at: Duration, done_at: Duration| {
                    let part = at.as_secs_f64() / done_at.as_secs_f64();
                    (part * 3.0) as usize == third
                };
                mean(watches, in_third, |remaining, estimate| {
                    share(within(remaining, estimate))
                })
            }),
        })
    }
}

fn any(_: Duration, _: Duration) -> bool {
    true
}

fn within(remaining: Duration, estimate: Estimate) -> bool {
    (estimate.lower..=estimate.upper).contains(&remaining)
}

fn share(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

/// Returns the mean over clips of the mean over the clip's selected polls of a value of the true
/// remaining time and the estimate; `None` if no poll is selected.
fn mean(
    watches: &[WatchResult],
    is_selected: impl Fn(Duration, Duration) -> bool,
    value: impl Fn(Duration, Estimate) -> f64,
) -> Option<f64> {
    let clips: Vec<f64> = watches
        .iter()
        .filter_map(|watch| {
            let selected = watch.estimates.iter();
            let values: Vec<f64> = selected
                .filter(|(at, _)| is_selected(*at, watch.done_at))
                .map(|(at, estimate)| value(watch.done_at.saturating_sub(*at), *estimate))
                .collect();
            mean_of(&values)
        })
        .collect();
    mean_of(&clips)
}

fn mean_of(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a watch of 90 s with these polls: time and bounds in seconds.
    fn watch(polls: &[(u64, u64, u64)]) -> WatchResult {
        let seconds = Duration::from_secs;
        WatchResult {
            polls: polls.len() as u64,
            done_at: seconds(90),
            delay: Duration::ZERO,
            estimates: polls
                .iter()
                .map(|(at, lower, upper)| {
                    let estimate = Estimate::new(seconds(*lower), seconds(*lower), seconds(*upper));
                    (seconds(*at), estimate)
                })
                .collect(),
        }
    }

    #[test]
    fn each_clip_has_the_same_weight() {
        let often = watch(&[(0, 80, 100), (10, 70, 90), (20, 60, 80), (70, 10, 40)]);
        let once = watch(&[(40, 60, 100)]);
        let summary = IntervalSummary::from_watches(&[often, once]).unwrap();
        assert_eq!(summary.coverage, 0.5);
        assert_eq!((summary.below_lower, summary.above_upper), (0.5, 0.0));
        assert_eq!(summary.thirds, [Some(1.0), Some(0.0), Some(1.0)]);
    }

    #[test]
    fn the_width_is_a_geometric_mean() {
        let watches = [watch(&[(0, 10, 100)]), watch(&[(0, 20, 80), (10, 20, 80)])];
        let summary = IntervalSummary::from_watches(&watches).unwrap();
        assert!((summary.width_factor_mean - 40.0_f64.sqrt()).abs() < 1e-9);
    }

    #[test]
    fn without_estimates_there_is_no_summary() {
        assert_eq!(IntervalSummary::from_watches(&[watch(&[])]), None);
    }
}
