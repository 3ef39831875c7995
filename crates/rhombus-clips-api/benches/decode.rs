//! Decoding the published example: this crate's types beside progenitor's untouched output.
//!
//! `cargo bench -p rhombus-clips-api` prints time and allocations of both, side by side.

use divan::AllocProfiler;
use divan::counter::BytesCount;

/// What progenitor makes of the fragment when nobody interferes.
#[allow(missing_docs, unreachable_pub, dead_code, clippy::all)]
mod untouched {
    progenitor::generate_api!("../../openapi/get-clip-with-progress.json");
}

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const EXAMPLE: &[u8] = include_bytes!("../../../tests/data/published-example.json");

fn main() {
    divan::main();
}

fn decode<T: serde::de::DeserializeOwned>(bencher: divan::Bencher<'_, '_>) {
    // The answer is dropped where it was decoded, as a poll does with it.
    bencher.counter(BytesCount::of_slice(EXAMPLE)).bench(|| {
        let answer = serde_json::from_slice::<T>(divan::black_box(EXAMPLE));
        drop(divan::black_box(answer));
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
