//! Report of the measurement, as text or JSON.
//!
//! The JSON keys are an interface: the benchmark tables are generated from them.

mod text;

use serde::Serialize;

use crate::measure::PolicyResult;

pub(crate) use text::text;

#[derive(Serialize)]
struct Report<'a> {
    policies: &'a [PolicyResult],
}

/// Renders the report as JSON.
pub(crate) fn json(results: &[PolicyResult]) -> Result<String, serde_json::Error> {
    let report = Report { policies: results };
    serde_json::to_string_pretty(&report).map(|text| text + "\n")
}
