//! Snapshot of a terminal screen, as runs of styled text.
//!
//! Background colours are ignored: the program sets none.

use std::num::NonZero;

use crate::terminal::Size;

/// Lines from the top, without trailing empty ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Screen {
    pub(crate) lines: Vec<Line>,
}

/// Runs from left to right.
pub(crate) type Line = Vec<Run>;

/// Text of one style without wide gaps and without leading or trailing spaces.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Run {
    /// The column of its first cell.
    pub(crate) column: u16,
    /// The width in cells.
    pub(crate) width: u16,
    pub(crate) text: String,
    pub(crate) style: Style,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Style {
    pub(crate) colour: Colour,
    pub(crate) is_bold: bool,
    pub(crate) is_dim: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Colour {
    #[default]
    Plain,
    /// One of the 16 standard terminal colours.
    Named(u8),
    Exact(u8, u8, u8),
}

/// Creates an empty terminal of at least one cell.
pub(crate) fn blank(size: Size) -> vt100::Parser {
    let cells = |count| NonZero::new(count).unwrap_or(NonZero::<u16>::MIN);
    vt100::Parser::new(cells(size.rows), cells(size.columns), 0)
}

impl Screen {
    pub(crate) fn of(screen: &vt100::Screen, size: Size) -> Self {
        let mut lines: Vec<Line> = (0..size.rows)
            .map(|row| line(screen, row, size.columns))
            .collect();
        while lines.last().is_some_and(Vec::is_empty) {
            lines.pop();
        }
        Self { lines }
    }

    /// Returns the text without styles.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            let mut column = 0;
            for run in line {
                let gap = run.column.saturating_sub(column);
                text.extend((0..gap).map(|_| ' '));
                text.push_str(&run.text);
                column = run.column + run.width;
            }
            text.push('\n');
        }
        text
    }
}

fn line(screen: &vt100::Screen, row: u16, columns: u16) -> Line {
    let mut line: Line = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column) else {
            continue;
        };
        let text = cell.contents();
        if text.trim().is_empty() {
            continue;
        }
        let width = if cell.is_wide() { 2 } else { 1 };
        let style = Style::of(cell);
        match line.last_mut() {
            Some(run) if run.style == style && column <= run.column + run.width + 1 => {
                if column > run.column + run.width {
                    run.text.push(' ');
                }
                run.text.push_str(text);
                run.width = column + width - run.column;
            }
            _ => line.push(Run {
                column,
                width,
                text: text.to_owned(),
                style,
            }),
        }
    }
    line
}

impl Style {
    fn of(cell: &vt100::Cell) -> Self {
        let colour = match cell.fgcolor() {
            vt100::Color::Default => Colour::Plain,
            vt100::Color::Idx(index @ 0..16) => Colour::Named(index),
            vt100::Color::Idx(index) => palette_colour(index),
            vt100::Color::Rgb(red, green, blue) => Colour::Exact(red, green, blue),
        };
        Self {
            colour,
            is_bold: cell.bold(),
            is_dim: cell.dim(),
        }
    }
}

/// Returns the colour for an index from 16 to 255: a 6×6×6 cube, then 24 greys.
fn palette_colour(index: u8) -> Colour {
    if let Some(grey) = index.checked_sub(232) {
        let level = 8 + 10 * grey;
        return Colour::Exact(level, level, level);
    }
    let cube = index.saturating_sub(16);
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    Colour::Exact(level(cube / 36), level(cube / 6 % 6), level(cube % 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        rows: 4,
        columns: 30,
    };

    fn shown(output: &str) -> Screen {
        let mut terminal = blank(SIZE);
        terminal.process(output.as_bytes());
        Screen::of(terminal.screen(), SIZE)
    }

    fn runs(line: &Line) -> Vec<(u16, u16, &str)> {
        line.iter()
            .map(|run| (run.column, run.width, run.text.as_str()))
            .collect()
    }

    #[test]
    fn run_ends_at_a_style_change_and_at_a_gap() {
        let screen = shown("a b  c\x1b[32md\x1b[0m e\r\n\r\nsecond\r\n");
        let [first, empty, third] = screen.lines.as_slice() else {
            panic!("{screen:?}");
        };
        let expected = [(0, 3, "a b"), (5, 1, "c"), (6, 1, "d"), (8, 1, "e")];
        assert_eq!(runs(first), expected);
        assert!(empty.is_empty());
        assert_eq!(runs(third), [(0, 6, "second")]);
        assert_eq!(screen.text(), "a b  cd e\n\nsecond\n");
    }

    #[test]
    fn wide_characters_take_two_cells() {
        assert_eq!(runs(&shown("日本 x").lines[0]), [(0, 6, "日本 x")]);
    }

    #[test]
    fn styles_are_preserved() {
        let screen = shown("\x1b[1;31ma\x1b[0;2mb\x1b[0;38;5;16mc\x1b[38;5;255md\x1b[38;2;1;2;3me");
        let styles: Vec<Style> = screen.lines[0].iter().map(|run| run.style).collect();
        let exact = |red, green, blue| Style {
            colour: Colour::Exact(red, green, blue),
            ..Style::default()
        };
        assert_eq!(
            styles,
            [
                Style {
                    colour: Colour::Named(1),
                    is_bold: true,
                    ..Style::default()
                },
                Style {
                    is_dim: true,
                    ..Style::default()
                },
                exact(0, 0, 0),
                exact(238, 238, 238),
                exact(1, 2, 3),
            ]
        );
    }
}
