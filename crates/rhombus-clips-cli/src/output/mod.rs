//! Displays of a watch, and forms of other output.
//!
//! A [`WatchDisplay`] receives the events of a watch and the tracker's view of all clips, and
//! writes them as text lines, a table, JSON lines or progress bars. Results go to standard output, through an
//! [`Outlet`], and everything else to standard error. Displays do not decide anything: filtering events and
//! determining the exit code is up to the session.
//!
//! Beside them are the forms of single values and lists that other commands print.

mod bar;
pub(crate) mod camera_view;
pub(crate) mod clip_result;
pub(crate) mod clip_rows;
pub(crate) mod clip_view;
pub(crate) mod created_view;
mod display;
pub(crate) mod event;
pub(crate) mod files;
pub(crate) mod json;
pub(crate) mod json_text;
mod progress;
pub(crate) mod table;
mod terminal;
pub(crate) mod text;
pub(crate) mod tracker;
use std::env;
use std::io::{self, IsTerminal as _};

use jiff::Timestamp;

pub(crate) use display::{Summary, WatchDisplay, terminal_width};

use crate::cli::Output;
use crate::outlet::{Outlet, OutletWriter};
use crate::report::{self, StderrWriter, Verbosity};
use json::JsonLines;
use progress::ProgressBars;
use table::TableLines;
use text::TextLines;

/// Creates the display for an output format and the terminal at hand.
pub(crate) fn create_display(
    output: Output,
    multiple: bool,
    stdout: &Outlet,
) -> Box<dyn WatchDisplay> {
    let (out, err) = (OutletWriter::new(stdout), StderrWriter);
    match output {
        Output::Json => Box::new(JsonLines::new(out, err, multiple, Timestamp::now)),
        Output::Text | Output::Table if can_animate() => {
            Box::new(ProgressBars::new(out, multiple, output))
        }
        Output::Text => Box::new(TextLines::new(out, err, multiple)),
        Output::Table => Box::new(TableLines::new(out, err)),
    }
}

/// Returns whether standard error is a terminal that can move its cursor and is not used for logs.
pub(crate) fn can_animate() -> bool {
    report::verbosity() == Verbosity::Normal
        && io::stderr().is_terminal()
        && env::var_os("TERM").is_none_or(|term| term != "dumb")
}
