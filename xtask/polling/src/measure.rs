//! Replays each trace with each client policy and summarises the results.
//!
//! It must not know where traces come from, or anything about a policy except its traits.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::policy::ClientPolicy;
use crate::replay::{WatchResult, replay};
use crate::rng::SeededRng;
use crate::summary::GroupSummary;
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
}

/// Replays each trace with each policy, in the order of the traces.
///
/// `policies` returns the policies of a client without history.
pub(crate) fn measure(
    traces: &[Trace],
    seed: u64,
    policies: fn() -> Vec<Box<dyn ClientPolicy>>,
) -> Vec<PolicyResult> {
    let indexed = policies().into_iter().enumerate();
    let results = indexed.map(|(index, policy)| {
        let new_policy = || policies().into_iter().nth(index);
        let watches = replay_all(traces, seed, new_policy);
        policy_result(&*policy, traces, &watches)
    });
    results.collect()
}

/// Replays each trace once, with the policy of its client as learned so far.
fn replay_all(
    traces: &[Trace],
    seed: u64,
    new_policy: impl Fn() -> Option<Box<dyn ClientPolicy>>,
) -> Vec<WatchResult> {
    let mut clients = BTreeMap::new();
    let mut watches = Vec::with_capacity(traces.len());
    for (index, trace) in (0..).zip(traces) {
        let policy = clients.entry(&trace.client).or_insert_with(&new_policy);
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
        let selected: Vec<WatchResult> = pairs()
            .filter(|(trace, _)| predicate(trace))
            .map(|(_, watch)| *watch)
            .collect();
        GroupSummary::from_watches(&selected)
    };
    let mut families: BTreeMap<String, Vec<WatchResult>> = BTreeMap::new();
    for (trace, watch) in pairs() {
        families
            .entry(trace.family.clone())
            .or_default()
            .push(*watch);
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
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rhombus_clips::polling::{Fixed, PollPolicy};

    use super::*;
    use crate::reader;

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
            let traces = reader::parse_traces(lines.join("\n").as_bytes()).unwrap();
            let new_policy = || Some(Box::new(Counting::default()) as Box<dyn ClientPolicy>);
            let watches = replay_all(&traces, 1, new_policy);
            watches.iter().map(|watch| watch.polls).collect::<Vec<_>>()
        };
        assert_eq!(polls(["a", "a", "a", "a"]), [13, 7, 5, 4]);
        assert_eq!(polls(["a", "b", "a", "b"]), [13, 13, 7, 7]);
    }
}
