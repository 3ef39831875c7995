//! How the checks are shown.

use std::io::{self, Write as _};

use console::{Style, colors_enabled};
use serde_json::{Value, json};

use super::check::{Check, Status};
use crate::args::Output;
use crate::wording::printable::printable;

/// Where the messages begin, and what to do below them.
const ADVICE: usize = 22;

pub(super) fn write(checks: &[Check], output: Output) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match output {
        Output::Json => writeln!(stdout, "{}", json(checks))?,
        Output::Text | Output::Table => {
            stdout.write_all(text(checks, colors_enabled()).as_bytes())?;
        }
    }
    stdout.flush()
}

fn text(checks: &[Check], colours: bool) -> String {
    let line = |check: &Check| {
        let style = Style::new().force_styling(colours);
        let style = match check.status {
            Status::Ok => style.green(),
            Status::Skipped => style.dim(),
            Status::Warning => style.yellow(),
            Status::Error(_) => style.red().bold(),
        };
        let status = style.apply_to(format!("{:<7}", check.status.name()));
        let name = check.name;
        let message = printable(&check.message);
        let advice = check.advice.as_deref().map_or_else(String::new, |advice| {
            format!("{:ADVICE$}{}\n", "", printable(advice))
        });
        format!("{status}  {name:<11}  {message}\n{advice}")
    };
    checks.iter().map(line).collect()
}

fn json(checks: &[Check]) -> Value {
    let of = |check: &Check| {
        json!({
            "check": check.name,
            "status": check.status.name(),
            "message": check.message,
            "advice": check.advice,
        })
    };
    let failed = |check: &Check| matches!(check.status, Status::Error(_));
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "ok": !checks.iter().any(failed),
        "checks": checks.iter().map(of).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit_code::ExitCode;

    fn checks() -> Vec<Check> {
        let error = Status::Error(ExitCode::Other);
        vec![
            Check::ok("proxy", "none"),
            Check::new("service", error, "no\n\u{1b}[2J").advice("check it"),
        ]
    }

    #[test]
    fn each_is_a_line_with_what_to_do_below() {
        assert_eq!(
            text(&checks(), false),
            "\
ok       proxy        none
error    service      no \u{fffd}[2J
                      check it
"
        );
        assert!(text(&checks(), true).starts_with("\u{1b}[32mok     \u{1b}[0m  proxy"));
    }

    #[test]
    fn all_are_an_object() {
        let json = json(&checks());
        assert_eq!(
            (&json["ok"], &json["checks"][0]["status"]),
            (&false.into(), &"ok".into())
        );
        assert_eq!(json["checks"][0]["advice"], Value::Null);
        assert_eq!(json["checks"][1]["advice"], "check it");
    }
}
