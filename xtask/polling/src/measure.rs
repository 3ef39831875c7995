//! Replays each trace with each client policy and summarizes the results.
//!
//! It must not know where traces come from, or anything about a policy except its traits.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::interval::IntervalSummary;
use crate::policy::ClientPolicy;
use crate::replay::{WatchResult, replay};
use crate::rng::SeededRng;
use crate::trace::Trace;

/// Results of one client policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PolicyResult {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    /// Over all clips.
    pub(crate) pooled: Option<GroupSummary>,
    /// Over the clips that report a percentage above 0 before they are done.
    pub(crate) with_progress: Option<GroupSummary>,
    /// Over the other clips.
    pub(crate) without_progress: Option<GroupSummary>,
    pub(crate) families: BTreeMap<String, GroupSummary>,
    /// Over the clips that were rendered; `None` if the policy estimates no remaining time.
    pub(crate) interval: Option<IntervalSummary>,
}

/// Clips that one client watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clients {
    /// All clips of the client that the trace names, one after the other.
    Named,
    /// One clip: each is the first of its client.
    Fresh,
}

/// Replays each trace with each policy, in the order of the traces.
///
/// `policies` returns the policies of a client without history.
pub(crate) fn measure(
    traces: &[Trace],
    seed: u64,
    clients: Clients,
    policies: fn() -> Vec<Box<dyn ClientPolicy>>,
) -> Vec<PolicyResult> {
    let indexes = 0..policies().len();
    let results = indexes.filter_map(|index| {
        measure_one(traces, seed, clients, || policies().into_iter().nth(index))
    });
    results.collect()
}

/// Replays each trace with one policy, in the order of the traces; `None` if there is no policy.
pub(crate) fn measure_one(
    traces: &[Trace],
    seed: u64,
    clients: Clients,
    new_policy: impl Fn() -> Option<Box<dyn ClientPolicy>>,
) -> Option<PolicyResult> {
    let policy = new_policy()?;
    let watches = replay_all(traces, seed, clients, new_policy);
    Some(policy_result(&*policy, traces, &watches))
}

/// Replays each trace once, with the policy of its client as learned so far.
fn replay_all(
    traces: &[Trace],
    seed: u64,
    clients: Clients,
    new_policy: impl Fn() -> Option<Box<dyn ClientPolicy>>,
) -> Vec<WatchResult> {
    let mut policies = BTreeMap::new();
    let mut watches = Vec::with_capacity(traces.len());
    for (index, trace) in (0..).zip(traces) {
        if clients == Clients::Fresh {
            policies.clear();
        }
        let policy = policies.entry(&trace.client).or_insert_with(&new_policy);
        if let Some(policy) = policy {
            // Each policy gets the same random numbers.
            let mut rng = SeededRng::new(seed, "watch", index);
            let mut poll_policy = policy.poll_policy();
            watches.push(replay(trace, &mut *poll_policy, || rng.unit()));
        }
    }
    watches
}

fn policy_result(
    policy: &dyn ClientPolicy,
    traces: &[Trace],
    watches: &[WatchResult],
) -> PolicyResult {
    let pairs = || traces.iter().zip(watches);
    let summarize = |predicate: &dyn Fn(&Trace) -> bool| {
        let selected: Vec<&WatchResult> = pairs()
            .filter(|(trace, _)| predicate(trace))
            .map(|(_, watch)| watch)
            .collect();
        GroupSummary::from_watches(&selected)
    };
    let mut families: BTreeMap<String, Vec<&WatchResult>> = BTreeMap::new();
    for (trace, watch) in pairs() {
        families
            .entry(trace.family.clone())
            .or_default()
            .push(watch);
    }
    PolicyResult {
        name: policy.name(),
        description: policy.description(),
        pooled: summarize(&|_| true),
        with_progress: summarize(&Trace::has_progress),
        without_progress: summarize(&|trace| !trace.has_progress()),
        families: families
            .into_iter()
            .filter_map(|(family, watches)| Some((family, GroupSummary::from_watches(&watches)?)))
            .collect(),
        interval: IntervalSummary::from_watches(watches),
    }
}

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
    pub(crate) delay_ms_p99: f64,
    pub(crate) delay_ms_max: f64,
    /// Mean of the delay relative to the time until the clip was done.
    pub(crate) delay_share_mean: f64,
    /// Largest such share among the clips with a delay above [`NOTICED_DELAY`].
    pub(crate) delay_share_max: f64,
}

/// Delay below which its share does not matter: one poll of the interval that Rhombus's React SDK uses.
const NOTICED_DELAY: Duration = Duration::from_secs(2);

impl GroupSummary {
    /// Summarizes watches, given in their order; returns `None` for an empty group.
    pub(crate) fn from_watches(watches: &[&WatchResult]) -> Option<Self> {
        let polls_first = watches.first()?.polls;
        let ms = |delay: Duration| delay.as_nanos() as f64 / 1e6;
        let delays: Vec<Duration> = watches.iter().map(|watch| watch.delay).collect();
        let delay = |percent| ms(nearest_rank(delays.clone(), percent));
        Some(Self {
            clips: watches.len(),
            polls_mean: mean(watches, |watch| watch.polls as f64),
            polls_p95: nearest_rank(watches.iter().map(|watch| watch.polls).collect(), 95),
            polls_first,
            delay_ms_mean: mean(watches, |watch| ms(watch.delay)),
            delay_ms_p95: delay(95),
            delay_ms_p99: delay(99),
            delay_ms_max: delay(100),
            delay_share_mean: mean(watches, WatchResult::delay_share),
            delay_share_max: watches
                .iter()
                .filter(|watch| watch.delay > NOTICED_DELAY)
                .map(|watch| watch.delay_share())
                .fold(0.0, f64::max),
        })
    }
}

fn mean(watches: &[&WatchResult], value: impl Fn(&WatchResult) -> f64) -> f64 {
    watches.iter().map(|watch| value(watch)).sum::<f64>() / watches.len() as f64
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
    use rhombus_clips::polling::{Fixed, PollPolicy};

    use super::*;
    use crate::trace::parse_traces;

    /// Increases the interval by a second per clip.
    #[derive(Default)]
    struct Counting(u64);

    impl ClientPolicy for Counting {
        fn name(&self) -> &'static str {
            "counting"
        }

        fn poll_policy(&mut self) -> Box<dyn PollPolicy> {
            self.0 += 1;
            Box::new(Fixed::new(Duration::from_secs(self.0)))
        }
    }

    #[test]
    fn clients_do_not_share_what_policies_learn() {
        let polls = |clients: [&str; 4]| {
            let lines = clients.map(|client| {
                format!(
                    r#"{{"family":"{client}","client":"{client}","steps":[{{"atMs":0}},{{"atMs":12000,"status":"COMPLETE"}}]}}"#
                )
            });
            let traces = parse_traces(lines.join("\n").as_bytes()).unwrap();
            let new_policy = || Some(Box::new(Counting::default()) as Box<dyn ClientPolicy>);
            let watches = replay_all(&traces, 1, Clients::Named, new_policy);
            watches.iter().map(|watch| watch.polls).collect::<Vec<_>>()
        };
        assert_eq!(polls(["a", "a", "a", "a"]), [13, 7, 5, 4]);
        assert_eq!(polls(["a", "b", "a", "b"]), [13, 13, 7, 7]);
    }

    fn watch(polls: u64, done_at: u64, delay: u64) -> WatchResult {
        WatchResult {
            polls,
            done_at: Duration::from_millis(done_at),
            delay: Duration::from_millis(delay),
            estimates: Vec::new(),
        }
    }

    #[test]
    fn means_and_shares_are_over_clips() {
        let watches = [watch(7, 1_000, 500), watch(2, 4_000, 0), watch(3, 0, 40)];
        let summary = GroupSummary::from_watches(&watches.each_ref());
        assert_eq!(
            summary.unwrap(),
            GroupSummary {
                clips: 3,
                polls_mean: 4.0,
                polls_p95: 7,
                polls_first: 7,
                delay_ms_mean: 180.0,
                delay_ms_p95: 500.0,
                delay_ms_p99: 500.0,
                delay_ms_max: 500.0,
                // 50 %, 0 %, and 0 for a clip that was done at once.
                delay_share_mean: 0.5 / 3.0,
                delay_share_max: 0.0,
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
