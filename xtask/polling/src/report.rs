//! Report of the measurement, as text, as JSON, or as a plot.
//!
//! The JSON keys are an interface: the benchmark tables are generated from them. Polls are traded
//! against delay, so the plot marks the Pareto front.

use std::collections::BTreeSet;
use std::error::Error;
use std::ops::Range;

use plotters::element::{Circle, EmptyElement, PathElement};
use plotters::prelude::{
    BLUE, ChartBuilder, Color as _, IntoDrawingArea as _, IntoLogRange as _, SVGBackend, Text,
    WHITE,
};
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

/// Smallest value drawn: a logarithmic axis has no zero. Smaller values are drawn there.
const MIN_PLOTTED: f64 = 0.001;

/// Factor between the outermost values and the ends of an axis. Chosen by eye.
const PLOT_MARGIN: f64 = 1.6;

/// Pooled result of a policy.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Point<'a> {
    name: &'a str,
    /// Mean polls per clip.
    polls: f64,
    /// Mean delay per clip, in seconds.
    delay: f64,
}

impl Point<'_> {
    /// Returns whether another policy is at least as good in both and better in one.
    fn is_dominated(&self, all: &[Self]) -> bool {
        all.iter().any(|other| {
            other.polls <= self.polls
                && other.delay <= self.delay
                && (other.polls, other.delay) != (self.polls, self.delay)
        })
    }
}

/// Plots the mean polls against the mean delay of each policy, as SVG. A hollow point is dominated by
/// another one.
pub(crate) fn plot(results: &[PolicyResult]) -> Result<String, Box<dyn Error>> {
    let pooled = results
        .iter()
        .filter_map(|result| Some((result.name, result.pooled.as_ref()?)));
    let points: Vec<Point<'_>> = pooled
        .map(|(name, summary)| Point {
            name,
            polls: summary.polls_mean,
            delay: (summary.delay_ms_mean / 1000.0).max(MIN_PLOTTED),
        })
        .collect();
    let mut front: Vec<(f64, f64)> = points
        .iter()
        .filter(|point| !point.is_dominated(&points))
        .map(|point| (point.polls, point.delay))
        .collect();
    front.sort_by(|(one, _), (other, _)| one.total_cmp(other));

    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (880, 560)).into_drawing_area();
        root.fill(&WHITE)?;
        let caption = "Means over all clips: lower left is better, a hollow point is dominated";
        let mut chart = ChartBuilder::on(&root)
            .caption(caption, ("sans-serif", 20))
            .margin(16)
            .x_label_area_size(48)
            .y_label_area_size(64)
            .build_cartesian_2d(
                axis(points.iter().map(|point| point.polls)).log_scale(),
                axis(points.iter().map(|point| point.delay)).log_scale(),
            )?;
        chart
            .configure_mesh()
            .max_light_lines(1)
            .label_style(("sans-serif", 14))
            .axis_desc_style(("sans-serif", 16))
            .x_desc("polls per clip (log scale)")
            .y_desc("delay per clip in seconds (log scale)")
            .draw()?;
        chart.draw_series([PathElement::new(front, BLUE)])?;
        chart.draw_series(points.iter().map(|point| {
            let style = match point.is_dominated(&points) {
                true => BLUE.stroke_width(2),
                false => BLUE.filled(),
            };
            EmptyElement::at((point.polls, point.delay))
                + Circle::new((0, 0), 5, style)
                + Text::new(point.name.to_owned(), (10, -12), ("sans-serif", 16))
        }))?;
        root.present()?;
    }
    Ok(svg)
}

/// Returns the range of an axis with these values.
fn axis(values: impl Iterator<Item = f64> + Clone) -> Range<f64> {
    let min = values.clone().fold(f64::INFINITY, f64::min);
    let max = values.fold(MIN_PLOTTED, f64::max);
    min.min(max) / PLOT_MARGIN..max * PLOT_MARGIN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(polls: f64, delay: f64) -> Point<'static> {
        Point {
            name: "any",
            polls,
            delay,
        }
    }

    #[test]
    fn a_point_at_least_as_good_in_both_and_better_in_one_dominates() {
        let all = [point(5.0, 2.0), point(5.0, 3.0), point(4.0, 4.0)];
        let dominated: Vec<bool> = all.iter().map(|one| one.is_dominated(&all)).collect();
        assert_eq!(dominated, [false, true, false]);
        let twins = [point(5.0, 2.0), point(5.0, 2.0)];
        assert!(!twins.iter().any(|one| one.is_dominated(&twins)));
    }

    #[test]
    fn axes_have_a_margin_around_zero_and_one_value() {
        let range = axis([MIN_PLOTTED].into_iter());
        assert!(
            range.contains(&MIN_PLOTTED) && range.start > 0.0,
            "{range:?}"
        );
    }
}
