//! Formats a frame of the progress display: one line per clip, and a line of totals.
//!
//! Pure functions of the tracker, the time and a [`Theme`], so that tests compare entire frames.

use std::time::Duration;

use console::{Style, measure_text_width, truncate_str};

use super::layout::{DesiredWidths, Layout, MARKER_WIDTH, PERCENT_WIDTH};
use crate::output::bar::{SPINNER, render_bar};
use crate::output::clip_view::{RemainingTime, format_duration};
use crate::output::table::{format_outcomes, format_request_count, outcome_label};
use crate::output::tracker::{Outcome, TrackedClip, Tracker};
use crate::text::{pad, sanitize_line};

/// Width of the bar in the line of totals.
const TOTALS_BAR_WIDTH: usize = 10;

// Minimum and maximum column widths. The minima hold the usual values, so that columns do not move
// while values change; the maxima limit texts of unknown length. Chosen: from the widths of actual
// values, not tuned.
const MIN_STATUS_WIDTH: usize = 10;
const MAX_STATUS_WIDTH: usize = 14;
const MIN_REMAINING_WIDTH: usize = 17;
const MIN_SHORT_REMAINING_WIDTH: usize = 6;
const MIN_POLLS_WIDTH: usize = 6;
const MAX_OPERATION_WIDTH: usize = 40;

/// Appearance of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Theme {
    /// Width of the terminal.
    pub(super) columns: usize,
    pub(super) has_colors: bool,
    /// Number of the frame, which determines the position of the spinner.
    pub(super) frame: usize,
}

/// Renders the lines of these clips, with align_columns columns.
pub(super) fn render_clips<'a>(
    clips: impl IntoIterator<Item = &'a TrackedClip>,
    multiple: bool,
    now: Duration,
    theme: Theme,
) -> Vec<String> {
    let rows: Vec<_> = clips
        .into_iter()
        .map(|clip| Row::new(clip, multiple, now))
        .collect();
    let layout = Layout::new(desired_widths(&rows), theme.line_width());
    rows.iter().map(|row| row.render(layout, theme)).collect()
}

/// Renders the line of totals, given the number of clips that are not visible.
pub(super) fn render_totals(
    tracker: &Tracker,
    hidden: usize,
    now: Duration,
    theme: Theme,
) -> String {
    let counts = tracker.counts();
    let (ended, all) = (counts.ended(), tracker.clips().len());
    let percent = ended * 100 / all.max(1);
    let mut line = format!(
        "{} {} {ended}/{all}",
        " ".repeat(MARKER_WIDTH),
        render_bar(
            Some(percent),
            TOTALS_BAR_WIDTH,
            &theme.style(Marker::Running)
        )
    );
    let mut parts = format_outcomes(counts);
    if hidden > 0 {
        parts.push(format!("{hidden} not shown"));
    }
    let remaining = tracker.clips().iter();
    let remaining = remaining.filter_map(|clip| clip.remaining(now));
    if let Some(remaining) = RemainingTime::of_all(remaining) {
        let text = remaining.short();
        parts.push(match text.starts_with(char::is_alphabetic) {
            true => text,
            false => format!("{text} left"),
        });
    }
    parts.push(format!("{} req", counts.requests));
    parts.push(format_duration(now));
    let line_width = theme.line_width();
    let mut separator = "  ";
    for part in parts {
        let width = measure_text_width(&line) + separator.len() + measure_text_width(&part);
        if width > line_width {
            break;
        }
        line.push_str(separator);
        line.push_str(&part);
        separator = ", ";
    }
    truncate_str(&line, line_width, "…").into_owned()
}

impl Theme {
    /// Returns the usable width. A line that fills the terminal would wrap the cursor.
    fn line_width(self) -> usize {
        self.columns.saturating_sub(1).max(1)
    }

    fn style(self, marker: Marker) -> Style {
        let style = Style::new().for_stderr().force_styling(self.has_colors);
        match marker {
            Marker::Running => style.cyan(),
            Marker::Complete => style.green(),
            Marker::Failed => style.red(),
            Marker::Error => style.yellow(),
        }
    }
}

/// Symbol at the beginning of a line, which also determines the line's color.
#[derive(Clone, Copy, Debug)]
enum Marker {
    Running,
    Complete,
    Failed,
    Error,
}

/// The values of a line, before the layout is known.
struct Row {
    marker: Marker,
    /// Empty when only one clip is watched.
    uuid: String,
    status: String,
    percent: Option<u8>,
    remaining: Option<RemainingTime>,
    polls: String,
    /// Empty when several clips are watched.
    elapsed: String,
    /// The clip's operation, or a comment such as `no record yet`.
    operation: String,
}

impl Row {
    fn new(clip: &TrackedClip, multiple: bool, now: Duration) -> Self {
        let state = clip.state.as_ref();
        let marker = match clip.outcome {
            None => Marker::Running,
            Some(Outcome::Complete) => Marker::Complete,
            Some(Outcome::Failed) => Marker::Failed,
            Some(Outcome::Error(_)) => Marker::Error,
        };
        let since_last_event = match (clip.outcome, clip.last_event_at) {
            (None, Some(last_event_at)) => now.saturating_sub(last_event_at),
            (None, None) => now,
            (Some(_), _) => Duration::ZERO,
        };
        let sanitize = |text: Option<&String>| {
            text.map(|text| sanitize_line(text).into_owned())
                .unwrap_or_default()
        };
        let operation = match (clip.outcome, state) {
            (Some(outcome @ Outcome::Error(_)), _) => outcome_label(Some(outcome)).to_owned(),
            (None, _) if clip.last_event_at.is_none() => "polling".to_owned(),
            (_, Some(state)) => sanitize(state.failure.as_ref().or(state.operation.as_ref())),
            (_, None) if clip.has_no_record => "no record yet".to_owned(),
            (_, None) => "no response yet".to_owned(),
        };
        Self {
            marker,
            uuid: match multiple {
                true => clip.uuid.to_string(),
                false => String::new(),
            },
            status: sanitize(state.and_then(|state| state.status.as_ref())),
            percent: state.and_then(|state| state.percent),
            remaining: clip.remaining(now),
            polls: match multiple {
                true => format!("{} polls", clip.polls),
                false => format_request_count(clip.polls),
            },
            elapsed: match multiple {
                true => String::new(),
                false => format_duration(clip.elapsed + since_last_event),
            },
            operation,
        }
    }

    fn render(&self, layout: Layout, theme: Theme) -> String {
        let style = theme.style(self.marker);
        let marker = match self.marker {
            Marker::Running => SPINNER[theme.frame % SPINNER.len()],
            Marker::Complete => '✓',
            Marker::Failed => '✗',
            Marker::Error => '!',
        };
        let percent = self.percent.map(|percent| format!("{percent}%"));
        let percent = percent.unwrap_or_default();
        let remaining = match self.remaining {
            Some(remaining) if layout.has_interval => remaining.to_string(),
            Some(remaining) => remaining.short(),
            None => String::new(),
        };
        let mut line = style.apply_to(marker).to_string();
        let mut add = |text: &str, width: usize| {
            if width > 0 {
                line.push(' ');
                line.push_str(&pad(&truncate_str(text, width, "…"), width));
            }
        };
        add(&self.uuid, layout.uuid);
        add(&self.status, layout.status);
        add(
            &render_bar(self.percent.map(usize::from), layout.bar, &style),
            layout.bar,
        );
        add(&format!("{percent:>PERCENT_WIDTH$}"), PERCENT_WIDTH);
        add(&remaining, layout.remaining);
        add(&format!("{:>1$}", self.polls, layout.polls), layout.polls);
        add(
            &format!("{:>1$}", self.elapsed, layout.elapsed),
            layout.elapsed,
        );
        add(&self.operation, layout.operation);
        line.truncate(line.trim_end().len());
        truncate_str(&line, theme.line_width(), "…").into_owned()
    }
}

/// Returns the width that each column needs to show all rows untruncated, within its limits.
fn desired_widths(rows: &[Row]) -> DesiredWidths {
    let widest = |min: usize, text: &dyn Fn(&Row) -> String| {
        let widths = rows.iter().map(|row| measure_text_width(&text(row)));
        widths.max().unwrap_or_default().max(min)
    };
    let has_estimate = rows.iter().any(|row| row.remaining.is_some());
    let (min_remaining, min_short_remaining) = match has_estimate {
        true => (MIN_REMAINING_WIDTH, MIN_SHORT_REMAINING_WIDTH),
        false => (0, 0),
    };
    DesiredWidths {
        uuid: widest(0, &|row| row.uuid.clone()),
        status: widest(MIN_STATUS_WIDTH, &|row| row.status.clone()).min(MAX_STATUS_WIDTH),
        remaining: widest(min_remaining, &|row| {
            row.remaining
                .map(|remaining| remaining.to_string())
                .unwrap_or_default()
        }),
        short_remaining: widest(min_short_remaining, &|row| {
            row.remaining.map(RemainingTime::short).unwrap_or_default()
        }),
        polls: widest(MIN_POLLS_WIDTH, &|row| row.polls.clone()),
        elapsed: widest(0, &|row| row.elapsed.clone()),
        operation: widest(0, &|row| row.operation.clone()).min(MAX_OPERATION_WIDTH),
    }
}

#[cfg(test)]
mod tests;
