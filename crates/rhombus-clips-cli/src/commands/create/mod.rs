//! The `create` command.
//!
//! The request is announced before it is sent. After it may have been sent, every end of the command
//! that leaves its outcome open names the command that looks for the clip.

mod list_command;

use std::cell::Cell;
use std::time::Duration;

use jiff::Timestamp;
use rhombus_clips::{Client, CreatedClips, Error, Facet, NewClip};

use super::camera_lookup::{NamedCamera, find_cameras};
use super::clip_request::{self, Options, announcement};
use crate::cli::{CreateArgs, Output, ZonedRange};
use crate::client::{ClientLimits, ServiceClient, short_retry};
use crate::config::Settings;
use crate::output::created_view::{CreatedDetails, format_lines, format_table};
use crate::output::json_text::to_json_line;
use crate::report::failure::{ExitCode, Failure};
use crate::text::format_length;
use crate::{outlet, report, signals};
use list_command::list_command;

/// Requests a clip. `settings_args` are the arguments that select the same service and settings.
pub(crate) async fn run(
    args: CreateArgs,
    range: ZonedRange,
    settings: &Settings,
    settings_args: &[String],
) -> Result<ExitCode, Failure> {
    let sent = Cell::new(None);
    let work = create(&args, settings, settings_args, &range, &sent);
    let code = signals::run_until_signal(work).await?;
    if matches!(code, ExitCode::Interrupted | ExitCode::Terminated)
        && let Some(command) = sent.take()
    {
        report::warn("the clip may have been requested");
        print_list_hint(&command);
    }
    Ok(code)
}

/// Does the work until it is done. Puts the command that finds the clip into `sent` for the time in which
/// the outcome of the request is open.
async fn create(
    args: &CreateArgs,
    settings: &Settings,
    settings_args: &[String],
    range: &ZonedRange,
    sent: &Cell<Option<String>>,
) -> Result<ExitCode, Failure> {
    let output = settings.output.value;
    let of_request = |error| Failure::of_request(error, output);
    let limits = ClientLimits::default();
    let service = ServiceClient::from_settings(&args.simulation, settings, limits).await?;
    let client = &service.client;
    let cameras = find_cameras(client, &args.clip.cameras).await;
    let cameras = cameras.map_err(of_request)?;
    clip_request::check_cameras(&cameras)?;
    let new_clip = new_clip(client, args, range, &cameras).await?;
    let options = Options {
        clips: 1,
        has_sound: args.clip.audio,
        is_saved: !args.no_save,
    };
    report::eprintln_unless_quiet(&announcement(&cameras, range, options));
    let is_recent = clip_request::footage_delay(range.range.end, Timestamp::now()).is_some();
    if is_recent && !args.simulation.simulate {
        clip_request::report_recent_footage("the clip may lack it");
    }

    let mut request = client
        .create_clip(new_clip)
        .footage(args.clip.footage.into())
        .retry(short_retry());
    if let Some(grace_period) = args.clip.not_found_grace_period {
        request = request.not_found_grace_period(grace_period);
    }
    let command = list_command(&cameras, range, settings_args);
    // A simulated service ends with the program.
    sent.set((!args.simulation.simulate).then(|| command.clone()));
    let result = request.await;
    sent.take();
    match result {
        Ok(created) => print(&created, output).await,
        Err(error) if error.is_outcome_unknown() => {
            report_unknown(error, output, &command);
            Ok(ExitCode::OutcomeUnknown)
        }
        Err(error) => Err(of_request(error)),
    }
}

/// Validates what is requested.
async fn new_clip(
    client: &Client,
    args: &CreateArgs,
    range: &ZonedRange,
    cameras: &[NamedCamera],
) -> Result<NewClip, Failure> {
    let [first, others @ ..] = cameras else {
        return Err(Failure::Usage("give a camera with --camera".to_owned()));
    };
    let mut builder = clip_request::builder(&args.clip, range, first.device)?;
    for camera in others {
        builder = builder.device(camera.device);
    }
    // What is wrong regardless of the limit comes first.
    builder.clone().max_duration(Duration::MAX).build()?;
    // Without it, the length is checked against the usual limit.
    if let Ok(longest) = client.max_clip_duration().retry(short_retry()).await {
        check_length(range.length(), cameras, longest).map_err(Failure::Usage)?;
        builder = builder.max_duration(longest);
    }
    let new_clip = builder.save_to_console(!args.no_save).build()?;
    Ok(new_clip)
}

/// Checks the length in terms of the command line. The library checks it again, rounded as it is sent.
fn check_length(
    length: Duration,
    cameras: &[NamedCamera],
    longest: Duration,
) -> Result<(), String> {
    let is_video = |camera: &&NamedCamera| !matches!(camera.device.facet(), Some(Facet::Audio(_)));
    let count = u32::try_from(cameras.iter().filter(is_video).count()).unwrap_or(u32::MAX);
    if length.saturating_mul(count) <= longest {
        return Ok(());
    }
    let each = match count {
        0 | 1 => String::new(),
        count => format!(" for each of {count} cameras"),
    };
    Err(format!(
        "the clip lasts {}{each}, and the longest of the organization is {}: request its parts one by one",
        format_length(length),
        format_length(longest)
    ))
}

async fn print(created: &CreatedClips, output: Output) -> Result<ExitCode, Failure> {
    let text = match output {
        Output::Text => format_lines(created),
        Output::Table => format_table(created),
        Output::Json => {
            to_json_line(&CreatedDetails::from_created(created)).map_err(Failure::Output)?
        }
    };
    if output != Output::Json {
        let unusual = created
            .footage()
            .iter()
            .filter(|report| !report.is_full() || report.is_online() == Some(false));
        unusual.for_each(|footage| report::warn(&footage.to_string()));
        if let Some(warning) = created.warning() {
            report::warn(warning);
        }
        if created.is_recovered() {
            report::warn("the response was lost, and the clip was found in the list of clips");
        }
    }
    outlet::print(text).await.map_err(Failure::Output)?;
    Ok(ExitCode::Complete)
}

/// Reports that it is not known whether the clip was made.
fn report_unknown(error: Error, output: Output, command: &str) {
    let candidates: Vec<_> = error.candidates().iter().map(ToString::to_string).collect();
    let text = Failure::of_request(error, output).text();
    report::eprintln_line(&report::error_line(None, &text.unwrap_or_default()));
    if !candidates.is_empty() {
        report::eprintln_unless_quiet(&format!(
            "hint: clips that match it: {}",
            candidates.join(" ")
        ));
    }
    print_list_hint(command);
}

fn print_list_hint(command: &str) {
    report::eprintln_unless_quiet(&format!(
        "hint: look for it with `{command}`, and request it again only if it is not there"
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhombus_clips::CameraUuid;

    fn cameras(facets: &[Option<Facet>]) -> Vec<NamedCamera> {
        let camera = CameraUuid::from_bytes([0; 16]);
        let named = |facet: &Option<Facet>| NamedCamera {
            device: facet.map_or(camera.into(), |facet| camera.with_facet(facet)),
            name: None,
        };
        facets.iter().map(named).collect()
    }

    #[test]
    fn the_length_counts_for_each_camera_but_not_for_sound() {
        let hour = Duration::from_secs(3600);
        let check = |length, facets: &[_]| check_length(length, &cameras(facets), hour);
        let sound = Some(Facet::Audio(0));
        assert_eq!(check(hour, &[None, sound]), Ok(()));
        assert_eq!(check(hour / 2, &[None, None]), Ok(()));
        assert_eq!(
            check(hour, &[None, None]).unwrap_err(),
            "the clip lasts 1h for each of 2 cameras, and the longest of the organization is 1h: \
             request its parts one by one"
        );
        let error = check(hour + Duration::from_secs(1), &[None]).unwrap_err();
        assert!(error.starts_with("the clip lasts 1h 1s, and "), "{error}");
    }
}
