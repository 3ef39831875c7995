//! The clips that an export requests, and the wait until their footage can be there.

use jiff::Timestamp;
use rhombus_clips::{Client, NewClip};

use crate::cli::{ClipRequestArgs, ExportArgs, ZonedRange};
use crate::client::short_retry;
use crate::commands::camera_lookup::find_cameras;
use crate::commands::clip_request::{self, Options, announcement};
use crate::config::Settings;
use crate::report;
use crate::report::failure::Failure;
use crate::text::format_length;

/// Camera and time of a simulated export, unless the command line has others.
const SIMULATED_CAMERA: &str = "Loading dock";
const SIMULATED_RANGE: [&str; 2] = ["-10m", "-5m"];

/// Returns the clips to request, one or more for each camera. Says what will be requested.
pub(super) async fn requests(
    client: &Client,
    args: &ExportArgs,
    now: Timestamp,
    settings: &Settings,
) -> Result<Vec<NewClip>, Failure> {
    let of_request = |error| Failure::of_request(error, settings.output.value);
    let clip = with_defaults(args);
    let range = clip.range(now).map_err(Failure::Usage)?;
    let cameras = find_cameras(client, &clip.cameras)
        .await
        .map_err(of_request)?;
    clip_request::check_cameras(&cameras)?;
    // Without it, the usual limit applies.
    let longest = client.max_clip_duration().retry(short_retry()).await.ok();
    let mut requests = Vec::new();
    for camera in &cameras {
        let mut builder = clip_request::builder(&clip, &range, camera.device)?;
        if let (None, Some(name)) = (&clip.title, &camera.name) {
            builder = builder.title(name);
        }
        if let Some(longest) = longest {
            builder = builder.max_duration(longest);
        }
        requests.extend(builder.split()?);
    }
    let options = Options {
        clips: requests.len(),
        has_sound: clip.audio,
        is_saved: true,
    };
    report::eprintln_unless_quiet(&announcement(&cameras, &range, options));
    wait_for_footage(args, &range, now).await;
    Ok(requests)
}

/// Waits until footage up to the end of the range can be in the cloud, and says so.
async fn wait_for_footage(args: &ExportArgs, range: &ZonedRange, now: Timestamp) {
    let Some(delay) = clip_request::footage_delay(range.range.end, now) else {
        return;
    };
    let waits = !args.no_wait && !args.simulation.simulate;
    if !args.simulation.simulate {
        let what = match waits {
            true => format!(
                "waiting {} for it; --no-wait requests the clip now",
                format_length(delay)
            ),
            false => "the clip may lack it".to_owned(),
        };
        clip_request::report_recent_footage(&what);
    }
    if waits {
        tokio::time::sleep(delay).await;
    }
}

/// Fills in the camera and the time of a simulated export.
fn with_defaults(args: &ExportArgs) -> ClipRequestArgs {
    let mut clip = args.clip.clone();
    if args.simulation.simulate {
        if clip.cameras.is_empty() {
            clip.cameras.push(SIMULATED_CAMERA.to_owned());
        }
        if clip.from.is_none() && clip.to.is_none() {
            let [from, to] = SIMULATED_RANGE.map(str::to_owned);
            (clip.from, clip.to) = (Some(from), Some(to));
        }
    }
    clip
}
