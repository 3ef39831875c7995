//! How a watch is shown.

mod bars;
pub(crate) mod json;
pub(crate) mod table;
pub(crate) mod text;

use console::Term;
use std::env;
use std::io::{self, IsTerminal as _};
use std::time::Duration;

use crate::args::Output;
use crate::clip::event::Event;
use crate::messages::{self, Verbosity};
use crate::watch::roster::Roster;
use bars::Bars;
use json::JsonLines;
use table::TableLines;
use text::TextLines;

/// A way of showing a watch.
pub(crate) trait Display {
    /// Something happened, and is news.
    fn show(&mut self, event: &Event, roster: &Roster) -> io::Result<()>;

    /// Something else is to be told to people.
    fn tell(&mut self, message: &str);

    /// How often it wants to be drawn, if it moves.
    fn frame(&self) -> Option<Duration> {
        None
    }

    /// Draws it as it is so long after the program began to watch.
    fn draw(&mut self, roster: &Roster, now: Duration) {
        let _ = (roster, now);
    }

    /// The program is done watching.
    fn close(&mut self, closing: &Closing<'_>) -> io::Result<()>;
}

/// How it all came out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closing<'a> {
    pub(crate) roster: &'a Roster,
    /// How long the program watched.
    pub(crate) elapsed: Duration,
    /// Whether it was told to end before its time.
    pub(crate) is_interrupted: bool,
}

/// The display for watching one clip or several.
pub(crate) fn display(output: Output, several: bool) -> Box<dyn Display> {
    let (out, err) = (io::stdout().lock(), io::stderr());
    match output {
        Output::Json => Box::new(JsonLines::new(out, err, several)),
        Output::Text | Output::Table if can_draw() => Box::new(Bars::new(several, output)),
        Output::Text => Box::new(TextLines::new(out, err, several)),
        Output::Table => Box::new(TableLines::new(out, err)),
    }
}

/// Whether standard error is a terminal that can move its cursor, and has nothing else to show.
fn can_draw() -> bool {
    messages::verbosity() == Verbosity::Normal
        && io::stderr().is_terminal()
        && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// How wide standard output is, where it is a terminal.
pub(crate) fn width() -> Option<usize> {
    let (_, columns) = Term::stdout().size_checked()?;
    Some(columns.into())
}
