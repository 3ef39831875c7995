//! The table format: one row per clip, written at the end of the watch.
//!
//! The formatting functions are shared with the text format and the progress bars, which show the
//! same table, counts and labels.

use std::io::{self, IsTerminal as _, Write};
use std::time::Duration;

use indicatif::{FormattedDuration, HumanBytes};
use rhombus_clips::ErrorKind;

use super::display::{Summary, WatchDisplay, terminal_width};
use crate::output::clip_view::{Details, format_duration};
use crate::output::event::{Event, event_message};
use crate::output::tracker::{Counts, Outcome, TrackedClip, Tracker};
use crate::text::{align_columns, format_utc, sanitize_line};

/// Writes the table to `out` at the end, and warnings and errors to `err` as they occur.
pub(crate) struct TableLines<O, E> {
    out: O,
    err: E,
}

impl<O: Write, E: Write> TableLines<O, E> {
    pub(crate) fn new(out: O, err: E) -> Self {
        Self { out, err }
    }
}

impl<O: Write, E: Write> WatchDisplay for TableLines<O, E> {
    fn show(&mut self, event: &Event, _: &Tracker) -> io::Result<()> {
        // With the UUID even for a single clip: the table that names it is written later.
        if let Some(message) = event_message(event, true) {
            self.print_message(&message);
        }
        Ok(())
    }

    fn print_message(&mut self, message: &str) {
        // A closed standard error must not end the watch.
        let _ = writeln!(self.err, "{message}");
    }

    fn write_results(&mut self, summary: &Summary<'_>) -> io::Result<()> {
        let table = format_watch(summary.tracker, terminal_width());
        self.out.write_all(table.as_bytes())?;
        self.out.flush()
    }

    fn print_totals(&mut self, summary: &Summary<'_>) {
        if io::stderr().is_terminal() {
            self.print_message(&format_totals(summary.tracker.counts(), summary.elapsed));
        }
    }
}

/// Formats the table of all watched clips.
pub(crate) fn format_watch(tracker: &Tracker, width: Option<usize>) -> String {
    let header = ["CLIP", "RESULT", "STATUS", "POLLS", "TIME", "SIZE", "TITLE"];
    let row = |clip: &TrackedClip| {
        let status = clip.state.as_ref();
        let status = status.and_then(|state| state.status.as_deref());
        [
            clip.uuid.to_string(),
            outcome_label(clip.outcome).to_owned(),
            format_cell(status),
            clip.polls.to_string(),
            format_duration(clip.elapsed),
            format_size(clip.byte_count),
            format_cell(clip.title.as_deref()),
        ]
    };
    let rows: Vec<_> = [header.map(str::to_owned)]
        .into_iter()
        .chain(tracker.clips().iter().map(row))
        .collect();
    align_columns(&rows, width)
}

/// Formats the table of a single clip that is not watched.
pub(crate) fn format_details(details: &Details, width: Option<usize>) -> String {
    let header = [
        "CLIP",
        "STATUS",
        "%",
        "OPERATION",
        "RECORDED",
        "LENGTH",
        "SIZE",
        "TITLE",
    ];
    let percent = details.percent_complete.map(|percent| percent.to_string());
    let length = details
        .duration_sec
        .map(|seconds| format_length(seconds).to_string());
    let row = [
        details.clip_uuid.to_string(),
        format_cell(details.status.as_deref()),
        format_cell(percent.as_deref()),
        format_cell(
            details
                .failure
                .as_deref()
                .or(details.current_operation.as_deref()),
        ),
        format_cell(details.recorded_at_ms.map(format_utc).as_deref()),
        format_cell(length.as_deref()),
        format_size(details.byte_count),
        format_cell(details.title.as_deref()),
    ];
    align_columns(&[header.map(str::to_owned), row], width)
}

/// Formats the totals of a watch, such as `3 complete, 1 failed, 88 requests in 1m20s`.
pub(crate) fn format_totals(counts: Counts, elapsed: Duration) -> String {
    let requests = format_request_count(counts.requests);
    let mut parts = format_outcomes(counts);
    if counts.unfinished > 0 {
        parts.push(format!("{} unfinished", counts.unfinished));
    }
    let elapsed = format_duration(elapsed);
    format!("{}, {requests} in {elapsed}", parts.join(", "))
}

/// Formats a number of requests, such as `1 request`.
pub(crate) fn format_request_count(count: u64) -> String {
    match count {
        1 => "1 request".to_owned(),
        count => format!("{count} requests"),
    }
}

/// Formats the number of clips per outcome, such as `3 complete` and `1 failed`. Zero counts are
/// omitted, except for that of complete clips.
pub(crate) fn format_outcomes(counts: Counts) -> Vec<String> {
    let mut parts = vec![format!("{} complete", counts.complete)];
    let mut add = |count, label| {
        if count > 0 {
            parts.push(format!("{count} {label}"));
        }
    };
    add(counts.failed, "failed");
    add(
        counts.errors,
        if counts.errors == 1 {
            "error"
        } else {
            "errors"
        },
    );
    parts
}

/// Returns the label of an outcome in the table and the progress bars.
pub(crate) fn outcome_label(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        None => "unfinished",
        Some(Outcome::Complete) => "complete",
        Some(Outcome::Failed) => "failed",
        Some(Outcome::Error(ErrorKind::DeadlineExceeded)) => "deadline",
        Some(Outcome::Error(ErrorKind::NotFound)) => "not found",
        Some(Outcome::Error(ErrorKind::Authentication)) => "denied",
        Some(Outcome::Error(_)) => "error",
    }
}

/// Formats the length of footage, such as `00:01:05`.
pub(crate) fn format_length(seconds: u64) -> FormattedDuration {
    FormattedDuration(Duration::from_secs(seconds))
}

pub(super) fn format_size(bytes: Option<u64>) -> String {
    format_cell(bytes.map(|bytes| HumanBytes(bytes).to_string()).as_deref())
}

/// Formats a cell. A missing value is `-`, so that splitting a row at whitespace finds each column.
pub(super) fn format_cell(text: Option<&str>) -> String {
    match text.map(sanitize_line) {
        Some(text) if !text.trim().is_empty() => text.into_owned(),
        _ => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::clip_view::ClipState;
    use crate::output::event::EventKind;
    use crate::report::error_response::ErrorResponse;
    use rhombus_clips::ClipUuid;

    fn uuid(byte: u8) -> ClipUuid {
        ClipUuid::from_bytes([byte; 16])
    }

    fn tracker() -> Tracker {
        let mut tracker = Tracker::default();
        let details = Details {
            title: Some("Front\u{1b} door".to_owned()),
            byte_count: Some(1_572_864),
            ..Details::empty(uuid(0))
        };
        let late = EventKind::Error {
            error_kind: ErrorKind::DeadlineExceeded,
            message: "late".to_owned(),
            hints: Vec::new(),
            response: ErrorResponse::default(),
            clip: None,
        };
        let clips = [
            ("COMPLETE", EventKind::Complete(Box::new(details))),
            ("RENDERING", late),
        ];
        for (byte, (status, kind)) in (0..).zip(clips) {
            tracker.add(uuid(byte));
            let event = Event {
                uuid: uuid(byte),
                state: ClipState {
                    status: Some(status.to_owned()),
                    ..ClipState::default()
                },
                polls: Some(7),
                elapsed: Some(Duration::from_secs(80)),
                remaining: None,
                kind,
            };
            tracker.apply(&event, Duration::ZERO);
        }
        tracker.add(uuid(2));
        tracker.set_requests(14);
        tracker
    }

    #[test]
    fn watched_clips_are_rows() {
        assert_eq!(
            format_watch(&tracker(), None),
            "\
CLIP                    RESULT      STATUS     POLLS  TIME   SIZE      TITLE
AAAAAAAAAAAAAAAAAAAAAA  complete    COMPLETE   7      1m20s  1.50 MiB  Front\u{fffd} door
AQEBAQEBAQEBAQEBAQEBAQ  deadline    RENDERING  7      1m20s  -         -
AgICAgICAgICAgICAgICAg  unfinished  -          0      0s     -         -
"
        );
        assert_eq!(
            format_totals(tracker().counts(), Duration::from_secs(81)),
            "1 complete, 1 error, 1 unfinished, 14 requests in 1m21s"
        );
    }

    #[test]
    fn details_are_a_row_below_the_header() {
        let details = Details {
            status: Some("RENDERING".to_owned()),
            percent_complete: Some(45),
            current_operation: Some("Processing video".to_owned()),
            duration_sec: Some(65),
            ..Details::empty(uuid(0))
        };
        assert_eq!(
            format_details(&details, None),
            "\
CLIP                    STATUS     %   OPERATION         RECORDED  LENGTH    SIZE  TITLE
AAAAAAAAAAAAAAAAAAAAAA  RENDERING  45  Processing video  -         00:01:05  -     -
"
        );
    }
}
