//! Ablation: what each term of the model is worth.
//!
//! All traces are replayed without one term after the other, as later clips and as first ones.

use rhombus_clips::polling::Term;
use serde::Serialize;

use crate::measure::{Clients, PolicyResult, measure_one};
use crate::policy;
use crate::trace::Trace;

/// Results with all terms and without each one.
#[derive(Debug, Serialize)]
pub(crate) struct Ablation {
    /// Clips of clients that have seen others.
    later: Vec<Row>,
    /// Clips of clients that have seen none.
    fresh: Vec<Row>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    /// `None` with all terms.
    without: Option<&'static str>,
    polls_mean: f64,
    delay_ms_mean: f64,
    delay_ms_p95: f64,
    delay_ms_max: f64,
    coverage: f64,
}

impl Row {
    fn new(without: Option<Term>, result: &PolicyResult) -> Option<Self> {
        let pooled = result.pooled.as_ref()?;
        Some(Self {
            without: without.map(Term::as_str),
            polls_mean: pooled.polls_mean,
            delay_ms_mean: pooled.delay_ms_mean,
            delay_ms_p95: pooled.delay_ms_p95,
            delay_ms_max: pooled.delay_ms_max,
            coverage: result
                .interval
                .as_ref()
                .map_or(0.0, |interval| interval.coverage),
        })
    }
}

/// Measures all traces with all terms and without each one.
pub(crate) fn measure(traces: &[Trace], seed: u64) -> Ablation {
    let rows = |clients| {
        let variants = std::iter::once(None).chain(Term::ALL.iter().copied().map(Some));
        let rows = variants.filter_map(|without| {
            let new_policy = || Some(policy::adaptive_without(without));
            let result = measure_one(traces, seed, clients, new_policy)?;
            Row::new(without, &result)
        });
        rows.collect()
    };
    Ablation {
        later: rows(Clients::Named),
        fresh: rows(Clients::Fresh),
    }
}

/// Renders the results as text: with all terms, and the differences without each one.
pub(crate) fn text(ablation: &Ablation) -> String {
    let mut text = String::new();
    for (title, rows) in [
        ("later clips", &ablation.later),
        ("first clips", &ablation.fresh),
    ] {
        let Some((all, rows)) = rows.split_first() else {
            continue;
        };
        if !text.is_empty() {
            text.push('\n');
        }
        text += &format!(
            "{title:<20}{:>11}{:>12}{:>11}{:>12}{:>11}\n",
            "polls mean", "delay mean", "p95", "max", "coverage"
        );
        text += &format!(
            "  {:<18}{:>11.2}{:>10.2} s{:>9.2} s{:>10.1} s{:>9.1} %\n",
            "all terms",
            all.polls_mean,
            all.delay_ms_mean / 1000.0,
            all.delay_ms_p95 / 1000.0,
            all.delay_ms_max / 1000.0,
            all.coverage * 100.0,
        );
        for row in rows {
            text += &format!(
                "  {:<18}{:>+11.2}{:>+10.2} s{:>+9.2} s{:>+10.1} s{:>+9.1} %\n",
                row.without.unwrap_or_default(),
                row.polls_mean - all.polls_mean,
                (row.delay_ms_mean - all.delay_ms_mean) / 1000.0,
                (row.delay_ms_p95 - all.delay_ms_p95) / 1000.0,
                (row.delay_ms_max - all.delay_ms_max) / 1000.0,
                (row.coverage - all.coverage) * 100.0,
            );
        }
    }
    text
}
