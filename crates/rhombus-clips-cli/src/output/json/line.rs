//! What `watch` writes as JSON: one of these a line.

use rhombus_clips::{ClipUuid, ErrorKind};
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;

use crate::clip::clip_uuid_schema::clip_uuid;
use crate::clip::event::{Event, Happened};
use crate::watch::roster::Counts;

/// A line of `rhombus-clips watch --output json`. What is not known is null. Properties, events
/// and kinds may be added.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(tag = "event", rename_all = "camelCase")]
#[schemars(title = "rhombus-clips watch")]
pub(crate) enum Line<'a> {
    /// The clip changed.
    Progress(Progress<'a>),
    /// The clip is complete. Its last line.
    Complete(Seen<'a>),
    /// The clip failed or was deleted. Its last line.
    Failed(Seen<'a>),
    /// Something else ended the watch of the clip. Its last line; the state is the last one seen.
    Error(Error<'a>),
    /// The program ends, and why is behind it. The last line of all.
    Summary(Summary),
}

/// The state of a clip.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Seen<'a> {
    /// The clip.
    #[schemars(schema_with = "clip_uuid")]
    clip_uuid: ClipUuid,
    /// The service's own word, such as `RENDERING`. New ones come without notice.
    status: Option<&'a str>,
    /// How far the current operation, not the whole clip, has come.
    #[schemars(range(max = 100))]
    percent_complete: Option<u8>,
    /// What is being done to the clip, as text for people.
    current_operation: Option<&'a str>,
    /// How many requests the watch of the clip has sent since its first start.
    polls: Option<u64>,
    /// How long it has lasted since its first start, in milliseconds.
    elapsed_ms: Option<u64>,
    /// What the service said beside a success. Absent when it said nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<&'a str>,
    /// What the service said that could not be read: each a JSON pointer and the reason. Absent
    /// when all could.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    decode_issues: &'a [String],
}

/// A change, and how much longer the clip will take.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Progress<'a> {
    #[serde(flatten)]
    seen: Seen<'a>,
    /// The time left, in milliseconds: as likely to be longer as to be shorter.
    remaining_ms: Option<u64>,
    /// With nine chances in ten it takes longer than this, in milliseconds.
    remaining_lower_ms: Option<u64>,
    /// With nine chances in ten it takes less than this, in milliseconds.
    remaining_upper_ms: Option<u64>,
}

/// Why the watch of a clip ended without the clip's own end.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Error<'a> {
    #[serde(flatten)]
    seen: Seen<'a>,
    /// What went wrong.
    kind: Kind,
    /// The same in words.
    message: &'a str,
    /// The HTTP status of the service's answer. Absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    /// The beginning of the service's answer. Absent when it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
}

/// All that was watched, in this run of the program.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    /// How many clips are complete.
    complete: usize,
    /// How many failed or were deleted.
    failed: usize,
    /// Of how many the watch ended with an error.
    errors: usize,
    /// How many were still watched when the program was told to end.
    unfinished: usize,
    /// How many requests this run sent for all of them.
    requests: u64,
    /// How long this run lasted, in milliseconds.
    elapsed_ms: u64,
}

/// The kinds of error.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    /// The client cannot be set up this way.
    Configuration,
    /// The service was not reached, or the connection broke.
    Connection,
    /// The service did not answer in time.
    Timeout,
    /// No secure connection.
    Tls,
    /// The service does not accept the API key.
    Authentication,
    /// Too many requests.
    RateLimited,
    /// The service answered that the operation failed.
    Service,
    /// A status that is not documented.
    UnexpectedStatus,
    /// The answer is not what is documented.
    Decode,
    /// The answer is too long.
    BodyTooLarge,
    /// The answer is about another clip.
    UnexpectedClip,
    /// A checkpoint cannot be read.
    Checkpoint,
    /// The service has no such clip.
    NotFound,
    /// The clip failed or was deleted.
    ClipFailed,
    /// The deadline passed.
    DeadlineExceeded,
    /// Anything else.
    Other,
}

impl<'a> Line<'a> {
    /// The event as a line. A trouble is none: the state beside it would be an old one. Nor is a
    /// status that cannot be read: it is among what is in its decode issues in the line that follows.
    pub(crate) fn of(event: &'a Event) -> Option<Self> {
        let seen = Seen {
            clip_uuid: event.clip,
            status: event.state.status.as_deref(),
            percent_complete: event.state.percent,
            current_operation: event.state.operation.as_deref(),
            polls: event.polls,
            elapsed_ms: event.elapsed.map(ms),
            warning: event.state.warning.as_deref(),
            decode_issues: &event.state.decode_issues,
        };
        Some(match &event.happened {
            Happened::Progress => Self::Progress(Progress {
                seen,
                remaining_ms: event.left.map(|left| ms(left.remaining)),
                remaining_lower_ms: event.left.map(|left| ms(left.lower)),
                remaining_upper_ms: event.left.map(|left| ms(left.upper)),
            }),
            Happened::Complete(_) => Self::Complete(seen),
            Happened::Failed { .. } => Self::Failed(seen),
            Happened::Error {
                kind,
                message,
                reply,
            } => Self::Error(Error {
                seen,
                kind: (*kind).into(),
                message,
                http_status: reply.status,
                body: reply.body.as_deref(),
            }),
            Happened::Trouble { .. } | Happened::UnreadStatus { .. } => return None,
        })
    }

    pub(crate) fn summary(counts: Counts, elapsed: Duration) -> Self {
        Self::Summary(Summary {
            complete: counts.complete,
            failed: counts.failed,
            errors: counts.other,
            unfinished: counts.unfinished,
            requests: counts.requests,
            elapsed_ms: ms(elapsed),
        })
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl From<ErrorKind> for Kind {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Configuration => Self::Configuration,
            ErrorKind::Connection => Self::Connection,
            ErrorKind::Timeout => Self::Timeout,
            ErrorKind::Tls => Self::Tls,
            ErrorKind::Authentication => Self::Authentication,
            ErrorKind::RateLimited => Self::RateLimited,
            ErrorKind::Service => Self::Service,
            ErrorKind::UnexpectedStatus => Self::UnexpectedStatus,
            ErrorKind::Decode => Self::Decode,
            ErrorKind::BodyTooLarge => Self::BodyTooLarge,
            ErrorKind::UnexpectedClip => Self::UnexpectedClip,
            ErrorKind::Checkpoint => Self::Checkpoint,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::ClipFailed => Self::ClipFailed,
            ErrorKind::DeadlineExceeded => Self::DeadlineExceeded,
            _ => Self::Other,
        }
    }
}
