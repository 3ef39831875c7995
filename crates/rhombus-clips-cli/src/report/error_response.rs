//! The response behind an error.
//!
//! An error's message states the failure; the body of the service's response often states the
//! reason. This module finds the response in the error's chain and decides whether an excerpt of it
//! adds anything to the message.

use std::error::Error as StdError;
use std::iter::successors;

use rhombus_clips::{Error, ErrorKind};

use crate::text::sanitize_line;

/// Maximum length of an excerpt. Chosen: a few lines of a terminal, not tuned.
const MAX_EXCERPT_CHARS: usize = 200;

/// The service's response to a request that failed; empty if there was none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ErrorResponse {
    pub(crate) status: Option<u16>,
    /// Beginning of the body; `None` if blank.
    pub(crate) body: Option<String>,
    /// Excerpt of the body for the user; `None` if the error's message already contains it.
    excerpt: Option<String>,
    /// Whether the same error was already reported for another clip.
    pub(crate) is_reported: bool,
}

impl ErrorResponse {
    /// Returns the outermost response in the error's chain. For an exceeded deadline that is the
    /// response to the last poll.
    pub(crate) fn from_error(error: &Error) -> Self {
        successors(Some(error as &(dyn StdError + 'static)), |&error| {
            error.source()
        })
        .filter_map(|error| error.downcast_ref::<Error>())
        .find(|error| error.status().is_some())
        .map(Self::from_status_error)
        .unwrap_or_default()
    }

    fn from_status_error(error: &Error) -> Self {
        let body = error.body().filter(|body| !body.trim().is_empty());
        let has_excerpt = matches!(
            error.kind(),
            ErrorKind::UnexpectedStatus | ErrorKind::Decode | ErrorKind::Authentication
        );
        Self {
            status: error.status(),
            body: body.map(str::to_owned),
            excerpt: body.filter(|_| has_excerpt).map(excerpt),
            is_reported: false,
        }
    }

    /// Appends the excerpt, if any, to the error's message.
    pub(crate) fn append_to(&self, message: &str) -> String {
        match &self.excerpt {
            Some(excerpt) => format!("{message}: {excerpt}"),
            None => message.to_owned(),
        }
    }
}

/// Returns the beginning of a body as one line.
fn excerpt(body: &str) -> String {
    let words: Vec<_> = body.split_whitespace().collect();
    let line = words.join(" ");
    let line = sanitize_line(&line);
    match line.char_indices().nth(MAX_EXCERPT_CHARS) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.into_owned(),
    }
}

#[cfg(test)]
impl ErrorResponse {
    /// A response whose body is included in messages.
    pub(crate) fn with_body(status: u16, body: &str) -> Self {
        Self {
            status: Some(status),
            body: Some(body.to_owned()),
            excerpt: Some(excerpt(body)),
            is_reported: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpt_is_one_line_without_control_characters() {
        assert_eq!(
            excerpt("\n{\r\n\t\"msg\":  \"\u{1b}[2Jno\"\n}\n"),
            "{ \"msg\": \"\u{fffd}[2Jno\" }"
        );
    }

    #[test]
    fn excerpt_is_truncated() {
        let fits = "é".repeat(MAX_EXCERPT_CHARS);
        assert_eq!(excerpt(&fits), fits);
        assert_eq!(excerpt(&format!("{fits}é")), format!("{fits}..."));
    }

    #[test]
    fn without_a_response_the_message_is_unchanged() {
        let error = rhombus_clips::Client::builder().build().unwrap_err();
        let response = ErrorResponse::from_error(&error);
        assert_eq!(response, ErrorResponse::default());
        assert_eq!(response.append_to("no key"), "no key");
    }
}
