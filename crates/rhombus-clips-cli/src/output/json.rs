//! JSON lines: one object for each event, and one for the result.
//!
//! The objects are a public interface: `rhombus-clips schema` prints their JSON Schema.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::time::Duration;

use jiff::Timestamp;
use rhombus_clips::{ClipUuid, ErrorKind};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::display::{Summary, WatchDisplay};
use crate::output::clip_view::{Details, ruuid};
use crate::output::event::{Event, EventKind, event_message};
use crate::output::json_text::to_json;
use crate::output::tracker::{Counts, Tracker};

/// Writes events to `out`, and warnings and errors to `err`.
pub(crate) struct JsonLines<O, E> {
    out: O,
    err: E,
    multiple: bool,
    /// Clock of the lines.
    now: fn() -> Timestamp,
}

impl<O: Write, E: Write> JsonLines<O, E> {
    pub(crate) fn new(out: O, err: E, multiple: bool, now: fn() -> Timestamp) -> Self {
        Self {
            out,
            err,
            multiple,
            now,
        }
    }

    fn write(&mut self, event: &JsonEvent<'_>) -> io::Result<()> {
        writeln!(self.out, "{}", to_json(event)?)?;
        self.out.flush()
    }
}

impl<O: Write, E: Write> WatchDisplay for JsonLines<O, E> {
    fn show(&mut self, event: &Event, _: &Tracker) -> io::Result<()> {
        if let Some(event) = JsonEvent::from_event(event, (self.now)()) {
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
        let time = (self.now)();
        self.write(&JsonEvent::summary(counts, summary.elapsed, time))
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
    Complete(CompleteEvent<'a>),
    /// The clip failed or was deleted. Last event of the clip.
    Failed(FailedEvent<'a>),
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
    /// Time at which the line was written: RFC 3339 in UTC, with milliseconds.
    #[schemars(schema_with = "date_time")]
    time: String,
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
    snapshot: ClipSnapshot<'a>,
    /// Median estimate of the remaining time, in milliseconds.
    remaining_ms: Option<u64>,
    /// Lower bound of the 80 % prediction interval of the remaining time, in milliseconds.
    remaining_lower_ms: Option<u64>,
    /// Upper bound of the 80 % prediction interval of the remaining time, in milliseconds. Where it is
    /// more than five times the lower one, people are shown a bound instead of the median.
    remaining_upper_ms: Option<u64>,
}

/// The complete clip.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CompleteEvent<'a> {
    #[serde(flatten)]
    snapshot: ClipSnapshot<'a>,
    /// The clip, as `rhombus-clips get --output json` prints it.
    clip: &'a Details,
}

/// The clip that failed or was deleted.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FailedEvent<'a> {
    #[serde(flatten)]
    snapshot: ClipSnapshot<'a>,
    /// The service's reason, as human-readable text. Null if it gave none, and if the clip was deleted.
    reason: Option<&'a str>,
    /// The clip, as `rhombus-clips get --output json` prints it.
    clip: Option<&'a Details>,
}

/// The error that ended a watch.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorEvent<'a> {
    #[serde(flatten)]
    snapshot: ClipSnapshot<'a>,
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
    /// The clip as last known, as `rhombus-clips get --output json` prints it. Absent if no response had
    /// it.
    #[serde(skip_serializing_if = "Option::is_none")]
    clip: Option<&'a Details>,
}

/// Totals of one run of the program.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SummaryEvent {
    /// Time at which the line was written: RFC 3339 in UTC, with milliseconds.
    #[schemars(schema_with = "date_time")]
    time: String,
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
    pub(crate) fn from_event(event: &'a Event, time: Timestamp) -> Option<Self> {
        let snapshot = ClipSnapshot {
            time: format_time(time),
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
                snapshot,
                remaining_ms: event.remaining.map(|time| as_ms(time.remaining)),
                remaining_lower_ms: event.remaining.map(|time| as_ms(time.lower)),
                remaining_upper_ms: event.remaining.map(|time| as_ms(time.upper)),
            }),
            EventKind::Complete(clip) => Self::Complete(CompleteEvent { snapshot, clip }),
            EventKind::Failed { reason, clip, .. } => Self::Failed(FailedEvent {
                snapshot,
                reason: reason.as_deref(),
                clip: clip.as_deref(),
            }),
            EventKind::Error {
                error_kind,
                message,
                hints,
                response,
                clip,
            } => Self::Error(ErrorEvent {
                snapshot,
                kind: *error_kind,
                message,
                hints,
                http_status: response.status,
                body: response.body.as_deref(),
                clip: clip.as_deref(),
            }),
            EventKind::RetryableError { .. } | EventKind::UndecodableStatus { .. } => return None,
        })
    }

    pub(crate) fn summary(counts: Counts, elapsed: Duration, time: Timestamp) -> Self {
        Self::Summary(SummaryEvent {
            time: format_time(time),
            complete: counts.complete,
            failed: counts.failed,
            errors: counts.errors,
            unfinished: counts.unfinished,
            requests: counts.requests,
            elapsed_ms: as_ms(elapsed),
        })
    }
}

pub(crate) fn format_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

pub(crate) fn date_time(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "format": "date-time"})
}

fn as_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
