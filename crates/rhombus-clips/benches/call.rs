//! CPU time and allocations of one `get_clip` call, relative to the same call written by hand.
//!
//! Run it with `cargo bench -p rhombus-clips --bench call`. All variants request the same finished
//! clip from the simulated service in a separate process, decode the complete record, and check the
//! status, the error flag and the clip UUID. They have equal settings and reuse one connection each.
//! The variants alternate, so that other load on the machine affects all of them.
//!
//! The hand-written variants decode into strict types with every property of the service's document,
//! or into the types of this library; and they have a timeout, as the library does, or none.

#[path = "call/hand_written.rs"]
mod hand_written;
#[path = "call/record.rs"]
#[allow(dead_code, reason = "the decoded record is dropped")]
mod record;
mod support;

use std::hint::black_box;

use cpu_time::ProcessTime;
use rhombus_clips::types::GetClipWithProgressResponse;
use rhombus_clips::{Client, ClipUuid};
use rhombus_clips_sim::ClipStatus;
use tokio::runtime::Runtime;

use hand_written::HandWritten;
use support::{BenchReport, BenchResult, SimulatedService, serve_if_requested};

/// Consecutive calls of a variant per round. Chosen, not tuned: long enough that reading the clock
/// does not count.
const CALLS_PER_ROUND: u32 = 200;

/// Rounds per variant; the result is their median. Chosen, not tuned.
const ROUNDS: usize = 100;

/// Implementation of the call.
#[derive(Clone, Copy)]
enum Variant {
    Library,
    HandWritten,
    WithLibraryTypes,
    WithoutTimeout,
}

const VARIANTS: [(Variant, &str); 4] = [
    (Variant::Library, "client.get_clip(uuid)"),
    (Variant::HandWritten, "hand-written"),
    (
        Variant::WithLibraryTypes,
        "hand-written, with the library's types",
    ),
    (Variant::WithoutTimeout, "hand-written, without a timeout"),
];

struct Calls {
    runtime: Runtime,
    client: Client,
    hand_written: HandWritten,
    without_timeout: HandWritten,
    uuid: ClipUuid,
}

fn main() -> BenchResult<()> {
    if serve_if_requested()? {
        return Ok(());
    }
    let service = SimulatedService::start(1, ClipStatus::Complete)?;
    let calls = Calls {
        // The CPU time of a call is that of this thread.
        runtime: tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?,
        client: service.client()?,
        hand_written: HandWritten::new(&service, true)?,
        without_timeout: HandWritten::new(&service, false)?,
        uuid: service.uuids[0],
    };
    measure(&calls)
}

fn measure(calls: &Calls) -> BenchResult<()> {
    for (variant, _) in VARIANTS {
        calls.run(variant, CALLS_PER_ROUND)?;
    }
    let allocations: BenchResult<Vec<f64>> = VARIANTS
        .iter()
        .map(|(variant, _)| calls.allocations(*variant))
        .collect();
    let allocations = allocations?;
    let mut times = [const { Vec::new() }; VARIANTS.len()];
    for round in 0..ROUNDS {
        for offset in 0..VARIANTS.len() {
            let index = (offset + round) % VARIANTS.len();
            let started = ProcessTime::now();
            calls.run(VARIANTS[index].0, CALLS_PER_ROUND)?;
            times[index].push(started.elapsed() / CALLS_PER_ROUND);
        }
    }
    let mut report = BenchReport::new();
    let library = median(times[0].clone());
    let own_allocations = allocations[0];
    report.line(format!(
        "{:<36}{library:>8.1?}  {own_allocations:>5.1} allocations",
        VARIANTS[0].1
    ));
    for (index, (_, name)) in VARIANTS.iter().enumerate().skip(1) {
        let time = median(times[index].clone());
        let other_allocations = allocations[index];
        let ratios = times[0].iter().zip(&times[index]);
        let ratio = median(
            ratios
                .map(|(own, other)| own.div_duration_f64(*other))
                .collect(),
        );
        let more = own_allocations - other_allocations;
        report.line(format!(
            "{name:<36}{time:>8.1?}  {other_allocations:>5.1} allocations; library: {ratio:.3} of the time, {more:+.1} allocations"
        ));
        if index == 1 {
            report.figure("call.cpu_ratio", ratio);
            report.figure("call.more_allocations", more);
        }
    }
    report.finish();
    Ok(())
}

impl Calls {
    fn run(&self, variant: Variant, calls: u32) -> BenchResult<()> {
        self.runtime.block_on(async {
            for _ in 0..calls {
                self.run_one(variant).await?;
            }
            Ok(())
        })
    }

    async fn run_one(&self, variant: Variant) -> BenchResult<()> {
        let Self {
            hand_written, uuid, ..
        } = self;
        match variant {
            Variant::Library => drop(black_box(self.client.get_clip(*uuid).await?)),
            Variant::HandWritten => drop(black_box(
                hand_written.get_clip::<record::Response>(*uuid).await?,
            )),
            Variant::WithLibraryTypes => drop(black_box(
                hand_written
                    .get_clip::<GetClipWithProgressResponse>(*uuid)
                    .await?,
            )),
            Variant::WithoutTimeout => drop(black_box(
                self.without_timeout
                    .get_clip::<record::Response>(*uuid)
                    .await?,
            )),
        }
        Ok(())
    }

    /// Average number of allocations of a call.
    fn allocations(&self, variant: Variant) -> BenchResult<f64> {
        let mut result = Ok(());
        let allocations =
            allocation_counter::measure(|| result = self.run(variant, CALLS_PER_ROUND));
        result?;
        Ok(allocations.count_total as f64 / f64::from(CALLS_PER_ROUND))
    }
}

fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    values[values.len() / 2]
}
