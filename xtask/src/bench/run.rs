//! The benchmarks, one after the other.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use super::divan;
use super::figures::Figures;
use crate::error::{Error, Result};
use crate::workspace;

/// What all of them measure.
pub(crate) fn figures() -> Result<Figures> {
    let mut figures = Figures::default();
    let decoding = output(&[
        "bench",
        "--package",
        "rhombus-clips-api",
        "--bench",
        "decode",
    ])?;
    figures.add("decode.time_ratio", divan::ratio(&decoding)?);
    for bench in ["call", "many"] {
        let package = ["bench", "--package", "rhombus-clips", "--bench", bench];
        figures.add_json(&output(&[&package[..], &["--", "--json"]].concat())?)?;
    }
    let poll_policy = [
        "run",
        "--release",
        "--package",
        "xtask-polling",
        "--",
        "--output",
        "json",
    ];
    figures.add_policies(&output(&poll_policy)?)?;
    Ok(figures)
}

/// What a command of cargo prints.
fn output(arguments: &[&str]) -> Result<String> {
    eprintln!("cargo {}", arguments.join(" "));
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let failed = |message: String| Error::new(Path::new("cargo"), message);
    let output = Command::new(&cargo)
        .args(arguments)
        .current_dir(workspace::root())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| failed(format!("not runnable: {e}")))?;
    if !output.status.success() {
        return Err(failed(format!(
            "{} ended with {}",
            arguments.join(" "),
            output.status
        )));
    }
    String::from_utf8(output.stdout).map_err(|e| failed(e.to_string()))
}
