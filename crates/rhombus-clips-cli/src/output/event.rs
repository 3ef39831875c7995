//! Events in the watch of a clip.
//!
//! An [`Event`] is an update of the SDK's stream in displayable form: the error is already a
//! message, the clip a state. It is what the tracker, the deduplicator and the displays consume.

use std::time::Duration;

use rhombus_clips::{Clip, ClipUpdate, ClipUuid, Error, ErrorKind, Update};

use crate::output::clip_view::{ClipState, Details, RemainingTime, failure_reason};
use crate::report::error_response::ErrorResponse;
use crate::report::failure::ExitCode;
use crate::report::{
    Verbosity, append_hints, error_line, format_line, hints, user_message, verbosity,
};

/// An event in the watch of a clip, ready to be displayed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) uuid: ClipUuid,
    /// Last known state.
    pub(crate) state: ClipState,
    pub(crate) polls: Option<u64>,
    pub(crate) elapsed: Option<Duration>,
    /// Estimated time until the clip is complete.
    pub(crate) remaining: Option<RemainingTime>,
    pub(crate) kind: EventKind,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum EventKind {
    /// The state changed.
    Progress,
    /// A poll failed; the watch continues.
    RetryableError {
        message: String,
        response: ErrorResponse,
    },
    /// The clip's status could not be decoded, so that its completion may go undetected.
    UndecodableStatus { message: String },
    /// The clip is complete. Terminal.
    Complete(Box<Details>),
    /// The clip failed or was deleted. Terminal.
    Failed {
        message: String,
        /// The service's reason.
        reason: Option<String>,
        clip: Option<Box<Details>>,
    },
    /// The watch ended with another error. Terminal.
    Error {
        error_kind: ErrorKind,
        message: String,
        /// Advice in terms of this program.
        hints: Vec<String>,
        response: ErrorResponse,
        /// The clip as last known.
        clip: Option<Box<Details>>,
    },
}

impl Event {
    /// Converts an update, given the last known state of its clip, and the clip itself if it is to be part
    /// of an error.
    ///
    /// Returns `None` for kinds of update that this program does not know.
    pub(crate) fn from_update(
        update: ClipUpdate,
        last_state: Option<&ClipState>,
        last_clip: Option<&Clip>,
    ) -> Option<Self> {
        let last_state = last_state.cloned().unwrap_or_default();
        match update {
            ClipUpdate::Changed { uuid, update, .. } => {
                Some(Self::from_change(uuid, &update, last_state))
            }
            ClipUpdate::Ended {
                uuid,
                result,
                polls,
                elapsed,
                ..
            } => {
                let (state, kind) = match result {
                    Ok(clip) => (
                        ClipState::from_clip(&clip),
                        EventKind::Complete(Box::new(Details::from_clip(&clip))),
                    ),
                    Err(error) => (
                        error.clip().map_or(last_state, ClipState::from_clip),
                        EventKind::from_error(&error, last_clip),
                    ),
                };
                Some(Self {
                    uuid,
                    state,
                    polls: Some(polls),
                    elapsed: Some(elapsed),
                    remaining: None,
                    kind,
                })
            }
            _ => None,
        }
    }

    fn from_change(uuid: ClipUuid, update: &Update, last_state: ClipState) -> Self {
        let kind = match update.error() {
            Some(error) => EventKind::RetryableError {
                message: user_message(error),
                response: ErrorResponse::from_error(error),
            },
            None => EventKind::Progress,
        };
        Self {
            uuid,
            // A record that disappears may come back.
            state: update.clip().map_or(last_state, ClipState::from_clip),
            polls: Some(update.polls()),
            elapsed: Some(update.elapsed()),
            remaining: update.estimate().map(RemainingTime::from),
            kind,
        }
    }

    /// Returns the warning to report before this event if the status could not be decoded.
    pub(crate) fn undecodable_status(&self) -> Option<Self> {
        let reason = self.state.undecodable_status.as_ref()?;
        let message =
            format!("cannot decode the clip's status ({reason}); its completion may go undetected");
        Some(Self {
            kind: EventKind::UndecodableStatus { message },
            ..self.clone()
        })
    }

    /// Returns the exit code of the program if this is the worst event of the watch.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match &self.kind {
            EventKind::Progress
            | EventKind::RetryableError { .. }
            | EventKind::UndecodableStatus { .. }
            | EventKind::Complete(_) => ExitCode::Complete,
            EventKind::Failed { .. } => ExitCode::ClipFailed,
            EventKind::Error { error_kind, .. } => ExitCode::from(*error_kind),
        }
    }
}

impl EventKind {
    fn from_error(error: &Error, last_clip: Option<&Clip>) -> Self {
        let message = user_message(error);
        let clip = error
            .clip()
            .or(last_clip)
            .map(|clip| Box::new(Details::from_clip(clip)));
        match error.kind() {
            ErrorKind::ClipFailed => Self::Failed {
                message,
                reason: error.clip().and_then(failure_reason).map(str::to_owned),
                clip,
            },
            error_kind => Self::Error {
                error_kind,
                message,
                hints: hints(error),
                response: ErrorResponse::from_error(error),
                clip,
            },
        }
    }
}

/// Formats the line for an event, with its UUID when several clips are watched. Returns `None` for
/// events that are not reported on standard error.
pub(crate) fn event_message(event: &Event, multiple: bool) -> Option<String> {
    let is_quiet = verbosity() == Verbosity::Quiet;
    let uuid = multiple.then_some(event.uuid);
    match &event.kind {
        EventKind::Progress | EventKind::Complete(_) => None,
        EventKind::RetryableError { .. } | EventKind::UndecodableStatus { .. } if is_quiet => None,
        EventKind::RetryableError { message, response } => {
            let message = response.append_to(message);
            let text = format!("{message}; still watching");
            Some(format_line("warning", uuid, &text))
        }
        EventKind::UndecodableStatus { message } => Some(format_line("warning", uuid, message)),
        EventKind::Error { response, .. } if response.is_reported => None,
        EventKind::Failed { message, .. } => Some(error_line(uuid, message)),
        EventKind::Error {
            message,
            hints,
            response,
            ..
        } => {
            let text = append_hints(response.append_to(message), hints);
            Some(error_line(uuid, &text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhombus_clips::Client;
    use rhombus_clips_sim::{ClipStatus, Response, Service, Step};

    /// Returns all events of a clip with these responses.
    async fn events(steps: Vec<Step>) -> Vec<Event> {
        let service = Service::builder().speed(0.0).start().await.unwrap();
        let uuid = service
            .add(rhombus_clips_sim::Clip::by_request(steps))
            .parse()
            .unwrap();
        let client = Client::builder()
            .api_key(service.api_key())
            .base_url(service.base_url())
            .build()
            .unwrap();
        let mut stream = client
            .watch_all([uuid])
            .interval(Duration::from_millis(1))
            .stream();
        let mut events: Vec<Event> = Vec::new();
        let mut last_clip: Option<Clip> = None;
        while let Some(update) = stream.next().await {
            let last_state = events.last().map(|event| event.state.clone());
            if let ClipUpdate::Changed { update, .. } = &update {
                last_clip = update.clip().cloned().or(last_clip);
            }
            let event = Event::from_update(update, last_state.as_ref(), last_clip.as_ref());
            events.extend(event);
        }
        events
    }

    fn run(steps: Vec<Step>) -> Vec<Event> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(events(steps))
    }

    #[test]
    fn updates_become_events_in_order() {
        let events = run(vec![
            Step::null(),
            Step::new(ClipStatus::Rendering)
                .percent(40)
                .operation("Processing video"),
            Step::response(Response::status(503)),
            Step::new(ClipStatus::Complete).warning("half of it"),
        ]);
        let [waiting, rendering, error, complete] = events.as_slice() else {
            panic!("{events:?}");
        };
        assert_eq!(waiting.kind, EventKind::Progress);
        assert_eq!(waiting.state, ClipState::default());
        assert_eq!(rendering.kind, EventKind::Progress);
        assert_eq!(rendering.polls, Some(2));
        let state = ClipState {
            status: Some("RENDERING".to_owned()),
            percent: Some(40),
            operation: Some("Processing video".to_owned()),
            ..ClipState::default()
        };
        assert_eq!(rendering.state, state);
        let EventKind::RetryableError { message, response } = &error.kind else {
            panic!("{error:?}");
        };
        assert_eq!(message, "service unavailable (503)");
        assert_eq!((response.status, &response.body), (Some(503), &None));
        assert_eq!(error.state, state);
        let EventKind::Complete(details) = &complete.kind else {
            panic!("{complete:?}");
        };
        assert_eq!(details.warning.as_deref(), Some("half of it"));
        assert!(
            events
                .iter()
                .all(|event| event.exit_code() == ExitCode::Complete)
        );
    }

    #[test]
    fn a_deleted_clip_has_failed() {
        let events = run(vec![Step::new(ClipStatus::Deleted)]);
        let [event] = events.as_slice() else {
            panic!("{events:?}");
        };
        let EventKind::Failed {
            message,
            reason,
            clip,
        } = &event.kind
        else {
            panic!("{event:?}");
        };
        assert_eq!(message, "clip deleted");
        assert_eq!(event.state.failure.as_ref(), Some(message));
        assert_eq!(*reason, None);
        assert_eq!(clip.as_ref().unwrap().status.as_deref(), Some("DELETED"));
        assert_eq!(event.state.status.as_deref(), Some("DELETED"));
        assert_eq!(event.polls, Some(1));
        assert_eq!(event.exit_code(), ExitCode::ClipFailed);
    }

    #[test]
    fn a_failure_has_the_reason_of_the_service() {
        let failed = || Step::new(ClipStatus::Failed).percent(95);
        for (step, expected, expected_reason) in [
            (
                failed().operation("no footage"),
                "clip failed: no footage",
                Some("no footage"),
            ),
            (failed(), "clip failed", None),
            (
                Step::new(ClipStatus::Deleted).operation("Processing"),
                "clip deleted",
                None,
            ),
        ] {
            let events = run(vec![step]);
            let [event] = events.as_slice() else {
                panic!("{events:?}");
            };
            let EventKind::Failed {
                message,
                reason,
                clip,
            } = &event.kind
            else {
                panic!("{event:?}");
            };
            assert_eq!(message, expected);
            assert_eq!(reason.as_deref(), expected_reason);
            let details = clip.as_ref().unwrap();
            // The words of the program are those of the SDK.
            assert_eq!(event.state.failure.as_ref(), Some(message));
            assert_eq!(details.failure.as_ref(), Some(message));
        }
    }

    #[test]
    fn an_error_event_has_the_last_state() {
        let events = run(vec![
            Step::new(ClipStatus::Rendering),
            Step::response(Response::status(403)),
        ]);
        let [_, event] = events.as_slice() else {
            panic!("{events:?}");
        };
        let EventKind::Error {
            error_kind, clip, ..
        } = &event.kind
        else {
            panic!("{event:?}");
        };
        assert_eq!(*error_kind, ErrorKind::Authentication);
        assert_eq!(clip.as_ref().unwrap().status.as_deref(), Some("RENDERING"));
        assert_eq!(event.state.status.as_deref(), Some("RENDERING"));
        assert_eq!(event.exit_code(), ExitCode::Authentication);
    }

    #[test]
    fn errors_include_the_response() {
        let events = run(vec![
            Step::response(Response::server_error(0)),
            Step::response(Response::bad_request()),
        ]);
        let [retryable, terminal] = events.as_slice() else {
            panic!("{events:?}");
        };
        let EventKind::RetryableError { message, response } = &retryable.kind else {
            panic!("{retryable:?}");
        };
        assert_eq!(response.status, Some(500));
        assert!(
            response
                .append_to(message)
                .contains("Internal Server Error")
        );
        let EventKind::Error {
            message, response, ..
        } = &terminal.kind
        else {
            panic!("{terminal:?}");
        };
        assert_eq!(message, "unexpected status 400");
        let body = r#"{"msg":"JSON doesn't match expected object structure"}"#;
        assert_eq!(response, &ErrorResponse::with_body(400, body));
    }

    #[test]
    fn decode_issues_are_reported() {
        let events = run(vec![
            Step::new(ClipStatus::Rendering).with("title", 7),
            Step::new(ClipStatus::Rendering).with("status", 7),
            Step::new(ClipStatus::Complete),
        ]);
        let [title, status, complete] = events.as_slice() else {
            panic!("{events:?}");
        };
        assert_eq!(title.undecodable_status(), None);
        assert_eq!(
            title.state.decode_issues,
            ["/clip/title: expected a string, found a number"]
        );
        assert!(!status.state.is_empty());
        let undecodable = status.undecodable_status().unwrap();
        let EventKind::UndecodableStatus { message } = &undecodable.kind else {
            panic!("{undecodable:?}");
        };
        assert_eq!(
            message,
            "cannot decode the clip's status (expected a string, found a number); its completion may go undetected"
        );
        assert_eq!(undecodable.exit_code(), ExitCode::Complete);
        assert_eq!(complete.undecodable_status(), None);
    }
}
