//! Outcome of a benchmark run: the machine, the commit, and the results by name.
//!
//! The benchmarks print JSON objects of named numbers; they are merged here, and `table` looks the
//! numbers up. A benchmark can therefore be added without a change to this module.

use std::collections::BTreeMap;
use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::available_parallelism;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::workspace;

/// Results of all benchmarks.
#[derive(Debug, Default)]
pub(crate) struct Results {
    by_name: BTreeMap<String, f64>,
    policies: Vec<PolicyResult>,
}

/// Result of one poll policy.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PolicyResult {
    pub(crate) name: String,
    pub(crate) pooled: PooledStats,
}

/// Statistics of a poll policy over all traces.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PooledStats {
    pub(crate) polls_mean: f64,
    pub(crate) delay_ms_mean: f64,
    pub(crate) delay_ms_p95: f64,
}

#[derive(Deserialize)]
struct PollingReport {
    policies: Vec<PolicyResult>,
}

impl Results {
    /// Adds results from a JSON object of named numbers.
    pub(crate) fn add_json(&mut self, json: &str) -> Result<()> {
        let results: BTreeMap<String, f64> = parse("benchmark output", json)?;
        self.by_name.extend(results);
        Ok(())
    }

    /// Adds the poll policies from the JSON report of `cargo xtask polling`.
    pub(crate) fn add_policies(&mut self, json: &str) -> Result<()> {
        let report: PollingReport = parse("poll policy report", json)?;
        self.policies = report.policies;
        Ok(())
    }

    pub(crate) fn get(&self, name: &str) -> Result<f64> {
        let value = self.by_name.get(name).copied();
        value.ok_or_else(|| Error::new(Path::new(name), "no benchmark reported this result"))
    }

    pub(crate) fn policies(&self) -> &[PolicyResult] {
        &self.policies
    }
}

fn parse<'a, T: Deserialize<'a>>(source: &str, json: &'a str) -> Result<T> {
    serde_json::from_str(json)
        .map_err(|e| Error::new(Path::new(source), format!("invalid JSON: {e}")))
}

/// The machine, and the commit that is benchmarked on it.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) system: String,
    pub(crate) commit: String,
}

impl Machine {
    /// Detects the current machine and commit; undetectable properties get a generic value.
    pub(crate) fn detect() -> Self {
        let model = fs::read_to_string("/proc/cpuinfo").ok();
        let model = model.as_deref().and_then(cpu_model).map(str::to_owned);
        let model = model.or_else(|| command_output("sysctl", &["-n", "machdep.cpu.brand_string"]));
        let commit = command_output("git", &["rev-parse", "--short", "HEAD"]);
        let changes = command_output("git", &["status", "--porcelain"]);
        Self {
            processor: model.unwrap_or_else(|| ARCH.to_owned()),
            cores: available_parallelism().map_or(1, usize::from),
            system: command_output("uname", &["-sr"]).unwrap_or_else(|| OS.to_owned()),
            commit: match (commit, changes) {
                (None, _) => "unknown".to_owned(),
                (Some(commit), None) => commit,
                (Some(commit), Some(_)) => format!("{commit} + changes"),
            },
        }
    }
}

/// Extracts the CPU model from the contents of Linux's `/proc/cpuinfo`.
fn cpu_model(cpuinfo: &str) -> Option<&str> {
    let mut lines = cpuinfo.lines().filter_map(|line| line.split_once(':'));
    let (_, model) = lines.find(|(name, _)| name.trim_end() == "model name")?;
    Some(model.trim())
}

/// Returns the trimmed, non-empty output of a program, if it exists and succeeds.
fn command_output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(workspace::root())
        .output()
        .ok()?;
    let output_text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    Some(output_text).filter(|text| output.status.success() && !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_model_is_read_from_cpuinfo() {
        let cpuinfo = "processor\t: 0\nmodel\t\t: 85\nmodel name\t: Some CPU @ 2.00GHz\n";
        assert_eq!(cpu_model(cpuinfo), Some("Some CPU @ 2.00GHz"));
        assert_eq!(cpu_model("processor\t: 0\n"), None);
    }
}
