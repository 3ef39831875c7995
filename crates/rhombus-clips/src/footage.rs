//! Whether there is footage of a range: the rules of the presence windows, and the policy that decides.
//!
//! Everything here is pure. The rules are those of the service's own web client, which asks before every
//! export, because the service renders a range without footage into a complete clip of placeholder frames.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::time::SystemTime;

use rhombus_clips_api::types::{GetCameraPresenceWindowsRequest, TimeWindowSeconds};

use crate::CameraUuid;
use crate::new_clip::range::FootageRange;
use crate::time::unix_ms;

/// Gap between windows that is ignored, from the service's web client.
const MAX_GAP_MS: i64 = 2_000;
/// Time before now that counts as covered, because the windows lag behind; from the service's web client.
const INGEST_LAG_MS: i64 = 120_000;
/// Footage in the cloud, which can be used at any time.
const CLOUD: &str = "VideoCloud";

/// The footage that a clip must have to be requested.
///
/// The presence windows of each camera are asked first, with one request per camera, and once a minute which
/// cameras are online, because the service
/// renders a range without footage into a complete clip of placeholder frames. A check that fails does not
/// prevent the request; it is [told](FootageReport::is_checked).
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// # let uuid: rhombus_clips::CameraUuid = service.add_camera(camera("Dock")).parse()?;
/// use rhombus_clips::{FootagePolicy, NewClip};
/// # let end = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000);
/// # let range = end - std::time::Duration::from_secs(60)..end;
///
/// let new_clip = NewClip::builder(uuid, range).build()?;
/// // All of the range must have footage.
/// let created = client.create_clip(new_clip.clone()).footage(FootagePolicy::Full).await?;
/// // One request and no more.
/// let unchecked = client.create_clip(new_clip).footage(FootagePolicy::Off);
/// assert_eq!(FootagePolicy::default(), FootagePolicy::Any);
/// # assert_eq!((created.uuids().len(), unchecked.intent().new_clip().devices().len()), (1, 1));
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FootagePolicy {
    /// Refuse a clip of which no camera has any footage. The default.
    #[default]
    Any,
    /// Refuse a clip unless every camera has footage of all of it.
    Full,
    /// Do not ask.
    Off,
}

/// The known footage of a camera, from [`CreatedClips::footage`](crate::CreatedClips::footage).
///
/// ```
/// use rhombus_clips::{CreatedClips, FootageReport};
///
/// /// Returns whether a clip has real pictures from the beginning to the end.
/// fn is_whole(created: &CreatedClips) -> bool {
///     let is_whole = |report: &FootageReport| {
///         for gap in report.missing() {
///             println!("camera {}: nothing from {:?} to {:?}", report.camera(), gap.start, gap.end);
///         }
///         let needs_camera = report.on_camera_only().next().is_some();
///         let is_reachable = !needs_camera || report.is_online() != Some(false);
///         report.is_full() || (report.is_checked() && is_reachable && report.missing().next().is_none())
///     };
///     created.footage().iter().all(is_whole)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FootageReport {
    pub(crate) camera: CameraUuid,
    pub(crate) is_checked: bool,
    pub(crate) is_online: Option<bool>,
    missing: Vec<FootageRange>,
    local_only: Vec<FootageRange>,
    is_none: bool,
}

impl FootageReport {
    /// The report of a camera whose check failed or was not made.
    pub(crate) fn unchecked(camera: CameraUuid) -> Self {
        Self {
            camera,
            is_checked: false,
            is_online: None,
            missing: Vec::new(),
            local_only: Vec::new(),
            is_none: false,
        }
    }

    /// The camera.
    pub fn camera(&self) -> CameraUuid {
        self.camera
    }

    /// Whether the check succeeded. If it did not, nothing is known, and nothing is missing.
    pub fn is_checked(&self) -> bool {
        self.is_checked
    }

    /// The parts of the clip without footage: the service renders them as placeholder frames.
    pub fn missing(&self) -> impl Iterator<Item = Range<SystemTime>> {
        self.missing.iter().map(|range| range.to_times())
    }

    /// The parts of the clip whose footage is not in the cloud but on the camera, where the service can use it
    /// while the camera is online; or in a kind of storage that this version does not know.
    pub fn on_camera_only(&self) -> impl Iterator<Item = Range<SystemTime>> {
        self.local_only.iter().map(|range| range.to_times())
    }

    /// Whether the camera was online within the last minute; `None` if the service does not say, or was not
    /// reached. The service can use footage of an offline camera if it is in the cloud.
    pub fn is_online(&self) -> Option<bool> {
        self.is_online
    }

    /// Returns whether all of the footage is in the cloud.
    pub fn is_full(&self) -> bool {
        self.is_checked && self.missing.is_empty() && self.local_only.is_empty()
    }
}

/// `Display` says in one line what is unusual, and that nothing is.
impl fmt::Display for FootageReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "camera {}: ", self.camera)?;
        let seconds = |ranges: &[FootageRange]| -> i64 {
            let ms: i64 = ranges.iter().map(|range| range.length_ms()).sum();
            ms / 1000
        };
        let mut parts = Vec::new();
        if !self.is_checked {
            parts.push("footage not checked".to_owned());
        }
        if self.is_none {
            parts.push("no footage".to_owned());
        } else if !self.missing.is_empty() {
            parts.push(format!("{} s without footage", seconds(&self.missing)));
        }
        if !self.local_only.is_empty() {
            let local = seconds(&self.local_only);
            parts.push(format!("{local} s of footage on the camera only"));
        }
        if self.is_online == Some(false) {
            parts.push("the camera is offline".to_owned());
        }
        match parts.is_empty() {
            true => f.write_str("all footage is available"),
            false => f.write_str(&parts.join(", ")),
        }
    }
}

/// Returns the request for the windows of all ranges, cut at now; `None` if all of it is too new.
pub(crate) fn presence_request(
    camera: CameraUuid,
    ranges: &[FootageRange],
    now: SystemTime,
) -> Option<GetCameraPresenceWindowsRequest> {
    let start_ms = ranges.iter().map(|range| range.start_ms).min()?;
    let end_ms = ranges.iter().map(|range| range.end_ms).max()?;
    let now_ms = unix_ms(now);
    if start_ms >= now_ms.saturating_sub(INGEST_LAG_MS) {
        return None;
    }
    let start_sec = start_ms.div_euclid(1000);
    let end_ms = end_ms.min(now_ms);
    let end_sec = end_ms.div_euclid(1000) + i64::from(end_ms.rem_euclid(1000) > 0);
    let request = GetCameraPresenceWindowsRequest::new()
        .with_camera_uuid(camera.to_string())
        .with_start_time_sec(start_sec)
        .with_duration_sec(end_sec.saturating_sub(start_sec).max(1));
    Some(request)
}

/// The windows of a response, by kind of storage.
pub(crate) type Windows = BTreeMap<String, Option<Vec<Option<TimeWindowSeconds>>>>;

/// Compares the windows of a response with what is wanted.
///
/// Footage of a kind of storage that this version does not know counts as present, but not as in the cloud.
pub(crate) fn compare(
    camera: CameraUuid,
    ranges: &[FootageRange],
    windows: &Windows,
    now: SystemTime,
) -> FootageReport {
    let now_ms = unix_ms(now);
    let lag = FootageRange {
        start_ms: now_ms.saturating_sub(INGEST_LAG_MS),
        end_ms: i64::MAX,
    };
    let of = |kinds: &dyn Fn(&str) -> bool| {
        let windows = windows.iter().filter(|(kind, _)| kinds(kind));
        let windows = windows.flat_map(|(_, windows)| windows.iter().flatten().flatten());
        joined(windows.filter_map(to_range).chain([lag]))
    };
    let cloud = of(&|kind| kind == CLOUD);
    let any = of(&|_| true);
    let missing = uncovered(ranges, &any);
    // What is neither in the cloud nor missing is elsewhere.
    let elsewhere = uncovered(ranges, &cloud);
    let local_only = uncovered(&elsewhere, &joined(missing.iter().copied()));
    let total = |ranges: &[FootageRange]| -> i64 {
        let lengths = ranges.iter().map(|range| range.length_ms());
        lengths.fold(0, i64::saturating_add)
    };
    FootageReport {
        camera,
        is_checked: true,
        is_online: None,
        is_none: total(&missing) == total(ranges),
        missing,
        local_only,
    }
}

/// Returns why a clip is refused; `None` if it is not.
pub(crate) fn refusal(policy: FootagePolicy, reports: &[FootageReport]) -> Option<String> {
    let is_refused = match policy {
        FootagePolicy::Off => false,
        FootagePolicy::Any => {
            !reports.is_empty()
                && reports
                    .iter()
                    .all(|report| report.is_checked && report.is_none)
        }
        FootagePolicy::Full => reports.iter().any(|report| !report.missing.is_empty()),
    };
    let incomplete = reports.iter().filter(|report| !report.missing.is_empty());
    let list: Vec<String> = incomplete.take(8).map(ToString::to_string).collect();
    is_refused.then(|| {
        format!(
            "the clip was not requested, because of its footage: {}",
            list.join("; ")
        )
    })
}

fn to_range(window: &TimeWindowSeconds) -> Option<FootageRange> {
    let start_ms = window.start_seconds?.checked_mul(1000)?;
    let length_ms = window.duration_seconds?.checked_mul(1000)?;
    let end_ms = start_ms.checked_add(length_ms)?;
    (end_ms > start_ms).then_some(FootageRange { start_ms, end_ms })
}

/// Sorts windows, and joins those with a gap that is ignored.
fn joined(windows: impl Iterator<Item = FootageRange>) -> Vec<FootageRange> {
    let mut windows: Vec<FootageRange> = windows.collect();
    windows.sort();
    let mut joined: Vec<FootageRange> = Vec::with_capacity(windows.len());
    for window in windows {
        match joined.last_mut() {
            Some(last) if window.start_ms.saturating_sub(last.end_ms) < MAX_GAP_MS => {
                last.end_ms = last.end_ms.max(window.end_ms);
            }
            _ => joined.push(window),
        }
    }
    joined
}

/// Returns the parts of ranges that no window covers, without gaps that are ignored.
fn uncovered(ranges: &[FootageRange], windows: &[FootageRange]) -> Vec<FootageRange> {
    let mut gaps = Vec::new();
    for range in ranges {
        let mut start_ms = range.start_ms;
        let overlapping = windows.iter().filter(|window| window.overlaps(*range));
        for window in overlapping {
            gaps.push(FootageRange {
                start_ms,
                end_ms: window.start_ms,
            });
            start_ms = start_ms.max(window.end_ms);
        }
        gaps.push(FootageRange {
            start_ms,
            end_ms: range.end_ms,
        });
    }
    let is_whole = |gap: &FootageRange| ranges.iter().any(|range| range == gap);
    gaps.retain(|gap| gap.length_ms() >= MAX_GAP_MS || gap.length_ms() > 0 && is_whole(gap));
    gaps
}

#[cfg(test)]
mod tests;
