//! Progress and outcome of every watched clip.
//!
//! The tracker applies events in order and holds what the displays and the summary need: the last
//! state of each clip, its remaining time, and counts. It has no clock; callers pass the time since
//! the watch started.

use std::collections::HashMap;
use std::time::Duration;

use rhombus_clips::{Checkpoint, ClipUuid, ErrorKind};

use crate::output::clip_view::{ClipState, RemainingTime};
use crate::output::event::{Event, EventKind};
use crate::report::failure::ExitCode;

/// All clips of the watch, in the order in which they were added.
#[derive(Debug, Default)]
pub(crate) struct Tracker {
    clips: Vec<TrackedClip>,
    indices: HashMap<ClipUuid, usize>,
    counts: Counts,
    worst_exit_code: Option<ExitCode>,
}

/// Progress of one clip.
#[derive(Clone, Debug)]
pub(crate) struct TrackedClip {
    pub(crate) uuid: ClipUuid,
    /// Last known state.
    pub(crate) state: Option<ClipState>,
    /// Last estimate of the remaining time, and the time of the estimate.
    estimate: Option<(RemainingTime, Duration)>,
    /// Time of the last event, since the watch started.
    pub(crate) last_event_at: Option<Duration>,
    /// Whether a poll found that there is no record.
    pub(crate) has_no_record: bool,
    /// Number of polls of this clip in this run of the program; a page of a list is one of each clip on it.
    pub(crate) polls: u64,
    /// Number of polls in earlier runs, from the checkpoint.
    earlier_polls: u64,
    /// Duration of the clip's watch as of the last event or checkpoint.
    pub(crate) elapsed: Duration,
    /// Outcome of the watch; `None` while it is running.
    pub(crate) outcome: Option<Outcome>,
    pub(crate) byte_count: Option<u64>,
    pub(crate) title: Option<String>,
}

/// Outcome of the watch of a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Complete,
    /// The clip failed or was deleted.
    Failed,
    Error(ErrorKind),
}

/// Number of clips per outcome, and of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) complete: usize,
    pub(crate) failed: usize,
    /// Clips whose watch ended with an error.
    pub(crate) errors: usize,
    pub(crate) unfinished: usize,
    /// Number of requests for all clips in this run of the program.
    pub(crate) requests: u64,
}

impl Counts {
    pub(crate) fn ended(&self) -> usize {
        self.complete + self.failed + self.errors
    }
}

impl Tracker {
    /// Adds a clip; returns `false` if it is already tracked.
    pub(crate) fn add(&mut self, uuid: ClipUuid) -> bool {
        self.insert(uuid, 0, None)
    }

    /// Adds a clip whose watch is resumed; returns `false` if it is already tracked.
    pub(crate) fn resume(&mut self, checkpoint: &Checkpoint) -> bool {
        let state = checkpoint.last_status().map(|status| ClipState {
            status: Some(status.to_owned()),
            ..ClipState::default()
        });
        self.insert(checkpoint.clip_uuid(), checkpoint.polls(), state)
    }

    fn insert(&mut self, uuid: ClipUuid, earlier_polls: u64, state: Option<ClipState>) -> bool {
        if self.indices.contains_key(&uuid) {
            return false;
        }
        self.indices.insert(uuid, self.clips.len());
        self.clips.push(TrackedClip {
            uuid,
            state,
            estimate: None,
            last_event_at: None,
            has_no_record: false,
            polls: 0,
            earlier_polls,
            elapsed: Duration::ZERO,
            outcome: None,
            byte_count: None,
            title: None,
        });
        self.counts.unfinished += 1;
        true
    }

    /// Applies an event; `now` is the time since the watch started.
    pub(crate) fn apply(&mut self, event: &Event, now: Duration) {
        self.worst_exit_code = self.worst_exit_code.max(Some(event.exit_code()));
        if let Some(polls) = event.polls {
            self.count_polls(event.uuid, polls);
        }
        let Some(clip) = self.get_mut(event.uuid) else {
            return;
        };
        clip.last_event_at = Some(now);
        clip.elapsed = event.elapsed.unwrap_or(clip.elapsed);
        // A failed poll does not invalidate the previous estimate.
        let is_failed_poll = matches!(event.kind, EventKind::RetryableError { .. });
        match event.remaining {
            Some(remaining) => clip.estimate = Some((remaining, now)),
            None if is_failed_poll => {}
            None => clip.estimate = None,
        }
        if matches!(event.kind, EventKind::Progress) {
            clip.has_no_record = event.state.is_empty();
        }
        if !event.state.is_empty() {
            clip.state = Some(event.state.clone());
        }
        let outcome = match &event.kind {
            EventKind::Progress
            | EventKind::RetryableError { .. }
            | EventKind::UndecodableStatus { .. } => return,
            EventKind::Complete(details) => {
                clip.byte_count = details.byte_count;
                clip.title.clone_from(&details.title);
                Outcome::Complete
            }
            EventKind::Failed { .. } => Outcome::Failed,
            EventKind::Error { error_kind, .. } => Outcome::Error(*error_kind),
        };
        if clip.outcome.replace(outcome).is_none() {
            self.counts.unfinished -= 1;
            match outcome {
                Outcome::Complete => self.counts.complete += 1,
                Outcome::Failed => self.counts.failed += 1,
                Outcome::Error(_) => self.counts.errors += 1,
            }
        }
    }

    /// Records that the watch of a clip was stopped at this checkpoint.
    pub(crate) fn stop(&mut self, checkpoint: &Checkpoint) {
        self.count_polls(checkpoint.clip_uuid(), checkpoint.polls());
        if let Some(clip) = self.get_mut(checkpoint.clip_uuid()) {
            clip.elapsed = checkpoint.elapsed();
        }
    }

    /// Sets the number of requests for all clips in this run.
    pub(crate) fn set_requests(&mut self, requests: u64) {
        self.counts.requests = requests;
    }

    /// Updates the polls of a clip, given the polls since the clip's watch was first started.
    fn count_polls(&mut self, uuid: ClipUuid, polls: u64) {
        let Some(clip) = self.get_mut(uuid) else {
            return;
        };
        clip.polls = clip.polls.max(polls.saturating_sub(clip.earlier_polls));
    }

    pub(crate) fn get(&self, uuid: ClipUuid) -> Option<&TrackedClip> {
        self.clips.get(*self.indices.get(&uuid)?)
    }

    fn get_mut(&mut self, uuid: ClipUuid) -> Option<&mut TrackedClip> {
        self.clips.get_mut(*self.indices.get(&uuid)?)
    }

    /// Returns all clips, in the order in which they were added.
    pub(crate) fn clips(&self) -> &[TrackedClip] {
        &self.clips
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// Returns the worst exit code of all clips.
    pub(crate) fn exit_code(&self) -> ExitCode {
        self.worst_exit_code.unwrap_or(ExitCode::Complete)
    }
}

impl TrackedClip {
    /// Returns the last estimate of the remaining time, reduced by the time since.
    pub(crate) fn remaining(&self, now: Duration) -> Option<RemainingTime> {
        let (remaining, estimated_at) = self.estimate?;
        Some(remaining.after(now.saturating_sub(estimated_at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::clip_view::Details;
    use crate::report::error_response::ErrorResponse;

    const SECOND: Duration = Duration::from_secs(1);

    fn uuid(byte: u8) -> ClipUuid {
        ClipUuid::from_bytes([byte; 16])
    }

    fn event(byte: u8, polls: u64, kind: EventKind) -> Event {
        Event {
            uuid: uuid(byte),
            state: ClipState {
                status: Some("RENDERING".to_owned()),
                ..ClipState::default()
            },
            polls: Some(polls),
            elapsed: Some(SECOND),
            remaining: Some(RemainingTime {
                remaining: 8 * SECOND,
                lower: 2 * SECOND,
                upper: 20 * SECOND,
                is_vague: false,
            }),
            kind,
        }
    }

    fn error(error_kind: ErrorKind) -> EventKind {
        EventKind::Error {
            error_kind,
            message: String::new(),
            hints: Vec::new(),
            response: ErrorResponse::default(),
            clip: None,
        }
    }

    #[test]
    fn counts_outcomes_and_the_polls_of_this_run() {
        let mut tracker = Tracker::default();
        let last_status = r#"{"status": "UPLOADING"}"#;
        let checkpoint = |polls: u64| -> Checkpoint {
            let uuid = uuid(0);
            let text = format!(
                r#"{{"version": 2, "clip_uuid": "{uuid}", "started_at_ms": 0, "taken_at_ms": 0,
                    "elapsed_ms": 7000, "timeout_ms": 0, "not_found_grace_period_ms": 0, "polls": {polls},
                    "last_status": {last_status}}}"#
            );
            text.parse().unwrap()
        };
        assert!(tracker.resume(&checkpoint(40)));
        assert!(tracker.add(uuid(1)) && tracker.add(uuid(2)) && !tracker.add(uuid(0)));
        let state = tracker.get(uuid(0)).unwrap().state.as_ref().unwrap();
        assert_eq!(state.status.as_deref(), Some("UPLOADING"));
        tracker.apply(&event(0, 42, EventKind::Progress), SECOND);
        let details = Box::new(Details::empty(uuid(1)));
        tracker.apply(&event(1, 3, EventKind::Complete(details)), SECOND);
        tracker.apply(&event(2, 1, error(ErrorKind::NotFound)), SECOND);
        tracker.stop(&checkpoint(45));
        assert_eq!(tracker.get(uuid(0)).unwrap().elapsed, 7 * SECOND);
        let counts = Counts {
            complete: 1,
            failed: 0,
            errors: 1,
            unfinished: 1,
            requests: 7,
        };
        tracker.set_requests(7);
        let polls = [0, 1, 2].map(|clip| tracker.get(uuid(clip)).unwrap().polls);
        assert_eq!(polls, [5, 3, 1]);
        assert_eq!(tracker.counts(), counts);
        assert_eq!(counts.ended(), 2);
        assert_eq!(tracker.exit_code(), ExitCode::NotFound);
    }

    #[test]
    fn remaining_time_decreases_between_polls_and_across_a_failed_one() {
        let mut tracker = Tracker::default();
        tracker.add(uuid(0));
        let remaining = |tracker: &Tracker, now| tracker.get(uuid(0)).unwrap().remaining(now);
        assert_eq!(remaining(&tracker, SECOND), None);
        tracker.apply(&event(0, 1, EventKind::Progress), SECOND);
        assert_eq!(
            remaining(&tracker, 4 * SECOND).unwrap().remaining,
            5 * SECOND
        );
        let message = String::new();
        let response = ErrorResponse::default();
        let failed_poll = Event {
            state: ClipState::default(),
            remaining: None,
            ..event(0, 2, EventKind::RetryableError { message, response })
        };
        tracker.apply(&failed_poll, 2 * SECOND);
        assert_eq!(
            remaining(&tracker, 4 * SECOND).unwrap().remaining,
            5 * SECOND
        );
        assert!(tracker.get(uuid(0)).unwrap().state.is_some());
    }
}
