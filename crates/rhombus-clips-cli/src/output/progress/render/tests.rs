//! Compares entire frames.

use rhombus_clips::{ClipUuid, ErrorKind};

use super::*;
use crate::output::clip_view::{ClipState, Details};
use crate::output::event::{Event, EventKind};
use crate::report::error_response::ErrorResponse;

const SECOND: Duration = Duration::from_secs(1);

fn theme(columns: usize) -> Theme {
    Theme {
        columns,
        has_colors: false,
        frame: 2,
    }
}

fn uuid(byte: u8) -> ClipUuid {
    ClipUuid::from_bytes([byte.wrapping_mul(37); 16])
}

fn event(byte: u8, status: &str, percent: u8, kind: EventKind) -> Event {
    let is_running = matches!(kind, EventKind::Progress);
    Event {
        uuid: uuid(byte),
        state: ClipState {
            status: Some(status.to_owned()),
            percent: Some(percent),
            operation: Some("Processing video".to_owned()),
            ..ClipState::default()
        },
        polls: Some(7),
        elapsed: Some(42 * SECOND),
        remaining: is_running.then_some(RemainingTime {
            remaining: 81 * SECOND,
            lower: 52 * SECOND,
            upper: 112 * SECOND,
            is_vague: false,
        }),
        kind,
    }
}

/// Tracks a running clip, one clip per outcome, one without a record, and one without a response.
fn tracker() -> Tracker {
    let mut tracker = Tracker::default();
    (0..6).for_each(|byte| assert!(tracker.add(uuid(byte))));
    let details = Box::new(Details::empty(uuid(1)));
    let failed = EventKind::Failed {
        message: String::new(),
        reason: None,
        clip: None,
    };
    let late = EventKind::Error {
        error_kind: ErrorKind::DeadlineExceeded,
        message: String::new(),
        hints: Vec::new(),
        response: ErrorResponse::default(),
        clip: None,
    };
    for event in [
        event(0, "RENDERING", 45, EventKind::Progress),
        event(1, "COMPLETE", 100, EventKind::Complete(details)),
        event(2, "FAILED", 71, failed),
        event(3, "OFFLINE", 0, late),
        Event {
            state: ClipState::default(),
            remaining: None,
            ..event(4, "", 0, EventKind::Progress)
        },
    ] {
        tracker.apply(&event, SECOND);
    }
    tracker.set_requests(35);
    tracker
}

fn render_several(columns: usize) -> String {
    let tracker = tracker();
    let mut lines = render_clips(tracker.clips(), true, SECOND, theme(columns));
    lines.push(render_totals(&tracker, 0, SECOND, theme(columns)));
    assert!(lines.iter().all(|line| measure_text_width(line) < columns));
    lines.join("\n")
}

#[test]
fn several_clips_are_aligned_in_columns() {
    assert_eq!(
        render_several(80),
        "\
⠹ AAAAAAAA… RENDERING  ━━━╸────  45% ~1m20s (50s–2m)   7 polls Processing video
✓ JSUlJSUl… COMPLETE   ━━━━━━━━ 100%                   7 polls Processing video
✗ SkpKSkpK… FAILED     ━━━━━╸──  71%                   7 polls Processing video
! b29vb29v… OFFLINE    ────────   0%                   7 polls deadline
⠹ lJSUlJSU…            ────────                        7 polls no record yet
⠹ ubm5ubm5…            ────────                        0 polls polling
  ━━━━━───── 3/6  1 complete, 1 failed, 1 error, ~1m20s left, 35 req, 1s"
    );
    assert_eq!(
        render_several(120).lines().next().unwrap(),
        "⠹ AAAAAAAAAAAAAAAAAAAAAA RENDERING  ━━━━━━━━━━━━━╸────────────────  45% \
         ~1m20s (50s–2m)   7 polls Processing video"
    );
}

#[test]
fn a_clip_without_any_response_is_not_said_to_have_no_record() {
    let mut tracker = Tracker::default();
    tracker.add(uuid(0));
    let line = |tracker: &Tracker| render_clips(tracker.clips(), false, SECOND, theme(80)).join("");
    let failed = EventKind::RetryableError {
        message: "cannot connect".to_owned(),
        response: ErrorResponse::default(),
    };
    let without_state = |kind| Event {
        state: ClipState::default(),
        remaining: None,
        ..event(0, "", 0, kind)
    };
    tracker.apply(&without_state(failed), SECOND);
    assert!(
        line(&tracker).ends_with("no response yet"),
        "{}",
        line(&tracker)
    );
    tracker.apply(&without_state(EventKind::Progress), SECOND);
    assert!(
        line(&tracker).ends_with("no record yet"),
        "{}",
        line(&tracker)
    );
}

#[test]
fn a_narrow_terminal_hides_columns() {
    assert_eq!(
        render_several(40),
        "\
⠹ AAAAAAAA… RENDERING   45% ~1m20s
✓ JSUlJSUl… COMPLETE   100%
✗ SkpKSkpK… FAILED      71%
! b29vb29v… OFFLINE      0%
⠹ lJSUlJSU…
⠹ ubm5ubm5…
  ━━━━━───── 3/6  1 complete, 1 failed"
    );
    (2..200).for_each(|columns| _ = render_several(columns));
}

#[test]
fn a_single_clip_is_one_line() {
    let mut tracker = Tracker::default();
    tracker.add(uuid(0));
    let single = |tracker: &Tracker, columns| {
        let lines = render_clips(tracker.clips(), false, 10 * SECOND, theme(columns));
        lines.join("\n")
    };
    assert_eq!(
        single(&tracker, 80),
        "⠹            ──────────────────────────────      0 requests 10s polling"
    );
    tracker.apply(&event(0, "RENDERING", 45, EventKind::Progress), 3 * SECOND);
    assert_eq!(
        single(&tracker, 80),
        "⠹ RENDERING  ━━━━╸─────  45% ~1m10s (45s–1m50s) 7 requests 49s Processing video"
    );
    assert_eq!(
        single(&tracker, 40),
        "⠹ RENDERING  ━━━━━━────────  45% ~1m10s"
    );
}

#[test]
fn colors_are_used_only_if_enabled() {
    let mut theme = theme(80);
    assert!(!render_clips(tracker().clips(), true, SECOND, theme)[0].contains('\u{1b}'));
    theme.has_colors = true;
    let line = render_clips(tracker().clips(), true, SECOND, theme).swap_remove(0);
    assert!(line.contains('\u{1b}') && measure_text_width(&line) < 80);
}

#[test]
fn text_from_the_service_is_sanitized() {
    let mut tracker = Tracker::default();
    tracker.add(uuid(0));
    let mut hostile = event(0, "\u{1b}[2J", 1, EventKind::Progress);
    hostile.state.operation = Some("a\nb\u{7}".to_owned());
    tracker.apply(&hostile, SECOND);
    let line = render_clips(tracker.clips(), false, SECOND, theme(80)).swap_remove(0);
    assert!(!line.contains(char::is_control), "{line:?}");
}
