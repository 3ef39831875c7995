//! What goes to standard error: one line each.

use rhombus_clips::{ClipUuid, ErrorKind};
use std::error::Error;
use std::io::{self, Write as _};
use std::iter::successors;
use std::sync::OnceLock;

use crate::clip::event::{Event, Happened};
use crate::wording::hints::advice;
use crate::wording::printable::printable;

/// How much goes to standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// Errors alone.
    Quiet,
    Normal,
    /// What the program does besides.
    Verbose,
    /// And what the libraries below it do.
    Debug,
}

static VERBOSITY: OnceLock<Verbosity> = OnceLock::new();

/// Says once and for all how much goes to standard error.
pub(crate) fn set_verbosity(verbosity: Verbosity) {
    let _ = VERBOSITY.set(verbosity);
}

/// How much goes to standard error.
pub(crate) fn verbosity() -> Verbosity {
    VERBOSITY.get().copied().unwrap_or(Verbosity::Normal)
}

/// An error and its sources, the outermost first.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

/// An error of the library with its causes, and its hints in terms of this program.
pub(crate) fn user_message(error: &rhombus_clips::Error) -> String {
    let mut text = explained(error);
    let mut hints: Vec<String> = Vec::new();
    for error in causes(error).filter_map(|cause| cause.downcast_ref::<rhombus_clips::Error>()) {
        for hint in error.hints().iter().filter_map(advice) {
            if !hints.contains(&hint) {
                hints.push(hint);
            }
        }
    }
    for hint in hints {
        text.push_str("; ");
        text.push_str(&hint);
    }
    text
}

/// An error of the library, its causes of the same type, and its root cause. The causes between them
/// only reflect the structure of the libraries below.
pub(crate) fn explained(error: &rhombus_clips::Error) -> String {
    let mut text = String::new();
    for cause in causes(error) {
        let own = cause.downcast_ref::<rhombus_clips::Error>();
        if own.is_none() && cause.source().is_some() {
            continue;
        }
        // Its root says the same again.
        if own.is_none() && error.kind() == ErrorKind::BodyTooLarge {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause.to_string());
    }
    text
}

/// Whether `doctor` could find out more about an error.
pub(crate) fn is_for_doctor(error: &rhombus_clips::Error) -> bool {
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<rhombus_clips::Error>())
        .any(|error| {
            matches!(
                error.kind(),
                ErrorKind::Authentication
                    | ErrorKind::Connection
                    | ErrorKind::Timeout
                    | ErrorKind::Tls
            )
        })
}

fn causes(error: &rhombus_clips::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let error: &(dyn Error + 'static) = error;
    successors(Some(error), |&error| error.source())
}

/// Says where to go with an error that [`is_for_doctor`].
pub(crate) fn hint_at_doctor() {
    note("hint: `rhombus-clips doctor`, with the same options, finds out what is wrong");
}

/// The line for an error; of this clip where there are several.
pub(crate) fn error(clip: Option<ClipUuid>, text: &str) -> String {
    line("error", clip, text)
}

/// The line for an event, if there is something to say; with its clip where there are several.
pub(crate) fn about(event: &Event, several: bool) -> Option<String> {
    let quiet = verbosity() == Verbosity::Quiet;
    let clip = several.then_some(event.clip);
    match &event.happened {
        Happened::Progress | Happened::Complete(_) => None,
        Happened::Trouble { .. } | Happened::UnreadStatus { .. } if quiet => None,
        Happened::Trouble { message, reply } => {
            let message = reply.behind(message);
            Some(line("warning", clip, &format!("{message}; still watching")))
        }
        Happened::UnreadStatus { message } => Some(line("warning", clip, message)),
        Happened::Error { reply, .. } if reply.is_told => None,
        Happened::Failed { message } => Some(error(clip, message)),
        Happened::Error { message, reply, .. } => Some(error(clip, &reply.behind(message))),
    }
}

fn line(level: &str, clip: Option<ClipUuid>, text: &str) -> String {
    let text = printable(text);
    match clip {
        Some(clip) => format!("{level}: {clip}: {text}"),
        None => format!("{level}: {text}"),
    }
}

/// Warns of something that is no reason to stop.
pub(crate) fn warn(text: &str) {
    note(&line("warning", None, text));
}

/// Writes a line to standard error that can be done without.
pub(crate) fn note(line: &str) {
    if verbosity() != Verbosity::Quiet {
        tell(line);
    }
}

/// Writes a line to standard error. When even that is closed, nobody is left to be told.
pub(crate) fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(io::Error);

    impl std::fmt::Display for Outer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("no connection")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn a_chain_ends_with_the_root() {
        let error = Outer(io::Error::other("refused"));
        assert_eq!(chain(&error), "no connection: refused");
    }

    #[test]
    fn a_line_is_one_line() {
        let clip = ClipUuid::from_bytes([0; 16]);
        assert_eq!(error(None, "one\ntwo"), "error: one two");
        assert_eq!(
            error(Some(clip), "late"),
            "error: AAAAAAAAAAAAAAAAAAAAAA: late"
        );
    }
}
