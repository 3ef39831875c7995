//! Suppresses events that repeat what was already reported.
//!
//! A record can change in properties that are not displayed, and an unavailable service fails every
//! poll in the same way. Each display shows only the events that pass this filter.

use std::collections::{HashMap, HashSet};
use std::mem;

use rhombus_clips::{ClipUuid, ErrorKind};

use crate::output::clip_view::ClipState;
use crate::output::event::{Event, EventKind};

/// Filter for repeated events, with the last report of each clip.
#[derive(Debug, Default)]
pub(crate) struct Deduplicator {
    last_reports: HashMap<ClipUuid, LastReport>,
    authentication_errors: HashSet<String>,
}

#[derive(Debug, Default)]
struct LastReport {
    state: Option<ClipState>,
    retryable_error: Option<String>,
    has_undecodable_status: bool,
}

impl Deduplicator {
    /// Returns whether the event differs from the last one reported for its clip, and records it.
    pub(crate) fn is_new(&mut self, event: &Event) -> bool {
        let last = self.last_reports.entry(event.uuid).or_default();
        match &event.kind {
            EventKind::Progress => {
                last.retryable_error = None;
                last.state.replace(event.state.clone()).as_ref() != Some(&event.state)
            }
            // The response is ignored: it may contain a timestamp.
            EventKind::RetryableError { message, .. } => {
                last.retryable_error.replace(message.clone()).as_ref() != Some(message)
            }
            EventKind::UndecodableStatus { .. } => {
                !mem::replace(&mut last.has_undecodable_status, true)
            }
            EventKind::Complete(_) | EventKind::Failed { .. } | EventKind::Error { .. } => true,
        }
    }

    /// Marks an authentication error as reported if the same one was reported for another clip: an
    /// API key that is rejected is rejected for all clips.
    pub(crate) fn mark_reported(&mut self, event: &mut Event) {
        if let EventKind::Error {
            error_kind: ErrorKind::Authentication,
            message,
            response,
            ..
        } = &mut event.kind
        {
            response.is_reported = !self.authentication_errors.insert(message.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::error_response::ErrorResponse;

    fn event(byte: u8, kind: EventKind, percent: Option<u8>) -> Event {
        Event {
            uuid: ClipUuid::from_bytes([byte; 16]),
            state: ClipState {
                percent,
                ..ClipState::default()
            },
            polls: None,
            elapsed: None,
            remaining: None,
            kind,
        }
    }

    fn progress(byte: u8, percent: Option<u8>) -> Event {
        event(byte, EventKind::Progress, percent)
    }

    fn retryable_error(message: &str) -> Event {
        error_with_response(message, ErrorResponse::default())
    }

    fn error_with_response(message: &str, response: ErrorResponse) -> Event {
        let message = message.to_owned();
        event(0, EventKind::RetryableError { message, response }, None)
    }

    #[test]
    fn a_repeated_state_is_not_new() {
        let mut deduplicator = Deduplicator::default();
        let percents = [None, None, Some(1), Some(1), Some(0)];
        let are_new = percents.map(|percent| deduplicator.is_new(&progress(0, percent)));
        assert_eq!(are_new, [true, false, true, false, true]);
        assert!(deduplicator.is_new(&progress(1, Some(0))));
    }

    #[test]
    fn a_repeated_error_is_new_after_a_successful_poll() {
        let mut deduplicator = Deduplicator::default();
        let events = [
            retryable_error("503"),
            retryable_error("503"),
            retryable_error("502"),
            progress(0, None),
            retryable_error("502"),
        ];
        let are_new = events.map(|event| deduplicator.is_new(&event));
        assert_eq!(are_new, [true, false, true, true, true]);
    }

    #[test]
    fn an_error_with_another_response_body_is_not_new() {
        let mut deduplicator = Deduplicator::default();
        let events = [1, 2].map(|time| {
            error_with_response("500", ErrorResponse::with_body(500, &time.to_string()))
        });
        let are_new = events.map(|event| deduplicator.is_new(&event));
        assert_eq!(are_new, [true, false]);
    }

    #[test]
    fn an_undecodable_status_is_new_once_per_clip() {
        let mut deduplicator = Deduplicator::default();
        let undecodable = |byte| {
            let message = "found a number".to_owned();
            event(byte, EventKind::UndecodableStatus { message }, None)
        };
        let events = [
            undecodable(0),
            progress(0, None),
            undecodable(0),
            undecodable(1),
        ];
        let are_new = events.map(|event| deduplicator.is_new(&event));
        assert_eq!(are_new, [true, true, false, true]);
    }
}
