//! Plays every trace with every policy.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::dice::Dice;
use crate::player::{self, Watched};
use crate::policy::Policy;
use crate::summary::Summary;
use crate::trace::Trace;

/// What one policy came to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Outcome {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    /// Over all clips.
    pub(crate) pooled: Option<Summary>,
    /// Over the clips that show how far they are before they are done.
    pub(crate) with_progress: Option<Summary>,
    /// Over those that do not.
    pub(crate) without_progress: Option<Summary>,
    pub(crate) families: BTreeMap<String, Summary>,
}

/// Plays every trace with every policy, in the order of the traces.
///
/// `policies` gives them as a client has them that has watched nothing yet.
pub(crate) fn measure(
    traces: &[Trace],
    seed: u64,
    policies: fn() -> Vec<Box<dyn Policy>>,
) -> Vec<Outcome> {
    let named = policies().into_iter().enumerate();
    let outcomes = named.map(|(index, policy)| {
        let fresh = || policies().into_iter().nth(index);
        let watched = watch_all(traces, seed, fresh);
        outcome(&*policy, traces, &watched)
    });
    outcomes.collect()
}

/// Every trace watched once, with what its client has learned until then.
fn watch_all(
    traces: &[Trace],
    seed: u64,
    fresh: impl Fn() -> Option<Box<dyn Policy>>,
) -> Vec<Watched> {
    let mut clients = BTreeMap::new();
    let mut watched = Vec::with_capacity(traces.len());
    for (number, trace) in (0..).zip(traces) {
        let policy = clients.entry(&trace.client).or_insert_with(&fresh);
        if let Some(policy) = policy {
            // Every policy meets the same luck.
            let mut dice = Dice::new(seed, "watch", number);
            let mut poll_policy = policy.watch();
            watched.push(player::watch(trace, &mut *poll_policy, || dice.unit()));
        }
    }
    watched
}

fn outcome(policy: &dyn Policy, traces: &[Trace], watched: &[Watched]) -> Outcome {
    let met = || traces.iter().zip(watched);
    let of = |wanted: &dyn Fn(&Trace) -> bool| {
        let chosen: Vec<Watched> = met()
            .filter(|(trace, _)| wanted(trace))
            .map(|(_, one)| *one)
            .collect();
        Summary::of(&chosen)
    };
    let mut families: BTreeMap<String, Vec<Watched>> = BTreeMap::new();
    for (trace, one) in met() {
        families.entry(trace.family.clone()).or_default().push(*one);
    }
    Outcome {
        name: policy.name(),
        description: policy.description(),
        pooled: of(&|_| true),
        with_progress: of(&Trace::has_progress),
        without_progress: of(&|trace| !trace.has_progress()),
        families: families
            .into_iter()
            .filter_map(|(family, watched)| Some((family, Summary::of(&watched)?)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rhombus_clips::polling::{Fixed, PollPolicy};

    use super::*;
    use crate::reader;

    /// Waits so many seconds as it has watched clips.
    #[derive(Default)]
    struct Counting(u64);

    impl Policy for Counting {
        fn name(&self) -> &'static str {
            "counting"
        }

        fn watch(&mut self) -> Box<dyn PollPolicy> {
            self.0 += 1;
            Box::new(Fixed::new(Duration::from_secs(self.0)))
        }
    }

    #[test]
    fn what_a_policy_learns_stays_with_its_client() {
        let polls = |clients: [&str; 4]| {
            let lines = clients.map(|client| {
                format!(
                    r#"{{"family":"{client}","client":"{client}","steps":[{{"atMs":0}},{{"atMs":12000,"status":"COMPLETE"}}]}}"#
                )
            });
            let traces = reader::traces(lines.join("\n").as_bytes()).unwrap();
            let fresh = || Some(Box::new(Counting::default()) as Box<dyn Policy>);
            let watched = watch_all(&traces, 1, fresh);
            watched.iter().map(|one| one.polls).collect::<Vec<_>>()
        };
        assert_eq!(polls(["a", "a", "a", "a"]), [13, 7, 5, 4]);
        assert_eq!(polls(["a", "b", "a", "b"]), [13, 13, 7, 7]);
    }
}
