//! Decodes the published example with this crate's types, and with progenitor's unmodified output
//! as the baseline.
//!
//! `cargo bench -p rhombus-clips-api` prints time and allocations of both.

use divan::AllocProfiler;
use divan::counter::BytesCount;

/// Output of progenitor for the fragment, without overlay and without postprocessing.
#[allow(missing_docs, unreachable_pub, dead_code, clippy::all)]
mod untouched {
    progenitor::generate_api!("../../openapi/get-clip-with-progress.json");
}

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const EXAMPLE: &[u8] = include_bytes!("../../../tests/api/published-example.json");

fn main() {
    divan::main();
}

fn decode<T: serde::de::DeserializeOwned>(bencher: divan::Bencher<'_, '_>) {
    // The response is dropped within the measured closure, as in a poll.
    bencher.counter(BytesCount::of_slice(EXAMPLE)).bench(|| {
        let response = serde_json::from_slice::<T>(divan::black_box(EXAMPLE));
        drop(divan::black_box(response));
    });
}

#[divan::bench(name = "rhombus_clips_api", sample_count = 500, sample_size = 100)]
fn ours(bencher: divan::Bencher<'_, '_>) {
    decode::<rhombus_clips_api::types::GetClipWithProgressResponse>(bencher);
}

#[divan::bench(name = "untouched", sample_count = 500, sample_size = 100)]
fn untouched_output(bencher: divan::Bencher<'_, '_>) {
    decode::<untouched::types::EventGetClipWithProgressWsResponse>(bencher);
}
