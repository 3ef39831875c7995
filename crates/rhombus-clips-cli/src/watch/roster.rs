//! Which clips are watched, and how far each has come.

use rhombus_clips::{Checkpoint, ClipUuid, ErrorKind};
use std::collections::HashMap;
use std::time::Duration;

use crate::clip::event::{Event, Happened};
use crate::clip::state::State;
use crate::clip::time_left::TimeLeft;
use crate::exit_code::ExitCode;

/// The clips that are or were watched, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    clips: Vec<Watched>,
    places: HashMap<ClipUuid, usize>,
    counts: Counts,
    worst: Option<ExitCode>,
}

/// A clip that is or was watched.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    pub(crate) clip: ClipUuid,
    /// The state that was seen last, if any was.
    pub(crate) state: Option<State>,
    /// The time left, and when that was said.
    left: Option<(TimeLeft, Duration)>,
    /// When something was told of it last, since the program began to watch.
    pub(crate) told_at: Option<Duration>,
    /// How many requests this run of the program sent for it.
    pub(crate) requests: u64,
    requests_before: u64,
    /// How long its watch had lasted when something was told last, or when it was stopped.
    pub(crate) elapsed: Duration,
    pub(crate) end: Option<End>,
    pub(crate) byte_count: Option<u64>,
    pub(crate) title: Option<String>,
}

/// How the watch of a clip ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Complete,
    /// Failed or deleted.
    Failed,
    Error(ErrorKind),
}

/// How many clips ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) complete: usize,
    pub(crate) failed: usize,
    /// Their watch ended with an error.
    pub(crate) other: usize,
    pub(crate) unfinished: usize,
    /// How many requests this run of the program sent for all of them.
    pub(crate) requests: u64,
}

impl Counts {
    pub(crate) fn ended(&self) -> usize {
        self.complete + self.failed + self.other
    }
}

impl Roster {
    /// A clip is watched from now on; `false` when it was already there.
    pub(crate) fn add(&mut self, clip: ClipUuid) -> bool {
        self.insert(clip, 0, None)
    }

    /// The watch of a clip goes on from now on; `false` when it was already there.
    pub(crate) fn resume(&mut self, checkpoint: &Checkpoint) -> bool {
        let state = checkpoint.last_status().map(|status| State {
            status: Some(status.to_owned()),
            ..State::default()
        });
        self.insert(checkpoint.clip_uuid(), checkpoint.polls(), state)
    }

    fn insert(&mut self, clip: ClipUuid, requests_before: u64, state: Option<State>) -> bool {
        if self.places.contains_key(&clip) {
            return false;
        }
        self.places.insert(clip, self.clips.len());
        self.clips.push(Watched {
            clip,
            state,
            left: None,
            told_at: None,
            requests: 0,
            requests_before,
            elapsed: Duration::ZERO,
            end: None,
            byte_count: None,
            title: None,
        });
        self.counts.unfinished += 1;
        true
    }

    /// Something happened, so long after the program began to watch.
    pub(crate) fn take(&mut self, event: &Event, now: Duration) {
        self.worst = self.worst.max(Some(event.exit_code()));
        if let Some(polls) = event.polls {
            self.count_requests(event.clip, polls);
        }
        let Some(watched) = self.get_mut(event.clip) else {
            return;
        };
        watched.told_at = Some(now);
        watched.elapsed = event.elapsed.unwrap_or(watched.elapsed);
        // A request that failed says nothing of the clip.
        let says_nothing = matches!(event.happened, Happened::Trouble { .. });
        match event.left {
            Some(left) => watched.left = Some((left, now)),
            None if says_nothing => {}
            None => watched.left = None,
        }
        if !event.state.is_empty() {
            watched.state = Some(event.state.clone());
        }
        let end = match &event.happened {
            Happened::Progress | Happened::Trouble { .. } | Happened::UnreadStatus { .. } => return,
            Happened::Complete(details) => {
                watched.byte_count = details.byte_count;
                watched.title.clone_from(&details.title);
                End::Complete
            }
            Happened::Failed { .. } => End::Failed,
            Happened::Error { kind, .. } => End::Error(*kind),
        };
        if watched.end.replace(end).is_none() {
            self.counts.unfinished -= 1;
            match end {
                End::Complete => self.counts.complete += 1,
                End::Failed => self.counts.failed += 1,
                End::Error(_) => self.counts.other += 1,
            }
        }
    }

    /// The watch of a clip was stopped where this says.
    pub(crate) fn stop(&mut self, checkpoint: &Checkpoint) {
        self.count_requests(checkpoint.clip_uuid(), checkpoint.polls());
        if let Some(watched) = self.get_mut(checkpoint.clip_uuid()) {
            watched.elapsed = checkpoint.elapsed();
        }
    }

    /// The watch of a clip has sent so many requests since its first start.
    fn count_requests(&mut self, clip: ClipUuid, polls: u64) {
        let Some(watched) = self.get_mut(clip) else {
            return;
        };
        let requests = polls.saturating_sub(watched.requests_before);
        let more = requests.saturating_sub(watched.requests);
        watched.requests += more;
        self.counts.requests += more;
    }

    pub(crate) fn get(&self, clip: ClipUuid) -> Option<&Watched> {
        self.clips.get(*self.places.get(&clip)?)
    }

    fn get_mut(&mut self, clip: ClipUuid) -> Option<&mut Watched> {
        self.clips.get_mut(*self.places.get(&clip)?)
    }

    /// All clips, in the order in which they came.
    pub(crate) fn clips(&self) -> &[Watched] {
        &self.clips
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// How the program ends because of the clips: of several the worst counts.
    pub(crate) fn exit_code(&self) -> ExitCode {
        self.worst.unwrap_or(ExitCode::Complete)
    }
}

impl Watched {
    /// How much longer it will take, as told last and with the time that passed since.
    pub(crate) fn left(&self, now: Duration) -> Option<TimeLeft> {
        let (left, said_at) = self.left?;
        Some(left.after(now.saturating_sub(said_at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::details::Details;
    use crate::clip::reply::Reply;

    const SECOND: Duration = Duration::from_secs(1);

    fn uuid(clip: u8) -> ClipUuid {
        ClipUuid::from_bytes([clip; 16])
    }

    fn event(clip: u8, polls: u64, happened: Happened) -> Event {
        Event {
            clip: uuid(clip),
            state: State {
                status: Some("RENDERING".to_owned()),
                ..State::default()
            },
            polls: Some(polls),
            elapsed: Some(SECOND),
            left: Some(TimeLeft {
                remaining: 8 * SECOND,
                lower: 2 * SECOND,
                upper: 20 * SECOND,
            }),
            happened,
        }
    }

    fn error(kind: ErrorKind) -> Happened {
        Happened::Error {
            kind,
            message: String::new(),
            reply: Reply::default(),
        }
    }

    #[test]
    fn it_counts_ends_and_the_requests_of_this_run() {
        let mut roster = Roster::default();
        let seen = r#"{"status": "UPLOADING"}"#;
        let checkpoint = |polls: u64| -> Checkpoint {
            let clip = uuid(0);
            let text = format!(
                r#"{{"version": 2, "clip_uuid": "{clip}", "started_at_ms": 0, "taken_at_ms": 0,
                    "elapsed_ms": 7000, "timeout_ms": 0, "not_found_grace_period_ms": 0, "polls": {polls},
                    "last_status": {seen}}}"#
            );
            text.parse().unwrap()
        };
        assert!(roster.resume(&checkpoint(40)));
        assert!(roster.add(uuid(1)) && roster.add(uuid(2)) && !roster.add(uuid(0)));
        let state = roster.get(uuid(0)).unwrap().state.as_ref().unwrap();
        assert_eq!(state.status.as_deref(), Some("UPLOADING"));
        roster.take(&event(0, 42, Happened::Progress), SECOND);
        let details = Box::new(Details::bare(uuid(1)));
        roster.take(&event(1, 3, Happened::Complete(details)), SECOND);
        roster.take(&event(2, 1, error(ErrorKind::NotFound)), SECOND);
        roster.stop(&checkpoint(45));
        assert_eq!(roster.get(uuid(0)).unwrap().elapsed, 7 * SECOND);
        let counts = Counts {
            complete: 1,
            failed: 0,
            other: 1,
            unfinished: 1,
            requests: 5 + 3 + 1,
        };
        assert_eq!(roster.counts(), counts);
        assert_eq!(counts.ended(), 2);
        assert_eq!(roster.exit_code(), ExitCode::NotFound);
    }

    #[test]
    fn the_time_left_goes_on_between_two_requests_and_over_one_that_fails() {
        let mut roster = Roster::default();
        roster.add(uuid(0));
        let left = |roster: &Roster, now| roster.get(uuid(0)).unwrap().left(now);
        assert_eq!(left(&roster, SECOND), None);
        roster.take(&event(0, 1, Happened::Progress), SECOND);
        assert_eq!(left(&roster, 4 * SECOND).unwrap().remaining, 5 * SECOND);
        let message = String::new();
        let reply = Reply::default();
        let trouble = Event {
            state: State::default(),
            left: None,
            ..event(0, 2, Happened::Trouble { message, reply })
        };
        roster.take(&trouble, 2 * SECOND);
        assert_eq!(left(&roster, 4 * SECOND).unwrap().remaining, 5 * SECOND);
        assert!(roster.get(uuid(0)).unwrap().state.is_some());
    }
}
