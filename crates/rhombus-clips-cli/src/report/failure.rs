//! The error type of the program, and its exit codes.
//!
//! Every command ends with an exit code or a [`Failure`]. A failure knows its message and its exit
//! code; `main` alone prints the one and exits with the other. Outcomes of single clips in a watch
//! are not failures: the watch reports them as events.

use std::io;
use std::path::PathBuf;

use rhombus_clips::{Error, ErrorKind, Setting};

use crate::cli::Output;
use crate::config::{ConfigError, Origin};
use crate::report::error_response::ErrorResponse;
use crate::report::{append_hints, error_chain, hints, suggests_doctor, user_message};

/// An error that ends the program.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A client error in an output format for programs, reported without a hint.
    Client(Error),
    /// A client error in an output format for users, who may be referred to `doctor`.
    ClientWithHint(Error),
    /// An invalid setting in a flag, environment variable or file.
    Settings(ConfigError),
    /// The client cannot be built from the settings, whose origins are named in the message.
    Setup {
        error: Error,
        origins: Box<SetupOrigins>,
    },
    /// Standard output cannot be written.
    Output(io::Error),
    /// The simulated service did not start.
    Simulation(io::Error),
    /// The async runtime did not start.
    Runtime(io::Error),
    /// Invalid arguments that the argument parser does not detect.
    Usage(String),
    /// A checkpoint file that cannot be read or written, and the reason.
    CheckpointFile(PathBuf, String),
    /// The history cannot be shown or removed, and the reason.
    History(String),
}

/// Origins of the settings that a client is built from.
#[derive(Debug)]
pub(crate) struct SetupOrigins {
    pub(crate) endpoint_url: Origin,
    pub(crate) media_url: Option<Origin>,
    pub(crate) api_key: Option<Origin>,
}

impl Failure {
    /// Returns the failure of a request. Only users are referred to `doctor`, not programs.
    pub(crate) fn of_request(error: Error, output: Output) -> Self {
        match output {
            Output::Json => Self::Client(error),
            Output::Text | Output::Table => Self::ClientWithHint(error),
        }
    }

    /// Returns the error message, or `None` for a closed pipe: the reader of standard output left
    /// deliberately.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Client(error) | Self::ClientWithHint(error) => {
                let text = ErrorResponse::from_error(error).append_to(&user_message(error));
                Some(append_hints(text, &hints(error)))
            }
            Self::Settings(problem) => Some(problem.message.clone()),
            Self::Setup { error, origins } => {
                // The library does not know the origin of its settings.
                let text = append_hints(user_message(error), &hints(error));
                let origin = match error.setting() {
                    Some(Setting::ApiKey) => origins.api_key.as_ref(),
                    Some(Setting::BaseUrl) => Some(&origins.endpoint_url),
                    Some(Setting::MediaUrl) => origins.media_url.as_ref(),
                    _ => None,
                };
                Some(match origin {
                    Some(origin) => format!("{text} (from {origin})"),
                    None => text,
                })
            }
            Self::Output(error) if is_broken_pipe(error) => None,
            Self::Output(error) => Some(format!(
                "cannot write to standard output: {}",
                error_chain(error)
            )),
            Self::Simulation(error) => Some(format!(
                "cannot start the simulated service: {}",
                error_chain(error)
            )),
            Self::Runtime(error) => Some(format!(
                "cannot start the async runtime: {}",
                error_chain(error)
            )),
            Self::Usage(reason) | Self::History(reason) => Some(reason.clone()),
            Self::CheckpointFile(path, reason) => {
                Some(format!("the checkpoint file {} {reason}", path.display()))
            }
        }
    }

    /// Returns whether the user should be referred to `doctor`.
    pub(crate) fn suggests_doctor(&self) -> bool {
        matches!(self, Self::ClientWithHint(error) if suggests_doctor(error))
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Client(error) | Self::ClientWithHint(error) | Self::Setup { error, .. } => {
                error.kind().into()
            }
            Self::Output(error) if is_broken_pipe(error) => ExitCode::ClosedPipe,
            Self::Usage(_) => ExitCode::Usage,
            Self::Settings(_)
            | Self::Output(_)
            | Self::Simulation(_)
            | Self::Runtime(_)
            | Self::CheckpointFile(..)
            | Self::History(_) => ExitCode::Other,
        }
    }
}

fn is_broken_pipe(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Client(error)
    }
}

impl From<ConfigError> for Failure {
    fn from(problem: ConfigError) -> Self {
        Self::Settings(problem)
    }
}

/// Exit code, in ascending order of severity.
///
/// A code is more severe the less is known about the clip: a failed clip is known to have failed; after
/// a timeout it may still complete; one not found may not exist; an invalid UUID cannot be requested;
/// after another error nothing is known, and with a rejected API key nothing can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ExitCode {
    Complete,
    ClipFailed,
    DeadlineExceeded,
    NotFound,
    Usage,
    Other,
    Authentication,
    /// It is not known whether a clip was requested.
    OutcomeUnknown,
    Interrupted,
    Terminated,
    ClosedPipe,
}

impl ExitCode {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Complete => 0,
            Self::Other => 1,
            // The code of clap.
            Self::Usage => 2,
            Self::ClipFailed => 3,
            Self::DeadlineExceeded => 4,
            Self::Authentication => 5,
            Self::NotFound => 6,
            Self::OutcomeUnknown => 7,
            // The codes of a shell for SIGINT, SIGPIPE and SIGTERM: 128 plus the signal's number.
            Self::Interrupted => 130,
            Self::ClosedPipe => 141,
            Self::Terminated => 143,
        }
    }
}

impl From<ErrorKind> for ExitCode {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::ClipFailed => Self::ClipFailed,
            ErrorKind::DeadlineExceeded => Self::DeadlineExceeded,
            ErrorKind::Authentication => Self::Authentication,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::OutcomeUnknown => Self::OutcomeUnknown,
            _ => Self::Other,
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        code.code().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_pipe_has_no_message() {
        let failure = Failure::Output(io::ErrorKind::BrokenPipe.into());
        assert_eq!(failure.text(), None);
        assert_eq!(failure.exit_code().code(), 141);
    }

    #[test]
    fn a_full_disk_has_a_message() {
        let failure = Failure::Output(io::ErrorKind::StorageFull.into());
        let text = failure.text().unwrap();
        assert!(text.starts_with("cannot write to standard output: "));
        assert_eq!(failure.exit_code().code(), 1);
    }

    #[test]
    fn a_client_error_determines_the_exit_code() {
        let error = rhombus_clips::Client::builder().build().unwrap_err();
        let failure = Failure::from(error);
        assert!(failure.text().unwrap().starts_with("no API key is set"));
        assert_eq!(failure.exit_code(), ExitCode::Other);
    }

    #[test]
    fn every_error_kind_has_an_exit_code() {
        let expected = [
            (ErrorKind::Configuration, 1),
            (ErrorKind::Connection, 1),
            (ErrorKind::Timeout, 1),
            (ErrorKind::Authentication, 5),
            (ErrorKind::RateLimited, 1),
            (ErrorKind::Service, 1),
            (ErrorKind::UnexpectedStatus, 1),
            (ErrorKind::Decode, 1),
            (ErrorKind::NotFound, 6),
            (ErrorKind::OutcomeUnknown, 7),
            (ErrorKind::ClipFailed, 3),
            (ErrorKind::DeadlineExceeded, 4),
        ];
        for (kind, code) in expected {
            assert_eq!(ExitCode::from(kind).code(), code, "{kind:?}");
        }
    }

    #[test]
    fn the_order_of_severity_is_as_documented() {
        use ExitCode::*;
        let mut codes = [
            Complete,
            Other,
            ClipFailed,
            DeadlineExceeded,
            Authentication,
            NotFound,
            Usage,
        ];
        codes.sort_by(|a, b| b.cmp(a));
        assert_eq!(codes.map(ExitCode::code), [5, 1, 2, 6, 4, 3, 0]);
    }
}
