//! The `cameras` command.

use rhombus_clips::{Camera, Cameras};

use crate::cli::{CamerasArgs, Output};
use crate::client::{ClientLimits, ServiceClient, short_retry};
use crate::config::Settings;
use crate::output::camera_view::{CameraDetails, format_rows, format_table};
use crate::output::json_text::to_json_line;
use crate::output::terminal_width;
use crate::report::failure::{ExitCode, Failure};
use crate::{outlet, report};

pub(crate) async fn run(args: CamerasArgs, settings: &Settings) -> Result<ExitCode, Failure> {
    let output = settings.output.value;
    let of_request = |error| Failure::of_request(error, output);
    let limits = ClientLimits::default();
    let service = ServiceClient::from_settings(&args.simulation, settings, limits).await?;
    let request = service.client.cameras().retry(short_retry());
    let cameras = request.await.map_err(of_request)?;
    let selected: Vec<&Camera> = match &args.camera {
        Some(text) => vec![cameras.find(text).map_err(of_request)?],
        None => cameras.iter().collect(),
    };
    outlet::print(format(&selected, output)?)
        .await
        .map_err(Failure::Output)?;
    if args.camera.is_none() {
        warn_of_unidentified(&cameras);
    }
    Ok(ExitCode::Complete)
}

fn format(cameras: &[&Camera], output: Output) -> Result<String, Failure> {
    let details: Vec<_> = cameras
        .iter()
        .map(|camera| CameraDetails::from_camera(camera))
        .collect();
    Ok(match output {
        Output::Text => format_rows(&details),
        Output::Table => format_table(&details, terminal_width()),
        Output::Json => {
            let lines: Result<String, _> = details.iter().map(to_json_line).collect();
            lines.map_err(Failure::Output)?
        }
    })
}

fn warn_of_unidentified(cameras: &Cameras) {
    match cameras.unidentified().len() {
        0 => {}
        1 => report::warn("1 camera has no valid UUID, and is left out"),
        count => report::warn(&format!(
            "{count} cameras have no valid UUID, and are left out"
        )),
    }
}
