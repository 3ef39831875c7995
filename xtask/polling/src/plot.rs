//! Plot of requests against delay.
//!
//! Both axes are costs, so lower left is better, and a hollow point is dominated by another one.

use std::error::Error;
use std::ops::Range;

use plotters::coord::combinators::LogCoord;
use plotters::element::{Circle, EmptyElement, PathElement};
use plotters::prelude::{
    BLUE, Cartesian2d, ChartBuilder, ChartContext, Color as _, DrawingBackend, GREEN,
    IntoDrawingArea as _, IntoLogRange as _, RED, RGBColor, SVGBackend, Text, WHITE,
};

use crate::measure::{self, Clients, PolicyResult};
use crate::trace::Trace;
use crate::{policy, together};

/// Smallest value drawn: a logarithmic axis has no zero. Smaller values are drawn there.
const MIN_PLOTTED: f64 = 0.001;

/// Factor between the outermost values and the ends of an axis. Chosen by eye.
const PLOT_MARGIN: f64 = 1.6;

/// Means of a group of clips.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    /// Empty for a point without a label.
    pub(crate) label: String,
    pub(crate) requests: f64,
    /// In seconds.
    pub(crate) delay: f64,
    pub(crate) series: Series,
}

/// Group of points that are comparable with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Series {
    /// Clips that are watched one by one, by a client that has seen others.
    Later,
    /// First clips of their clients.
    First,
    /// Many clips that are watched together.
    Together,
}

impl Series {
    const ALL: [Self; 3] = [Self::Later, Self::First, Self::Together];

    fn color(self) -> RGBColor {
        match self {
            Self::Later => BLUE,
            Self::First => RED,
            Self::Together => GREEN,
        }
    }
}

impl Point {
    /// Returns whether another point of the series is at least as good in both and better in one.
    fn is_dominated(&self, all: &[Self]) -> bool {
        all.iter().any(|other| {
            other.series == self.series
                && other.requests <= self.requests
                && other.delay <= self.delay
                && (other.requests, other.delay) != (self.requests, self.delay)
        })
    }

    fn at(&self) -> (f64, f64) {
        (self.requests.max(MIN_PLOTTED), self.delay.max(MIN_PLOTTED))
    }
}

/// Returns the points of all policies for later clips, of the one that learns for first clips, and of
/// many clips together with some costs of a request.
pub(crate) fn points(
    traces: &[Trace],
    is_synthetic: bool,
    seed: u64,
    options: &together::Options,
) -> Vec<Point> {
    let point = |result: &PolicyResult, series| {
        let pooled = result.pooled.as_ref()?;
        Some(Point {
            label: match series {
                Series::First => format!("{}, first clips", result.name),
                Series::Later | Series::Together => result.name.to_owned(),
            },
            requests: pooled.polls_mean,
            delay: pooled.delay_ms_mean / 1000.0,
            series,
        })
    };
    let later = measure::measure(traces, seed, Clients::Named, policy::all);
    let first = measure::measure_one(traces, seed, Clients::Fresh, || {
        Some(policy::adaptive_without(None))
    });
    let frontier = together::frontier(traces.to_vec(), is_synthetic, seed, options);
    let later = later
        .iter()
        .filter_map(|result| point(result, Series::Later));
    let first = first
        .iter()
        .filter_map(|result| point(result, Series::First));
    let together = frontier.into_iter().map(|(scale, summary)| Point {
        label: format!("x {scale}"),
        requests: summary.requests_per_clip,
        delay: summary.delay_ms_mean / 1000.0,
        series: Series::Together,
    });
    later.chain(first).chain(together).collect()
}

/// Plots all points, with a line through those of each series that no other one dominates, as SVG.
pub(crate) fn svg(points: &[Point]) -> Result<String, Box<dyn Error>> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (880, 560)).into_drawing_area();
        root.fill(&WHITE)?;
        let caption = "Later clips (blue), first clips (red), many clips together (green)";
        let mut chart = ChartBuilder::on(&root)
            .caption(caption, ("sans-serif", 20))
            .margin(16)
            .x_label_area_size(48)
            .y_label_area_size(64)
            .build_cartesian_2d(
                axis(points.iter().map(|point| point.at().0)).log_scale(),
                axis(points.iter().map(|point| point.at().1)).log_scale(),
            )?;
        chart
            .configure_mesh()
            .max_light_lines(1)
            .label_style(("sans-serif", 14))
            .axis_desc_style(("sans-serif", 16))
            .x_desc("requests per clip (log scale)")
            .y_desc("delay per clip in seconds (log scale)")
            .draw()?;
        for series in Series::ALL {
            draw(&mut chart, series, points)?;
        }
        root.present()?;
    }
    Ok(svg)
}

type Coordinates = Cartesian2d<LogCoord<f64>, LogCoord<f64>>;

fn draw<'a, DB: DrawingBackend + 'a>(
    chart: &mut ChartContext<'a, DB, Coordinates>,
    series: Series,
    points: &[Point],
) -> Result<(), Box<dyn Error>>
where
    DB::ErrorType: 'static,
{
    let color = series.color();
    let of_series = || points.iter().filter(|point| point.series == series);
    let mut front: Vec<(f64, f64)> = of_series()
        .filter(|point| !point.is_dominated(points))
        .map(Point::at)
        .collect();
    front.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    chart.draw_series([PathElement::new(front, color)])?;
    // The first and the later clips of a policy are close to each other.
    let label_at = match series {
        Series::First => (10, 6),
        Series::Later | Series::Together => (4, -24),
    };
    chart.draw_series(of_series().map(|point| {
        let style = match point.is_dominated(points) {
            true => color.stroke_width(2),
            false => color.filled(),
        };
        EmptyElement::at(point.at())
            + Circle::new((0, 0), 5, style)
            + Text::new(point.label.clone(), label_at, ("sans-serif", 16))
    }))?;
    Ok(())
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

    fn point(requests: f64, delay: f64) -> Point {
        Point {
            label: "any".to_owned(),
            requests,
            delay,
            series: Series::Later,
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
    fn points_of_different_series_are_not_compared() {
        let first = Point {
            series: Series::First,
            ..point(9.0, 9.0)
        };
        let all = [point(1.0, 1.0), first];
        assert!(!all.iter().any(|one| one.is_dominated(&all)));
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
