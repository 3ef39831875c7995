//! One JSON object a line.

use rhombus_clips::{ClipUuid, ErrorKind};
use serde::Serialize;
use std::io::{self, Write};

use super::Display;
use crate::details::Details;
use crate::event::{Event, Happened};
use crate::messages;

/// Events on `out`, troubles and errors on `err`.
pub(crate) struct JsonLines<O, E> {
    out: O,
    err: E,
    several: bool,
}

impl<O: Write, E: Write> JsonLines<O, E> {
    pub(crate) fn new(out: O, err: E, several: bool) -> Self {
        Self { out, err, several }
    }
}

impl<O: Write, E: Write> Display for JsonLines<O, E> {
    fn show(&mut self, event: &Event) -> io::Result<()> {
        if let Some(line) = line(event)? {
            writeln!(self.out, "{line}")?;
            self.out.flush()?;
        }
        if let Some(message) = messages::about(event, self.several) {
            // Standard output is what counts; the other may be closed.
            let _ = writeln!(self.err, "{message}");
        }
        Ok(())
    }

    fn close(&mut self, _: &[Details]) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    event: &'static str,
    clip_uuid: ClipUuid,
    status: Option<&'a str>,
    percent_complete: Option<u8>,
    current_operation: Option<&'a str>,
    polls: Option<u64>,
    elapsed_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    degraded: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
}

/// The event as a line. A trouble is none: the state beside it would be an old one. Nor is a
/// status that cannot be read: it is among what is degraded in the line that follows.
fn line(event: &Event) -> serde_json::Result<Option<String>> {
    let (name, error) = match &event.happened {
        Happened::Progress => ("progress", None),
        Happened::Complete(_) => ("complete", None),
        Happened::Failed { .. } => ("failed", None),
        Happened::Error {
            kind,
            message,
            reply,
        } => ("error", Some((*kind, message, reply))),
        Happened::Trouble { .. } | Happened::UnreadStatus { .. } => return Ok(None),
    };
    let reply = error.map(|(_, _, reply)| reply);
    let line = Line {
        event: name,
        clip_uuid: event.clip,
        status: event.state.status.as_deref(),
        percent_complete: event.state.percent,
        current_operation: event.state.operation.as_deref(),
        polls: event.polls,
        elapsed_ms: event
            .elapsed
            .and_then(|elapsed| u64::try_from(elapsed.as_millis()).ok()),
        warning: event.state.warning.as_deref(),
        degraded: &event.state.degraded,
        kind: error.map(|(kind, _, _)| kind_name(kind)),
        message: error.map(|(_, message, _)| message.as_str()),
        http_status: reply.and_then(|reply| reply.status),
        body: reply.and_then(|reply| reply.body.as_deref()),
    };
    serde_json::to_string(&line).map(Some)
}

fn kind_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Configuration => "configuration",
        ErrorKind::Connection => "connection",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Authentication => "authentication",
        ErrorKind::RateLimited => "rateLimited",
        ErrorKind::Service => "service",
        ErrorKind::UnexpectedStatus => "unexpectedStatus",
        ErrorKind::Decode => "decode",
        ErrorKind::NotFound => "notFound",
        ErrorKind::ClipFailed => "clipFailed",
        ErrorKind::DeadlineExceeded => "deadlineExceeded",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::Reply;
    use crate::state::State;
    use std::time::Duration;

    fn event(happened: Happened) -> Event {
        Event {
            clip: ClipUuid::from_bytes([0; 16]),
            state: State {
                status: Some("RENDERING".to_owned()),
                percent: Some(45),
                operation: Some("Processing \"video\"".to_owned()),
                ..State::default()
            },
            polls: Some(7),
            elapsed: Some(Duration::from_micros(12_034_900)),
            happened,
        }
    }

    fn text(event: &Event) -> String {
        line(event).unwrap().unwrap()
    }

    #[test]
    fn progress_is_a_line() {
        assert_eq!(
            text(&event(Happened::Progress)),
            r#"{"event":"progress","clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":"RENDERING","percentComplete":45,"currentOperation":"Processing \"video\"","polls":7,"elapsedMs":12034}"#
        );
    }

    #[test]
    fn what_is_not_known_is_null() {
        let event = Event {
            state: State::default(),
            polls: None,
            elapsed: None,
            ..event(Happened::Progress)
        };
        assert_eq!(
            text(&event),
            r#"{"event":"progress","clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":null,"percentComplete":null,"currentOperation":null,"polls":null,"elapsedMs":null}"#
        );
    }

    #[test]
    fn a_complete_clip_may_come_with_a_warning() {
        let details = Details::bare(ClipUuid::from_bytes([0; 16]));
        let event = Event {
            state: State {
                status: Some("COMPLETE".to_owned()),
                percent: Some(100),
                operation: None,
                warning: Some("half of it".to_owned()),
                ..State::default()
            },
            ..event(Happened::Complete(Box::new(details)))
        };
        assert_eq!(
            text(&event),
            r#"{"event":"complete","clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":"COMPLETE","percentComplete":100,"currentOperation":null,"polls":7,"elapsedMs":12034,"warning":"half of it"}"#
        );
    }

    #[test]
    fn a_failed_clip_has_its_state_and_another_end_its_kind_and_message() {
        let message = "it took too long".to_owned();
        let failed = event(Happened::Failed {
            message: message.clone(),
        });
        assert_eq!(
            text(&failed),
            r#"{"event":"failed","clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":"RENDERING","percentComplete":45,"currentOperation":"Processing \"video\"","polls":7,"elapsedMs":12034}"#
        );
        let kind = ErrorKind::DeadlineExceeded;
        let reply = Reply::default();
        assert_eq!(
            text(&event(Happened::Error {
                kind,
                message,
                reply
            })),
            r#"{"event":"error","clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":"RENDERING","percentComplete":45,"currentOperation":"Processing \"video\"","polls":7,"elapsedMs":12034,"kind":"deadlineExceeded","message":"it took too long"}"#
        );
    }

    #[test]
    fn an_error_comes_with_the_answer() {
        let error = event(Happened::Error {
            kind: ErrorKind::UnexpectedStatus,
            message: "unexpected status 400".to_owned(),
            reply: Reply::saying(400, "not\nso"),
        });
        let shown = text(&error);
        assert!(
            shown.ends_with(
                r#","kind":"unexpectedStatus","message":"unexpected status 400","httpStatus":400,"body":"not\nso"}"#
            ),
            "{shown}"
        );
    }

    #[test]
    fn what_could_not_be_read_is_an_array() {
        let mut event = event(Happened::Progress);
        event.state.degraded = vec!["/clip/title: found a number".to_owned()];
        let shown = text(&event);
        assert!(
            shown.ends_with(r#","elapsedMs":12034,"degraded":["/clip/title: found a number"]}"#),
            "{shown}"
        );
    }

    #[test]
    fn a_trouble_is_told_on_the_other_stream() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let message = "unexpected status 503".to_owned();
        let reply = Reply::saying(503, "<h1>Back\nsoon</h1>");
        JsonLines::new(&mut out, &mut err, false)
            .show(&event(Happened::Trouble { message, reply }))
            .unwrap();
        assert_eq!(out, b"");
        assert_eq!(
            String::from_utf8(err).unwrap(),
            "warning: unexpected status 503: <h1>Back soon</h1>; still watching\n"
        );
    }
}
