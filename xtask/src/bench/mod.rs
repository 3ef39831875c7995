//! `cargo xtask bench`: runs all benchmarks and updates the two result tables in the README.
//!
//! The benchmarks run one after another, so that they do not compete for the CPU. [`results`] collects
//! their output and detects the environment, and [`table`] renders Markdown. Generating the tables
//! keeps the README's numbers reproducible: each set of results names its machine and commit.

mod results;
mod table;

use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::error::{Error, Result};
use crate::workspace;
use results::{Machine, Results};

const OPENING: &str = "<!-- figures -->";
const CLOSING: &str = "<!-- /figures -->";

/// Runs all benchmarks, writes the tables into the README and returns them.
pub(crate) fn bench() -> Result<String> {
    let readme = workspace::root().join("README.md");
    let text = fs::read_to_string(&readme)
        .map_err(|e| Error::new(&readme, format!("not readable: {e}")))?;
    // Fail before the benchmarks, which take minutes.
    replace_table(&text, "").ok_or_else(|| {
        Error::new(
            &readme,
            format!("markers not found; add the lines {OPENING} and {CLOSING}"),
        )
    })?;
    let machine = Machine::detect();
    let results = run_all()?;
    let table = table::render(&machine, &results)?;
    let text = replace_table(&text, &table).unwrap_or(text);
    fs::write(&readme, text).map_err(|e| Error::new(&readme, format!("not writable: {e}")))?;
    Ok(table)
}

/// Runs every benchmark and collects the results.
fn run_all() -> Result<Results> {
    let mut results = Results::default();
    for (package, bench) in [
        ("rhombus-clips-api", "decode"),
        ("rhombus-clips", "call"),
        ("rhombus-clips", "download"),
        ("rhombus-clips", "many"),
    ] {
        let json = cargo_output(&format!(
            "bench --package {package} --bench {bench} -- --json"
        ))?;
        results.add_json(&json)?;
    }
    let polling = "run --release --package xtask-polling -- --output json";
    results.add_policies(&cargo_output(polling)?)?;
    Ok(results)
}

/// Runs a cargo command and returns its standard output.
fn cargo_output(arguments: &str) -> Result<String> {
    eprintln!("cargo {arguments}");
    let failed = |message: String| Error::new(Path::new("cargo"), message);
    let output = workspace::cargo()
        .args(arguments.split(' '))
        .current_dir(workspace::root())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| failed(format!("cannot run: {e}")))?;
    if !output.status.success() {
        return Err(failed(format!("`{arguments}` failed: {}", output.status)));
    }
    String::from_utf8(output.stdout).map_err(|e| failed(e.to_string()))
}

/// Replaces the table between the markers; returns `None` if a marker is missing.
fn replace_table(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(OPENING)?;
    let (_, after) = rest.split_once(CLOSING)?;
    Some(format!("{before}{OPENING}\n{table}{CLOSING}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_between_the_markers_is_replaced() {
        let text = "a\n<!-- figures -->\nold\n<!-- /figures -->\nb\n";
        let updated = replace_table(text, "new\n").unwrap();
        assert_eq!(updated, "a\n<!-- figures -->\nnew\n<!-- /figures -->\nb\n");
        assert_eq!(replace_table("a\nb\n", "new\n"), None);
    }
}
