//! Snapshots of the generated client, so that a change of the generator, the fragment or the
//! overlay appears as a reviewable diff.
//!
//! The checked-in client is compared with the generator's output, too, so that it cannot become
//! stale.

use xtask::codegen;
use xtask::spec;
use xtask::workspace;

#[test]
fn generated_files_match_their_snapshots() {
    let generated = codegen::generate(&workspace::fragment(), &workspace::overlay()).unwrap();
    let files = &generated.files;
    for (path, text) in files {
        insta::assert_snapshot!(format!("generated/{path}"), text);
    }
    let paths: Vec<&str> = files.keys().map(String::as_str).collect();
    insta::assert_snapshot!("generated", paths.join("\n"));
}

#[test]
fn checked_in_files_are_up_to_date() {
    let (fragment, overlay) = (workspace::fragment(), workspace::overlay());
    let generated = codegen::generate(&fragment, &overlay).unwrap();
    let stale = generated.file_set(&workspace::generated()).diff().unwrap();
    assert!(stale.is_empty(), "run `cargo xtask codegen`:\n{stale}");
    assert!(generated.notes.is_empty(), "{:?}", generated.notes);
}

#[test]
fn the_fragment_is_in_canonical_form() {
    let text = std::fs::read_to_string(workspace::fragment()).unwrap();
    let value = spec::read(&workspace::fragment()).unwrap();
    assert_eq!(text, spec::to_canonical_json(&value));
}
