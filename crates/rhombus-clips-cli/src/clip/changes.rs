//! Which events are news.

use rhombus_clips::{ClipUuid, ErrorKind};
use std::collections::{HashMap, HashSet};
use std::mem;

use crate::clip::event::{Event, Happened};
use crate::clip::state::State;

/// Remembers what was shown of each clip.
///
/// A record can change where nobody is shown it, and a service that is away is away at every
/// request: neither is worth another line.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    shown: HashMap<ClipUuid, Shown>,
    refusals: HashSet<String>,
}

#[derive(Debug, Default)]
struct Shown {
    state: Option<State>,
    trouble: Option<String>,
    unread_status: bool,
}

impl Changes {
    /// Whether the event says something new about its clip.
    pub(crate) fn is_news(&mut self, event: &Event) -> bool {
        let shown = self.shown.entry(event.clip).or_default();
        match &event.happened {
            Happened::Progress => {
                shown.trouble = None;
                shown.state.replace(event.state.clone()).as_ref() != Some(&event.state)
            }
            // Not by the answer, which may tell the time.
            Happened::Trouble { message, .. } => {
                shown.trouble.replace(message.clone()).as_ref() != Some(message)
            }
            Happened::UnreadStatus { .. } => !mem::replace(&mut shown.unread_status, true),
            Happened::Complete(_) | Happened::Failed { .. } | Happened::Error { .. } => true,
        }
    }
}

impl Changes {
    /// A key that is not accepted is not accepted for any clip: marks the event of another one as
    /// told.
    pub(crate) fn mark_told(&mut self, event: &mut Event) {
        if let Happened::Error {
            kind: ErrorKind::Authentication,
            message,
            reply,
        } = &mut event.happened
        {
            reply.is_told = !self.refusals.insert(message.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::reply::Reply;

    fn event(clip: u8, happened: Happened, percent: Option<u8>) -> Event {
        Event {
            clip: ClipUuid::from_bytes([clip; 16]),
            state: State {
                percent,
                ..State::default()
            },
            polls: None,
            elapsed: None,
            left: None,
            happened,
        }
    }

    fn progress(clip: u8, percent: Option<u8>) -> Event {
        event(clip, Happened::Progress, percent)
    }

    fn trouble(message: &str) -> Event {
        answered(message, Reply::default())
    }

    fn answered(message: &str, reply: Reply) -> Event {
        let message = message.to_owned();
        event(0, Happened::Trouble { message, reply }, None)
    }

    #[test]
    fn the_same_state_is_no_news() {
        let mut changes = Changes::default();
        let percents = [None, None, Some(1), Some(1), Some(0)];
        let news = percents.map(|percent| changes.is_news(&progress(0, percent)));
        assert_eq!(news, [true, false, true, false, true]);
        assert!(changes.is_news(&progress(1, Some(0))));
    }

    #[test]
    fn a_trouble_is_news_once_until_the_clip_is_seen_again() {
        let mut changes = Changes::default();
        let events = [
            trouble("503"),
            trouble("503"),
            trouble("502"),
            progress(0, None),
            trouble("502"),
        ];
        let news = events.map(|event| changes.is_news(&event));
        assert_eq!(news, [true, false, true, true, true]);
    }

    #[test]
    fn a_trouble_is_the_same_at_another_time() {
        let mut changes = Changes::default();
        let events = [1, 2].map(|time| answered("500", Reply::saying(500, &time.to_string())));
        let news = events.map(|event| changes.is_news(&event));
        assert_eq!(news, [true, false]);
    }

    #[test]
    fn an_unread_status_is_news_once_a_clip() {
        let mut changes = Changes::default();
        let unread = |clip| {
            let message = "found a number".to_owned();
            event(clip, Happened::UnreadStatus { message }, None)
        };
        let events = [unread(0), progress(0, None), unread(0), unread(1)];
        let news = events.map(|event| changes.is_news(&event));
        assert_eq!(news, [true, true, false, true]);
    }
}
