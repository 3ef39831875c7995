//! Progress bars of the commands that write files: one line per clip, for rendering and download.

use std::io::{self, IsTerminal as _, Write};
use std::time::{Duration, Instant};

use console::{Style, Term, colors_enabled_stderr, truncate_str};
use indicatif::{HumanBytes, ProgressBar};
use rhombus_clips::ClipUuid;

use super::FileDisplay;
use super::event::{FileEvent, SummaryEvent};
use super::text::{failure_line, requested_lines, saved_line};
use crate::output::bar::{SPINNER, render_bar};
use crate::output::clip_view::{RemainingTime, format_duration};
use crate::output::terminal;
use crate::report::{self, StderrWriter};
use crate::text::{pad, sanitize_line};

/// Time between frames. Chosen: smooth to the eye, not tuned.
const FRAME_INTERVAL: Duration = Duration::from_millis(100);

/// Width of the bars.
const BAR_WIDTH: usize = 16;

/// Width of the stage, which fits `downloading`.
const STAGE_WIDTH: usize = 11;

/// Width of the remaining time, which fits `~1m20s`, so that what follows does not move.
const REMAINING_WIDTH: usize = 6;

/// Terminal lines that show no clip: the one of the cursor, and that of the clips without room.
const RESERVED_LINES: usize = 2;

/// Shows a bar for each clip on standard error, and the files on standard output.
pub(super) struct FileBars<O> {
    out: O,
    screen: ProgressBar,
    rows: Vec<Row>,
    frames_drawn: usize,
    multiple: bool,
    /// Lines of the files, which standard output has at the end.
    results: Vec<String>,
}

/// Line of a clip.
#[derive(Clone, Debug)]
struct Row {
    uuid: ClipUuid,
    stage: Stage,
    percent: Option<u8>,
    /// Estimated time until the clip is rendered, and when it was estimated.
    remaining: Option<(RemainingTime, Instant)>,
    detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Rendering,
    Downloading,
    Saved,
    Failed,
}

impl<O: Write> FileBars<O> {
    pub(super) fn new(out: O, multiple: bool) -> Self {
        Self {
            out,
            screen: terminal::screen(),
            rows: Vec::new(),
            frames_drawn: 0,
            multiple,
            results: Vec::new(),
        }
    }

    fn set(&mut self, uuid: ClipUuid, stage: Stage, percent: Option<u8>, detail: String) {
        let row = Row {
            uuid,
            stage,
            percent,
            remaining: None,
            detail,
        };
        match self.rows.iter_mut().find(|row| row.uuid == uuid) {
            Some(old) => *old = row,
            None => self.rows.push(row),
        }
    }

    fn frame(&self) -> String {
        let (lines, columns) = Term::stderr().size();
        let capacity = usize::from(lines).saturating_sub(RESERVED_LINES).max(1);
        // Those that move come first if there is no room for all.
        let is_over = |row: &&Row| matches!(row.stage, Stage::Saved | Stage::Failed);
        let mut rows: Vec<_> = self.rows.iter().collect();
        if rows.len() > capacity {
            rows.sort_by_key(|row| is_over(row));
        }
        let hidden = rows.len().saturating_sub(capacity);
        let width = usize::from(columns).saturating_sub(1).max(1);
        let now = Instant::now();
        let mut lines: Vec<_> = rows
            .into_iter()
            .take(capacity)
            .map(|row| {
                row.render(
                    self.multiple,
                    self.frames_drawn,
                    now,
                    width,
                    colors_enabled_stderr(),
                )
            })
            .collect();
        if hidden > 0 {
            lines.push(format!("  {hidden} not shown"));
        }
        lines.join("\n")
    }
}

impl Row {
    fn render(
        &self,
        multiple: bool,
        frame: usize,
        now: Instant,
        width: usize,
        has_colors: bool,
    ) -> String {
        let style = Style::new().for_stderr().force_styling(has_colors);
        let spinner = SPINNER.get(frame % SPINNER.len()).copied().unwrap_or(' ');
        let (marker, stage, style) = match self.stage {
            Stage::Rendering => (spinner, "rendering", style.cyan()),
            Stage::Downloading => (spinner, "downloading", style.cyan()),
            Stage::Saved => ('✓', "saved", style.green()),
            Stage::Failed => ('✗', "failed", style.red()),
        };
        let uuid = match multiple {
            true => format!("{} ", self.uuid),
            false => String::new(),
        };
        let percent = self.percent.map(|percent| format!("{percent}%"));
        // Counts down between two polls.
        let remaining = self.remaining.map(|(remaining, at)| {
            let remaining = remaining.after(now.saturating_duration_since(at)).short();
            format!("{} ", pad(&remaining, REMAINING_WIDTH))
        });
        let line = format!(
            "{} {uuid}{} {} {:>4} {}{}",
            style.apply_to(marker),
            pad(stage, STAGE_WIDTH),
            render_bar(self.percent.map(usize::from), BAR_WIDTH, &style),
            percent.unwrap_or_default(),
            remaining.unwrap_or_default(),
            self.detail
        );
        truncate_str(line.trim_end(), width, "…").into_owned()
    }
}

impl<O: Write> FileDisplay for FileBars<O> {
    fn show(&mut self, event: &FileEvent) -> io::Result<()> {
        match event {
            FileEvent::Requested(requested) => {
                for line in requested_lines(requested, false) {
                    self.screen.println(line);
                }
                for uuid in &requested.clip_uuids {
                    self.set(*uuid, Stage::Rendering, None, String::new());
                }
            }
            FileEvent::Rendering(state) => {
                let operation = state
                    .current_operation
                    .as_deref()
                    .or(state.status.as_deref());
                let operation = sanitize_line(operation.unwrap_or("no record yet")).into_owned();
                let uuid = state.clip_uuid;
                self.set(uuid, Stage::Rendering, state.percent_complete, operation);
                if let Some(row) = self.rows.iter_mut().find(|row| row.uuid == uuid) {
                    row.remaining = state.remaining.map(|remaining| (remaining, Instant::now()));
                }
            }
            FileEvent::Downloading(progress) => {
                let mut detail = HumanBytes(progress.bytes).to_string();
                if let Some(total) = progress.total_bytes {
                    detail.push_str(&format!(" of {}", HumanBytes(total)));
                }
                if let Some(rate) = progress.bytes_per_sec {
                    detail.push_str(&format!(", {}/s", HumanBytes(rate)));
                }
                if let Some(left) = progress.remaining_ms {
                    let left = format_duration(Duration::from_millis(left));
                    detail.push_str(&format!(", {left} left"));
                }
                let percent = progress.total_bytes.map(|total| {
                    let percent = u128::from(progress.bytes) * 100 / u128::from(total.max(1));
                    u8::try_from(percent.min(100)).unwrap_or(100)
                });
                self.set(progress.clip_uuid, Stage::Downloading, percent, detail);
            }
            FileEvent::Saved(saved) => {
                let detail = format!("{}, {}", HumanBytes(saved.byte_count), saved.verification);
                self.set(saved.clip_uuid, Stage::Saved, Some(100), detail);
                self.results.push(saved_line(saved));
            }
            FileEvent::Failed(failed) => {
                if let Some(uuid) = failed.clip_uuid {
                    let row = self.rows.iter().find(|row| row.uuid == uuid);
                    let percent = row.and_then(|row| row.percent);
                    self.set(uuid, Stage::Failed, percent, String::new());
                }
                self.screen.println(failure_line(failed, self.multiple));
            }
            FileEvent::Summary(_) => {}
        }
        Ok(())
    }

    fn frame_interval(&self) -> Option<Duration> {
        Some(FRAME_INTERVAL)
    }

    fn draw(&mut self) {
        if StderrWriter::is_idle() {
            self.frames_drawn += 1;
            let frame = self.frame();
            self.screen.set_message(frame);
        }
    }

    fn finish(&mut self) {
        let frame = self.frame();
        self.screen.abandon_with_message(frame);
        report::eprintln_line("");
    }

    fn write_results(&mut self, _: &SummaryEvent) -> io::Result<()> {
        if io::stdout().is_terminal() && !self.results.is_empty() {
            writeln!(self.out)?;
        }
        for line in self.results.drain(..) {
            writeln!(self.out, "{line}")?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(stage: Stage, percent: Option<u8>, detail: &str) -> String {
        let row = Row {
            uuid: ClipUuid::from_bytes([0; 16]),
            stage,
            percent,
            remaining: None,
            detail: detail.to_owned(),
        };
        row.render(false, 0, Instant::now(), 79, false)
    }

    #[test]
    fn rows_fit_the_terminal() {
        assert_eq!(
            row(Stage::Downloading, Some(50), "3 MB of 6 MB"),
            "⠋ downloading ━━━━━━━━────────  50% 3 MB of 6 MB"
        );
        assert_eq!(
            row(Stage::Rendering, None, ""),
            format!("⠋ rendering   {}", "─".repeat(BAR_WIDTH))
        );
        let long = row(Stage::Saved, Some(100), &"x".repeat(200));
        assert_eq!(console::measure_text_width(&long), 79);
    }
}
