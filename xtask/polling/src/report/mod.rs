//! What was measured, for people and for machines.

mod text;

use serde::Serialize;

use crate::measure::Outcome;

pub(crate) use text::text;

#[derive(Serialize)]
struct Report<'a> {
    policies: &'a [Outcome],
}

/// The report for machines.
pub(crate) fn json(outcomes: &[Outcome]) -> Result<String, serde_json::Error> {
    let report = Report { policies: outcomes };
    serde_json::to_string_pretty(&report).map(|text| text + "\n")
}
