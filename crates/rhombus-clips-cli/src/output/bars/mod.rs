//! Progress bars on a terminal.

mod fit;
mod frame;
mod slots;

use console::{Term, colors_enabled_stderr};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use super::{Closing, Display, table, text, width};
use crate::args::Output;
use crate::clip::details::Details;
use crate::clip::event::{Event, Happened};
use crate::messages;
use crate::watch::roster::Roster;
use frame::Canvas;
use slots::Slots;

const FRAME: Duration = Duration::from_millis(100);

/// Lines that are no clip's: one for all of them, and one for the cursor to go to at the end.
const OTHER_LINES: usize = 2;

/// A bar for each clip on standard error, then the results on standard output.
pub(crate) struct Bars {
    /// All of them: its message is the whole picture.
    screen: ProgressBar,
    slots: Slots,
    pictures: usize,
    several: bool,
    output: Output,
    finished: Option<Details>,
    /// The only clip's error waits for its bar to be done with the screen.
    error: Option<String>,
}

impl Bars {
    pub(crate) fn new(several: bool, output: Output) -> Self {
        let screen = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            screen.set_style(style);
        }
        Self {
            screen,
            slots: Slots::default(),
            pictures: 0,
            several,
            output,
            finished: None,
            error: None,
        }
    }

    fn picture(&mut self, roster: &Roster, now: Duration) -> String {
        let (lines, columns) = Term::stderr().size();
        let canvas = Canvas {
            columns: columns.into(),
            has_colours: colors_enabled_stderr(),
            picture: self.pictures,
        };
        let room = usize::from(lines).saturating_sub(OTHER_LINES).max(1);
        let shown = self.slots.choose(roster, room, now);
        let clips = shown.iter().filter_map(|clip| roster.get(*clip));
        let mut lines = frame::clips(clips, self.several, now, canvas);
        if self.several {
            let ended = |clip| roster.get(clip).is_some_and(|clip| clip.end.is_some());
            let shown = shown.iter().filter(|clip| !ended(**clip)).count();
            let hidden = roster.counts().unfinished.saturating_sub(shown);
            lines.push(frame::overall(roster, hidden, now, canvas));
        }
        lines.join("\n")
    }

    fn results(&self, closing: &Closing<'_>) -> String {
        match self.output {
            Output::Table => table::watched(closing.roster, width()),
            // The bars say it.
            _ if closing.is_interrupted => String::new(),
            _ => text::results(self.several, self.finished.as_ref(), closing),
        }
    }
}

impl Display for Bars {
    fn show(&mut self, event: &Event, _: &Roster) -> io::Result<()> {
        if let Happened::Complete(details) = &event.happened
            && !self.several
        {
            self.finished = Some(Details::clone(details));
        }
        let Some(line) = messages::about(event, self.several) else {
            return Ok(());
        };
        match &event.happened {
            Happened::Failed { .. } | Happened::Error { .. } if !self.several => {
                self.error = Some(line);
            }
            _ => self.tell(&line),
        }
        Ok(())
    }

    fn tell(&mut self, message: &str) {
        // Above the bars, where it has room.
        self.screen.println(message);
    }

    fn frame(&self) -> Option<Duration> {
        Some(FRAME)
    }

    fn draw(&mut self, roster: &Roster, now: Duration) {
        self.pictures += 1;
        let picture = self.picture(roster, now);
        self.screen.set_message(picture);
    }

    fn close(&mut self, closing: &Closing<'_>) -> io::Result<()> {
        let is_terminal = io::stdout().is_terminal();
        if closing.is_interrupted {
            // The bars stay as they are: how far it came is worth knowing. They are not drawn
            // again, for the terminal's `^C` has moved the cursor.
            self.screen.set_draw_target(ProgressDrawTarget::hidden());
            messages::tell("");
        } else if self.several && is_terminal {
            // The table takes their place.
            self.screen.finish_and_clear();
        } else {
            let picture = self.picture(closing.roster, closing.elapsed);
            self.screen.abandon_with_message(picture);
            messages::tell("");
        }
        if let Some(error) = self.error.take() {
            messages::tell(&error);
        }
        let results = self.results(closing);
        let mut stdout = io::stdout().lock();
        // A file that takes the results has no bar above them.
        if is_terminal && !self.several && !results.is_empty() {
            writeln!(stdout)?;
        }
        stdout.write_all(results.as_bytes())?;
        stdout.flush()?;
        if self.output == Output::Table {
            let (counts, elapsed) = (closing.roster.counts(), closing.elapsed);
            messages::tell(&table::summary(counts, elapsed));
        }
        Ok(())
    }
}
