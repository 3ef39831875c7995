//! Decodes the published example with this crate's types, and with progenitor's unmodified output
//! as the baseline.
//!
//! `cargo bench -p rhombus-clips-api` prints time and allocations of both. The rounds alternate, and
//! the fastest one counts: load on the machine makes a round slower, never faster.

#[path = "../../rhombus-clips/benches/support/report.rs"]
mod report;

use std::hint::black_box;
use std::time::{Duration, Instant};

use report::BenchReport;
use rhombus_clips_api::types::GetClipWithProgressResponse;
use serde::de::DeserializeOwned;

/// Output of progenitor for the fragment, without overlay and without postprocessing.
#[allow(missing_docs, unreachable_pub, dead_code, clippy::all)]
mod untouched {
    progenitor::generate_api!("benches/decode.json");
}

const EXAMPLE: &[u8] = include_bytes!("../../../tests/api/published-example.json");

/// Consecutive decodes of a variant per round. Chosen, not tuned: long enough that reading the clock
/// does not count.
const DECODES_PER_ROUND: u32 = 100;

/// Rounds per variant. Chosen, not tuned.
const ROUNDS: usize = 500;

const VARIANTS: [(&str, fn()); 2] = [
    ("rhombus_clips_api", decode::<GetClipWithProgressResponse>),
    (
        "untouched",
        decode::<untouched::types::EventGetClipWithProgressWsResponse>,
    ),
];

fn main() {
    let mut fastest = [Duration::MAX; VARIANTS.len()];
    for _ in 0..ROUNDS {
        for (fastest, (_, decode)) in fastest.iter_mut().zip(VARIANTS) {
            let started = Instant::now();
            for _ in 0..DECODES_PER_ROUND {
                decode();
            }
            *fastest = (*fastest).min(started.elapsed() / DECODES_PER_ROUND);
        }
    }
    let mut report = BenchReport::new();
    for (fastest, (name, decode)) in fastest.iter().zip(VARIANTS) {
        let allocations = allocation_counter::measure(decode).count_total;
        report.line(format!(
            "{name:<20}{fastest:>9.2?}  {allocations:>3} allocations"
        ));
    }
    let [library, untouched] = fastest;
    report.figure("decode.time_ratio", library.div_duration_f64(untouched));
    report.finish();
}

/// Decodes the example, and drops the response, as in a poll.
fn decode<T: DeserializeOwned>() {
    let response = serde_json::from_slice::<T>(black_box(EXAMPLE));
    drop(black_box(response));
}
