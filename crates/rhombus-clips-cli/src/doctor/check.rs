//! The result of one check, and the exit code of all of them.

use crate::exit_code::ExitCode;

/// Result of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) status: CheckStatus,
    pub(super) message: String,
    /// Action that is likely to resolve the error or warning.
    pub(super) advice: Option<String>,
}

/// Status of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CheckStatus {
    Ok,
    Skipped,
    Warning,
    /// Error with the exit code for it.
    Error(ExitCode),
}

impl CheckStatus {
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
    pub(super) fn new(name: &'static str, status: CheckStatus, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            name,
            status,
            message,
            advice: None,
        }
    }

    pub(super) fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(name, CheckStatus::Ok, message)
    }

    pub(super) fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// Returns the highest exit code of the errors; warnings do not count.
pub(super) fn exit_code(checks: &[Check]) -> ExitCode {
    let codes = checks.iter().filter_map(|check| match check.status {
        CheckStatus::Error(code) => Some(code),
        CheckStatus::Ok | CheckStatus::Skipped | CheckStatus::Warning => None,
    });
    codes.max().unwrap_or(ExitCode::Complete)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_exit_code_of_the_errors_counts() {
        let exit_code_of = |statuses: &[CheckStatus]| {
            let checks = statuses.iter().map(|&status| Check::new("x", status, ""));
            exit_code(&checks.collect::<Vec<_>>()).code()
        };
        let other = CheckStatus::Error(ExitCode::Other);
        let rejected = CheckStatus::Error(ExitCode::Authentication);
        assert_eq!(
            exit_code_of(&[CheckStatus::Ok, CheckStatus::Warning, CheckStatus::Skipped]),
            0
        );
        assert_eq!(exit_code_of(&[other, CheckStatus::Ok]), 1);
        assert_eq!(exit_code_of(&[other, rejected, other]), 5);
    }
}
