//! What the terminal shows, as text: a line a clip, and a line for all of several.

use console::{Style, measure_text_width, truncate_str};
use std::time::Duration;

use super::fit::{Fit, MARK, PERCENT, Wanted};
use crate::clip::time_left::{TimeLeft, span};
use crate::output::table::{ends, result};
use crate::watch::roster::{End, Roster, Watched};
use crate::wording::columns::padded;
use crate::wording::printable::printable;

const SPINNER: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// How it is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Canvas {
    pub(super) columns: usize,
    pub(super) has_colours: bool,
    /// Which picture of the spinner it is.
    pub(super) picture: usize,
}

/// These clips, below each other.
pub(super) fn clips<'a>(
    clips: impl IntoIterator<Item = &'a Watched>,
    several: bool,
    now: Duration,
    canvas: Canvas,
) -> Vec<String> {
    let rows: Vec<_> = clips
        .into_iter()
        .map(|watched| Row::of(watched, several, now))
        .collect();
    let fit = Fit::new(wanted(&rows), canvas.room());
    rows.iter().map(|row| row.line(fit, canvas)).collect()
}

/// All clips in one line, of which so many are not shown.
pub(super) fn overall(roster: &Roster, hidden: usize, now: Duration, canvas: Canvas) -> String {
    let counts = roster.counts();
    let (ended, all) = (counts.ended(), roster.clips().len());
    let percent = ended * 100 / all.max(1);
    let mut line = format!(
        "{} {} {ended}/{all}",
        " ".repeat(MARK),
        bar(Some(percent), 10, &canvas.style(Mark::Runs))
    );
    let mut parts = ends(counts);
    if hidden > 0 {
        parts.push(format!("{hidden} not shown"));
    }
    let left = roster.clips().iter().filter_map(|clip| clip.left(now));
    if let Some(left) = left.max_by_key(|left| left.remaining) {
        parts.push(format!("{} left", left.short()));
    }
    parts.push(format!("{} req", counts.requests));
    parts.push(span(now));
    let room = canvas.room();
    let mut gap = "  ";
    for part in parts {
        if measure_text_width(&line) + gap.len() + measure_text_width(&part) > room {
            break;
        }
        line.push_str(gap);
        line.push_str(&part);
        gap = ", ";
    }
    truncate_str(&line, room, "…").into_owned()
}

impl Canvas {
    /// A line that fills the terminal would put the cursor on the next.
    fn room(self) -> usize {
        self.columns.saturating_sub(1).max(1)
    }

    fn style(self, mark: Mark) -> Style {
        let style = Style::new().for_stderr().force_styling(self.has_colours);
        match mark {
            Mark::Runs => style.cyan(),
            Mark::Complete => style.green(),
            Mark::Failed => style.red(),
            Mark::Error => style.yellow(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Mark {
    Runs,
    Complete,
    Failed,
    Error,
}

/// A line, before it is known what has room.
struct Row {
    mark: Mark,
    clip: String,
    status: String,
    percent: Option<u8>,
    left: Option<TimeLeft>,
    requests: String,
    elapsed: String,
    operation: String,
}

impl Row {
    fn of(watched: &Watched, several: bool, now: Duration) -> Self {
        let state = watched.state.as_ref();
        let mark = match watched.end {
            None => Mark::Runs,
            Some(End::Complete) => Mark::Complete,
            Some(End::Failed) => Mark::Failed,
            Some(End::Error(_)) => Mark::Error,
        };
        let since = match (watched.end, watched.told_at) {
            (None, Some(told_at)) => now.saturating_sub(told_at),
            (None, None) => now,
            (Some(_), _) => Duration::ZERO,
        };
        let word = |text: Option<&String>| {
            text.map(|text| printable(text).into_owned())
                .unwrap_or_default()
        };
        let operation = match (watched.end, state) {
            (Some(end @ End::Error(_)), _) => result(Some(end)).to_owned(),
            (None, _) if watched.told_at.is_none() => "asking".to_owned(),
            (_, Some(state)) => word(state.operation.as_ref()),
            (_, None) => "no record yet".to_owned(),
        };
        Self {
            mark,
            clip: match several {
                true => watched.clip.to_string(),
                false => String::new(),
            },
            status: word(state.and_then(|state| state.status.as_ref())),
            percent: state.and_then(|state| state.percent),
            left: watched.left(now),
            requests: match several {
                true => format!("{} req", watched.requests),
                false => requests(watched.requests),
            },
            elapsed: match several {
                true => String::new(),
                false => span(watched.elapsed + since),
            },
            operation,
        }
    }

    fn line(&self, fit: Fit, canvas: Canvas) -> String {
        let style = canvas.style(self.mark);
        let mark = match self.mark {
            Mark::Runs => SPINNER[canvas.picture % SPINNER.len()],
            Mark::Complete => '✓',
            Mark::Failed => '✗',
            Mark::Error => '!',
        };
        let percent = self.percent.map(|percent| format!("{percent}%"));
        let left = match self.left {
            Some(left) if fit.with_bounds => left.to_string(),
            Some(left) => left.short(),
            None => String::new(),
        };
        let mut line = style.apply_to(mark).to_string();
        let mut add = |text: &str, width: usize| {
            if width > 0 {
                line.push(' ');
                line.push_str(&padded(&truncate_str(text, width, "…"), width));
            }
        };
        add(&self.clip, fit.clip);
        add(&self.status, fit.status);
        add(
            &bar(self.percent.map(usize::from), fit.bar, &style),
            fit.bar,
        );
        add(
            &format!("{:>PERCENT$}", percent.unwrap_or_default()),
            PERCENT,
        );
        add(&left, fit.left);
        add(
            &format!("{:>1$}", self.requests, fit.requests),
            fit.requests,
        );
        add(&format!("{:>1$}", self.elapsed, fit.elapsed), fit.elapsed);
        add(&self.operation, fit.operation);
        line.truncate(line.trim_end().len());
        truncate_str(&line, canvas.room(), "…").into_owned()
    }
}

fn requests(count: u64) -> String {
    match count {
        1 => "1 request".to_owned(),
        count => format!("{count} requests"),
    }
}

/// The widest of each column; of some at least what they mostly come to, for lines that jump are
/// hard to read.
fn wanted(rows: &[Row]) -> Wanted {
    let widest = |least: usize, text: &dyn Fn(&Row) -> String| {
        let widths = rows.iter().map(|row| measure_text_width(&text(row)));
        widths.max().unwrap_or_default().max(least)
    };
    let is_estimated = rows.iter().any(|row| row.left.is_some());
    let (left, short_left) = if is_estimated { (17, 6) } else { (0, 0) };
    Wanted {
        clip: widest(0, &|row| row.clip.clone()),
        status: widest(10, &|row| row.status.clone()).min(14),
        left: widest(left, &|row| {
            row.left.map(|left| left.to_string()).unwrap_or_default()
        }),
        short_left: widest(short_left, &|row| {
            row.left.map(TimeLeft::short).unwrap_or_default()
        }),
        requests: widest(6, &|row| row.requests.clone()),
        elapsed: widest(0, &|row| row.elapsed.clone()),
        operation: widest(0, &|row| row.operation.clone()).min(40),
    }
}

/// A bar of this width; empty where there is no percentage.
fn bar(percent: Option<usize>, width: usize, style: &Style) -> String {
    let halves = percent.unwrap_or_default().min(100) * width * 2 / 100;
    let (whole, half) = (halves / 2, halves % 2);
    let done = format!("{}{}", "━".repeat(whole), "╸".repeat(half));
    let rest = "─".repeat(width.saturating_sub(whole + half));
    format!(
        "{}{}",
        style.apply_to(done),
        style.clone().dim().apply_to(rest)
    )
}

#[cfg(test)]
mod tests;
