//! JSON lines: one object for each event, and one for the result.
//!
//! The objects are a public interface: `rhombus-clips schema` prints their JSON Schema.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::time::Duration;

use rhombus_clips::{ClipUuid, ErrorKind};
use schemars::JsonSchema;
use serde::Serialize;

use super::display::{Summary, WatchDisplay};
use crate::output::clip_view::ruuid;
use crate::output::event::{Event, EventKind, event_message};
use crate::output::json_text::to_json;
use crate::output::tracker::{Counts, Tracker};

/// Writes events to `out`, and warnings and errors to `err`.
pub(crate) struct JsonLines<O, E> {
    out: O,
    err: E,
    multiple: bool,
}

impl<O: Write, E: Write> JsonLines<O, E> {
    pub(crate) fn new(out: O, err: E, multiple: bool) -> Self {
        Self { out, err, multiple }
    }

    fn write(&mut self, event: &JsonEvent<'_>) -> io::Result<()> {
        writeln!(self.out, "{}", to_json(event)?)?;
        self.out.flush()
    }
}

impl<O: Write, E: Write> WatchDisplay for JsonLines<O, E> {
    fn show(&mut self, event: &Event, _: &Tracker) -> io::Result<()> {
        if let Some(event) = JsonEvent::from_event(event) {
            self.write(&event)?;
        }
        if let Some(message) = event_message(event, self.multiple) {
            self.print_message(&message);
        }
        Ok(())
    }

    fn print_message(&mut self, message: &str) {
        // A closed standard error must not end the watch.
        let _ = writeln!(self.err, "{message}");
    }

    fn write_results(&mut self, summary: &Summary<'_>) -> io::Result<()> {
        let counts = summary.tracker.counts();
        self.write(&JsonEvent::summary(counts, summary.elapsed))
    }
}

/// One line of `rhombus-clips watch --output json`. Unknown values are null. Later versions may
/// add properties, events and error kinds.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(tag = "event", rename_all = "camelCase")]
#[schemars(title = "rhombus-clips watch")]
pub(crate) enum JsonEvent<'a> {
    /// The clip's state changed.
    Progress(ProgressEvent<'a>),
    /// The clip is complete. Last event of the clip.
    Complete(ClipSnapshot<'a>),
    /// The clip failed or was deleted. Last event of the clip.
    Failed(ClipSnapshot<'a>),
    /// The watch ended with an error other than a failed clip; the state is the last known one.
    /// Last event of the clip.
    Error(ErrorEvent<'a>),
    /// Totals of this run. Last line of the output.
    Summary(SummaryEvent),
}

/// State of a clip.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClipSnapshot<'a> {
    /// UUID of the clip.
    #[schemars(schema_with = "ruuid")]
    clip_uuid: ClipUuid,
    /// Status as sent by the service, such as `RENDERING`. The service may add values at any time.
    status: Option<&'a str>,
    /// Progress of the current operation, not of the entire clip, in percent.
    #[schemars(range(max = 100))]
    percent_complete: Option<u8>,
    /// Current operation, as human-readable text.
    current_operation: Option<&'a str>,
    /// Number of polls since the watch was first started; resuming it does not reset the count.
    polls: Option<u64>,
    /// Time since the watch was first started, in milliseconds.
    elapsed_ms: Option<u64>,
    /// Warning that the service sent with a successful response. Absent if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<&'a str>,
    /// Values that could not be decoded: a JSON pointer and the reason each, at most 32. Absent if all
    /// were decoded.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    decode_issues: &'a [String],
    /// Number of values that could not be decoded, beyond those in decodeIssues. Absent if there are
    /// none.
    #[serde(skip_serializing_if = "Option::is_none")]
    omitted_decode_issues: Option<NonZeroUsize>,
}

/// A change of the clip's state, with an estimate of the remaining time.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProgressEvent<'a> {
    #[serde(flatten)]
    clip: ClipSnapshot<'a>,
    /// Median estimate of the remaining time, in milliseconds.
    remaining_ms: Option<u64>,
    /// Lower bound of the 80 % prediction interval of the remaining time, in milliseconds.
    remaining_lower_ms: Option<u64>,
    /// Upper bound of the 80 % prediction interval of the remaining time, in milliseconds.
    remaining_upper_ms: Option<u64>,
}

/// The error that ended a watch.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorEvent<'a> {
    #[serde(flatten)]
    clip: ClipSnapshot<'a>,
    /// Kind of the error.
    kind: ErrorKind,
    /// Human-readable error message.
    message: &'a str,
    /// Advice for the user of this program. Absent if there is none.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    hints: &'a [String],
    /// HTTP status of the response. Absent if there was no response.
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    /// Beginning of the response body. Absent if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
}

/// Totals of one run of the program.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SummaryEvent {
    /// Number of complete clips.
    complete: usize,
    /// Number of clips that failed or were deleted.
    failed: usize,
    /// Number of clips whose watch ended with an error.
    errors: usize,
    /// Number of clips that were still being watched when the program was interrupted.
    unfinished: usize,
    /// Number of requests sent in this run, for all clips.
    requests: u64,
    /// Duration of this run, in milliseconds.
    elapsed_ms: u64,
}

impl<'a> JsonEvent<'a> {
    /// Converts an event. Returns `None` for retryable errors, whose state would be outdated, and
    /// for undecodable statuses, which the next line contains as a decode issue.
    pub(crate) fn from_event(event: &'a Event) -> Option<Self> {
        let clip = ClipSnapshot {
            clip_uuid: event.uuid,
            status: event.state.status.as_deref(),
            percent_complete: event.state.percent,
            current_operation: event.state.operation.as_deref(),
            polls: event.polls,
            elapsed_ms: event.elapsed.map(as_ms),
            warning: event.state.warning.as_deref(),
            decode_issues: &event.state.decode_issues,
            omitted_decode_issues: NonZeroUsize::new(event.state.omitted_decode_issues),
        };
        Some(match &event.kind {
            EventKind::Progress => Self::Progress(ProgressEvent {
                clip,
                remaining_ms: event.remaining.map(|time| as_ms(time.remaining)),
                remaining_lower_ms: event.remaining.map(|time| as_ms(time.lower)),
                remaining_upper_ms: event.remaining.map(|time| as_ms(time.upper)),
            }),
            EventKind::Complete(_) => Self::Complete(clip),
            EventKind::Failed { .. } => Self::Failed(clip),
            EventKind::Error {
                error_kind,
                message,
                hints,
                response,
            } => Self::Error(ErrorEvent {
                clip,
                kind: *error_kind,
                message,
                hints,
                http_status: response.status,
                body: response.body.as_deref(),
            }),
            EventKind::RetryableError { .. } | EventKind::UndecodableStatus { .. } => return None,
        })
    }

    pub(crate) fn summary(counts: Counts, elapsed: Duration) -> Self {
        Self::Summary(SummaryEvent {
            complete: counts.complete,
            failed: counts.failed,
            errors: counts.errors,
            unfinished: counts.unfinished,
            requests: counts.requests,
            elapsed_ms: as_ms(elapsed),
        })
    }
}

fn as_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::clip_view::{ClipState, Details, RemainingTime};
    use crate::output::event::EventKind;
    use crate::report::error_response::ErrorResponse;
    use rhombus_clips::{ClipUuid, ErrorKind};
    use std::time::Duration;

    fn event(kind: EventKind) -> Event {
        Event {
            uuid: ClipUuid::from_bytes([0; 16]),
            state: ClipState {
                status: Some("RENDERING".to_owned()),
                percent: Some(45),
                operation: Some("Processing \"video\"".to_owned()),
                ..ClipState::default()
            },
            polls: Some(7),
            elapsed: Some(Duration::from_micros(12_034_900)),
            remaining: None,
            kind,
        }
    }

    fn text(event: &Event) -> String {
        to_json(&JsonEvent::from_event(event).unwrap()).unwrap()
    }

    #[test]
    fn progress_is_a_line() {
        let event = Event {
            remaining: Some(RemainingTime {
                remaining: Duration::from_micros(80_000_999),
                lower: Duration::ZERO,
                upper: Duration::MAX,
            }),
            ..event(EventKind::Progress)
        };
        assert_eq!(
            text(&event),
            r#"{"event":"progress","clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":"RENDERING","percentComplete":45,"currentOperation":"Processing \"video\"","polls":7,"elapsedMs":12034,"remainingMs":80000,"remainingLowerMs":0,"remainingUpperMs":18446744073709551615}"#
        );
    }

    #[test]
    fn unknown_values_are_null() {
        let event = Event {
            state: ClipState::default(),
            polls: None,
            elapsed: None,
            ..event(EventKind::Progress)
        };
        assert_eq!(
            text(&event),
            r#"{"event":"progress","clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":null,"percentComplete":null,"currentOperation":null,"polls":null,"elapsedMs":null,"remainingMs":null,"remainingLowerMs":null,"remainingUpperMs":null}"#
        );
    }

    #[test]
    fn a_complete_clip_may_have_a_warning() {
        let details = Details::empty(ClipUuid::from_bytes([0; 16]));
        let event = Event {
            state: ClipState {
                status: Some("COMPLETE".to_owned()),
                percent: Some(100),
                operation: None,
                warning: Some("half of it".to_owned()),
                ..ClipState::default()
            },
            ..event(EventKind::Complete(Box::new(details)))
        };
        assert_eq!(
            text(&event),
            r#"{"event":"complete","clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":"COMPLETE","percentComplete":100,"currentOperation":null,"polls":7,"elapsedMs":12034,"warning":"half of it"}"#
        );
    }

    #[test]
    fn a_failed_clip_has_its_state_and_an_error_its_kind_and_message() {
        let message = "it took too long".to_owned();
        let failed = event(EventKind::Failed {
            message: message.clone(),
        });
        assert_eq!(
            text(&failed),
            r#"{"event":"failed","clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":"RENDERING","percentComplete":45,"currentOperation":"Processing \"video\"","polls":7,"elapsedMs":12034}"#
        );
        let error_kind = ErrorKind::DeadlineExceeded;
        let response = ErrorResponse::default();
        assert_eq!(
            text(&event(EventKind::Error {
                error_kind,
                message,
                hints: vec!["set a longer --timeout".to_owned()],
                response
            })),
            r#"{"event":"error","clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":"RENDERING","percentComplete":45,"currentOperation":"Processing \"video\"","polls":7,"elapsedMs":12034,"kind":"deadlineExceeded","message":"it took too long","hints":["set a longer --timeout"]}"#
        );
    }

    #[test]
    fn an_error_includes_the_response() {
        let error = event(EventKind::Error {
            error_kind: ErrorKind::UnexpectedStatus,
            message: "unexpected status 400".to_owned(),
            hints: Vec::new(),
            response: ErrorResponse::with_body(400, "not\nso"),
        });
        let line = text(&error);
        assert!(
            line.ends_with(
                r#","kind":"unexpectedStatus","message":"unexpected status 400","httpStatus":400,"body":"not\nso"}"#
            ),
            "{line}"
        );
    }

    #[test]
    fn decode_issues_are_an_array() {
        let mut event = event(EventKind::Progress);
        event.state.decode_issues = vec!["/clip/title: found a number".to_owned()];
        let line = text(&event);
        assert!(
            line.contains(
                r#","elapsedMs":12034,"decodeIssues":["/clip/title: found a number"],"rem"#
            ),
            "{line}"
        );
        event.state.omitted_decode_issues = 9;
        let line = text(&event);
        assert!(line.contains(r#"],"omittedDecodeIssues":9,"#), "{line}");
    }

    #[test]
    fn a_retryable_error_is_written_to_stderr() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let message = "unexpected status 503".to_owned();
        let response = ErrorResponse::with_body(503, "<h1>Back\nsoon</h1>");
        JsonLines::new(&mut out, &mut err, false)
            .show(
                &event(EventKind::RetryableError { message, response }),
                &Tracker::default(),
            )
            .unwrap();
        assert_eq!(out, b"");
        assert_eq!(
            String::from_utf8(err).unwrap(),
            "warning: unexpected status 503: <h1>Back soon</h1>; still watching\n"
        );
    }
}
