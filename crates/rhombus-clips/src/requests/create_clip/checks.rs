//! The checks before a clip is requested: its length, and its footage. A check that fails blocks nothing.

use std::time::Duration;

use rhombus_clips_api::types::GetMinimalCameraStateListRequest;
use tokio::time::Instant;

use crate::error::{Error, ErrorKind, Hint, Result};
use crate::footage::{FootageReport, compare, needs_camera, presence_request, refusal};
use crate::new_clip::range::InvalidClip;
use crate::requests::Call;
use crate::requests::max_clip_duration::MaxClipDuration;
use crate::{CameraUuid, Cameras, FootagePolicy, NewClip};

/// Time for all checks together, from the service's own web client, which gives the presence check as much.
const CHECK_TIMEOUT: Duration = Duration::from_secs(6);

/// Makes the checks. Fails if the clip is too long, or its footage refused.
pub(super) async fn check(
    call: &Call,
    new_clip: &NewClip,
    max_duration: &MaxClipDuration,
    policy: FootagePolicy,
) -> Result<Vec<FootageReport>> {
    let end = Instant::now() + CHECK_TIMEOUT;
    let within = |longest: Duration| {
        let left = end.saturating_duration_since(Instant::now());
        let timeout = left.min(longest).min(call.timeout);
        (!timeout.is_zero()).then(|| Call {
            timeout,
            ..call.clone()
        })
    };
    if new_clip.max_duration().is_none()
        // What is left is for the footage.
        && let Some(call) = within(CHECK_TIMEOUT / 2)
        && let Ok(max_duration) = max_duration.get(&call).await
    {
        let checked = new_clip.check_duration(max_duration);
        checked.map_err(InvalidClip::into_error)?;
    }
    if policy == FootagePolicy::Off {
        return Ok(Vec::new());
    }
    let mut reports = Vec::new();
    for camera in new_clip.cameras() {
        let report = match within(CHECK_TIMEOUT) {
            Some(call) => check_camera(&call, camera, new_clip).await,
            None => None,
        };
        reports.push(report.unwrap_or_else(|| FootageReport::unchecked(camera)));
    }
    if let Some(call) = within(CHECK_TIMEOUT) {
        check_online(&call, new_clip, &mut reports).await;
    }
    match refusal(policy, &reports) {
        None => Ok(reports),
        Some(message) => {
            Err(Error::new(ErrorKind::NoFootage, message).with_hint(Hint::CheckFootage))
        }
    }
}

/// Compares the presence windows of a camera with the clip; `None` if the check failed.
async fn check_camera(
    call: &Call,
    camera: CameraUuid,
    new_clip: &NewClip,
) -> Option<FootageReport> {
    let ranges = new_clip.footage_ranges();
    let now = call.transport.wall_clock();
    let windows = match presence_request(camera, ranges, now) {
        // Too new for the windows.
        None => Some(Default::default()),
        // A response without the windows is a failed check, and one with none means no footage.
        Some(request) => call.send(&request).await.ok()?.response.presence_windows,
    };
    Some(compare(camera, ranges, &windows?, now))
}

/// Asks whether the cameras are online, if the clip needs one that is.
async fn check_online(call: &Call, new_clip: &NewClip, reports: &mut [FootageReport]) {
    let now = call.transport.wall_clock();
    let ranges = new_clip.footage_ranges();
    if !reports
        .iter()
        .any(|report| needs_camera(report, ranges, now))
    {
        return;
    }
    let request = GetMinimalCameraStateListRequest::new();
    let Ok(received) = call.send(&request).await else {
        return;
    };
    let records = received
        .response
        .camera_states
        .into_iter()
        .flatten()
        .flatten();
    let cameras = Cameras::of_records(records);
    for report in reports {
        let mut cameras = cameras.iter();
        let camera = cameras.find(|camera| camera.uuid() == report.camera);
        report.is_online = camera.and_then(|camera| camera.is_online());
    }
}
