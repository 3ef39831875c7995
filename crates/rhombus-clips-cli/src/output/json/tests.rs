//! Lines of every event.

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

/// Time of every line.
fn time() -> Timestamp {
    Timestamp::from_nanosecond(1_795_528_925_006_999_999).unwrap()
}

fn text(event: &Event) -> String {
    to_json(&JsonEvent::from_event(event, time()).unwrap()).unwrap()
}

#[test]
fn progress_is_a_line() {
    let event = Event {
        remaining: Some(RemainingTime {
            remaining: Duration::from_micros(80_000_999),
            lower: Duration::ZERO,
            upper: Duration::MAX,
            is_vague: false,
        }),
        ..event(EventKind::Progress)
    };
    assert_eq!(
        text(&event),
        r#"{"event":"progress","time":"2026-11-24T14:02:05.006Z","clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":"RENDERING","percentComplete":45,"currentOperation":"Processing \"video\"","polls":7,"elapsedMs":12034,"remainingMs":80000,"remainingLowerMs":0,"remainingUpperMs":18446744073709551615}"#
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
        r#"{"event":"progress","time":"2026-11-24T14:02:05.006Z","clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":null,"percentComplete":null,"currentOperation":null,"polls":null,"elapsedMs":null,"remainingMs":null,"remainingLowerMs":null,"remainingUpperMs":null}"#
    );
}

#[test]
fn a_complete_clip_may_have_a_warning() {
    let details = Details::empty(ClipUuid::from_bytes([0; 16]));
    let clip = to_json(&details).unwrap();
    assert!(clip.starts_with(r#"{"clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":null"#));
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
    let snapshot = r#"{"event":"complete","time":"2026-11-24T14:02:05.006Z","clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":"COMPLETE","percentComplete":100,"currentOperation":null,"polls":7,"elapsedMs":12034,"warning":"half of it""#;
    assert_eq!(text(&event), format!("{snapshot},\"clip\":{clip}}}"));
}

#[test]
fn a_failed_clip_has_its_state_and_an_error_its_kind_and_message() {
    let message = "it took too long".to_owned();
    let failed = event(EventKind::Failed {
        message: message.clone(),
        reason: Some("no\u{1b} footage".to_owned()),
        clip: None,
    });
    assert_eq!(
        text(&failed),
        r#"{"event":"failed","time":"2026-11-24T14:02:05.006Z","clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":"RENDERING","percentComplete":45,"currentOperation":"Processing \"video\"","polls":7,"elapsedMs":12034,"reason":"no\u001b footage","clip":null}"#
    );
    let error_kind = ErrorKind::DeadlineExceeded;
    let response = ErrorResponse::default();
    assert_eq!(
        text(&event(EventKind::Error {
            error_kind,
            message,
            hints: vec!["set a longer --timeout".to_owned()],
            response,
            clip: None,
        })),
        r#"{"event":"error","time":"2026-11-24T14:02:05.006Z","clipUuid":"AAAAAAAAAAAAAAAAAAAAAA","status":"RENDERING","percentComplete":45,"currentOperation":"Processing \"video\"","polls":7,"elapsedMs":12034,"kind":"deadlineExceeded","message":"it took too long","hints":["set a longer --timeout"]}"#
    );
}

#[test]
fn an_error_includes_the_response() {
    let error = event(EventKind::Error {
        error_kind: ErrorKind::UnexpectedStatus,
        message: "unexpected status 400".to_owned(),
        hints: Vec::new(),
        response: ErrorResponse::with_body(400, "not\nso"),
        clip: None,
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
fn failures_and_errors_have_the_clip() {
    let details = Details {
        title: Some("Door".to_owned()),
        failure: Some("clip failed".to_owned()),
        ..Details::empty(ClipUuid::from_bytes([0; 16]))
    };
    let json = to_json(&details).unwrap();
    assert!(json.contains(r#""title":"Door""#) && !json.contains("clip failed"));
    let clip = Some(Box::new(details));
    let failed = EventKind::Failed {
        message: "clip failed".to_owned(),
        reason: None,
        clip: clip.clone(),
    };
    let line = text(&event(failed));
    assert!(
        line.ends_with(&format!(r#","reason":null,"clip":{json}}}"#)),
        "{line}"
    );
    let error = EventKind::Error {
        error_kind: ErrorKind::DeadlineExceeded,
        message: "it took too long".to_owned(),
        hints: Vec::new(),
        response: ErrorResponse::default(),
        clip,
    };
    let line = text(&event(error));
    assert!(
        line.ends_with(&format!(r#","message":"it took too long","clip":{json}}}"#)),
        "{line}"
    );
}

#[test]
fn the_summary_has_its_time() {
    let mut out = Vec::new();
    let summary = Summary {
        tracker: &Tracker::default(),
        elapsed: Duration::from_secs(1),
        is_interrupted: false,
    };
    let mut lines = JsonLines::new(&mut out, Vec::new(), false, time);
    lines.write_results(&summary).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "{\"event\":\"summary\",\"time\":\"2026-11-24T14:02:05.006Z\",\"complete\":0,\"failed\":0,\
         \"errors\":0,\"unfinished\":0,\"requests\":0,\"elapsedMs\":1000}\n"
    );
}

#[test]
fn decode_issues_are_an_array() {
    let mut event = event(EventKind::Progress);
    event.state.decode_issues = vec!["/clip/title: found a number".to_owned()];
    let line = text(&event);
    assert!(
        line.contains(r#","elapsedMs":12034,"decodeIssues":["/clip/title: found a number"],"rem"#),
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
    JsonLines::new(&mut out, &mut err, false, time)
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
