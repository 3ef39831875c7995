//! The checks before a clip is requested: its length, and its footage. A check that fails blocks nothing.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, ErrorKind, Hint, Result};
use crate::footage::{FootageReport, compare, presence_request, refusal};
use crate::new_clip::range::InvalidClip;
use crate::requests::{Call, Known};
use crate::{CameraUuid, FootagePolicy, NewClip};

/// Time for all checks together, from the service's own web client, which gives the presence check as much.
const CHECK_TIMEOUT: Duration = Duration::from_secs(6);

/// Makes the checks. Fails if the clip is too long, or its footage refused.
pub(super) async fn check(
    call: &Call,
    new_clip: &NewClip,
    known: &Known,
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
        && let Ok(max_duration) = known.max_duration.get(&call).await
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
    let cameras = new_clip.cameras();
    if let Some(call) = within(CHECK_TIMEOUT)
        && let Ok(online) = known.cameras.are_online(&call, &cameras).await
    {
        for (report, is_online) in reports.iter_mut().zip(online) {
            report.is_online = is_online;
        }
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
