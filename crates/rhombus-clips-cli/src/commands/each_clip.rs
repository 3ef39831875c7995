//! The loop of the commands that end or change clips: one clip after the other, whatever the result of
//! the one before.

use std::time::Duration;

use rhombus_clips::{ClipUuid, Error};

use crate::cli::Output;
use crate::outlet::Outlet;
use crate::output::clip_result::{ClipResult, format_table};
use crate::output::json_text::to_json_line;
use crate::output::terminal_width;
use crate::report;
use crate::report::failure::{ExitCode, Failure};

/// Carries out an action on each clip, and prints each result. Returns the most severe exit code.
pub(super) async fn run(
    uuids: &[ClipUuid],
    output: Output,
    mut action: impl AsyncFnMut(ClipUuid) -> Result<ClipResult, Error>,
) -> Result<ExitCode, Failure> {
    let outlet = Outlet::stdout();
    let mut results = Vec::new();
    let mut code = ExitCode::Complete;
    let mut suggests_doctor = false;
    for uuid in uuids {
        let result = match action(*uuid).await {
            Ok(result) if result.is_declined() => {
                code = code.max(ExitCode::Other);
                result
            }
            Ok(result) => result,
            Err(error) => {
                let result = ClipResult::of_error(*uuid, &error);
                let failure = Failure::of_request(error, output);
                let uuid = (uuids.len() > 1).then_some(*uuid);
                let text = failure.text().unwrap_or_default();
                report::eprintln_line(&report::error_line(uuid, &text));
                code = code.max(failure.exit_code());
                suggests_doctor |= failure.suggests_doctor();
                result
            }
        };
        match output {
            // The error is on standard error already.
            Output::Text if result.is_error() => {}
            Output::Text => print(&outlet, result.format_line()).await?,
            Output::Json => {
                print(&outlet, to_json_line(&result).map_err(Failure::Output)?).await?;
            }
            Output::Table => results.push(result),
        }
    }
    if output == Output::Table {
        print(&outlet, format_table(&results, terminal_width())).await?;
    }
    if suggests_doctor {
        report::print_doctor_hint();
    }
    Ok(code)
}

async fn print(outlet: &Outlet, text: String) -> Result<(), Failure> {
    outlet.send(text.into_bytes());
    let drained = outlet.drain(Duration::MAX).await;
    drained.map(drop).map_err(Failure::Output)
}
