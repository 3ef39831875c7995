//! The text format: one line per change, and the results at the end.

use std::io::{self, Write};

use indicatif::HumanBytes;

use super::display::{Summary, WatchDisplay, terminal_width};
use super::table;
use crate::output::clip_view::Details;
use crate::output::event::{Event, EventKind, event_message};
use crate::output::tracker::Tracker;
use crate::text::{format_utc, sanitize_line};

/// Writes changes and results to `out`, and warnings and errors to `err`.
pub(crate) struct TextLines<O, E> {
    out: O,
    err: E,
    multiple: bool,
    /// The clip, once complete, if only one is watched.
    completed: Option<Details>,
}

impl<O: Write, E: Write> TextLines<O, E> {
    pub(crate) fn new(out: O, err: E, multiple: bool) -> Self {
        Self {
            out,
            err,
            multiple,
            completed: None,
        }
    }
}

impl<O: Write, E: Write> WatchDisplay for TextLines<O, E> {
    fn show(&mut self, event: &Event, _: &Tracker) -> io::Result<()> {
        if let Some(line) = format_event(event) {
            writeln!(self.out, "{line}")?;
            self.out.flush()?;
        }
        if let Some(message) = event_message(event, self.multiple) {
            self.print_message(&message);
        }
        if let EventKind::Complete(details) = &event.kind
            && !self.multiple
        {
            self.completed = Some(Details::clone(details));
        }
        Ok(())
    }

    fn print_message(&mut self, message: &str) {
        // A closed standard error must not end the watch.
        let _ = writeln!(self.err, "{message}");
    }

    fn write_results(&mut self, summary: &Summary<'_>) -> io::Result<()> {
        let results = format_results(self.multiple, self.completed.as_ref(), summary);
        if !results.is_empty() {
            write!(self.out, "\n{results}")?;
        }
        self.out.flush()
    }
}

/// Formats the results of a watch: all properties of a single complete clip, or a table and totals
/// of several clips.
pub(crate) fn format_results(
    multiple: bool,
    completed: Option<&Details>,
    summary: &Summary<'_>,
) -> String {
    if !multiple {
        return completed.map(format_details).unwrap_or_default();
    }
    let Summary {
        tracker, elapsed, ..
    } = summary;
    let rows = match tracker.clips() {
        [] => String::new(),
        _ => format!("{}\n", table::format_watch(tracker, terminal_width())),
    };
    format!(
        "{rows}{}\n",
        table::format_totals(tracker.counts(), *elapsed)
    )
}

/// Formats the state in an event, such as
/// `Vu0s9xQbQ1OsHk3tLw6rWg  RENDERING   45%  Processing video  ~1m20s (50s–2m)`. Returns `None` for
/// events without a new state.
fn format_event(event: &Event) -> Option<String> {
    match &event.kind {
        EventKind::Progress | EventKind::Complete(_) | EventKind::Failed { .. } => {}
        EventKind::RetryableError { .. }
        | EventKind::UndecodableStatus { .. }
        | EventKind::Error { .. } => return None,
    }
    let uuid = event.uuid;
    let state = &event.state;
    if state.is_empty() {
        return Some(format!("{uuid}  no record yet"));
    }
    let status = sanitize_line(state.status.as_deref().unwrap_or("-"));
    let percent = state
        .percent
        .map_or_else(|| "-".to_owned(), |percent| format!("{percent}%"));
    let operation = state.failure.as_deref().or(state.operation.as_deref());
    let operation = sanitize_line(operation.unwrap_or_default());
    let remaining = event.remaining.map(|remaining| format!("  {remaining}"));
    let remaining = remaining.unwrap_or_default();
    let line = format!("{uuid}  {status:<10}  {percent:>4}  {operation}{remaining}");
    Some(line.trim_end().to_owned())
}

/// Maximum number of decode issues that are printed. Chosen, not tuned: enough to see what is wrong.
const MAX_DECODE_ISSUE_ROWS: usize = 5;

/// Formats a clip, one property per line. Missing properties are omitted.
pub(crate) fn format_details(details: &Details) -> String {
    let progress = match (details.percent_complete, &details.current_operation) {
        // The operation is the reason of the failure.
        _ if details.failure.is_some() => None,
        (Some(percent), Some(operation)) => Some(format!("{percent}% of {operation}")),
        (Some(percent), None) => Some(format!("{percent}%")),
        (None, operation) => operation.clone(),
    };
    let is_placeholder = details.record.placeholder == Some(true);
    let parts = is_placeholder.then(|| "clips of their own, which this clip stands for".to_owned());
    let length = details
        .duration_sec
        .map(|seconds| table::format_length(seconds).to_string());
    let size = details
        .byte_count
        .map(|bytes| format!("{} ({bytes} bytes)", HumanBytes(bytes)));
    let rows = [
        ("clip", Some(details.clip_uuid.to_string())),
        ("title", details.title.clone()),
        ("status", details.status.clone()),
        ("parts", parts),
        ("progress", progress),
        ("result", details.failure.clone()),
        ("recorded", details.recorded_at_ms.map(format_utc)),
        ("created", details.created_at_ms.map(format_utc)),
        ("updated", details.updated_at_ms.map(format_utc)),
        ("length", length),
        ("size", size),
        ("region", details.region.clone()),
        ("sha256", details.sha256_hex.clone()),
        ("warning", details.warning.clone()),
    ];
    let decode_issues = details.decode_issues.iter().take(MAX_DECODE_ISSUE_ROWS);
    let unlisted = details
        .decode_issues
        .len()
        .saturating_sub(MAX_DECODE_ISSUE_ROWS);
    let unlisted = unlisted.saturating_add(details.omitted_decode_issues);
    let more = (unlisted > 0).then(|| format!("and {unlisted} more"));
    rows.into_iter()
        .chain(decode_issues.map(|issue| ("undecoded", Some(issue.clone()))))
        .chain([("", more)])
        .filter_map(|(name, value)| Some(format!("{name:<10}{}\n", sanitize_line(&value?))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::clip_view::ClipState;
    use crate::report::error_response::ErrorResponse;
    use rhombus_clips::{ClipUuid, ErrorKind};

    fn event(kind: EventKind, state: ClipState) -> Event {
        Event {
            uuid: ClipUuid::from_bytes([0; 16]),
            state,
            polls: None,
            elapsed: None,
            remaining: None,
            kind,
        }
    }

    fn rendering() -> ClipState {
        ClipState {
            status: Some("RENDERING".to_owned()),
            percent: Some(45),
            operation: Some("Processing video".to_owned()),
            ..ClipState::default()
        }
    }

    #[test]
    fn states_are_lines() {
        let format_state = |state| format_event(&event(EventKind::Progress, state)).unwrap();
        assert_eq!(
            format_state(rendering()),
            "AAAAAAAAAAAAAAAAAAAAAA  RENDERING    45%  Processing video"
        );
        let status_only = ClipState {
            status: Some("OFFLINE".to_owned()),
            ..ClipState::default()
        };
        assert_eq!(
            format_state(status_only),
            "AAAAAAAAAAAAAAAAAAAAAA  OFFLINE        -"
        );
        assert_eq!(
            format_state(ClipState::default()),
            "AAAAAAAAAAAAAAAAAAAAAA  no record yet"
        );
    }

    #[test]
    fn a_failure_reads_as_one() {
        let failed = ClipState {
            status: Some("FAILED".to_owned()),
            operation: Some("no footage".to_owned()),
            failure: Some("clip failed: no footage".to_owned()),
            ..rendering()
        };
        let kind = EventKind::Failed {
            message: "clip failed: no footage".to_owned(),
            reason: Some("no footage".to_owned()),
            clip: None,
        };
        assert_eq!(
            format_event(&event(kind, failed)).unwrap(),
            "AAAAAAAAAAAAAAAAAAAAAA  FAILED       45%  clip failed: no footage"
        );
        let details = Details {
            status: Some("FAILED".to_owned()),
            percent_complete: Some(45),
            current_operation: Some("no footage".to_owned()),
            failure: Some("clip failed: no footage".to_owned()),
            ..Details::empty(ClipUuid::from_bytes([0; 16]))
        };
        assert_eq!(
            format_details(&details),
            "clip      AAAAAAAAAAAAAAAAAAAAAA\nstatus    FAILED\nresult    clip failed: no footage\n"
        );
        let table = table::format_details(&details, None);
        assert!(table.contains("  clip failed: no footage  "), "{table}");
    }

    #[test]
    fn errors_are_written_to_stderr() {
        let error_kind = ErrorKind::Authentication;
        let message = "denied".to_owned();
        let response = ErrorResponse::with_body(403, "{\n\"msg\": \"no\"\n}");
        let error = event(
            EventKind::Error {
                error_kind,
                message,
                hints: Vec::new(),
                response,
                clip: None,
            },
            rendering(),
        );
        let (mut out, mut err) = (Vec::new(), Vec::new());
        TextLines::new(&mut out, &mut err, true)
            .show(&error, &Tracker::default())
            .unwrap();
        assert_eq!(out, b"");
        assert_eq!(
            String::from_utf8(err).unwrap(),
            "error: AAAAAAAAAAAAAAAAAAAAAA: denied: { \"msg\": \"no\" }\n"
        );
    }

    #[test]
    fn an_undecodable_status_is_a_warning() {
        let message = "undecodable".to_owned();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let event = event(EventKind::UndecodableStatus { message }, rendering());
        TextLines::new(&mut out, &mut err, false)
            .show(&event, &Tracker::default())
            .unwrap();
        assert_eq!(out, b"");
        assert_eq!(String::from_utf8(err).unwrap(), "warning: undecodable\n");
    }

    #[test]
    fn each_decode_issue_is_a_row() {
        let clip_details = Details {
            decode_issues: vec!["/clip/a: one".to_owned(), "/clip/\u{1b}: two".to_owned()],
            ..Details::empty(ClipUuid::from_bytes([0; 16]))
        };
        assert_eq!(
            format_details(&clip_details),
            "\
clip      AAAAAAAAAAAAAAAAAAAAAA
undecoded /clip/a: one
undecoded /clip/\u{fffd}: two
"
        );
    }

    #[test]
    fn the_first_decode_issues_are_rows_and_the_rest_is_counted() {
        let rows = |listed: usize, omitted_decode_issues| {
            let clip_details = Details {
                decode_issues: (0..listed).map(|index| format!("/{index}: one")).collect(),
                omitted_decode_issues,
                ..Details::empty(ClipUuid::from_bytes([0; 16]))
            };
            format_details(&clip_details)
        };
        assert!(rows(5, 0).ends_with("\nundecoded /4: one\n"));
        assert!(rows(6, 0).ends_with("\nundecoded /4: one\n          and 1 more\n"));
        assert!(rows(32, 8).ends_with("\nundecoded /4: one\n          and 35 more\n"));
    }

    #[test]
    fn a_clip_that_stands_for_its_parts_is_shown_as_such() {
        let mut details = Details::empty(ClipUuid::from_bytes([0; 16]));
        details.record.placeholder = Some(true);
        let shown = format_details(&details);
        assert!(
            shown.contains("\nparts     clips of their own, "),
            "{shown}"
        );
    }

    #[test]
    fn details_are_one_property_per_line() {
        let clip_details = Details {
            title: Some("Dock\u{1b}[2J".to_owned()),
            status: Some("COMPLETE".to_owned()),
            percent_complete: Some(100),
            current_operation: Some("Complete".to_owned()),
            recorded_at_ms: Some(0),
            duration_sec: Some(65),
            byte_count: Some(1_572_864),
            ..Details::empty(ClipUuid::from_bytes([0; 16]))
        };
        assert_eq!(
            format_details(&clip_details),
            "\
clip      AAAAAAAAAAAAAAAAAAAAAA
title     Dock\u{fffd}[2J
status    COMPLETE
progress  100% of Complete
recorded  1970-01-01 00:00:00 UTC
length    00:01:05
size      1.50 MiB (1572864 bytes)
"
        );
    }
}
