//! What many watches come to.

use std::time::Duration;

use serde::Serialize;

use crate::player::Watched;

/// What many watches come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    pub(crate) clips: usize,
    pub(crate) polls_mean: f64,
    pub(crate) polls_p95: u64,
    /// The polls of the first clip of them, before anything of their kind was learned.
    pub(crate) polls_first: u64,
    pub(crate) delay_ms_mean: f64,
    pub(crate) delay_ms_p95: f64,
    /// The delay as a share of the time until the clip was done, on average over the clips.
    pub(crate) delay_share_mean: f64,
}

impl Summary {
    /// In the order of watching; nothing comes to nothing.
    pub(crate) fn of(watched: &[Watched]) -> Option<Self> {
        let polls_first = watched.first()?.polls;
        let ms = |delay: Duration| delay.as_nanos() as f64 / 1e6;
        Some(Self {
            clips: watched.len(),
            polls_mean: mean(watched, |one| one.polls as f64),
            polls_p95: nearest_rank(watched.iter().map(|one| one.polls).collect(), 95),
            polls_first,
            delay_ms_mean: mean(watched, |one| ms(one.delay)),
            delay_ms_p95: ms(nearest_rank(
                watched.iter().map(|one| one.delay).collect(),
                95,
            )),
            delay_share_mean: mean(watched, |one| {
                if one.done.is_zero() {
                    0.0
                } else {
                    one.delay.as_secs_f64() / one.done.as_secs_f64()
                }
            }),
        })
    }
}

fn mean(watched: &[Watched], value: impl Fn(&Watched) -> f64) -> f64 {
    watched.iter().map(value).sum::<f64>() / watched.len() as f64
}

/// The least value that so many percent of all do not exceed; no value of no values.
fn nearest_rank<T: Ord + Copy + Default>(mut values: Vec<T>, percent: usize) -> T {
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100);
    let value = values.get(rank.saturating_sub(1));
    value.copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(polls: u64, done: u64, delay: u64) -> Watched {
        Watched {
            polls,
            done: Duration::from_millis(done),
            delay: Duration::from_millis(delay),
        }
    }

    #[test]
    fn means_and_shares_are_over_clips() {
        let summary = Summary::of(&[
            watched(7, 1_000, 500),
            watched(2, 4_000, 0),
            watched(3, 0, 40),
        ]);
        assert_eq!(
            summary.unwrap(),
            Summary {
                clips: 3,
                polls_mean: 4.0,
                polls_p95: 7,
                polls_first: 7,
                delay_ms_mean: 180.0,
                delay_ms_p95: 500.0,
                // 50 %, 0 %, and 0 for what was done at once.
                delay_share_mean: 0.5 / 3.0,
            }
        );
        assert_eq!(Summary::of(&[]), None);
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        assert_eq!(nearest_rank((1..=100).rev().collect(), 95), 95);
        assert_eq!(nearest_rank((1..=20).collect(), 95), 19);
        assert_eq!(nearest_rank((1..=19).collect(), 95), 19);
        assert_eq!(nearest_rank(vec![3], 95), 3);
    }
}
