//! What the service answered when it was trouble.

use rhombus_clips::{Error, ErrorKind};
use std::error::Error as StdError;
use std::iter::successors;

use crate::wording::printable::printable;

/// Enough for a reason, and no more than a few lines of a terminal.
const EXCERPT_CHARS: usize = 200;

/// The answer behind an error; empty when there was none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: Option<u16>,
    /// The beginning of the body, unless that is blank.
    pub(crate) body: Option<String>,
    /// What people are shown of it, where the error's own text does not say it all.
    excerpt: Option<String>,
    /// Whether people were told the same of another clip.
    pub(crate) is_told: bool,
}

impl Reply {
    /// The outermost answer of the error and its sources: that of the last request is behind a
    /// missed deadline.
    pub(crate) fn of(error: &Error) -> Self {
        successors(Some(error as &(dyn StdError + 'static)), |&error| {
            error.source()
        })
        .filter_map(|error| error.downcast_ref::<Error>())
        .find(|error| error.status().is_some())
        .map(Self::of_answered)
        .unwrap_or_default()
    }

    fn of_answered(error: &Error) -> Self {
        let body = error.body().filter(|body| !body.trim().is_empty());
        let unsaid = matches!(
            error.kind(),
            ErrorKind::UnexpectedStatus | ErrorKind::Decode | ErrorKind::Authentication
        );
        Self {
            status: error.status(),
            body: body.map(str::to_owned),
            excerpt: body.filter(|_| unsaid).map(excerpt),
            is_told: false,
        }
    }

    /// The error's text, and behind it what the service said.
    pub(crate) fn behind(&self, text: &str) -> String {
        match &self.excerpt {
            Some(excerpt) => format!("{text}: {excerpt}"),
            None => text.to_owned(),
        }
    }
}

/// The beginning of a body in one line.
fn excerpt(body: &str) -> String {
    let words: Vec<_> = body.split_whitespace().collect();
    let line = words.join(" ");
    let line = printable(&line);
    match line.char_indices().nth(EXCERPT_CHARS) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.into_owned(),
    }
}

#[cfg(test)]
impl Reply {
    /// An answer whose body is shown.
    pub(crate) fn saying(status: u16, body: &str) -> Self {
        Self {
            status: Some(status),
            body: Some(body.to_owned()),
            excerpt: Some(excerpt(body)),
            is_told: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_one_line_without_control_characters() {
        assert_eq!(
            excerpt("\n{\r\n\t\"msg\":  \"\u{1b}[2Jno\"\n}\n"),
            "{ \"msg\": \"\u{fffd}[2Jno\" }"
        );
    }

    #[test]
    fn an_excerpt_is_short() {
        let fits = "é".repeat(EXCERPT_CHARS);
        assert_eq!(excerpt(&fits), fits);
        assert_eq!(excerpt(&format!("{fits}é")), format!("{fits}..."));
    }

    #[test]
    fn without_an_answer_there_is_nothing_to_add() {
        let error = rhombus_clips::Client::builder().build().unwrap_err();
        let reply = Reply::of(&error);
        assert_eq!(reply, Reply::default());
        assert_eq!(reply.behind("no key"), "no key");
    }
}
