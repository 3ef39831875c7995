//! Snapshots of the public APIs, so that a breaking change appears as a removed or changed line of
//! a diff.

use rhombus_clips_tests::public_api::public_items;
use xtask::workspace;

#[test]
fn the_api_of_the_low_level_crate_matches_its_snapshot() {
    let sources = workspace::root().join("crates/rhombus-clips-api/src");
    insta::assert_snapshot!("rhombus_clips_api", public_items(&sources));
}

#[test]
fn the_api_of_the_library_matches_its_snapshot() {
    let sources = workspace::root().join("crates/rhombus-clips/src");
    insta::assert_snapshot!("rhombus_clips", public_items(&sources));
}

#[test]
fn the_api_of_the_simulator_matches_its_snapshot() {
    let sources = workspace::root().join("crates/rhombus-clips-sim/src");
    insta::assert_snapshot!("rhombus_clips_sim", public_items(&sources));
}
