//! One JSON object a line.

mod line;

use std::io::{self, Write};

use super::{Closing, Display};
use crate::clip::event::Event;
use crate::messages;
use crate::watch::roster::Roster;
pub(crate) use line::Line;

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

    fn write(&mut self, line: &Line<'_>) -> io::Result<()> {
        writeln!(self.out, "{}", serde_json::to_string(line)?)?;
        self.out.flush()
    }
}

impl<O: Write, E: Write> Display for JsonLines<O, E> {
    fn show(&mut self, event: &Event, _: &Roster) -> io::Result<()> {
        if let Some(line) = Line::of(event) {
            self.write(&line)?;
        }
        if let Some(message) = messages::about(event, self.several) {
            self.tell(&message);
        }
        Ok(())
    }

    fn tell(&mut self, message: &str) {
        // Standard output is what counts; the other may be closed.
        let _ = writeln!(self.err, "{message}");
    }

    fn close(&mut self, closing: &Closing<'_>) -> io::Result<()> {
        self.write(&Line::summary(closing.roster.counts(), closing.elapsed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::details::Details;
    use crate::clip::event::Happened;
    use crate::clip::reply::Reply;
    use crate::clip::state::State;
    use crate::clip::time_left::TimeLeft;
    use rhombus_clips::{ClipUuid, ErrorKind};
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
            left: None,
            happened,
        }
    }

    fn text(event: &Event) -> String {
        serde_json::to_string(&Line::of(event).unwrap()).unwrap()
    }

    #[test]
    fn progress_is_a_line() {
        let event = Event {
            left: Some(TimeLeft {
                remaining: Duration::from_micros(80_000_999),
                lower: Duration::ZERO,
                upper: Duration::MAX,
            }),
            ..event(Happened::Progress)
        };
        assert_eq!(
            text(&event),
            r#"{"event":"progress","clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":"RENDERING","percentComplete":45,"currentOperation":"Processing \"video\"","polls":7,"elapsedMs":12034,"remainingMs":80000,"remainingLowerMs":0,"remainingUpperMs":18446744073709551615}"#
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
            r#"{"event":"progress","clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":null,"percentComplete":null,"currentOperation":null,"polls":null,"elapsedMs":null,"remainingMs":null,"remainingLowerMs":null,"remainingUpperMs":null}"#
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
        event.state.decode_issues = vec!["/clip/title: found a number".to_owned()];
        let shown = text(&event);
        assert!(
            shown.contains(r#","elapsedMs":12034,"decodeIssues":["/clip/title: found a number"],"#),
            "{shown}"
        );
    }

    #[test]
    fn a_trouble_is_told_on_the_other_stream() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let message = "unexpected status 503".to_owned();
        let reply = Reply::saying(503, "<h1>Back\nsoon</h1>");
        JsonLines::new(&mut out, &mut err, false)
            .show(
                &event(Happened::Trouble { message, reply }),
                &Roster::default(),
            )
            .unwrap();
        assert_eq!(out, b"");
        assert_eq!(
            String::from_utf8(err).unwrap(),
            "warning: unexpected status 503: <h1>Back soon</h1>; still watching\n"
        );
    }
}
