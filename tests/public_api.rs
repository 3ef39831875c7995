//! What the crates offer, as snapshots: a breaking change shows as one red line.

use rhombus_clips_tests::outline::outline;
use xtask::workspace;

#[test]
fn the_low_level_crate_offers_what_was_reviewed() {
    let sources = workspace::root().join("crates/rhombus-clips-api/src");
    insta::assert_snapshot!("rhombus_clips_api", outline(&sources));
}

#[test]
fn the_crate_that_consumers_use_offers_what_was_reviewed() {
    let sources = workspace::root().join("crates/rhombus-clips/src");
    insta::assert_snapshot!("rhombus_clips", outline(&sources));
}

#[test]
fn the_simulated_service_offers_what_was_reviewed() {
    let sources = workspace::root().join("crates/rhombus-clips-sim/src");
    insta::assert_snapshot!("rhombus_clips_sim", outline(&sources));
}
