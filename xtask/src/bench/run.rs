//! Runs the benchmarks sequentially, so that they do not compete for the CPU.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use super::divan;
use super::results::Results;
use crate::error::{Error, Result};
use crate::workspace;

/// Runs every benchmark and collects the results.
pub(crate) fn run_all() -> Result<Results> {
    let mut results = Results::default();
    let decode = cargo_output(&[
        "bench",
        "--package",
        "rhombus-clips-api",
        "--bench",
        "decode",
    ])?;
    results.add("decode.time_ratio", divan::time_ratio(&decode)?);
    for bench in ["call", "many"] {
        let package = ["bench", "--package", "rhombus-clips", "--bench", bench];
        results.add_json(&cargo_output(&[&package[..], &["--", "--json"]].concat())?)?;
    }
    let polling = [
        "run",
        "--release",
        "--package",
        "xtask-polling",
        "--",
        "--output",
        "json",
    ];
    results.add_policies(&cargo_output(&polling)?)?;
    Ok(results)
}

/// Runs a cargo command and returns its standard output.
fn cargo_output(arguments: &[&str]) -> Result<String> {
    eprintln!("cargo {}", arguments.join(" "));
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let failed = |message: String| Error::new(Path::new("cargo"), message);
    let output = Command::new(&cargo)
        .args(arguments)
        .current_dir(workspace::root())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| failed(format!("cannot run: {e}")))?;
    if !output.status.success() {
        return Err(failed(format!(
            "`{}` failed: {}",
            arguments.join(" "),
            output.status
        )));
    }
    String::from_utf8(output.stdout).map_err(|e| failed(e.to_string()))
}
