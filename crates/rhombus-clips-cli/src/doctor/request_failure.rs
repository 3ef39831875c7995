//! Properties of a failed request that the diagnosis depends on.
//!
//! Kind, status, hints and root cause are structured, so that no decision depends on the text of a
//! message.

use std::time::{Duration, SystemTime};

use rhombus_clips::{Error, ErrorKind, Hint};

use super::root_cause::RootCause;
use crate::clip::error_response::ErrorResponse;
use crate::messages::user_message;

/// A failed request.
#[derive(Clone, Debug)]
pub(super) struct RequestFailure {
    pub(super) kind: ErrorKind,
    /// Error message, root cause, and the message of the service's response.
    pub(super) message: String,
    pub(super) status: Option<u16>,
    pub(super) hints: Vec<Hint>,
    pub(super) retry_after: Option<Duration>,
    /// Time of the server, from the `Date` header.
    pub(super) date: Option<SystemTime>,
    pub(super) root_cause: RootCause,
}

impl RequestFailure {
    pub(super) fn from_error(error: &Error) -> Self {
        let date = error.header("date");
        Self {
            kind: error.kind(),
            message: message(error),
            status: error.status(),
            hints: error.hints().to_vec(),
            retry_after: error.retry_after(),
            date: date.and_then(|date| httpdate::parse_http_date(date).ok()),
            root_cause: RootCause::from_error(error),
        }
    }
}

fn message(error: &Error) -> String {
    let message = match (error.kind(), error.status()) {
        // The library's message lists possible reasons; the advice of the diagnosis is more specific.
        (ErrorKind::Authentication, Some(status)) => format!("API key rejected ({status})"),
        _ => user_message(error),
    };
    ErrorResponse::from_error(error).append_to(&message)
}
