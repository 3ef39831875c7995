//! Progress bars on a terminal.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use rhombus_clips::ClipUuid;
use std::collections::HashMap;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use super::{Display, text};
use crate::details::Details;
use crate::event::{Event, Happened};
use crate::messages;
use crate::printable::printable;

const FRAME: Duration = Duration::from_millis(100);
const SPINNER: &str = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

/// A bar for each clip on standard error, then the finished clips on standard output.
pub(crate) struct Bars {
    all: MultiProgress,
    bars: HashMap<ClipUuid, ProgressBar>,
    several: bool,
    /// Errors wait for the bars to be done with the screen.
    errors: Vec<String>,
}

impl Bars {
    pub(crate) fn new(clips: &[ClipUuid]) -> Self {
        let several = clips.len() > 1;
        let all = MultiProgress::new();
        let bar = |clip: &ClipUuid| {
            let bar = all.add(ProgressBar::new(100));
            bar.set_style(style(several, "cyan", ' '));
            bar.set_prefix(prefix(several.then_some(*clip), ""));
            bar.set_message("asking");
            bar.enable_steady_tick(FRAME);
            (*clip, bar)
        };
        Self {
            bars: clips.iter().map(bar).collect(),
            all,
            several,
            errors: Vec::new(),
        }
    }

    fn set(&self, bar: &ProgressBar, event: &Event) {
        let state = &event.state;
        let status = state.status.as_deref().unwrap_or_default();
        let clip = self.several.then_some(event.clip);
        bar.set_prefix(prefix(clip, status));
        bar.set_position(state.percent.unwrap_or_default().into());
        bar.set_message(match (&state.operation, &event.happened) {
            (Some(operation), _) => printable(operation).into_owned(),
            (None, Happened::Progress) if state.is_empty() => "no record yet".to_owned(),
            (None, _) => String::new(),
        });
    }
}

impl Display for Bars {
    fn show(&mut self, event: &Event) -> io::Result<()> {
        let Some(bar) = self.bars.get(&event.clip) else {
            return Ok(());
        };
        match &event.happened {
            Happened::Progress => self.set(bar, event),
            Happened::Trouble { .. } | Happened::UnreadStatus { .. } => {
                if let Some(line) = messages::about(event, self.several) {
                    // Above the bars, where it has room.
                    let _ = self.all.println(line);
                }
            }
            Happened::Complete(_) => {
                self.set(bar, event);
                bar.set_style(style(self.several, "green", '✓'));
                bar.finish();
            }
            Happened::Failed { .. } | Happened::Error { .. } => {
                self.set(bar, event);
                bar.set_style(style(self.several, "red", '✗'));
                bar.abandon();
                self.errors.extend(messages::about(event, self.several));
            }
        }
        Ok(())
    }

    fn close(&mut self, finished: &[Details]) -> io::Result<()> {
        for error in &self.errors {
            messages::tell(error);
        }
        let mut stdout = io::stdout().lock();
        // A file that takes the clips has no bars above them.
        let mut gap = stdout.is_terminal();
        for clip in finished {
            if gap {
                writeln!(stdout)?;
            }
            stdout.write_all(text::details(clip).as_bytes())?;
            gap = true;
        }
        stdout.flush()
    }
}

impl Drop for Bars {
    /// When the program is interrupted, the bars stay as they are: how far it came is worth
    /// knowing. They are not drawn again, for the terminal's `^C` has moved the cursor.
    fn drop(&mut self) {
        if self.bars.values().any(|bar| !bar.is_finished()) {
            self.all.set_draw_target(ProgressDrawTarget::hidden());
            messages::tell("");
        }
    }
}

fn prefix(clip: Option<ClipUuid>, status: &str) -> String {
    let status = printable(status);
    match clip {
        Some(clip) => format!("{clip} {status:<10}"),
        None => format!("{status:<10}"),
    }
}

fn template(several: bool, colour: &str) -> String {
    // A clip's identifier takes its room from the bar: the line must fit 80 columns.
    let width = if several { 12 } else { 24 };
    format!(
        "{{spinner:.{colour}}} {{prefix}} {{bar:{width}.{colour}/dim}} {{pos:>3}}% {{elapsed:>3}} {{wide_msg}}"
    )
}

/// `last` stands in the place of the spinner when the bar has come to rest.
fn style(several: bool, colour: &str, last: char) -> ProgressStyle {
    ProgressStyle::with_template(&template(several, colour))
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
        .tick_chars(&format!("{SPINNER}{last}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_valid() {
        // An invalid one would silently become the default bar.
        for several in [false, true] {
            assert!(ProgressStyle::with_template(&template(several, "cyan")).is_ok());
        }
    }
}
