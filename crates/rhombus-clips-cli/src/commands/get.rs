//! The `get` command.

use crate::cli::{GetArgs, Output, Target};
use crate::client::{ClientLimits, ServiceClient, short_retry};
use crate::config::Settings;
use crate::outlet;
use crate::output::clip_view::Details;
use crate::output::json_text::to_json;
use crate::output::{table, terminal_width, text};
use crate::report::failure::{ExitCode, Failure};

pub(crate) async fn run(args: GetArgs, settings: &Settings) -> Result<ExitCode, Failure> {
    let service =
        ServiceClient::from_settings(&args.simulation, settings, ClientLimits::default()).await?;
    let uuid = match args.target {
        Some(Target::Clip(uuid)) => Some(uuid),
        Some(Target::Simulated(scenarios)) => service.simulated_clips(scenarios)?.pop(),
        Some(Target::StandardInput) | None => service.simulated_clip(|clips| clips.done),
    };
    if let Some(uuid) = uuid {
        let request = service.client.get_clip(uuid).retry(short_retry());
        let clip = request
            .await
            .map_err(|error| Failure::of_request(error, settings.output.value))?;
        let details = Details::from_clip(&clip);
        outlet::print(format(&details, settings.output.value)?)
            .await
            .map_err(Failure::Output)?;
    }
    Ok(ExitCode::Complete)
}

fn format(details: &Details, output: Output) -> Result<String, Failure> {
    Ok(match output {
        Output::Text => text::format_details(details),
        Output::Table => table::format_details(details, terminal_width()),
        Output::Json => {
            let json = to_json(details);
            json.map_err(|error| Failure::Output(error.into()))? + "\n"
        }
    })
}
