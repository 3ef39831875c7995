//! A film as a picture that moves by itself: SVG with a style sheet, and nothing to run.
//!
//! All frames hang below one another like those of a film strip, behind a window that shows one of
//! them; the animation moves the strip. Where motion is not wanted, or not known, it stays at the
//! last frame. A run of text is written down once, and so is a line, however many frames they are
//! in.

mod shared;
mod theme;

use std::time::Duration;

use quick_xml::escape::escape;

use crate::film::{Film, Frame};
use crate::screen::{Look, Run};
use shared::Shared;

const FONT_SIZE: u32 = 14;
/// Of a cell. Each run is stretched to its cells, whichever font there is.
const CELL: f64 = 8.4;
const LINE: usize = 20;
/// From the top of a line to the feet of its letters.
const BASE: usize = 15;
const MARGIN: usize = 18;
/// What is above the first line: the window's buttons.
const HEAD: usize = 40;
const FONTS: &str = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace";

/// How long there is the command alone.
const OPENING: Duration = Duration::from_millis(800);
/// How long the last frame stays.
const ENDING: Duration = Duration::from_secs(5);

/// The picture, as the text of an SVG file.
pub(crate) fn picture(film: &Film) -> String {
    let rows = film.frames.iter().map(|frame| frame.screen.lines.len());
    let strip = Strip {
        rows: rows.max().unwrap_or_default(),
        frames: &film.frames,
    };
    let screen = (cells(film.columns), strip.height());
    let width = screen.0 + 2.0 * MARGIN as f64;
    let height = HEAD + LINE + screen.1 + MARGIN;
    let last = film.frames.last().map(|frame| frame.screen.text());

    let mut shared = Shared::default();
    let frames = strip.drawn(&mut shared);
    let (mut dim, mut bold) = (Look::default(), Look::default());
    dim.is_dim = true;
    bold.is_bold = true;
    let prompt = [text(&run(0, "$", dim)), text(&run(2, &film.command, bold))];
    [
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height}\" \
             width=\"{width:.0}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">\n"
        ),
        format!("<title id=\"title\">{}</title>\n", escape(&film.command)),
        format!(
            "<desc id=\"desc\">A terminal. At the end it shows:\n{}</desc>\n",
            escape(last.unwrap_or_default())
        ),
        format!(
            "<style>\ntext{{font:{FONT_SIZE}px {FONTS};white-space:pre}}{}\n{}</style>\n",
            theme::rules(),
            strip.motion()
        ),
        window(width, height),
        format!(
            "<g transform=\"translate({MARGIN} {HEAD})\">{}\n",
            prompt.concat()
        ),
        format!(
            "<svg y=\"{LINE}\" width=\"{:.1}\" height=\"{}\">\n",
            screen.0, screen.1
        ),
        shared.definitions(),
        format!("<g id=\"strip\">\n{frames}</g>\n</svg>\n</g>\n</svg>\n"),
    ]
    .concat()
}

/// The frames below one another.
struct Strip<'a> {
    /// Of each frame.
    rows: usize,
    frames: &'a [Frame],
}

impl Strip<'_> {
    /// Of one frame.
    fn height(&self) -> usize {
        self.rows * LINE
    }

    /// The first is empty: the command was just typed.
    fn drawn(&self, shared: &mut Shared) -> String {
        let mut drawn = String::new();
        for (index, frame) in self.frames.iter().enumerate() {
            for (row, line) in frame.screen.lines.iter().enumerate() {
                if let Some(line) = shared.line(line) {
                    let y = (index + 1) * self.height() + row * LINE;
                    drawn.push_str(&format!("<use href=\"#{line}\" y=\"{y}\"/>"));
                }
            }
            drawn.push('\n');
        }
        drawn
    }

    /// Where the strip is, and when.
    fn motion(&self) -> String {
        let at = |index: usize| format!("transform:translateY(-{}px)", index * self.height());
        let last = self.frames.last().map(|frame| frame.at);
        let whole = OPENING + last.unwrap_or_default() + ENDING;
        let mut keyframes = format!("0%{{{}}}", at(0));
        for (index, frame) in self.frames.iter().enumerate() {
            let part = (OPENING + frame.at).as_secs_f64() / whole.as_secs_f64();
            keyframes.push_str(&format!("{:.2}%{{{}}}", part * 100.0, at(index + 1)));
        }
        format!(
            "#strip{{{}}}\n@keyframes strip{{{keyframes}}}\n\
             @media (prefers-reduced-motion:no-preference){{\
             #strip{{animation:strip {:.1}s step-end infinite}}}}\n",
            at(self.frames.len()),
            whole.as_secs_f64()
        )
    }
}

/// The window around the terminal.
fn window(width: f64, height: usize) -> String {
    let buttons: String = (0..3)
        .map(|button| format!("<circle cx=\"{}\" cy=\"20\" r=\"6\"/>", 24 + 20 * button))
        .collect();
    format!(
        "<rect x=\".5\" y=\".5\" width=\"{:.0}\" height=\"{}\" rx=\"10\" fill=\"{}\" \
         stroke=\"{}\"/>\n<g fill=\"{}\">{buttons}</g>\n",
        width - 1.0,
        height - 1,
        theme::PAPER,
        theme::RIM,
        theme::BUTTON
    )
}

fn run(column: u16, text: &str, look: Look) -> Run {
    Run {
        column,
        width: u16::try_from(text.chars().count()).unwrap_or(u16::MAX),
        text: text.to_owned(),
        look,
    }
}

/// A run in the line at the top.
fn text(run: &Run) -> String {
    format!(
        "<text x=\"{:.1}\" y=\"{BASE}\" textLength=\"{:.1}\" lengthAdjust=\"spacingAndGlyphs\"{}>{}</text>",
        cells(run.column),
        cells(run.width),
        theme::attributes(run.look),
        escape(&run.text)
    )
}

fn cells(count: u16) -> f64 {
    f64::from(count) * CELL
}

#[cfg(test)]
mod tests;
