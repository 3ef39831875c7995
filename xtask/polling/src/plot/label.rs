//! Where the names of points go.

use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Between a point and its name.
const GAP: i32 = 12;
/// How far a name is above the height of its point, and of a line that leads on from it.
const RISE: i32 = 7;
/// From a name to the one below it.
const LINE: i32 = 18;
/// A letter is about this wide.
const LETTER: i32 = 8;

/// A name and its place.
pub(super) struct Label<'a> {
    pub(super) text: &'a str,
    pub(super) at: (i32, i32),
    pub(super) pos: Pos,
}

/// Names beside their points, none over another: to the right, or to the left where there is no
/// room, and lower where one is already.
pub(super) fn apart<'a>(
    points: impl Iterator<Item = (&'a str, (i32, i32))>,
    width: u32,
) -> Vec<Label<'a>> {
    let mut points: Vec<_> = points.collect();
    points.sort_by_key(|(_, (_, y))| *y);
    let mut taken: Vec<(i32, i32, i32)> = Vec::new();
    let mut labels = Vec::new();
    for (text, (x, y)) in points {
        let mut y = y - RISE;
        let wide = LETTER * i32::try_from(text.chars().count()).unwrap_or(i32::MAX / LETTER);
        let fits = x.saturating_add(GAP + wide) < i32::try_from(width).unwrap_or(i32::MAX);
        let (at, side) = match fits {
            true => (x + GAP, HPos::Left),
            false => (x - GAP, HPos::Right),
        };
        let left = if fits { at } else { at - wide };
        while let Some((_, _, other)) = taken
            .iter()
            .find(|(from, to, other)| left < *to && *from < left + wide && (y - other).abs() < LINE)
        {
            y = other + LINE;
        }
        taken.push((left, left + wide, y));
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
    fn no_name_covers_another_or_leaves_the_picture() {
        let points = [("one", (100, 50)), ("two", (104, 55)), ("three", (590, 52))];
        let labels = apart(points.into_iter(), 600);
        let at: Vec<_> = labels.iter().map(|label| (label.text, label.at)).collect();
        assert_eq!(
            at,
            [("one", (112, 43)), ("three", (578, 45)), ("two", (116, 61))]
        );
    }
}
