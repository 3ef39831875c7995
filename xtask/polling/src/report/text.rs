//! The report for people.

use std::collections::BTreeSet;

use crate::measure::Outcome;
use crate::summary::Summary;

/// The report for people: a block for all clips, one for each family, and what the policies are.
pub(crate) fn text(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    let families: BTreeSet<&String> = outcomes
        .iter()
        .flat_map(|one| one.families.keys())
        .collect();
    block(&mut text, "pooled", outcomes, |one| one.pooled.as_ref());
    block(&mut text, "with progress", outcomes, |one| {
        one.with_progress.as_ref()
    });
    block(&mut text, "without progress", outcomes, |one| {
        one.without_progress.as_ref()
    });
    for family in families {
        let title = one_line(family);
        block(&mut text, &title, outcomes, |one| one.families.get(family));
    }
    text += "\npolicies\n";
    for one in outcomes {
        text += &format!("  {:<12}{}\n", one.name, one.description);
    }
    text
}

/// Text of somebody's file, fit for a terminal: what would steer it is escaped.
fn one_line(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    });
    escaped.collect()
}

fn block<'a>(
    text: &mut String,
    title: &str,
    outcomes: &'a [Outcome],
    summary: impl Fn(&'a Outcome) -> Option<&'a Summary>,
) {
    let rows: Vec<(&str, &Summary)> = outcomes
        .iter()
        .filter_map(|one| Some((one.name, summary(one)?)))
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
