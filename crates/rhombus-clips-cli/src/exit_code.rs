//! Exit codes of the program.

use rhombus_clips::ErrorKind;

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
