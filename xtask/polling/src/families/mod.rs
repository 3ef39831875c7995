//! Synthetic traces, in families that differ in the shape of their progress.
//!
//! The service documents neither how long clips take nor how their percentage develops, so the
//! families cover plausible shapes, and difficult ones, instead of imitating a known distribution.
//! They must not know about policies: nothing in them may favour one.

mod trace_builder;
mod workloads;

use crate::rng::SeededRng;
use crate::trace::Trace;

use workloads::{FAMILIES, LONG};

/// Number of clips of a family per client. Chosen: enough for a stable mean, not measured.
const CLIPS_PER_CLIENT: usize = 20;

/// Number of clips of the [`LONG`] family per client: few, because they are assumed to be rare.
/// Their share matters: with 5, 1,000 clips that are watched together take 7 % more requests at a 10 % longer
/// delay.
const LONG_CLIPS_PER_CLIENT: usize = 2;

/// Limits of the footage length. Chosen, not measured.
const MIN_LENGTH_SECONDS: f64 = 5.0;
const MAX_LENGTH_SECONDS: f64 = 3600.0;

/// Client with its own relation between the footage length and the render time.
#[derive(Clone, Copy, Debug)]
struct ClientProfile {
    name: &'static str,
    /// Median render seconds per second of footage; `None` if they are independent.
    seconds_per_footage_second: Option<f64>,
}

/// Clients of the synthetic traces.
const CLIENTS: [ClientProfile; 2] = [
    ClientProfile {
        name: "by length",
        seconds_per_footage_second: Some(0.4),
    },
    ClientProfile {
        name: "by load",
        seconds_per_footage_second: None,
    },
];

impl ClientProfile {
    /// Returns the footage length of a clip with this render time; some have none.
    fn clip_length(&self, render: f64, rng: &mut SeededRng) -> Option<u32> {
        let length = match self.seconds_per_footage_second {
            Some(rate) => render / rng.log_normal(rate, 0.25),
            None => rng.log_normal(120.0, 1.3),
        };
        let has_length = !rng.random_bool(0.15);
        has_length.then_some(length.round().clamp(MIN_LENGTH_SECONDS, MAX_LENGTH_SECONDS) as u32)
    }
}

/// Generates the traces of all families, in random order.
pub(crate) fn generate(seed: u64) -> Vec<Trace> {
    let mut traces = Vec::new();
    for (family, generate) in FAMILIES {
        let clips = match family {
            LONG => LONG_CLIPS_PER_CLIENT,
            _ => CLIPS_PER_CLIENT,
        };
        let clients = (0..clips).flat_map(|_| CLIENTS);
        for (index, client) in clients.enumerate() {
            let mut rng = SeededRng::new(seed, family, index as u64);
            let steps = generate(&mut rng);
            let render_seconds = steps.last().map_or(0.0, |end| end.elapsed().as_secs_f64());
            traces.push(Trace {
                family: family.to_owned(),
                client: Some(client.name.to_owned()),
                clip_duration_sec: client.clip_length(render_seconds, &mut rng),
                requested_at_ms: 0,
                steps,
            });
        }
    }
    SeededRng::new(seed, "order", 0).shuffle(&mut traces);
    traces
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use rhombus_clips::ClipStatus;

    fn families() -> BTreeMap<String, Vec<Trace>> {
        let mut families: BTreeMap<String, Vec<Trace>> = BTreeMap::new();
        for trace in generate(1) {
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
    fn every_trace_is_valid() {
        for trace in (0..8).flat_map(generate) {
            let (family, steps) = (&trace.family, &trace.steps);
            assert_eq!(steps[0].at_ms, 0, "{family}");
            assert!(steps.is_sorted_by(|a, b| a.at_ms < b.at_ms), "{family}");
            let (end, earlier) = steps.split_last().unwrap();
            assert!(end.is_done(), "{family}");
            assert!(!earlier.iter().any(|step| step.is_done()), "{family}");
            // No step after the first is on a full second.
            let mut later = steps.iter().skip(1);
            assert!(later.all(|step| step.at_ms % 1000 != 0), "{family}");
        }
    }

    #[test]
    fn all_families_but_long_have_the_same_size_and_are_mixed() {
        let mut families = families();
        assert_eq!(families.len(), FAMILIES.len());
        assert_eq!(families.remove(LONG).unwrap().len(), 4);
        assert!(families.values().all(|traces| traces.len() == 40));
        let order: Vec<String> = generate(1).into_iter().map(|trace| trace.family).collect();
        let changes = order.windows(2).filter(|two| two[0] != two[1]).count();
        assert!(changes > order.len() / 2);
    }

    #[test]
    fn families_match_their_names() {
        let families = families();
        let has_drop = |trace: &Trace| percents(trace).windows(2).any(|two| two[1] < two[0]);
        let all = |family: &str, predicate: &dyn Fn(&Trace) -> bool| {
            assert!(families[family].iter().all(predicate), "{family}");
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
            all(family, &|trace| !has_drop(trace) && trace.has_progress());
        }
        all("no-progress", &|trace| percents(trace).is_empty());
        all("stuck-at-0", &|trace| percents(trace) == [0, 0, 100]);
        all("short", &|trace| seconds(trace) < 7);
        all("long", &|trace| (600..=3601).contains(&seconds(trace)));
        all("coarse", &|trace| trace.steps.len() <= 22);
        all("under-way", &|trace| percents(trace)[0] > 0);
        all("offline", &|trace| {
            let mut steps = trace.steps.iter();
            steps.any(|step| step.status == Some(ClipStatus::Offline))
        });
        all("failed", &|trace| {
            !trace.steps.last().unwrap().is_complete()
        });
        let most = |family: &str, predicate: &dyn Fn(&Trace) -> bool| {
            let count = families[family]
                .iter()
                .filter(|trace| predicate(trace))
                .count();
            assert!(count >= 30, "{family}: {count}");
        };
        all("finalizing", &|trace| {
            let last_before_end = trace.steps.iter().rev().nth(1).unwrap();
            last_before_end.operation.as_deref() == Some("Finalizing")
        });
        most("restart", &has_drop);
        most("falls-back", &has_drop);
        most("tail-at-100", &|trace| {
            let last_before_end = trace.steps.iter().rev().nth(1).unwrap();
            last_before_end.percent == Some(100)
        });
    }

    #[test]
    fn traces_depend_on_the_seed_alone() {
        let steps = |seed| format!("{:?}", generate(seed));
        assert_eq!(steps(1), steps(1));
        assert_ne!(steps(1), steps(2));
    }
}
