//! The JSON format: one object per line.

mod event;

use std::io::{self, Write};

use super::{Summary, WatchDisplay};
use crate::clip::event::Event;
use crate::messages;
use crate::watch::tracker::Tracker;
pub(crate) use event::JsonEvent;

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
        writeln!(self.out, "{}", serde_json::to_string(event)?)?;
        self.out.flush()
    }
}

impl<O: Write, E: Write> WatchDisplay for JsonLines<O, E> {
    fn show(&mut self, event: &Event, _: &Tracker) -> io::Result<()> {
        if let Some(event) = JsonEvent::from_event(event) {
            self.write(&event)?;
        }
        if let Some(message) = messages::event_message(event, self.multiple) {
            self.print_message(&message);
        }
        Ok(())
    }

    fn print_message(&mut self, message: &str) {
        // A closed standard error must not end the watch.
        let _ = writeln!(self.err, "{message}");
    }

    fn finish(&mut self, summary: &Summary<'_>) -> io::Result<()> {
        let counts = summary.tracker.counts();
        self.write(&JsonEvent::summary(counts, summary.elapsed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::details::Details;
    use crate::clip::error_response::ErrorResponse;
    use crate::clip::event::EventKind;
    use crate::clip::remaining_time::RemainingTime;
    use crate::clip::state::ClipState;
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
        serde_json::to_string(&JsonEvent::from_event(event).unwrap()).unwrap()
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
            line.contains(r#","elapsedMs":12034,"decodeIssues":["/clip/title: found a number"],"#),
            "{line}"
        );
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
