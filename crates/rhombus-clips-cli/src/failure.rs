//! Why the program ends without a result.

use rhombus_clips::{Error, Setting};
use std::io;
use std::path::PathBuf;

use crate::clip::reply::Reply;
use crate::config::{Origin, Problem};
use crate::exit_code::ExitCode;
use crate::messages::{chain, is_for_doctor, user_message};

/// Anything that ends the program early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The clips' side.
    Clips(Error),
    /// The clips' side, told to people, who can find out more.
    Told(Error),
    /// What was found in flags, variables and files.
    Settings(Problem),
    /// No client can be set up with it.
    Setup {
        error: Error,
        endpoint_url: Origin,
        api_key: Option<Origin>,
    },
    /// Standard output does not take any more.
    Output(io::Error),
    /// The simulated service did not start.
    Simulation(io::Error),
    /// The system does not let the program begin.
    Runtime(io::Error),
    /// What was asked for makes no sense.
    Usage(String),
    /// A checkpoint file cannot be read or written: which, and why.
    CheckpointFile(PathBuf, String),
}

impl Failure {
    /// What there is to say; nothing when the reader of standard output has gone on purpose.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Clips(error) | Self::Told(error) => {
                Some(Reply::of(error).behind(&user_message(error)))
            }
            Self::Settings(problem) => Some(problem.text.clone()),
            Self::Setup {
                error,
                endpoint_url,
                api_key,
            } => {
                // The library does not know the origin of its settings.
                let text = user_message(error);
                let origin = match error.setting() {
                    Some(Setting::ApiKey) => api_key.as_ref(),
                    Some(Setting::BaseUrl) => Some(endpoint_url),
                    _ => None,
                };
                Some(match origin {
                    Some(origin) => format!("{text} (from {origin})"),
                    None => text,
                })
            }
            Self::Output(error) if is_closed(error) => None,
            Self::Output(error) => Some(format!(
                "standard output cannot be written: {}",
                chain(error)
            )),
            Self::Simulation(error) => Some(format!(
                "the simulated service cannot start: {}",
                chain(error)
            )),
            Self::Runtime(error) => Some(format!("the program cannot start: {}", chain(error))),
            Self::Usage(reason) => Some(reason.clone()),
            Self::CheckpointFile(path, reason) => {
                Some(format!("the checkpoint file {} {reason}", path.display()))
            }
        }
    }

    /// Whether `doctor` could find out more, and people are there to be told so.
    pub(crate) fn is_for_doctor(&self) -> bool {
        matches!(self, Self::Told(error) if is_for_doctor(error))
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Clips(error) | Self::Told(error) | Self::Setup { error, .. } => {
                error.kind().into()
            }
            Self::Output(error) if is_closed(error) => ExitCode::ClosedPipe,
            Self::Usage(_) => ExitCode::Usage,
            Self::Settings(_)
            | Self::Output(_)
            | Self::Simulation(_)
            | Self::Runtime(_)
            | Self::CheckpointFile(..) => ExitCode::Other,
        }
    }
}

fn is_closed(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Clips(error)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Settings(problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_quiet() {
        let failure = Failure::Output(io::ErrorKind::BrokenPipe.into());
        assert_eq!(failure.text(), None);
        assert_eq!(failure.exit_code().code(), 141);
    }

    #[test]
    fn a_full_disk_is_not() {
        let failure = Failure::Output(io::ErrorKind::StorageFull.into());
        let text = failure.text().unwrap();
        assert!(text.starts_with("standard output cannot be written: "));
        assert_eq!(failure.exit_code().code(), 1);
    }

    #[test]
    fn an_error_of_the_client_keeps_its_kind() {
        let error = rhombus_clips::Client::builder().build().unwrap_err();
        let failure = Failure::from(error);
        assert!(failure.text().unwrap().starts_with("no API key is set"));
        assert_eq!(failure.exit_code(), ExitCode::Other);
    }
}
