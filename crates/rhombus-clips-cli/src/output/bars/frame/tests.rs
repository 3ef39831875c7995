//! The terminal, line by line.

use super::*;
use crate::clip::details::Details;
use crate::clip::event::{Event, Happened};
use crate::clip::reply::Reply;
use crate::clip::state::State;
use rhombus_clips::{ClipUuid, ErrorKind};

const SECOND: Duration = Duration::from_secs(1);

fn canvas(columns: usize) -> Canvas {
    Canvas {
        columns,
        has_colours: false,
        picture: 2,
    }
}

fn uuid(clip: u8) -> ClipUuid {
    ClipUuid::from_bytes([clip.wrapping_mul(37); 16])
}

fn event(clip: u8, status: &str, percent: u8, happened: Happened) -> Event {
    let runs = matches!(happened, Happened::Progress);
    Event {
        clip: uuid(clip),
        state: State {
            status: Some(status.to_owned()),
            percent: Some(percent),
            operation: Some("Processing video".to_owned()),
            ..State::default()
        },
        polls: Some(7),
        elapsed: Some(42 * SECOND),
        left: runs.then_some(TimeLeft {
            remaining: 81 * SECOND,
            lower: 52 * SECOND,
            upper: 112 * SECOND,
        }),
        happened,
    }
}

/// One that runs, one of each end, and two that nothing is known of.
fn roster() -> Roster {
    let mut roster = Roster::default();
    (0..6).for_each(|clip| assert!(roster.add(uuid(clip))));
    let details = Box::new(Details::bare(uuid(1)));
    let failed = Happened::Failed {
        message: String::new(),
    };
    let late = Happened::Error {
        kind: ErrorKind::DeadlineExceeded,
        message: String::new(),
        reply: Reply::default(),
    };
    for event in [
        event(0, "RENDERING", 45, Happened::Progress),
        event(1, "COMPLETE", 100, Happened::Complete(details)),
        event(2, "FAILED", 71, failed),
        event(3, "OFFLINE", 0, late),
        Event {
            state: State::default(),
            left: None,
            ..event(4, "", 0, Happened::Progress)
        },
    ] {
        roster.take(&event, SECOND);
    }
    roster
}

fn several(columns: usize) -> String {
    let roster = roster();
    let mut lines = clips(roster.clips(), true, SECOND, canvas(columns));
    lines.push(overall(&roster, 0, SECOND, canvas(columns)));
    assert!(lines.iter().all(|line| measure_text_width(line) < columns));
    lines.join("\n")
}

#[test]
fn several_clips_are_in_columns() {
    assert_eq!(
        several(80),
        "\
⠹ AAAAAAAA… RENDERING  ━━━━─────  45% ~1m20s (50s–2m)    7 req Processing video
✓ JSUlJSUl… COMPLETE   ━━━━━━━━━ 100%                    7 req Processing video
✗ SkpKSkpK… FAILED     ━━━━━━───  71%                    7 req Processing video
! b29vb29v… OFFLINE    ─────────   0%                    7 req deadline
⠹ lJSUlJSU…            ─────────                         7 req no record yet
⠹ ubm5ubm5…            ─────────                         0 req asking
  ━━━━━───── 3/6  1 complete, 1 failed, 1 error, ~1m20s left, 35 req, 1s"
    );
    assert_eq!(
        several(120).lines().next().unwrap(),
        "⠹ AAAAAAAAAAAAAAAAAAAAAA RENDERING  ━━━━━━━━━━━━━╸────────────────  45% \
         ~1m20s (50s–2m)    7 req Processing video"
    );
}

#[test]
fn the_least_important_gives_way_on_a_narrow_terminal() {
    assert_eq!(
        several(40),
        "\
⠹ AAAAAAAA… RENDERING   45% ~1m20s
✓ JSUlJSUl… COMPLETE   100%
✗ SkpKSkpK… FAILED      71%
! b29vb29v… OFFLINE      0%
⠹ lJSUlJSU…
⠹ ubm5ubm5…
  ━━━━━───── 3/6  1 complete, 1 failed"
    );
    (2..200).for_each(|columns| _ = several(columns));
}

#[test]
fn one_clip_is_a_line() {
    let mut roster = Roster::default();
    roster.add(uuid(0));
    let single = |roster: &Roster, columns| {
        let lines = clips(roster.clips(), false, 10 * SECOND, canvas(columns));
        lines.join("\n")
    };
    assert_eq!(
        single(&roster, 80),
        "⠹            ──────────────────────────────      0 requests 10s asking"
    );
    roster.take(&event(0, "RENDERING", 45, Happened::Progress), 3 * SECOND);
    assert_eq!(
        single(&roster, 80),
        "⠹ RENDERING  ━━━━╸─────  45% ~1m10s (45s–1m50s) 7 requests 49s Processing video"
    );
    assert_eq!(
        single(&roster, 40),
        "⠹ RENDERING  ━━━━━━────────  45% ~1m10s"
    );
}

#[test]
fn colours_are_there_only_where_they_are_wanted() {
    let mut canvas = canvas(80);
    assert!(!clips(roster().clips(), true, SECOND, canvas)[0].contains('\u{1b}'));
    canvas.has_colours = true;
    let line = clips(roster().clips(), true, SECOND, canvas).swap_remove(0);
    assert!(line.contains('\u{1b}') && measure_text_width(&line) < 80);
}

#[test]
fn what_the_service_says_moves_no_cursor() {
    let mut roster = Roster::default();
    roster.add(uuid(0));
    let mut odd = event(0, "\u{1b}[2J", 1, Happened::Progress);
    odd.state.operation = Some("a\nb\u{7}".to_owned());
    roster.take(&odd, SECOND);
    let line = clips(roster.clips(), false, SECOND, canvas(80)).swap_remove(0);
    assert!(!line.contains(char::is_control), "{line:?}");
}
