//! Lines for people.

use indicatif::HumanBytes;
use std::io::{self, Write};

use super::{Closing, Display, table, width};
use crate::clip::details::Details;
use crate::clip::event::{Event, Happened};
use crate::messages;
use crate::watch::roster::Roster;
use crate::wording::printable::printable;
use crate::wording::utc::utc;

/// Changes and then the clips on `out`, troubles and errors on `err`.
pub(crate) struct TextLines<O, E> {
    out: O,
    err: E,
    several: bool,
    finished: Option<Details>,
}

impl<O: Write, E: Write> TextLines<O, E> {
    pub(crate) fn new(out: O, err: E, several: bool) -> Self {
        Self {
            out,
            err,
            several,
            finished: None,
        }
    }
}

impl<O: Write, E: Write> Display for TextLines<O, E> {
    fn show(&mut self, event: &Event, _: &Roster) -> io::Result<()> {
        if let Some(line) = line(event) {
            writeln!(self.out, "{line}")?;
            self.out.flush()?;
        }
        if let Some(message) = messages::about(event, self.several) {
            self.tell(&message);
        }
        if let Happened::Complete(details) = &event.happened
            && !self.several
        {
            self.finished = Some(Details::clone(details));
        }
        Ok(())
    }

    fn tell(&mut self, message: &str) {
        // Standard output is what counts; the other may be closed.
        let _ = writeln!(self.err, "{message}");
    }

    fn close(&mut self, closing: &Closing<'_>) -> io::Result<()> {
        let results = results(self.several, self.finished.as_ref(), closing);
        if !results.is_empty() {
            write!(self.out, "\n{results}")?;
        }
        self.out.flush()
    }
}

/// What there is to say of the clips at the end: of one all that is known of it, of several a row
/// each and a line for all.
pub(crate) fn results(several: bool, finished: Option<&Details>, closing: &Closing<'_>) -> String {
    if !several {
        return finished.map(details).unwrap_or_default();
    }
    let Closing {
        roster, elapsed, ..
    } = closing;
    let rows = match roster.clips() {
        [] => String::new(),
        _ => format!("{}\n", table::watched(roster, width())),
    };
    format!("{rows}{}\n", table::summary(roster.counts(), *elapsed))
}

/// The state that an event found its clip in, such as
/// `Vu0s9xQbQ1OsHk3tLw6rWg  RENDERING   45%  Processing video  ~1m20s (50s–2m)`. Nothing when no
/// new state was seen.
fn line(event: &Event) -> Option<String> {
    match &event.happened {
        Happened::Progress | Happened::Complete(_) | Happened::Failed { .. } => {}
        Happened::Trouble { .. } | Happened::UnreadStatus { .. } | Happened::Error { .. } => {
            return None;
        }
    }
    let state = &event.state;
    if state.is_empty() {
        return Some(format!("{}  no record yet", event.clip));
    }
    let status = printable(state.status.as_deref().unwrap_or("-"));
    let percent = state
        .percent
        .map_or_else(|| "-".to_owned(), |percent| format!("{percent}%"));
    let operation = printable(state.operation.as_deref().unwrap_or_default());
    let left = event.left.map(|left| format!("  {left}"));
    let left = left.unwrap_or_default();
    let line = format!(
        "{}  {status:<10}  {percent:>4}  {operation}{left}",
        event.clip
    );
    Some(line.trim_end().to_owned())
}

/// A clip, one property a line; what the service did not say is left out.
pub(crate) fn details(clip: &Details) -> String {
    let progress = match (clip.percent_complete, &clip.current_operation) {
        (Some(percent), Some(operation)) => Some(format!("{percent}% of {operation}")),
        (Some(percent), None) => Some(format!("{percent}%")),
        (None, operation) => operation.clone(),
    };
    let length = clip
        .duration_sec
        .map(|seconds| table::length(seconds).to_string());
    let size = clip
        .byte_count
        .map(|bytes| format!("{} ({bytes} bytes)", HumanBytes(bytes)));
    let rows = [
        ("clip", Some(clip.clip_uuid.to_string())),
        ("title", clip.title.clone()),
        ("status", clip.status.clone()),
        ("progress", progress),
        ("recorded", clip.recorded_at_ms.map(utc)),
        ("created", clip.created_at_ms.map(utc)),
        ("updated", clip.updated_at_ms.map(utc)),
        ("length", length),
        ("size", size),
        ("region", clip.region.clone()),
        ("sha256", clip.sha256_hex.clone()),
        ("warning", clip.warning.clone()),
    ];
    let unread = clip.decode_issues.iter().cloned().map(Some);
    rows.into_iter()
        .chain(unread.map(|value| ("unread", value)))
        .filter_map(|(name, value)| Some(format!("{name:<10}{}\n", printable(&value?))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::reply::Reply;
    use crate::clip::state::State;
    use rhombus_clips::{ClipUuid, ErrorKind};

    fn event(happened: Happened, state: State) -> Event {
        Event {
            clip: ClipUuid::from_bytes([0; 16]),
            state,
            polls: None,
            elapsed: None,
            left: None,
            happened,
        }
    }

    fn rendering() -> State {
        State {
            status: Some("RENDERING".to_owned()),
            percent: Some(45),
            operation: Some("Processing video".to_owned()),
            ..State::default()
        }
    }

    #[test]
    fn a_state_is_a_line() {
        let shown = |state| line(&event(Happened::Progress, state)).unwrap();
        assert_eq!(
            shown(rendering()),
            "AAAAAAAAAAAAAAAAAAAAAA  RENDERING    45%  Processing video"
        );
        let bare = State {
            status: Some("OFFLINE".to_owned()),
            ..State::default()
        };
        assert_eq!(shown(bare), "AAAAAAAAAAAAAAAAAAAAAA  OFFLINE        -");
        assert_eq!(
            shown(State::default()),
            "AAAAAAAAAAAAAAAAAAAAAA  no record yet"
        );
    }

    #[test]
    fn an_error_is_not_a_state() {
        let kind = ErrorKind::Authentication;
        let message = "denied".to_owned();
        let reply = Reply::saying(403, "{\n\"msg\": \"no\"\n}");
        let error = event(
            Happened::Error {
                kind,
                message,
                reply,
            },
            rendering(),
        );
        let (mut out, mut err) = (Vec::new(), Vec::new());
        TextLines::new(&mut out, &mut err, true)
            .show(&error, &Roster::default())
            .unwrap();
        assert_eq!(out, b"");
        assert_eq!(
            String::from_utf8(err).unwrap(),
            "error: AAAAAAAAAAAAAAAAAAAAAA: denied: { \"msg\": \"no\" }\n"
        );
    }

    #[test]
    fn a_status_that_cannot_be_read_is_a_warning() {
        let message = "unreadable".to_owned();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let unread = event(Happened::UnreadStatus { message }, rendering());
        TextLines::new(&mut out, &mut err, false)
            .show(&unread, &Roster::default())
            .unwrap();
        assert_eq!(out, b"");
        assert_eq!(String::from_utf8(err).unwrap(), "warning: unreadable\n");
    }

    #[test]
    fn what_could_not_be_read_is_a_row_each() {
        let clip = Details {
            decode_issues: vec!["/clip/a: one".to_owned(), "/clip/\u{1b}: two".to_owned()],
            ..Details::bare(ClipUuid::from_bytes([0; 16]))
        };
        assert_eq!(
            details(&clip),
            "\
clip      AAAAAAAAAAAAAAAAAAAAAA
unread    /clip/a: one
unread    /clip/\u{fffd}: two
"
        );
    }

    #[test]
    fn a_finished_clip_is_a_table() {
        let clip = Details {
            title: Some("Dock\u{1b}[2J".to_owned()),
            status: Some("COMPLETE".to_owned()),
            percent_complete: Some(100),
            current_operation: Some("Complete".to_owned()),
            recorded_at_ms: Some(0),
            duration_sec: Some(65),
            byte_count: Some(1_572_864),
            ..Details::bare(ClipUuid::from_bytes([0; 16]))
        };
        assert_eq!(
            details(&clip),
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
