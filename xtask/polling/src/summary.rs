//! Summary statistics over a group of watches.
//!
//! Its fields are those of the JSON report; it must not know how the group was selected.

use std::time::Duration;

use serde::Serialize;

use crate::replay::WatchResult;

/// Summary statistics over a group of watches.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GroupSummary {
    pub(crate) clips: usize,
    pub(crate) polls_mean: f64,
    pub(crate) polls_p95: u64,
    /// Polls of the first clip of the group, before the policy learned from others like it.
    pub(crate) polls_first: u64,
    pub(crate) delay_ms_mean: f64,
    pub(crate) delay_ms_p95: f64,
    /// Mean of the delay relative to the time until the clip was done.
    pub(crate) delay_share_mean: f64,
}

impl GroupSummary {
    /// Summarises watches, given in their order; returns `None` for an empty group.
    pub(crate) fn from_watches(watches: &[WatchResult]) -> Option<Self> {
        let polls_first = watches.first()?.polls;
        let ms = |delay: Duration| delay.as_nanos() as f64 / 1e6;
        Some(Self {
            clips: watches.len(),
            polls_mean: mean(watches, |watch| watch.polls as f64),
            polls_p95: nearest_rank(watches.iter().map(|watch| watch.polls).collect(), 95),
            polls_first,
            delay_ms_mean: mean(watches, |watch| ms(watch.delay)),
            delay_ms_p95: ms(nearest_rank(
                watches.iter().map(|watch| watch.delay).collect(),
                95,
            )),
            delay_share_mean: mean(watches, |watch| {
                if watch.done_at.is_zero() {
                    0.0
                } else {
                    watch.delay.as_secs_f64() / watch.done_at.as_secs_f64()
                }
            }),
        })
    }
}

fn mean(watches: &[WatchResult], value: impl Fn(&WatchResult) -> f64) -> f64 {
    watches.iter().map(value).sum::<f64>() / watches.len() as f64
}

/// Returns the nearest-rank percentile, or the default without values.
fn nearest_rank<T: Ord + Copy + Default>(mut values: Vec<T>, percent: usize) -> T {
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100);
    let value = values.get(rank.saturating_sub(1));
    value.copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(polls: u64, done_at: u64, delay: u64) -> WatchResult {
        WatchResult {
            polls,
            done_at: Duration::from_millis(done_at),
            delay: Duration::from_millis(delay),
        }
    }

    #[test]
    fn means_and_shares_are_over_clips() {
        let summary = GroupSummary::from_watches(&[
            watch(7, 1_000, 500),
            watch(2, 4_000, 0),
            watch(3, 0, 40),
        ]);
        assert_eq!(
            summary.unwrap(),
            GroupSummary {
                clips: 3,
                polls_mean: 4.0,
                polls_p95: 7,
                polls_first: 7,
                delay_ms_mean: 180.0,
                delay_ms_p95: 500.0,
                // 50 %, 0 %, and 0 for a clip that was done at once.
                delay_share_mean: 0.5 / 3.0,
            }
        );
        assert_eq!(GroupSummary::from_watches(&[]), None);
    }

    #[test]
    fn percentiles_use_the_nearest_rank() {
        assert_eq!(nearest_rank((1..=100).rev().collect(), 95), 95);
        assert_eq!(nearest_rank((1..=20).collect(), 95), 19);
        assert_eq!(nearest_rank((1..=19).collect(), 95), 19);
        assert_eq!(nearest_rank(vec![3], 95), 3);
    }
}
