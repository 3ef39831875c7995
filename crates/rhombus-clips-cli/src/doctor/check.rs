//! One thing that was looked at.

use crate::exit_code::ExitCode;

/// One thing that was looked at, and how it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) status: Status,
    pub(super) message: String,
    /// What to do.
    pub(super) advice: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Ok,
    Skipped,
    Warning,
    /// With what the program exits with for it.
    Error(ExitCode),
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
            Self::Error(_) => "error",
        }
    }
}

impl Check {
    pub(super) fn new(name: &'static str, status: Status, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            name,
            status,
            message,
            advice: None,
        }
    }

    pub(super) fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(name, Status::Ok, message)
    }

    pub(super) fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// That of the worst; warnings are no reason to fail.
pub(super) fn exit_code(checks: &[Check]) -> ExitCode {
    let codes = checks.iter().filter_map(|check| match check.status {
        Status::Error(code) => Some(code),
        Status::Ok | Status::Skipped | Status::Warning => None,
    });
    codes.max().unwrap_or(ExitCode::Complete)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_counts_and_a_warning_does_not() {
        let of = |statuses: &[Status]| {
            let checks = statuses.iter().map(|&status| Check::new("x", status, ""));
            exit_code(&checks.collect::<Vec<_>>()).code()
        };
        let other = Status::Error(ExitCode::Other);
        let refused = Status::Error(ExitCode::Authentication);
        assert_eq!(of(&[Status::Ok, Status::Warning, Status::Skipped]), 0);
        assert_eq!(of(&[other, Status::Ok]), 1);
        assert_eq!(of(&[other, refused, other]), 5);
    }
}
