//! How a watch is shown.

mod bars;
mod json;
pub(crate) mod text;

use rhombus_clips::ClipUuid;
use std::env;
use std::io::{self, IsTerminal as _};

use crate::args::Output;
use crate::details::Details;
use crate::event::Event;
use crate::messages::{self, Verbosity};
use bars::Bars;
use json::JsonLines;
use text::TextLines;

/// More bars than this are no help to the eye, and may be more than the terminal has lines.
const MOST_BARS: usize = 20;

/// A way of showing a watch.
pub(crate) trait Display {
    /// Something happened.
    fn show(&mut self, event: &Event) -> io::Result<()>;

    /// All watches have ended; these clips are complete, in the order in which they were asked
    /// for.
    fn close(&mut self, finished: &[Details]) -> io::Result<()>;
}

/// The display for watching these clips.
pub(crate) fn display(output: Output, clips: &[ClipUuid]) -> Box<dyn Display> {
    let several = clips.len() > 1;
    match output {
        Output::Json => Box::new(JsonLines::new(io::stdout().lock(), io::stderr(), several)),
        Output::Text if clips.len() <= MOST_BARS && can_draw() => Box::new(Bars::new(clips)),
        Output::Text => Box::new(TextLines::new(io::stdout().lock(), io::stderr(), several)),
    }
}

/// Whether standard error is a terminal that can move its cursor, and has nothing else to show.
fn can_draw() -> bool {
    messages::verbosity() == Verbosity::Normal
        && io::stderr().is_terminal()
        && env::var_os("TERM").is_none_or(|term| term != "dumb")
}
