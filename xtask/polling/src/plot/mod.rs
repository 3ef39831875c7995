//! Plot of polls against delay as SVG, one point per policy.
//!
//! The two are traded against each other, so the plot marks the Pareto front. It knows the pooled
//! results only.

mod label;
mod scale;
mod theme;

use std::error::Error;

use plotters::coord::Shift;
use plotters::element::{Circle, PathElement};
use plotters::prelude::{
    BindKeyPoints as _, ChartBuilder, Color, DrawingArea, IntoDrawingArea, IntoLogRange, RGBColor,
    SVGBackend, ShapeStyle, Text, TextStyle,
};
use plotters::style::IntoFont as _;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::measure::PolicyResult;
use crate::plot::label::Label;
use crate::plot::scale::Scale;
use crate::plot::theme::{ACCENT, BACKGROUND, GRID, MUTED, TEXT};

const SIZE: (u32, u32) = (880, 560);
const FONT: &str = "sans-serif";

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

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

/// Renders the plot as SVG.
pub(crate) fn svg(results: &[PolicyResult]) -> Result<String, Box<dyn Error>> {
    let pooled = results
        .iter()
        .filter_map(|one| Some((one.name, one.pooled.as_ref()?)));
    let points: Vec<Point<'_>> = pooled
        .clone()
        .map(|(name, summary)| Point {
            name,
            polls: summary.polls_mean,
            delay: summary.delay_ms_mean / 1000.0,
        })
        .collect();
    let clips = pooled.map(|(_, summary)| summary.clips).max().unwrap_or(0);
    let mut drawn = String::new();
    {
        let root = SVGBackend::with_string(&mut drawn, SIZE).into_drawing_area();
        draw(&root, &points, clips)?;
        root.present()?;
    }
    Ok(theme::with_dark_mode(&drawn))
}

fn draw(root: &Area<'_>, points: &[Point<'_>], clips: usize) -> Result<(), Box<dyn Error>> {
    root.fill(&BACKGROUND)?;
    heading(root, 26, 20, TEXT, "Polls against delay")?;
    heading(
        root,
        54,
        14,
        MUTED,
        &format!(
            "Means over {clips} clips. Lower left is better. Hollow: another policy dominates it."
        ),
    )?;

    let polls = Scale::around(points.iter().map(|point| point.polls));
    let delays = Scale::around(points.iter().map(|point| point.delay));
    let mut chart = ChartBuilder::on(root)
        .margin(16)
        .margin_top(80)
        .margin_right(32)
        .x_label_area_size(52)
        .y_label_area_size(72)
        .build_cartesian_2d(
            polls.range().log_scale().with_key_points(polls.ticks()),
            delays.range().log_scale().with_key_points(delays.ticks()),
        )?;
    chart
        .configure_mesh()
        .bold_line_style(GRID)
        .light_line_style(GRID.stroke_width(0))
        .axis_style(MUTED)
        .label_style(text(13, TEXT))
        .axis_desc_style(text(14, TEXT))
        .x_desc("polls per clip (log scale)")
        .y_desc("delay per clip in seconds (log scale)")
        .x_label_formatter(&|value| scale::number(*value))
        .y_label_formatter(&|value| scale::number(*value))
        .draw()?;

    let position = |point: &Point<'_>| {
        chart.backend_coord(&(polls.clamp(point.polls), delays.clamp(point.delay)))
    };
    let mut front: Vec<&Point<'_>> = points
        .iter()
        .filter(|point| !point.is_dominated(points))
        .collect();
    front.sort_by(|one, other| one.polls.total_cmp(&other.polls));
    let line: Vec<(i32, i32)> = front.into_iter().map(position).collect();
    root.draw(&PathElement::new(line, ACCENT.mix(0.5)))?;
    for point in points {
        let (rim, fill) = if point.is_dominated(points) {
            (MUTED, BACKGROUND)
        } else {
            (ACCENT, ACCENT)
        };
        root.draw(&Circle::new(position(point), 6, fill.filled()))?;
        let rim = ShapeStyle::from(rim).stroke_width(2);
        root.draw(&Circle::new(position(point), 6, rim))?;
    }
    let labels = points.iter().map(|point| (point.name, position(point)));
    for Label {
        text: name,
        at,
        pos,
    } in label::place_labels(labels, SIZE.0)
    {
        root.draw(&Text::new(name, at, text(14, TEXT).pos(pos)))?;
    }
    Ok(())
}

fn heading(
    root: &Area<'_>,
    y: i32,
    size: i32,
    color: RGBColor,
    content: &str,
) -> Result<(), Box<dyn Error>> {
    let pos = Pos::new(HPos::Left, VPos::Center);
    root.draw(&Text::new(
        content.to_owned(),
        (24, y),
        text(size, color).pos(pos),
    ))?;
    Ok(())
}

/// Returns a text style for a size in pixels. Plotters scales fonts down by the factor used here.
fn text(size: i32, color: RGBColor) -> TextStyle<'static> {
    (FONT, f64::from(size) * 1.24).into_font().color(&color)
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
}
