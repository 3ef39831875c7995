//! One look-up beside the same call written by hand: processor time and allocations.
//!
//! `cargo bench -p rhombus-clips --bench call` prints them. Both ways ask the simulated service, in
//! a process of its own, for the same finished clip, read the whole record of it, and check the
//! status, the error flag, and that it is the clip asked for. Both keep their one connection and
//! have equal settings. The ways take turns, so that what else the machine does meets all of them.
//!
//! What is written by hand reads the answer as a strict type of its own, which has every property
//! of the service's document, or, for comparison, as the type of this library; and it has a limit
//! of time, as the library has, or none.

#[path = "call/by_hand.rs"]
mod by_hand;
#[path = "call/record.rs"]
#[allow(dead_code, reason = "the record is read whole, and then dropped")]
mod record;
mod support;

use std::hint::black_box;

use cpu_time::ProcessTime;
use rhombus_clips::types::GetClipWithProgressResponse;
use rhombus_clips::{Client, ClipUuid};
use rhombus_clips_sim::ClipStatus;
use tokio::runtime::Runtime;

use by_hand::ByHand;
use support::{Outcome, Report, Simulated, serve_if_asked};

/// Calls of one way, one after the other, before it is the next one's turn.
const CALLS: u32 = 200;

const ROUNDS: usize = 100;

/// The ways of one call.
#[derive(Clone, Copy)]
enum Way {
    Library,
    ByHand,
    WithTypesOfLibrary,
    WithoutTimeLimit,
}

const WAYS: [(Way, &str); 4] = [
    (Way::Library, "client.get_clip(uuid)"),
    (Way::ByHand, "by hand"),
    (Way::WithTypesOfLibrary, "by hand, with the library's types"),
    (Way::WithoutTimeLimit, "by hand, without a time limit"),
];

struct Calls {
    runtime: Runtime,
    client: Client,
    by_hand: ByHand,
    without_time_limit: ByHand,
    uuid: ClipUuid,
}

fn main() -> Outcome<()> {
    if serve_if_asked()? {
        return Ok(());
    }
    let service = Simulated::start(1, ClipStatus::Complete)?;
    let calls = Calls {
        // All of a call is on this one thread.
        runtime: tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?,
        client: service.client()?,
        by_hand: ByHand::new(&service, true)?,
        without_time_limit: ByHand::new(&service, false)?,
        uuid: service.clips[0],
    };
    measure(&calls)
}

fn measure(calls: &Calls) -> Outcome<()> {
    for (way, _) in WAYS {
        calls.make(way, CALLS)?;
    }
    let allocations: Outcome<Vec<f64>> = WAYS
        .iter()
        .map(|(way, _)| calls.allocations(*way))
        .collect();
    let allocations = allocations?;
    let mut times = [const { Vec::new() }; WAYS.len()];
    for round in 0..ROUNDS {
        for turn in 0..WAYS.len() {
            let turn = (turn + round) % WAYS.len();
            let begun = ProcessTime::now();
            calls.make(WAYS[turn].0, CALLS)?;
            times[turn].push(begun.elapsed() / CALLS);
        }
    }
    let mut report = Report::new();
    let library = median(times[0].clone());
    let own = allocations[0];
    report.line(format!(
        "{:<36}{library:>8.1?}  {own:>5.1} allocations",
        WAYS[0].1
    ));
    for (index, (_, name)) in WAYS.iter().enumerate().skip(1) {
        let time = median(times[index].clone());
        let theirs = allocations[index];
        let ratios = times[0].iter().zip(&times[index]);
        let ratio = median(
            ratios
                .map(|(own, other)| own.div_duration_f64(*other))
                .collect(),
        );
        let more = own - theirs;
        report.line(format!(
            "{name:<36}{time:>8.1?}  {theirs:>5.1} allocations; the library: {ratio:.3} of the time, {more:+.1} allocations"
        ));
        if index == 1 {
            report.figure("call.cpu_ratio", ratio);
            report.figure("call.more_allocations", more);
        }
    }
    report.end();
    Ok(())
}

impl Calls {
    fn make(&self, way: Way, calls: u32) -> Outcome<()> {
        self.runtime.block_on(async {
            for _ in 0..calls {
                self.make_one(way).await?;
            }
            Ok(())
        })
    }

    async fn make_one(&self, way: Way) -> Outcome<()> {
        let Self { by_hand, uuid, .. } = self;
        match way {
            Way::Library => drop(black_box(self.client.get_clip(*uuid).await?)),
            Way::ByHand => drop(black_box(by_hand.clip::<record::Answer>(*uuid).await?)),
            Way::WithTypesOfLibrary => drop(black_box(
                by_hand.clip::<GetClipWithProgressResponse>(*uuid).await?,
            )),
            Way::WithoutTimeLimit => drop(black_box(
                self.without_time_limit
                    .clip::<record::Answer>(*uuid)
                    .await?,
            )),
        }
        Ok(())
    }

    /// The allocations of one call, on average.
    fn allocations(&self, way: Way) -> Outcome<f64> {
        let mut made = Ok(());
        let counted = allocation_counter::measure(|| made = self.make(way, CALLS));
        made?;
        Ok(counted.count_total as f64 / f64::from(CALLS))
    }
}

fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    values[values.len() / 2]
}
