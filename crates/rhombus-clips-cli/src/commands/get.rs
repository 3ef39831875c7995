//! The `get` command.

use std::io::{self, Write};

use rhombus_clips::retry::Backoff;

use crate::cli::{GetArgs, Output, Target};
use crate::client::{ClientLimits, ServiceClient};
use crate::config::Settings;
use crate::output::clip_view::Details;
use crate::output::{table, terminal_width, text};
use crate::report::failure::{ExitCode, Failure};

/// Attempts of the request. Chosen below the library's default, because a user is waiting.
const MAX_ATTEMPTS: u32 = 3;

pub(crate) async fn run(args: GetArgs, settings: &Settings) -> Result<ExitCode, Failure> {
    let service =
        ServiceClient::from_settings(&args.simulation, settings, ClientLimits::default()).await?;
    let uuid = match args.target {
        Some(Target::Clip(uuid)) => Some(uuid),
        Some(Target::Simulated(scenarios)) => service.simulated_clips(scenarios)?.pop(),
        Some(Target::StandardInput) | None => service.simulated_clip(|clips| clips.done),
    };
    if let Some(uuid) = uuid {
        let request = service.client.get_clip(uuid);
        let clip = request
            .retry(Backoff::default().attempts(MAX_ATTEMPTS))
            .await;
        let clip = clip.map_err(|error| match settings.output.value {
            Output::Json => Failure::Client(error),
            Output::Text | Output::Table => Failure::ClientWithHint(error),
        })?;
        let details = Details::from_clip(&clip);
        write(&details, settings.output.value).map_err(Failure::Output)?;
    }
    Ok(ExitCode::Complete)
}

fn write(details: &Details, output: Output) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match output {
        Output::Text => stdout.write_all(text::format_details(details).as_bytes())?,
        Output::Table => {
            stdout.write_all(table::format_details(details, terminal_width()).as_bytes())?
        }
        Output::Json => writeln!(stdout, "{}", serde_json::to_string(details)?)?,
    }
    stdout.flush()
}
