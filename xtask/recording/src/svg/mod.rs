//! Renders a recording as an animated SVG, with a style sheet and without scripts.
//!
//! All frames are stacked vertically in a strip behind a window of one frame's height; a CSS animation
//! moves the strip. If motion is reduced or unsupported, the last frame is displayed. Runs and lines
//! are defined once and referenced by the frames.

mod symbols;
mod theme;

use std::time::Duration;

use quick_xml::escape::escape;

use crate::frames::{Frame, Recording};
use crate::screen::{Run, Style};
use symbols::Symbols;

const FONT_SIZE: u32 = 14;
/// Width of a cell. Each run is stretched to its cells, irrespective of the font.
const CELL: f64 = 8.4;
const LINE: usize = 20;
/// Distance from the top of a line to its baseline.
const BASE: usize = 15;
const MARGIN: usize = 18;
/// Height of the title bar with the window's buttons.
const HEAD: usize = 40;
const FONTS: &str = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace";

/// Duration of the initial frame, which shows the command only.
const OPENING: Duration = Duration::from_millis(800);
/// Duration of the last frame.
const ENDING: Duration = Duration::from_secs(5);

/// Renders the picture as SVG text.
pub(crate) fn picture(recording: &Recording) -> String {
    let rows = recording
        .frames
        .iter()
        .map(|frame| frame.screen.lines.len());
    let strip = Strip {
        rows: rows.max().unwrap_or_default(),
        frames: &recording.frames,
    };
    let screen = (cells(recording.columns), strip.height());
    let width = screen.0 + 2.0 * MARGIN as f64;
    let height = HEAD + LINE + screen.1 + MARGIN;
    let last = recording.frames.last().map(|frame| frame.screen.text());

    let mut symbols = Symbols::default();
    let frames = strip.drawn(&mut symbols);
    let (mut dim, mut bold) = (Style::default(), Style::default());
    dim.is_dim = true;
    bold.is_bold = true;
    let prompt = [
        text(&run(0, "$", dim)),
        text(&run(2, &recording.command, bold)),
    ];
    [
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height}\" \
             width=\"{width:.0}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">\n"
        ),
        format!("<title id=\"title\">{}</title>\n", escape(&recording.command)),
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
        symbols.definitions(),
        format!("<g id=\"strip\">\n{frames}</g>\n</svg>\n</g>\n</svg>\n"),
    ]
    .concat()
}

/// The vertically stacked frames.
struct Strip<'a> {
    /// Rows per frame.
    rows: usize,
    frames: &'a [Frame],
}

impl Strip<'_> {
    /// Returns the height of one frame.
    fn height(&self) -> usize {
        self.rows * LINE
    }

    /// Renders the frames; the first is empty, because it shows the command only.
    fn drawn(&self, symbols: &mut Symbols) -> String {
        let mut drawn = String::new();
        for (index, frame) in self.frames.iter().enumerate() {
            for (row, line) in frame.screen.lines.iter().enumerate() {
                if let Some(line) = symbols.line(line) {
                    let y = (index + 1) * self.height() + row * LINE;
                    drawn.push_str(&format!("<use href=\"#{line}\" y=\"{y}\"/>"));
                }
            }
            drawn.push('\n');
        }
        drawn
    }

    /// Renders the animation of the strip.
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

/// Renders the window around the terminal.
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

fn run(column: u16, text: &str, style: Style) -> Run {
    Run {
        column,
        width: u16::try_from(text.chars().count()).unwrap_or(u16::MAX),
        text: text.to_owned(),
        style,
    }
}

/// Renders a run as text in the first line.
fn text(run: &Run) -> String {
    format!(
        "<text x=\"{:.1}\" y=\"{BASE}\" textLength=\"{:.1}\" lengthAdjust=\"spacingAndGlyphs\"{}>{}</text>",
        cells(run.column),
        cells(run.width),
        theme::attributes(run.style),
        escape(&run.text)
    )
}

fn cells(count: u16) -> f64 {
    f64::from(count) * CELL
}

#[cfg(test)]
mod tests;
