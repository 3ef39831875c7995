//! The interface of the displays of a watch.

use std::io;
use std::time::Duration;

use console::Term;

use super::event::Event;
use super::tracker::Tracker;

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

    /// Ends what is shown on standard error during the watch.
    fn finish(&mut self, summary: &Summary<'_>) {
        let _ = summary;
    }

    /// Writes the results to standard output.
    fn write_results(&mut self, summary: &Summary<'_>) -> io::Result<()>;

    /// Writes to standard error what follows the results.
    fn print_totals(&mut self, summary: &Summary<'_>) {
        let _ = summary;
    }
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

/// Returns the number of columns of standard output, if it is a terminal.
pub(crate) fn terminal_width() -> Option<usize> {
    let (_, columns) = Term::stdout().size_checked()?;
    Some(columns.into())
}
