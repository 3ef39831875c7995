//! What happens to a watched clip.

use rhombus_clips::{ClipUpdate, ClipUuid, Error, ErrorKind, Update};
use std::time::Duration;

use crate::clip::details::Details;
use crate::clip::reply::Reply;
use crate::clip::state::State;
use crate::clip::time_left::TimeLeft;
use crate::exit_code::ExitCode;
use crate::messages::user_message;

/// Something that happened to a watched clip, ready to be shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) clip: ClipUuid,
    /// The state that was seen last.
    pub(crate) state: State,
    pub(crate) polls: Option<u64>,
    pub(crate) elapsed: Option<Duration>,
    /// How much longer it will take.
    pub(crate) left: Option<TimeLeft>,
    pub(crate) happened: Happened,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Happened {
    /// The state is another one.
    Progress,
    /// A request failed, and the watch goes on.
    Trouble { message: String, reply: Reply },
    /// The clip has a status that cannot be read: its end may go unseen.
    UnreadStatus { message: String },
    /// The clip is complete: the end.
    Complete(Box<Details>),
    /// The clip failed or was deleted: the end.
    Failed { message: String },
    /// Something else ended the watch.
    Error {
        kind: ErrorKind,
        message: String,
        reply: Reply,
    },
}

impl Event {
    /// The event of an update; `known` is the state that was seen before, if any was.
    ///
    /// Nothing when there is nothing to say, which is so of no kind of update known today.
    pub(crate) fn of(update: ClipUpdate, known: Option<&State>) -> Option<Self> {
        let known = known.cloned().unwrap_or_default();
        match update {
            ClipUpdate::Changed { uuid, update, .. } => Some(Self::of_update(uuid, &update, known)),
            ClipUpdate::Ended {
                uuid,
                result,
                polls,
                elapsed,
                ..
            } => {
                let (state, happened) = match result {
                    Ok(clip) => (
                        State::of(&clip),
                        Happened::Complete(Box::new(Details::of(&clip))),
                    ),
                    Err(error) => (
                        error.clip().map_or(known, State::of),
                        Self::of_error(&error),
                    ),
                };
                Some(Self {
                    clip: uuid,
                    state,
                    polls: Some(polls),
                    elapsed: Some(elapsed),
                    left: None,
                    happened,
                })
            }
            _ => None,
        }
    }

    fn of_update(clip: ClipUuid, update: &Update, known: State) -> Self {
        let happened = match update.error() {
            Some(error) => Happened::Trouble {
                message: user_message(error),
                reply: Reply::of(error),
            },
            None => Happened::Progress,
        };
        Self {
            clip,
            // A record that is gone may come back.
            state: update.clip().map_or(known, State::of),
            polls: Some(update.polls()),
            elapsed: Some(update.elapsed()),
            left: update.estimate().map(TimeLeft::from),
            happened,
        }
    }

    fn of_error(error: &Error) -> Happened {
        let message = user_message(error);
        match error.kind() {
            ErrorKind::ClipFailed => Happened::Failed { message },
            kind => Happened::Error {
                kind,
                message,
                reply: Reply::of(error),
            },
        }
    }

    /// The event that goes before this one when the status cannot be read.
    pub(crate) fn unread_status(&self) -> Option<Self> {
        let reason = self.state.unread_status.as_ref()?;
        let message = format!("the clip's status cannot be read ({reason}): its end may go unseen");
        Some(Self {
            happened: Happened::UnreadStatus { message },
            ..self.clone()
        })
    }

    /// What the event means for how the program ends.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match &self.happened {
            Happened::Progress
            | Happened::Trouble { .. }
            | Happened::UnreadStatus { .. }
            | Happened::Complete(_) => ExitCode::Complete,
            Happened::Failed { .. } => ExitCode::ClipFailed,
            Happened::Error { kind, .. } => ExitCode::from(*kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhombus_clips::Client;
    use rhombus_clips_sim::{Clip, ClipStatus, Response, Service, Step};

    /// All events of a clip that answers with these steps.
    async fn events(steps: Vec<Step>) -> Vec<Event> {
        let service = Service::builder().speed(0.0).start().await.unwrap();
        let clip = service.add(Clip::by_request(steps)).parse().unwrap();
        let client = Client::builder()
            .api_key(service.api_key())
            .base_url(service.base_url())
            .build()
            .unwrap();
        let mut updates = client
            .watch_all([clip])
            .interval(Duration::from_millis(1))
            .stream();
        let mut events: Vec<Event> = Vec::new();
        while let Some(update) = updates.next().await {
            let known = events.last().map(|event| event.state.clone());
            events.extend(Event::of(update, known.as_ref()));
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
    fn a_life_is_told_in_order() {
        let events = run(vec![
            Step::null(),
            Step::new(ClipStatus::Rendering)
                .percent(40)
                .operation("Processing video"),
            Step::response(Response::status(503)),
            Step::new(ClipStatus::Complete).warning("half of it"),
        ]);
        let [waiting, rendering, trouble, complete] = events.as_slice() else {
            panic!("{events:?}");
        };
        assert_eq!(waiting.happened, Happened::Progress);
        assert_eq!(waiting.state, State::default());
        assert_eq!(rendering.happened, Happened::Progress);
        assert_eq!(rendering.polls, Some(2));
        let state = State {
            status: Some("RENDERING".to_owned()),
            percent: Some(40),
            operation: Some("Processing video".to_owned()),
            ..State::default()
        };
        assert_eq!(rendering.state, state);
        let Happened::Trouble { message, reply } = &trouble.happened else {
            panic!("{trouble:?}");
        };
        assert_eq!(message, "service unavailable (503); retry later");
        assert_eq!((reply.status, &reply.body), (Some(503), &None));
        assert_eq!(trouble.state, state);
        let Happened::Complete(details) = &complete.happened else {
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
    fn a_deleted_clip_is_a_failed_one() {
        let events = run(vec![Step::new(ClipStatus::Deleted)]);
        let [event] = events.as_slice() else {
            panic!("{events:?}");
        };
        assert!(matches!(event.happened, Happened::Failed { .. }));
        assert_eq!(event.state.status.as_deref(), Some("DELETED"));
        assert_eq!(event.polls, Some(1));
        assert_eq!(event.exit_code(), ExitCode::ClipFailed);
    }

    #[test]
    fn any_other_end_is_an_error_with_the_last_state() {
        let events = run(vec![
            Step::new(ClipStatus::Rendering),
            Step::response(Response::status(403)),
        ]);
        let [_, event] = events.as_slice() else {
            panic!("{events:?}");
        };
        let Happened::Error { kind, .. } = event.happened else {
            panic!("{event:?}");
        };
        assert_eq!(kind, ErrorKind::Authentication);
        assert_eq!(event.state.status.as_deref(), Some("RENDERING"));
        assert_eq!(event.exit_code(), ExitCode::Authentication);
    }

    #[test]
    fn an_answer_that_was_trouble_is_kept() {
        let events = run(vec![
            Step::response(Response::server_error(0)),
            Step::response(Response::bad_request()),
        ]);
        let [trouble, error] = events.as_slice() else {
            panic!("{events:?}");
        };
        let Happened::Trouble { message, reply } = &trouble.happened else {
            panic!("{trouble:?}");
        };
        assert_eq!(reply.status, Some(500));
        assert!(reply.behind(message).contains("Internal Server Error"));
        let Happened::Error { message, reply, .. } = &error.happened else {
            panic!("{error:?}");
        };
        assert_eq!(message, "unexpected status 400");
        let body = r#"{"msg":"JSON doesn't match expected object structure"}"#;
        assert_eq!(reply, &Reply::saying(400, body));
    }

    #[test]
    fn what_could_not_be_read_is_told() {
        let events = run(vec![
            Step::new(ClipStatus::Rendering).with("title", 7),
            Step::new(ClipStatus::Rendering).with("status", 7),
            Step::new(ClipStatus::Complete),
        ]);
        let [title, status, complete] = events.as_slice() else {
            panic!("{events:?}");
        };
        assert_eq!(title.unread_status(), None);
        assert_eq!(
            title.state.decode_issues,
            ["/clip/title: expected a string, found a number"]
        );
        assert!(!status.state.is_empty());
        let unread = status.unread_status().unwrap();
        let Happened::UnreadStatus { message } = &unread.happened else {
            panic!("{unread:?}");
        };
        assert_eq!(
            message,
            "the clip's status cannot be read (expected a string, found a number): its end may go unseen"
        );
        assert_eq!(unread.exit_code(), ExitCode::Complete);
        assert_eq!(complete.unread_status(), None);
    }
}
