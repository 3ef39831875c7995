//! Progress bars on a terminal: one line per clip, redrawn at a fixed frame rate.
//!
//! [`visible_clips`] selects the clips that fit the terminal, [`layout`] the columns that fit its
//! width, and [`render`] formats the frame; none of them writes to the terminal. This module draws
//! the frame on standard error and writes the results to standard output afterwards.

mod layout;
mod render;
use std::io::{self, IsTerminal as _, Write};
use std::time::Duration;

use console::{Term, colors_enabled_stderr};
use indicatif::{ProgressBar, ProgressDrawTarget};
use layout::VisibleClips;
use render::Theme;

use super::display::{Summary, WatchDisplay, terminal_width};
use super::{table, terminal, text};
use crate::cli::Output;
use crate::output::clip_view::Details;
use crate::output::event::{Event, EventKind, event_message};
use crate::output::tracker::Tracker;
use crate::report::{self, StderrWriter};

/// Time between frames. Chosen: smooth to the eye, not tuned.
const FRAME_INTERVAL: Duration = Duration::from_millis(100);

/// Terminal lines that do not show a clip: the totals, and the cursor's line after the last frame.
const RESERVED_LINES: usize = 2;

/// Shows a progress bar per clip on standard error, then the results on standard output.
pub(crate) struct ProgressBars<O> {
    out: O,
    /// A single `indicatif` bar, whose message is the entire frame.
    screen: ProgressBar,
    visible_clips: VisibleClips,
    frames_drawn: usize,
    multiple: bool,
    output: Output,
    /// The clip, once complete, if only one is watched.
    completed: Option<Details>,
    /// The error of a single clip, printed below its bar at the end.
    error: Option<String>,
}

impl<O: Write> ProgressBars<O> {
    pub(crate) fn new(out: O, multiple: bool, output: Output) -> Self {
        Self {
            out,
            screen: terminal::screen(),
            visible_clips: VisibleClips::default(),
            frames_drawn: 0,
            multiple,
            output,
            completed: None,
            error: None,
        }
    }

    fn render_frame(&mut self, tracker: &Tracker, now: Duration) -> String {
        let (lines, columns) = Term::stderr().size();
        let theme = Theme {
            columns: columns.into(),
            has_colors: colors_enabled_stderr(),
            frame: self.frames_drawn,
        };
        let capacity = usize::from(lines).saturating_sub(RESERVED_LINES).max(1);
        let visible = self.visible_clips.select(tracker, capacity, now);
        let clips = visible.iter().filter_map(|uuid| tracker.get(*uuid));
        let mut lines = render::render_clips(clips, self.multiple, now, theme);
        if self.multiple {
            let has_ended = |uuid| {
                let clip = tracker.get(uuid);
                clip.is_some_and(|clip| clip.outcome.is_some())
            };
            let visible = visible.iter().filter(|uuid| !has_ended(**uuid)).count();
            let hidden = tracker.counts().unfinished.saturating_sub(visible);
            lines.push(render::render_totals(tracker, hidden, now, theme));
        }
        lines.join("\n")
    }

    fn format_results(&self, summary: &Summary<'_>) -> String {
        match self.output {
            Output::Table => table::format_watch(summary.tracker, terminal_width()),
            // The bars stay visible and contain the same information.
            _ if summary.is_interrupted => String::new(),
            _ => text::format_results(self.multiple, self.completed.as_ref(), summary),
        }
    }
}

impl<O: Write> WatchDisplay for ProgressBars<O> {
    fn show(&mut self, event: &Event, _: &Tracker) -> io::Result<()> {
        if let EventKind::Complete(details) = &event.kind
            && !self.multiple
        {
            self.completed = Some(Details::clone(details));
        }
        let Some(line) = event_message(event, self.multiple) else {
            return Ok(());
        };
        match &event.kind {
            EventKind::Failed { .. } | EventKind::Error { .. } if !self.multiple => {
                self.error = Some(line);
            }
            _ => self.print_message(&line),
        }
        Ok(())
    }

    fn print_message(&mut self, message: &str) {
        // Scrolls up above the bars.
        self.screen.println(message);
    }

    fn frame_interval(&self) -> Option<Duration> {
        Some(FRAME_INTERVAL)
    }

    fn draw(&mut self, tracker: &Tracker, now: Duration) {
        // A terminal that is held with Ctrl-S shows the present afterwards, not each frame of the past.
        if StderrWriter::is_idle() {
            self.frames_drawn += 1;
            let frame = self.render_frame(tracker, now);
            self.screen.set_message(frame);
        }
    }

    fn finish(&mut self, summary: &Summary<'_>) {
        if summary.is_interrupted {
            // Keep the bars, which show the progress so far. Redrawing them would misplace them: the
            // terminal's `^C` has moved the cursor.
            self.screen.set_draw_target(ProgressDrawTarget::hidden());
            report::eprintln_line("");
        } else if self.multiple && io::stdout().is_terminal() {
            // The table replaces the bars.
            self.screen.finish_and_clear();
        } else {
            let frame = self.render_frame(summary.tracker, summary.elapsed);
            self.screen.abandon_with_message(frame);
            report::eprintln_line("");
        }
        if let Some(error) = self.error.take() {
            report::eprintln_line(&error);
        }
    }

    fn write_results(&mut self, summary: &Summary<'_>) -> io::Result<()> {
        let results = self.format_results(summary);
        // Separates the results from the bar; a redirected output has no bar.
        if io::stdout().is_terminal() && !self.multiple && !results.is_empty() {
            writeln!(self.out)?;
        }
        self.out.write_all(results.as_bytes())?;
        self.out.flush()
    }

    fn print_totals(&mut self, summary: &Summary<'_>) {
        if self.output == Output::Table {
            let counts = summary.tracker.counts();
            report::eprintln_line(&table::format_totals(counts, summary.elapsed));
        }
    }
}
