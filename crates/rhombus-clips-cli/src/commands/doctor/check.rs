//! Checks of `doctor`: their status, and the report as text or JSON.

use std::io;

use console::{Style, colors_enabled};
use serde_json::{Value, json};

use crate::cli::Output;
use crate::output::json_text::to_json;
use crate::report::failure::ExitCode;
use crate::text::sanitize_line;

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

/// Column of the messages and of the advice below them: the widths of the columns before, with their
/// separators.
const MESSAGE_COLUMN: usize = 22;

pub(super) fn format_checks(checks: &[Check], output: Output) -> io::Result<String> {
    match output {
        Output::Json => Ok(to_json(&render_json(checks))? + "\n"),
        Output::Text | Output::Table => Ok(render_text(checks, colors_enabled())),
    }
}

fn render_text(checks: &[Check], colors: bool) -> String {
    let line = |check: &Check| {
        let style = Style::new().force_styling(colors);
        let style = match check.status {
            CheckStatus::Ok => style.green(),
            CheckStatus::Skipped => style.dim(),
            CheckStatus::Warning => style.yellow(),
            CheckStatus::Error(_) => style.red().bold(),
        };
        let status = style.apply_to(format!("{:<7}", check.status.name()));
        let name = check.name;
        let message = sanitize_line(&check.message);
        let advice = check.advice.as_deref().map_or_else(String::new, |advice| {
            format!("{:MESSAGE_COLUMN$}{}\n", "", sanitize_line(advice))
        });
        format!("{status}  {name:<11}  {message}\n{advice}")
    };
    checks.iter().map(line).collect()
}

fn render_json(checks: &[Check]) -> Value {
    let check_json = |check: &Check| {
        json!({
            "check": check.name,
            "status": check.status.name(),
            "message": check.message,
            "advice": check.advice,
        })
    };
    let is_error = |check: &Check| matches!(check.status, CheckStatus::Error(_));
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "ok": !checks.iter().any(is_error),
        "checks": checks.iter().map(check_json).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::failure::ExitCode;

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

    fn checks() -> Vec<Check> {
        let error = CheckStatus::Error(ExitCode::Other);
        vec![
            Check::ok("proxy", "none"),
            Check::new("service", error, "no\n\u{1b}[2J").advice("check it"),
        ]
    }

    #[test]
    fn text_has_one_line_per_check_with_its_advice_below() {
        assert_eq!(
            render_text(&checks(), false),
            "\
ok       proxy        none
error    service      no \u{fffd}[2J
                      check it
"
        );
        assert!(render_text(&checks(), true).starts_with("\u{1b}[32mok     \u{1b}[0m  proxy"));
    }

    #[test]
    fn json_is_one_object() {
        let json = render_json(&checks());
        assert_eq!(
            (&json["ok"], &json["checks"][0]["status"]),
            (&false.into(), &"ok".into())
        );
        assert_eq!(json["checks"][0]["advice"], Value::Null);
        assert_eq!(json["checks"][1]["advice"], "check it");
    }
}
