//! Dependencies that users of the library compile.
//!
//! The generator, the tests and the program have large dependency trees, none of which may leak
//! into the library's.

use std::collections::BTreeSet;
use std::process::Command;

use xtask::workspace;

fn dependency_tree(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--package",
            package,
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .current_dir(workspace::root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let tree = String::from_utf8(output.stdout).unwrap();
    tree.lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn users_compile_neither_the_generator_nor_tools_nor_the_simulator() {
    let tree = dependency_tree("rhombus-clips");
    assert!(tree.contains("rhombus-clips-api"));
    for unwanted in [
        "progenitor",
        "progenitor-impl",
        "progenitor-macro",
        "typify",
        "typify-impl",
        "openapiv3",
        "prettyplease",
        "roas-overlay",
        "similar",
        "insta",
        "axum",
        "clap",
        "indicatif",
        "console",
        "tempfile",
        "jsonschema",
        "schemars",
        "rhombus-clips-sim",
        "rcgen",
        "tracing-subscriber",
        "xtask",
        "plotters",
        "rand_distr",
        "native-tls",
        "openssl-sys",
    ] {
        assert!(
            !tree.contains(unwanted),
            "{unwanted} is a dependency of the library"
        );
    }
}

#[test]
fn the_program_does_not_compile_http2_of_the_simulator() {
    let tree = dependency_tree("rhombus-clips-cli");
    assert!(tree.contains("rhombus-clips-sim"));
    assert!(!tree.contains("rcgen"));
}
