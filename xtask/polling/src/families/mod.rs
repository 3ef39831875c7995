//! Made traces, in families that each have their own way of moving.

mod client;
mod curve;
mod kinds;
mod script;

use crate::dice::Dice;
use crate::trace::Trace;

use client::CLIENTS;
use kinds::{FAMILIES, LONG};

/// How many clips of a family there are for each client.
const CLIPS: usize = 20;

/// Those that take ten minutes and more are rare.
const LONG_CLIPS: usize = 2;

/// All families, mixed as a client meets them.
pub(crate) fn make(seed: u64) -> Vec<Trace> {
    let mut traces = Vec::new();
    for (family, make) in FAMILIES {
        let clips = match family {
            LONG => LONG_CLIPS,
            _ => CLIPS,
        };
        let clients = (0..clips).flat_map(|_| CLIENTS);
        for (index, client) in clients.enumerate() {
            let mut dice = Dice::new(seed, family, index as u64);
            let steps = make(&mut dice);
            let render = steps.last().map_or(0.0, |end| end.at().as_secs_f64());
            traces.push(Trace {
                family: family.to_owned(),
                client: Some(client.name.to_owned()),
                clip_duration_sec: client.clip_length(render, &mut dice),
                steps,
            });
        }
    }
    Dice::new(seed, "order", 0).shuffle(&mut traces);
    traces
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use rhombus_clips::ClipStatus;

    fn families() -> BTreeMap<String, Vec<Trace>> {
        let mut families: BTreeMap<String, Vec<Trace>> = BTreeMap::new();
        for trace in make(1) {
            families
                .entry(trace.family.clone())
                .or_default()
                .push(trace);
        }
        families
    }

    fn percents(trace: &Trace) -> Vec<u8> {
        trace.steps.iter().filter_map(|step| step.percent).collect()
    }

    #[test]
    fn every_trace_can_be_watched() {
        for trace in (0..8).flat_map(make) {
            let (family, steps) = (&trace.family, &trace.steps);
            assert_eq!(steps[0].at_ms, 0, "{family}");
            assert!(steps.is_sorted_by(|a, b| a.at_ms < b.at_ms), "{family}");
            let (end, before) = steps.split_last().unwrap();
            assert!(end.is_done(), "{family}");
            assert!(!before.iter().any(|step| step.is_done()), "{family}");
            // Nothing happens on a whole second.
            let mut later = steps.iter().skip(1);
            assert!(later.all(|step| step.at_ms % 1000 != 0), "{family}");
        }
    }

    #[test]
    fn families_are_of_one_size_but_the_long_one_and_mixed() {
        let mut families = families();
        assert_eq!(families.len(), FAMILIES.len());
        assert_eq!(families.remove(LONG).unwrap().len(), 4);
        assert!(families.values().all(|traces| traces.len() == 40));
        let order: Vec<String> = make(1).into_iter().map(|trace| trace.family).collect();
        let changes = order.windows(2).filter(|two| two[0] != two[1]).count();
        assert!(changes > order.len() / 2);
    }

    #[test]
    fn families_move_as_they_are_called() {
        let families = families();
        let falls = |trace: &Trace| percents(trace).windows(2).any(|two| two[1] < two[0]);
        let all = |family: &str, holds: &dyn Fn(&Trace) -> bool| {
            assert!(families[family].iter().all(holds), "{family}");
        };
        let seconds = |trace: &Trace| trace.steps.last().unwrap().at_ms / 1000;
        for family in [
            "linear",
            "coarse",
            "stalls",
            "jumpy",
            "slow-then-fast",
            "queued",
        ] {
            all(family, &|trace| !falls(trace) && trace.has_progress());
        }
        all("no-progress", &|trace| percents(trace).is_empty());
        all("stuck-at-0", &|trace| percents(trace) == [0, 0, 100]);
        all("short", &|trace| seconds(trace) < 7);
        all("long", &|trace| (600..=1801).contains(&seconds(trace)));
        all("coarse", &|trace| trace.steps.len() <= 22);
        all("under-way", &|trace| percents(trace)[0] > 0);
        all("offline", &|trace| {
            let mut steps = trace.steps.iter();
            steps.any(|step| step.status == Some(ClipStatus::Offline))
        });
        all("failed", &|trace| {
            !trace.steps.last().unwrap().is_complete()
        });
        let some = |family: &str, holds: &dyn Fn(&Trace) -> bool| {
            let count = families[family].iter().filter(|one| holds(one)).count();
            assert!(count >= 30, "{family}: {count}");
        };
        some("restart", &falls);
        some("falls-back", &falls);
        some("tail-at-100", &|trace| {
            let before = trace.steps.iter().rev().nth(1).unwrap();
            before.percent == Some(100)
        });
    }

    #[test]
    fn a_seed_gives_its_own_traces() {
        let steps = |seed| format!("{:?}", make(seed));
        assert_eq!(steps(1), steps(1));
        assert_ne!(steps(1), steps(2));
    }
}
