//! Renders the checks as text or JSON.

use std::io::{self, Write as _};

use console::{Style, colors_enabled};
use serde_json::{Value, json};

use super::check::{Check, CheckStatus};
use crate::args::Output;
use crate::text::sanitize::sanitize_line;

/// Column of the messages and of the advice below them: the widths of the columns before, with their
/// separators.
const MESSAGE_COLUMN: usize = 22;

pub(super) fn write_checks(checks: &[Check], output: Output) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match output {
        Output::Json => writeln!(stdout, "{}", render_json(checks))?,
        Output::Text | Output::Table => {
            stdout.write_all(render_text(checks, colors_enabled()).as_bytes())?;
        }
    }
    stdout.flush()
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
    use crate::exit_code::ExitCode;

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
