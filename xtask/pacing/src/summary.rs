//! What many watches come to.

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
        let delay_ms = |one: &Watched| one.delay.as_secs_f64() * 1000.0;
        Some(Self {
            clips: watched.len(),
            polls_mean: mean(watched, |one| one.polls as f64),
            polls_p95: nearest_rank(watched.iter().map(|one| one.polls).collect(), 95),
            polls_first,
            delay_ms_mean: mean(watched, delay_ms),
            delay_ms_p95: nearest_rank(watched.iter().map(|one| one.delay).collect(), 95)
                .as_secs_f64()
                * 1000.0,
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
