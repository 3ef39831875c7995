//! Report of the measurement, as text or as JSON.
//!
//! The JSON keys are an interface: the benchmark tables are generated from them.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::measure::{GroupSummary, PolicyResult};
use crate::terminal::sanitize_line;

#[derive(Serialize)]
struct Report<'a> {
    policies: &'a [PolicyResult],
}

/// Renders the report as JSON.
pub(crate) fn json(results: &[PolicyResult]) -> Result<String, serde_json::Error> {
    let report = Report { policies: results };
    serde_json::to_string_pretty(&report).map(|text| text + "\n")
}

/// Renders a table for all clips, one for each family, and a list of the policies.
pub(crate) fn text(results: &[PolicyResult]) -> String {
    let mut text = String::new();
    let families: BTreeSet<&String> = results
        .iter()
        .flat_map(|result| result.families.keys())
        .collect();
    table(&mut text, "pooled", results, |result| {
        result.pooled.as_ref()
    });
    table(&mut text, "with progress", results, |result| {
        result.with_progress.as_ref()
    });
    table(&mut text, "without progress", results, |result| {
        result.without_progress.as_ref()
    });
    for family in families {
        let title = sanitize_line(family);
        table(&mut text, &title, results, |result| {
            result.families.get(family)
        });
    }
    text += "\npolicies\n";
    for result in results {
        text += &format!("  {:<12}{}\n", result.name, result.description);
    }
    text
}

fn table<'a>(
    text: &mut String,
    title: &str,
    results: &'a [PolicyResult],
    summary: impl Fn(&'a PolicyResult) -> Option<&'a GroupSummary>,
) {
    let rows: Vec<(&str, &GroupSummary)> = results
        .iter()
        .filter_map(|result| Some((result.name, summary(result)?)))
        .collect();
    let Some((_, first)) = rows.first() else {
        return;
    };
    if !text.is_empty() {
        text.push('\n');
    }
    let clips = if first.clips == 1 { "clip" } else { "clips" };
    let mut lines = vec![format!("{title}, {} {clips}", first.clips)];
    lines.push(format!(
        "  {:<12}{:>12}{:>7}{:>7}{:>12}{:>11}{:>13}",
        "policy", "polls mean", "p95", "first", "delay mean", "p95", "delay share"
    ));
    for (name, summary) in rows {
        lines.push(format!(
            "  {name:<12}{:>12.1}{:>7}{:>7}{:>10.2} s{:>9.2} s{:>11.1} %",
            summary.polls_mean,
            summary.polls_p95,
            summary.polls_first,
            summary.delay_ms_mean / 1000.0,
            summary.delay_ms_p95 / 1000.0,
            summary.delay_share_mean * 100.0,
        ));
    }
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
}
