//! Requests against delay, as a picture: a point for each policy.

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

use crate::measure::Outcome;
use crate::plot::label::Label;
use crate::plot::scale::Scale;
use crate::plot::theme::{ACCENT, GRID, MUTED, PAPER, TEXT};

const SIZE: (u32, u32) = (880, 560);
const FONT: &str = "sans-serif";

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Where a policy stands over all clips.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Point<'a> {
    name: &'a str,
    /// Requests a clip.
    polls: f64,
    /// Seconds of delay a clip.
    delay: f64,
}

impl Point<'_> {
    /// Whether another policy does as well in both, and better in one.
    fn is_beaten(&self, all: &[Self]) -> bool {
        all.iter().any(|other| {
            other.polls <= self.polls
                && other.delay <= self.delay
                && (other.polls, other.delay) != (self.polls, self.delay)
        })
    }
}

/// The picture, as the text of an SVG file.
pub(crate) fn svg(outcomes: &[Outcome]) -> Result<String, Box<dyn Error>> {
    let pooled = outcomes
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
    Ok(theme::in_dark_too(&drawn))
}

fn draw(root: &Area<'_>, points: &[Point<'_>], clips: usize) -> Result<(), Box<dyn Error>> {
    root.fill(&PAPER)?;
    let hollow = "Hollow: another is at least as good in both.";
    heading(root, 26, 20, TEXT, "Requests against delay")?;
    heading(
        root,
        54,
        14,
        MUTED,
        &format!("Means over {clips} clips. Lower left is better. {hollow}"),
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
        .x_desc("requests a clip (log scale)")
        .y_desc("delay a clip, in seconds (log scale)")
        .x_label_formatter(&|value| scale::number(*value))
        .y_label_formatter(&|value| scale::number(*value))
        .draw()?;

    let place = |point: &Point<'_>| {
        chart.backend_coord(&(polls.shown(point.polls), delays.shown(point.delay)))
    };
    let mut best: Vec<&Point<'_>> = points.iter().filter(|one| !one.is_beaten(points)).collect();
    best.sort_by(|one, other| one.polls.total_cmp(&other.polls));
    let line: Vec<(i32, i32)> = best.into_iter().map(place).collect();
    root.draw(&PathElement::new(line, ACCENT.mix(0.5)))?;
    for point in points {
        let (rim, fill) = if point.is_beaten(points) {
            (MUTED, PAPER)
        } else {
            (ACCENT, ACCENT)
        };
        root.draw(&Circle::new(place(point), 6, fill.filled()))?;
        let rim = ShapeStyle::from(rim).stroke_width(2);
        root.draw(&Circle::new(place(point), 6, rim))?;
    }
    let named = points.iter().map(|point| (point.name, place(point)));
    for Label {
        text: name,
        at,
        pos,
    } in label::apart(named, SIZE.0)
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
    words: &str,
) -> Result<(), Box<dyn Error>> {
    let pos = Pos::new(HPos::Left, VPos::Center);
    root.draw(&Text::new(
        words.to_owned(),
        (24, y),
        text(size, color).pos(pos),
    ))?;
    Ok(())
}

/// A size in pixels: plotters takes a larger one, of which letters are a part.
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
    fn what_is_as_good_in_both_and_better_in_one_beats() {
        let all = [point(5.0, 2.0), point(5.0, 3.0), point(4.0, 4.0)];
        let beaten: Vec<bool> = all.iter().map(|one| one.is_beaten(&all)).collect();
        assert_eq!(beaten, [false, true, false]);
        let twins = [point(5.0, 2.0), point(5.0, 2.0)];
        assert!(!twins.iter().any(|one| one.is_beaten(&twins)));
    }
}
