//! Placement of the labels of a plot's points, without overlaps.
//!
//! Text is not measured: positions and widths are approximations in pixels, chosen by eye for the
//! font size of the plot.

use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Horizontal distance from a point to its label.
const GAP: i32 = 12;
/// Vertical distance from a point up to its label, so that a line through the point stays visible.
const RISE: i32 = 7;
/// Minimum vertical distance between two labels.
const LINE_HEIGHT: i32 = 18;
/// Approximate width of a character.
const CHAR_WIDTH: i32 = 8;

/// Label and its position.
pub(super) struct Label<'a> {
    pub(super) text: &'a str,
    pub(super) at: (i32, i32),
    pub(super) pos: Pos,
}

/// Places labels beside their points: to the right, or to the left at the edge of the plot, and lower
/// where they would overlap another label.
pub(super) fn place_labels<'a>(
    points: impl Iterator<Item = (&'a str, (i32, i32))>,
    width: u32,
) -> Vec<Label<'a>> {
    let mut points: Vec<_> = points.collect();
    points.sort_by_key(|(_, (_, y))| *y);
    let mut occupied: Vec<(i32, i32, i32)> = Vec::new();
    let mut labels = Vec::new();
    for (text, (x, y)) in points {
        let mut y = y - RISE;
        let label_width =
            CHAR_WIDTH * i32::try_from(text.chars().count()).unwrap_or(i32::MAX / CHAR_WIDTH);
        let fits = x.saturating_add(GAP + label_width) < i32::try_from(width).unwrap_or(i32::MAX);
        let (at, side) = match fits {
            true => (x + GAP, HPos::Left),
            false => (x - GAP, HPos::Right),
        };
        let left = if fits { at } else { at - label_width };
        while let Some((_, _, other)) = occupied.iter().find(|(from, to, other)| {
            left < *to && *from < left + label_width && (y - other).abs() < LINE_HEIGHT
        }) {
            y = other + LINE_HEIGHT;
        }
        occupied.push((left, left + label_width, y));
        labels.push(Label {
            text,
            at: (at, y),
            pos: Pos::new(side, VPos::Center),
        });
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_neither_overlap_nor_leave_the_plot() {
        let points = [("one", (100, 50)), ("two", (104, 55)), ("three", (590, 52))];
        let labels = place_labels(points.into_iter(), 600);
        let at: Vec<_> = labels.iter().map(|label| (label.text, label.at)).collect();
        assert_eq!(
            at,
            [("one", (112, 43)), ("three", (578, 45)), ("two", (116, 61))]
        );
    }
}
