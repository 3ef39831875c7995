//! Benchmark results by name.
//!
//! The benchmarks print JSON objects of named numbers; they are merged here, and `table` looks the
//! numbers up. A benchmark can therefore be added without a change to this module.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result};

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
    pub(crate) fn add(&mut self, name: &str, value: f64) {
        self.by_name.insert(name.to_owned(), value);
    }

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
