//! Displays of a watch.
//!
//! A [`WatchDisplay`] receives the events of a watch and the tracker's view of all clips, and
//! writes them as text lines, a table, JSON lines or progress bars. Results go to standard output,
//! everything else to standard error. Displays do not decide anything: filtering events and
//! determining the exit code is up to the session.

pub(crate) mod json;
mod progress;
pub(crate) mod table;
pub(crate) mod text;

use console::Term;
use std::env;
use std::io::{self, IsTerminal as _};
use std::time::Duration;

use crate::args::Output;
use crate::clip::event::Event;
use crate::messages::{self, Verbosity};
use crate::watch::tracker::Tracker;
use json::JsonLines;
use progress::ProgressBars;
use table::TableLines;
use text::TextLines;

/// A presentation of a watch.
pub(crate) trait WatchDisplay {
    /// Shows an event that differs from the last one of its clip.
    fn show(&mut self, event: &Event, tracker: &Tracker) -> io::Result<()>;

    /// Writes a message to standard error.
    fn print_message(&mut self, message: &str);

    /// Returns the interval at which [`draw`](Self::draw) should be called, if the display is
    /// animated.
    fn frame_interval(&self) -> Option<Duration> {
        None
    }

    /// Draws the next frame; `now` is the time since the watch started.
    fn draw(&mut self, tracker: &Tracker, now: Duration) {
        let _ = (tracker, now);
    }

    /// Writes the results at the end of the watch.
    fn finish(&mut self, summary: &Summary<'_>) -> io::Result<()>;
}

/// The outcome of an entire watch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Summary<'a> {
    pub(crate) tracker: &'a Tracker,
    /// Duration of the watch in this run of the program.
    pub(crate) elapsed: Duration,
    /// Whether a signal ended the watch.
    pub(crate) is_interrupted: bool,
}

/// Creates the display for an output format and the terminal at hand.
pub(crate) fn create_display(output: Output, multiple: bool) -> Box<dyn WatchDisplay> {
    let (out, err) = (io::stdout().lock(), io::stderr());
    match output {
        Output::Json => Box::new(JsonLines::new(out, err, multiple)),
        Output::Text | Output::Table if can_animate() => {
            Box::new(ProgressBars::new(multiple, output))
        }
        Output::Text => Box::new(TextLines::new(out, err, multiple)),
        Output::Table => Box::new(TableLines::new(out, err)),
    }
}

/// Returns whether standard error is a terminal that can move its cursor and is not used for logs.
fn can_animate() -> bool {
    messages::verbosity() == Verbosity::Normal
        && io::stderr().is_terminal()
        && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Returns the number of columns of standard output, if it is a terminal.
pub(crate) fn terminal_width() -> Option<usize> {
    let (_, columns) = Term::stdout().size_checked()?;
    Some(columns.into())
}
