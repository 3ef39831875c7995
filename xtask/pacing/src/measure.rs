//! Plays every trace with every policy.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::dice::Dice;
use crate::player::{self, Watched};
use crate::policy;
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
pub(crate) fn measure(traces: &[Trace], seed: u64) -> Vec<Outcome> {
    let count = policy::all().len();
    (0..count)
        .filter_map(|index| outcome(traces, seed, index))
        .collect()
}

fn outcome(traces: &[Trace], seed: u64, index: usize) -> Option<Outcome> {
    let mut clients = BTreeMap::new();
    let mut watched = Vec::new();
    for (number, trace) in (0..).zip(traces) {
        // What one client learns another does not know.
        let policy = clients
            .entry(&trace.client)
            .or_insert_with(|| policy::all().into_iter().nth(index));
        let mut pacing = policy.as_mut()?.watch();
        // Every policy meets the same luck.
        let mut dice = Dice::new(seed, "watch", number);
        watched.push(player::watch(trace, &mut *pacing, || dice.unit()));
    }
    let policy = policy::all().into_iter().nth(index)?;
    let met = || traces.iter().zip(&watched);
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
    Some(Outcome {
        name: policy.name(),
        description: policy.description(),
        pooled: of(&|_| true),
        with_progress: of(&Trace::has_progress),
        without_progress: of(&|trace| !trace.has_progress()),
        families: families
            .into_iter()
            .filter_map(|(family, watched)| Some((family, Summary::of(&watched)?)))
            .collect(),
    })
}
