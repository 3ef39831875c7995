//! Displays of the commands that write files.
//!
//! A [`FileDisplay`] receives the [events](event::FileEvent) of an export or a download. Results go to standard
//! output, and everything else to standard error.

mod bars;
pub(crate) mod event;
mod json;
mod text;

use std::io;
use std::time::Duration;

use crate::cli::Output;
use crate::outlet::{Outlet, OutletWriter};
use crate::output::can_animate;
use crate::report::StderrWriter;
use event::{FileEvent, SummaryEvent};

/// A presentation of exports and downloads.
pub(crate) trait FileDisplay {
    /// Shows an event.
    fn show(&mut self, event: &FileEvent) -> io::Result<()>;

    /// Returns the interval at which [`draw`](Self::draw) should be called, if the display is animated.
    fn frame_interval(&self) -> Option<Duration> {
        None
    }

    /// Draws the next frame.
    fn draw(&mut self) {}

    /// Ends what is shown on standard error.
    fn finish(&mut self) {}

    /// Writes the results that were not written yet.
    fn write_results(&mut self, summary: &SummaryEvent) -> io::Result<()>;
}

/// Creates the display for an output format and the terminal at hand.
pub(crate) fn create_display(
    output: Output,
    multiple: bool,
    stdout: &Outlet,
) -> Box<dyn FileDisplay> {
    let (out, err) = (OutletWriter::new(stdout), StderrWriter);
    match output {
        Output::Json => Box::new(json::JsonFiles::new(out, err)),
        Output::Text | Output::Table if can_animate() => {
            Box::new(bars::FileBars::new(out, multiple))
        }
        Output::Text | Output::Table => Box::new(text::FileLines::new(out, err, multiple)),
    }
}
