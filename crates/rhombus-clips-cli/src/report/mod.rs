//! Lines on standard error.
//!
//! Every message is one line without control characters, prefixed with its level and, when several
//! clips are watched, with the clip's UUID. [`Verbosity`] decides which lines are printed; it is
//! set once, before the first line.

pub(crate) mod error_response;
pub(crate) mod failure;
pub(crate) mod hints;
use std::error::Error;
use std::io::{self, Write};
use std::iter::successors;
use std::sync::OnceLock;
use std::time::Duration;

use hints::cli_hint;
use rhombus_clips::{ClipUuid, ErrorKind};

use crate::outlet::Outlet;
use crate::text::sanitize_line;

/// Amount of output on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// Errors only.
    Quiet,
    Normal,
    /// Includes the log of the program and the SDK.
    Verbose,
    /// Includes the log of the HTTP and TLS libraries.
    Debug,
}

static VERBOSITY: OnceLock<Verbosity> = OnceLock::new();

/// Sets the verbosity; later calls have no effect.
pub(crate) fn set_verbosity(verbosity: Verbosity) {
    let _ = VERBOSITY.set(verbosity);
}

/// Returns the verbosity that was set, or the default.
pub(crate) fn verbosity() -> Verbosity {
    VERBOSITY.get().copied().unwrap_or(Verbosity::Normal)
}

/// Formats an error and its sources, outermost first.
pub(crate) fn error_chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

/// Formats a client error for the user: the SDK's own errors in its chain, and the root cause. The
/// errors in between describe the internals of the HTTP and TLS libraries.
pub(crate) fn user_message(error: &rhombus_clips::Error) -> String {
    let mut text = String::new();
    for cause in causes(error) {
        let own = cause.downcast_ref::<rhombus_clips::Error>();
        if own.is_none() && cause.source().is_some() {
            continue;
        }
        // The root cause repeats the message.
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

/// Returns the hints of the outermost error that has any, in terms of this program.
pub(crate) fn hints(error: &rhombus_clips::Error) -> Vec<String> {
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<rhombus_clips::Error>())
        .map(|error| {
            error
                .hints()
                .iter()
                .filter_map(cli_hint)
                .collect::<Vec<_>>()
        })
        .find(|hints| !hints.is_empty())
        .unwrap_or_default()
}

/// Appends hints to a message.
pub(crate) fn append_hints(message: String, hints: &[String]) -> String {
    hints
        .iter()
        .fold(message, |message, hint| format!("{message}; {hint}"))
}

/// Returns whether `doctor` may find the cause of an error.
pub(crate) fn suggests_doctor(error: &rhombus_clips::Error) -> bool {
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

/// Prints the hint for an error that [`suggests_doctor`].
pub(crate) fn print_doctor_hint() {
    eprintln_unless_quiet(
        "hint: run `rhombus-clips doctor` with the same options to find the cause",
    );
}

/// Formats an error line, with the clip's UUID if given.
pub(crate) fn error_line(uuid: Option<ClipUuid>, text: &str) -> String {
    format_line("error", uuid, text)
}

pub(crate) fn format_line(level: &str, uuid: Option<ClipUuid>, text: &str) -> String {
    let text = sanitize_line(text);
    match uuid {
        Some(uuid) => format!("{level}: {uuid}: {text}"),
        None => format!("{level}: {text}"),
    }
}

/// Prints a warning, unless quiet.
pub(crate) fn warn(text: &str) {
    eprintln_unless_quiet(&format_line("warning", None, text));
}

/// Prints what is of interest with `--verbose` only.
pub(crate) fn log(text: &str) {
    if matches!(verbosity(), Verbosity::Verbose | Verbosity::Debug) {
        eprintln_line(&format_line("note", None, text));
    }
}

/// Writes a line to standard error, unless quiet.
pub(crate) fn eprintln_unless_quiet(line: &str) {
    if verbosity() != Verbosity::Quiet {
        eprintln_line(line);
    }
}

/// Writes a line to standard error. Unlike `eprintln!` it does not panic if that is closed, nor wait if
/// it is not read.
pub(crate) fn eprintln_line(line: &str) {
    // Other threads write, too: a line is written as a whole.
    let _ = StderrWriter.write_all(format!("{line}\n").as_bytes());
}

static STDERR: OnceLock<Outlet> = OnceLock::new();

/// Writes to standard error through its outlet. What is not read is dropped after a while.
#[derive(Debug)]
pub(crate) struct StderrWriter;

impl StderrWriter {
    /// Returns whether all that was written has arrived.
    pub(crate) fn is_idle() -> bool {
        STDERR.get().is_none_or(Outlet::is_idle)
    }
}

impl Write for StderrWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let outlet = STDERR.get_or_init(Outlet::stderr);
        if !outlet.is_congested() {
            outlet.send(bytes.to_vec());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits until standard error has arrived, as long as someone reads it.
pub(crate) async fn drain(patience: Duration) {
    if let Some(outlet) = STDERR.get() {
        let _ = outlet.drain(patience).await;
    }
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
    fn error_chain_ends_with_the_root_cause() {
        let error = Outer(io::Error::other("refused"));
        assert_eq!(error_chain(&error), "no connection: refused");
    }

    #[test]
    fn messages_are_single_lines() {
        let uuid = ClipUuid::from_bytes([0; 16]);
        assert_eq!(error_line(None, "one\ntwo"), "error: one two");
        assert_eq!(
            error_line(Some(uuid), "late"),
            "error: AAAAAAAAAAAAAAAAAAAAAA: late"
        );
    }
}
