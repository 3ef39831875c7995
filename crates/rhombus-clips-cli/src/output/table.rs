//! A row a clip.

use indicatif::{FormattedDuration, HumanBytes};
use rhombus_clips::ErrorKind;
use std::io::{self, IsTerminal as _, Write};
use std::time::Duration;

use super::{Closing, Display, width};
use crate::clip::details::Details;
use crate::clip::event::Event;
use crate::clip::time_left::span;
use crate::messages;
use crate::watch::roster::{Counts, End, Roster, Watched};
use crate::wording::columns::aligned;
use crate::wording::printable::printable;
use crate::wording::utc::utc;

/// A table on `out` at the end, troubles and errors on `err`.
pub(crate) struct TableLines<O, E> {
    out: O,
    err: E,
}

impl<O: Write, E: Write> TableLines<O, E> {
    pub(crate) fn new(out: O, err: E) -> Self {
        Self { out, err }
    }
}

impl<O: Write, E: Write> Display for TableLines<O, E> {
    fn show(&mut self, event: &Event, _: &Roster) -> io::Result<()> {
        // Always with its clip: the table is not there yet.
        if let Some(message) = messages::about(event, true) {
            self.tell(&message);
        }
        Ok(())
    }

    fn tell(&mut self, message: &str) {
        // Standard output is what counts; the other may be closed.
        let _ = writeln!(self.err, "{message}");
    }

    fn close(&mut self, closing: &Closing<'_>) -> io::Result<()> {
        self.out
            .write_all(watched(closing.roster, width()).as_bytes())?;
        self.out.flush()?;
        if io::stderr().is_terminal() {
            self.tell(&summary(closing.roster.counts(), closing.elapsed));
        }
        Ok(())
    }
}

/// The clips that were watched.
pub(crate) fn watched(roster: &Roster, width: Option<usize>) -> String {
    let names = [
        "CLIP", "RESULT", "STATUS", "REQUESTS", "TIME", "SIZE", "TITLE",
    ];
    let row = |watched: &Watched| {
        let status = watched
            .state
            .as_ref()
            .and_then(|state| state.status.as_deref());
        [
            watched.clip.to_string(),
            result(watched.end).to_owned(),
            cell(status),
            watched.requests.to_string(),
            span(watched.elapsed),
            size(watched.byte_count),
            cell(watched.title.as_deref()),
        ]
    };
    let rows: Vec<_> = [names.map(str::to_owned)]
        .into_iter()
        .chain(roster.clips().iter().map(row))
        .collect();
    aligned(&rows, width)
}

/// One clip as it is.
pub(crate) fn details(clip: &Details, width: Option<usize>) -> String {
    let names = [
        "CLIP",
        "STATUS",
        "%",
        "OPERATION",
        "RECORDED",
        "LENGTH",
        "SIZE",
        "TITLE",
    ];
    let length = clip.duration_sec.map(|seconds| length(seconds).to_string());
    let row = [
        clip.clip_uuid.to_string(),
        cell(clip.status.as_deref()),
        cell(
            clip.percent_complete
                .map(|percent| percent.to_string())
                .as_deref(),
        ),
        cell(clip.current_operation.as_deref()),
        cell(clip.recorded_at_ms.map(utc).as_deref()),
        cell(length.as_deref()),
        size(clip.byte_count),
        cell(clip.title.as_deref()),
    ];
    aligned(&[names.map(str::to_owned), row], width)
}

/// Such as `3 complete, 1 failed, 88 requests in 1m20s`.
pub(crate) fn summary(counts: Counts, elapsed: Duration) -> String {
    let requests = match counts.requests {
        1 => "1 request".to_owned(),
        requests => format!("{requests} requests"),
    };
    let mut parts = ends(counts);
    if counts.unfinished > 0 {
        parts.push(format!("{} unfinished", counts.unfinished));
    }
    format!("{}, {requests} in {}", parts.join(", "), span(elapsed))
}

/// Such as `3 complete` and `1 failed`. What there is none of is left out, but for what is complete.
pub(crate) fn ends(counts: Counts) -> Vec<String> {
    let mut parts = vec![format!("{} complete", counts.complete)];
    let mut add = |count, what| {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    };
    add(counts.failed, "failed");
    add(
        counts.other,
        if counts.other == 1 { "error" } else { "errors" },
    );
    parts
}

/// What became of the watch of a clip.
pub(crate) fn result(end: Option<End>) -> &'static str {
    match end {
        None => "unfinished",
        Some(End::Complete) => "complete",
        Some(End::Failed) => "failed",
        Some(End::Error(ErrorKind::DeadlineExceeded)) => "deadline",
        Some(End::Error(ErrorKind::NotFound)) => "not found",
        Some(End::Error(ErrorKind::Authentication)) => "denied",
        Some(End::Error(_)) => "error",
    }
}

/// A length of footage.
pub(crate) fn length(seconds: u64) -> FormattedDuration {
    FormattedDuration(Duration::from_secs(seconds))
}

fn size(bytes: Option<u64>) -> String {
    cell(bytes.map(|bytes| HumanBytes(bytes).to_string()).as_deref())
}

/// A cell is never empty: columns can be told apart by what is between them.
fn cell(text: Option<&str>) -> String {
    match text.map(printable) {
        Some(text) if !text.trim().is_empty() => text.into_owned(),
        _ => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::event::Happened;
    use crate::clip::reply::Reply;
    use crate::clip::state::State;
    use rhombus_clips::ClipUuid;

    fn uuid(clip: u8) -> ClipUuid {
        ClipUuid::from_bytes([clip; 16])
    }

    fn roster() -> Roster {
        let mut roster = Roster::default();
        let details = Details {
            title: Some("Front\u{1b} door".to_owned()),
            byte_count: Some(1_572_864),
            ..Details::bare(uuid(0))
        };
        let late = Happened::Error {
            kind: ErrorKind::DeadlineExceeded,
            message: "late".to_owned(),
            reply: Reply::default(),
        };
        let happened = [
            ("COMPLETE", Happened::Complete(Box::new(details))),
            ("RENDERING", late),
        ];
        for (clip, (status, happened)) in (0..).zip(happened) {
            roster.add(uuid(clip));
            let event = Event {
                clip: uuid(clip),
                state: State {
                    status: Some(status.to_owned()),
                    ..State::default()
                },
                polls: Some(7),
                elapsed: Some(Duration::from_secs(80)),
                left: None,
                happened,
            };
            roster.take(&event, Duration::ZERO);
        }
        roster.add(uuid(2));
        roster
    }

    #[test]
    fn a_watched_clip_is_a_row() {
        assert_eq!(
            watched(&roster(), None),
            "\
CLIP                    RESULT      STATUS     REQUESTS  TIME   SIZE      TITLE
AAAAAAAAAAAAAAAAAAAAAA  complete    COMPLETE   7         1m20s  1.50 MiB  Front\u{fffd} door
AQEBAQEBAQEBAQEBAQEBAQ  deadline    RENDERING  7         1m20s  -         -
AgICAgICAgICAgICAgICAg  unfinished  -          0         0s     -         -
"
        );
        assert_eq!(
            summary(roster().counts(), Duration::from_secs(81)),
            "1 complete, 1 error, 1 unfinished, 14 requests in 1m21s"
        );
    }

    #[test]
    fn a_clip_is_a_row_below_its_names() {
        let clip = Details {
            status: Some("RENDERING".to_owned()),
            percent_complete: Some(45),
            current_operation: Some("Processing video".to_owned()),
            duration_sec: Some(65),
            ..Details::bare(uuid(0))
        };
        assert_eq!(
            details(&clip, None),
            "\
CLIP                    STATUS     %   OPERATION         RECORDED  LENGTH    SIZE  TITLE
AAAAAAAAAAAAAAAAAAAAAA  RENDERING  45  Processing video  -         00:01:05  -     -
"
        );
    }
}
