//! The contents of a request for a clip: cameras, time ranges and properties.
//!
//! [`NewClipBuilder`] validates, so that a [`NewClip`] is a request that the service can take. Both are
//! pure, apart from the builder's look at the time of day.

mod builder;
pub(crate) mod range;

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, SystemTime};

use rhombus_clips_api::types::{ClipAccessSettings, SpliceV3Request, TimeInterval};
use serde::{Deserialize, Deserializer, Serialize, de};

pub use builder::NewClipBuilder;

use crate::{CameraUuid, DeviceFacetUuid, Facet};
use range::{FootageRange, InvalidClip, invalid};

/// Longest clip of most organizations, of the service's document of `deviceIntervalMap` and of its own
/// clients.
pub(crate) const DEFAULT_MAX_DURATION: Duration = Duration::from_secs(60 * 60);

/// A clip to be made: footage of one or more cameras, for
/// [`Client::create_clip`](crate::Client::create_clip).
///
/// It was validated when it was built, and does not change any more.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use rhombus_clips::{CameraUuid, NewClip};
///
/// let camera: CameraUuid = "Vu0s9xQbQ1OsHk3tLw6rWg".parse()?;
/// let now = SystemTime::now();
/// let new_clip = NewClip::builder(camera, now - Duration::from_secs(600)..now - Duration::from_secs(300))
///     .title("Delivery")
///     .build()?;
/// assert_eq!(new_clip.title(), Some("Delivery"));
/// assert_eq!(new_clip.ranges().count(), 1);
/// assert!(!new_clip.has_audio());
/// assert!(new_clip.total_duration() >= Duration::from_secs(300));
///
/// // What will be sent:
/// let request = new_clip.to_request();
/// assert_eq!(request.save_to_console, Some(true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewClip {
    #[serde(deserialize_with = "not_empty")]
    devices: Vec<DeviceFacetUuid>,
    #[serde(deserialize_with = "not_empty")]
    ranges: Vec<FootageRange>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default)]
    audio: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access: Option<ClipAccessSettings>,
    save_to_console: bool,
    /// The limit that it was checked against, if the caller gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_duration_sec: Option<u64>,
}

impl NewClip {
    /// The cameras or their streams, in the order given.
    pub fn devices(&self) -> &[DeviceFacetUuid] {
        &self.devices
    }

    /// The time ranges that will be requested, in order.
    pub fn ranges(&self) -> impl Iterator<Item = Range<SystemTime>> {
        self.ranges.iter().map(|range| range.to_times())
    }

    /// Title of the clip.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// Description of the clip.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Whether sound is included.
    pub fn has_audio(&self) -> bool {
        self.audio
    }

    /// Length of the footage, summed over ranges and cameras as the service's limit counts it.
    pub fn total_duration(&self) -> Duration {
        Duration::from_secs(total_sec(self.video_device_count(), &self.ranges))
    }

    /// The request that is sent for this clip.
    ///
    /// A clip of one range has `startTimeMillis` and `durationSec`, which every version of the service
    /// takes. A clip of several has `deviceIntervalMap`, known since August 2026, with all ranges of each
    /// device. With sound, the audio stream `a0` of each camera is among the devices, and the video stream
    /// is named, as in the service's own web client.
    pub fn to_request(&self) -> SpliceV3Request {
        let devices: Vec<String> = self
            .sent_devices()
            .iter()
            .map(ToString::to_string)
            .collect();
        let mut request = SpliceV3Request::new()
            .with_device_uuids(devices.clone())
            .with_audio_included(self.audio)
            .with_save_to_console(self.save_to_console);
        request.title.clone_from(&self.title);
        request.description.clone_from(&self.description);
        if let Some(access) = &self.access {
            // The older property and the one that replaces it: a service that knows one has it.
            request.clip_visibility.clone_from(&access.visibility);
            request.access_settings = Some(access.clone());
        }
        match self.ranges[..] {
            [range] => request
                .with_start_time_millis(range.start_ms)
                .with_duration_sec(range.length_sec()),
            _ => {
                let intervals = self.ranges.iter().map(|range| {
                    let interval = TimeInterval::new();
                    Some(
                        interval
                            .with_start_ms(range.start_ms)
                            .with_end_ms(range.end_ms),
                    )
                });
                let intervals: Vec<_> = intervals.collect();
                let map = devices
                    .into_iter()
                    .map(|device| (device, Some(intervals.clone())));
                request.device_interval_map = Some(map.collect::<BTreeMap<_, _>>());
                request
            }
        }
    }

    pub(crate) fn footage_ranges(&self) -> &[FootageRange] {
        &self.ranges
    }

    /// The cameras of the clip, each once, in order.
    pub(crate) fn cameras(&self) -> Vec<CameraUuid> {
        let mut cameras = Vec::new();
        for device in &self.devices {
            if !cameras.contains(&device.camera()) {
                cameras.push(device.camera());
            }
        }
        cameras
    }

    /// The limit that the caller gave.
    pub(crate) fn max_duration(&self) -> Option<Duration> {
        self.max_duration_sec.map(Duration::from_secs)
    }

    /// Fails if the clip is longer than the organization's longest.
    pub(crate) fn check_duration(
        &self,
        max_duration: Duration,
    ) -> std::result::Result<(), InvalidClip> {
        check_duration(self.video_device_count(), &self.ranges, max_duration)
    }

    /// Appends a text to the description.
    pub(crate) fn append_description(&mut self, text: &str) {
        self.description = Some(match self.description.take() {
            Some(description) => format!("{description} {text}"),
            None => text.to_owned(),
        });
    }

    fn sent_devices(&self) -> Vec<DeviceFacetUuid> {
        if !self.audio {
            return self.devices.clone();
        }
        let video = self.devices.iter().map(|device| match device.facet() {
            Some(_) => *device,
            None => device.camera().with_facet(Facet::Video(0)),
        });
        let mut devices: Vec<_> = video.collect();
        for camera in self.cameras() {
            let is_given = |device: &DeviceFacetUuid| {
                device.camera() == camera && matches!(device.facet(), Some(Facet::Audio(_)))
            };
            if !devices.iter().any(is_given) {
                devices.push(camera.with_facet(Facet::Audio(0)));
            }
        }
        devices
    }

    fn video_device_count(&self) -> usize {
        count_video(&self.devices)
    }
}

/// Reads the cameras or ranges of a clip that was stored.
fn not_empty<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Vec<T>, D::Error> {
    let items = Vec::deserialize(deserializer)?;
    match items.is_empty() {
        true => Err(de::Error::custom("the clip has no camera, or no range")),
        false => Ok(items),
    }
}

/// Number of devices that count towards the limit. A camera's sound does not: the service's own web client
/// requests an hour of it beside an hour of video.
fn count_video(devices: &[DeviceFacetUuid]) -> usize {
    let is_video = |device: &&DeviceFacetUuid| !matches!(device.facet(), Some(Facet::Audio(_)));
    devices.iter().filter(is_video).count().max(1)
}

/// Length in seconds over all ranges and devices.
fn total_sec(devices: usize, ranges: &[FootageRange]) -> u64 {
    let ms: i64 = match ranges {
        [range] => range.length_sec().saturating_mul(1000),
        _ => ranges
            .iter()
            .fold(0, |sum, range| sum.saturating_add(range.length_ms())),
    };
    let seconds = u64::try_from(ms).unwrap_or(0).div_ceil(1000);
    seconds.saturating_mul(devices as u64)
}

/// Fails if a clip is longer than the organization's longest.
///
/// The document counts the intervals of all devices. For a plain request it is undocumented whether the
/// devices are summed up; a request within the sum is valid in both cases.
fn check_duration(
    devices: usize,
    ranges: &[FootageRange],
    max_duration: Duration,
) -> std::result::Result<(), InvalidClip> {
    let total = total_sec(devices, ranges);
    if total <= max_duration.as_secs() {
        return Ok(());
    }
    let each = match devices {
        1 => String::new(),
        _ => format!(", counted for each of {devices} devices"),
    };
    let wanted_ms = ranges
        .iter()
        .fold(0, |sum: i64, range| sum.saturating_add(range.length_ms()));
    let rounded = u64::try_from(wanted_ms)
        .unwrap_or(0)
        .saturating_mul(devices as u64);
    let is_rounded = rounded
        <= max_duration
            .as_secs()
            .saturating_mul(1000)
            .saturating_add(1);
    let advice = match is_rounded {
        true => "start it at a whole millisecond, or split it with NewClipBuilder::split",
        false => "split it with NewClipBuilder::split",
    };
    Err(invalid(format!(
        "the clip lasts {total} s{each}, and the longest of the organization is {} s; {advice}",
        max_duration.as_secs()
    )))
}
