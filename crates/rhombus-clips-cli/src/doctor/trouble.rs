//! A request that did not get what it asked for.

use std::time::{Duration, SystemTime};

use rhombus_clips::{Error, ErrorKind};

use super::cause::Cause;
use crate::clip::error_response::ErrorResponse;
use crate::messages::user_message;

/// As much of an error as a diagnosis takes.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    pub(super) kind: ErrorKind,
    /// The error and its root, and what the service said.
    pub(super) text: String,
    pub(super) status: Option<u16>,
    pub(super) body: String,
    pub(super) retry_after: Option<Duration>,
    /// The service's clock.
    pub(super) date: Option<SystemTime>,
    pub(super) cause: Cause,
}

impl Trouble {
    pub(super) fn of(error: &Error) -> Self {
        let date = error.header("date");
        Self {
            kind: error.kind(),
            text: text(error),
            status: error.status(),
            body: error.body().unwrap_or_default().to_owned(),
            retry_after: error.retry_after(),
            date: date.and_then(|date| httpdate::parse_http_date(date).ok()),
            cause: Cause::of(error),
        }
    }
}

fn text(error: &Error) -> String {
    let text = match (error.kind(), error.status()) {
        // What to do about it is told besides.
        (ErrorKind::Authentication, Some(status)) => {
            format!("the service does not accept the API key ({status})")
        }
        _ => user_message(error),
    };
    ErrorResponse::from_error(error).append_to(&text)
}
