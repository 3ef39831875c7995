//! Figures by their names.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result};

/// What was measured.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    by_name: BTreeMap<String, f64>,
    policies: Vec<PollPolicy>,
}

/// What one poll_policy comes to, over all clips.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PollPolicy {
    pub(crate) name: String,
    pub(crate) pooled: Summary,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    pub(crate) polls_mean: f64,
    pub(crate) delay_ms_mean: f64,
    pub(crate) delay_ms_p95: f64,
}

#[derive(Deserialize)]
struct Report {
    policies: Vec<PollPolicy>,
}

impl Figures {
    pub(crate) fn add(&mut self, name: &str, value: f64) {
        self.by_name.insert(name.to_owned(), value);
    }

    /// Figures by name, as one JSON object.
    pub(crate) fn add_json(&mut self, json: &str) -> Result<()> {
        let figures: BTreeMap<String, f64> = read("a benchmark", json)?;
        self.by_name.extend(figures);
        Ok(())
    }

    /// The report of `cargo xtask polling` for machines.
    pub(crate) fn add_policies(&mut self, json: &str) -> Result<()> {
        let report: Report = read("the measurement of policies", json)?;
        self.policies = report.policies;
        Ok(())
    }

    pub(crate) fn of(&self, name: &str) -> Result<f64> {
        let figure = self.by_name.get(name).copied();
        figure.ok_or_else(|| Error::new(Path::new(name), "no benchmark gave this figure"))
    }

    pub(crate) fn policies(&self) -> &[PollPolicy] {
        &self.policies
    }
}

fn read<'a, T: Deserialize<'a>>(of: &str, json: &'a str) -> Result<T> {
    serde_json::from_str(json).map_err(|e| Error::new(Path::new(of), format!("unreadable: {e}")))
}
