//! How the program ends.

use rhombus_clips::ErrorKind;

/// The exit codes, from the best to the worst.
///
/// Worse is what says less about the clips: a failed clip is known to have failed, one that
/// missed the deadline may yet be complete, one that was not found may not exist, one that was
/// not named so that it can be asked for is not even that, after an error nothing is known, and
/// without a key nothing will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ExitCode {
    Complete,
    ClipFailed,
    Deadline,
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
            // As clap counts it.
            Self::Usage => 2,
            Self::ClipFailed => 3,
            Self::Deadline => 4,
            Self::Authentication => 5,
            Self::NotFound => 6,
            // As a shell counts SIGINT, SIGPIPE and SIGTERM.
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
            ErrorKind::DeadlineExceeded => Self::Deadline,
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
    fn every_kind_of_error_has_its_code() {
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
    fn the_order_is_the_documented_one() {
        use ExitCode::*;
        let mut codes = [
            Complete,
            Other,
            ClipFailed,
            Deadline,
            Authentication,
            NotFound,
            Usage,
        ];
        codes.sort_by(|a, b| b.cmp(a));
        assert_eq!(codes.map(ExitCode::code), [5, 1, 2, 6, 4, 3, 0]);
    }
}
