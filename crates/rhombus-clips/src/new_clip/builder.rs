//! Builder of a clip to be made: validation, and division of what is too long.

use std::ops::Range;
use std::time::{Duration, SystemTime};

use rhombus_clips_api::types::{ClipAccessSettings, ClipVisibility};

use super::range::{FootageRange, InvalidClip, MIN_DURATION, invalid};
use super::{DEFAULT_MAX_DURATION, NewClip, check_duration, count_video};
use crate::error::{Error, ErrorKind, Result};
use crate::{DeviceFacetUuid, Facet};

/// Builder of a [`NewClip`], from [`NewClip::builder`].
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use rhombus_clips::types::ClipVisibility;
/// use rhombus_clips::{CameraUuid, Facet, NewClip, NewClipBuilder};
///
/// let [dock, gate] = [[1; 16], [2; 16]].map(CameraUuid::from_bytes);
/// let minutes = |minutes: u64| SystemTime::now() - Duration::from_secs(60 * minutes);
/// let builder: NewClipBuilder = NewClip::builder(dock, minutes(30)..minutes(25));
/// let new_clip = builder
///     .device(gate.with_facet(Facet::Video(1)))
///     .range(minutes(10)..minutes(8))
///     .title("Delivery")
///     .description("Pallet 7")
///     .audio(true)
///     .visibility(ClipVisibility::Private)
///     .save_to_console(true)
///     .build()?;
/// assert_eq!(new_clip.devices().len(), 2);
/// # Ok::<(), rhombus_clips::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct NewClipBuilder {
    devices: Vec<DeviceFacetUuid>,
    ranges: Vec<Range<SystemTime>>,
    title: Option<String>,
    description: Option<String>,
    audio: bool,
    access: Option<ClipAccessSettings>,
    save_to_console: bool,
    max_duration: Option<Duration>,
}

impl NewClip {
    /// Creates the builder of a clip of one camera, or of one of its streams, and of one time range.
    ///
    /// Times have nanoseconds here and milliseconds at the service, and a length has whole seconds: the
    /// start is rounded down and the length up, so that nothing of the range is cut. The clip may be up to
    /// a second longer.
    pub fn builder(device: impl Into<DeviceFacetUuid>, range: Range<SystemTime>) -> NewClipBuilder {
        NewClipBuilder::new(device.into(), range)
    }
}

impl InvalidClip {
    pub(crate) fn into_error(self) -> Error {
        Error::new(ErrorKind::InvalidRequest, self.0)
    }
}

impl NewClipBuilder {
    pub(super) fn new(device: DeviceFacetUuid, range: Range<SystemTime>) -> Self {
        Self {
            devices: vec![device],
            ranges: vec![range],
            title: None,
            description: None,
            audio: false,
            access: None,
            save_to_console: true,
            max_duration: None,
        }
    }

    /// Adds a camera, or one of its streams. Whether the clips of several cameras are one or several is
    /// undocumented: [`CreatedClips`](crate::CreatedClips) has all of them.
    pub fn device(mut self, device: impl Into<DeviceFacetUuid>) -> Self {
        self.devices.push(device.into());
        self
    }

    /// Adds a time range, which must not overlap another one. It applies to all cameras.
    pub fn range(mut self, range: Range<SystemTime>) -> Self {
        self.ranges.push(range);
        self
    }

    /// Sets the title. By default there is none.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Sets the description. By default there is none.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Includes sound. By default there is none.
    pub fn audio(mut self, audio: bool) -> Self {
        self.audio = audio;
        self
    }

    /// Sets who sees the clip. By default the service decides.
    pub fn visibility(mut self, visibility: ClipVisibility) -> Self {
        self.access.get_or_insert_default().visibility = Some(visibility);
        self
    }

    /// Sets who sees the clip, by roles and users too. Replaces [`visibility`](Self::visibility).
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// use rhombus_clips::types::{ClipAccessSettings, ClipVisibility};
    /// # use rhombus_clips::{CameraUuid, NewClip};
    ///
    /// # let end = SystemTime::now();
    /// # let builder = NewClip::builder(CameraUuid::from_bytes([1; 16]), end - Duration::from_secs(60)..end);
    /// let access = ClipAccessSettings::new()
    ///     .with_visibility(ClipVisibility::RoleRestricted)
    ///     .with_allowed_roles(["Vu0s9xQbQ1OsHk3tLw6rWg"]);
    /// let new_clip = builder.access_settings(access).build()?;
    /// # Ok::<(), rhombus_clips::Error>(())
    /// ```
    pub fn access_settings(mut self, access: ClipAccessSettings) -> Self {
        self.access = Some(access);
        self
    }

    /// Sets whether the clip is saved to the console. Default: true. A clip that is not may have no record,
    /// so that it can be neither watched nor found.
    pub fn save_to_console(mut self, save_to_console: bool) -> Self {
        self.save_to_console = save_to_console;
        self
    }

    /// Sets the longest clip of the organization, in whole seconds:
    /// [`Client::max_clip_duration`](crate::Client::max_clip_duration) asks for it. Default: 60 minutes here,
    /// and the client asks before the clip is requested.
    pub fn max_duration(mut self, max_duration: Duration) -> Self {
        self.max_duration = Some(max_duration);
        self
    }

    /// Validates what is requested.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest): a range that is empty, in the future or
    /// shorter than a second, ranges that overlap, a camera given twice, a facet beyond 51, or more footage
    /// than the longest clip, summed over ranges and cameras.
    pub fn build(self) -> Result<NewClip> {
        self.build_at(SystemTime::now())
    }

    /// Validates what is requested, except for its length, and divides it into as few clips as possible.
    ///
    /// The clips follow each other without a gap, in the order of the ranges, and have all cameras each. A
    /// title is numbered, as in `Delivery (1 of 3)`.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use rhombus_clips::{CameraUuid, NewClip};
    ///
    /// let now = SystemTime::now();
    /// let night = now - Duration::from_secs(8 * 60 * 60)..now;
    /// let builder = NewClip::builder(CameraUuid::from_bytes([1; 16]), night).title("Night");
    /// let error = builder.clone().build().unwrap_err();
    /// println!("{error}"); // the clip lasts 28800 s, and the longest of the organization is 3600 s; ...
    /// let clips = builder.split()?;
    /// assert!((8..=9).contains(&clips.len()));
    /// # Ok::<(), rhombus_clips::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build) beside the length, and more cameras than the longest clip has seconds.
    pub fn split(self) -> Result<Vec<NewClip>> {
        self.split_at(SystemTime::now())
    }

    pub(crate) fn build_at(self, now: SystemTime) -> Result<NewClip> {
        let new_clip = self.validate(now)?;
        let max_duration = new_clip.max_duration().unwrap_or(DEFAULT_MAX_DURATION);
        let checked = new_clip.check_duration(max_duration);
        checked.map_err(InvalidClip::into_error)?;
        Ok(new_clip)
    }

    pub(crate) fn split_at(self, now: SystemTime) -> Result<Vec<NewClip>> {
        let whole = self.validate(now)?;
        let max_duration = whole.max_duration().unwrap_or(DEFAULT_MAX_DURATION);
        let devices = count_video(&whole.devices);
        let max_sec = max_duration.as_secs() / devices as u64;
        let max_ms = i64::try_from(max_sec.saturating_mul(1000)).unwrap_or(i64::MAX);
        if max_ms == 0 {
            return Err(invalid(format!(
                "{devices} devices are too many for a clip of {} s; request fewer at a time",
                max_duration.as_secs()
            ))
            .into_error());
        }
        let parts = divide(&whole.ranges, max_ms);
        let count = parts.len();
        let clips = parts.into_iter().zip(1..).map(|(ranges, number)| {
            debug_assert!(check_duration(devices, &ranges, max_duration).is_ok());
            NewClip {
                ranges,
                title: match count {
                    1 => whole.title.clone(),
                    _ => whole
                        .title
                        .as_ref()
                        .map(|title| format!("{title} ({number} of {count})")),
                },
                ..whole.clone()
            }
        });
        Ok(clips.collect())
    }

    fn validate(self, now: SystemTime) -> Result<NewClip> {
        for (index, device) in self.devices.iter().enumerate() {
            if !device.facet().is_none_or(Facet::is_valid) {
                return Err(invalid(format!("the facet of {device} is above 51")).into_error());
            }
            // Without a facet, the service takes the first video stream.
            let stream = |device: &DeviceFacetUuid| {
                (device.camera(), device.facet().unwrap_or(Facet::Video(0)))
            };
            let mut before = self.devices.iter().take(index);
            if before.any(|other| stream(other) == stream(device)) {
                return Err(invalid(format!("camera {device} is given twice")).into_error());
            }
        }
        let ranges = self
            .ranges
            .iter()
            .map(|range| FootageRange::new(range, now));
        let mut ranges = ranges
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(InvalidClip::into_error)?;
        ranges.sort();
        let mut pairs = ranges.iter().zip(ranges.iter().skip(1));
        if pairs.any(|(one, other)| one.overlaps(*other)) {
            return Err(
                invalid("two ranges overlap; give one range that contains both").into_error(),
            );
        }
        Ok(NewClip {
            devices: self.devices,
            ranges,
            title: self.title,
            description: self.description,
            audio: self.audio,
            access: self.access,
            save_to_console: self.save_to_console,
            max_duration_sec: self.max_duration.map(|max| max.as_secs()),
        })
    }
}

/// Divides ranges into parts of at most this length each, which is whole seconds. No piece is shorter than
/// a second, the shortest that the service takes.
fn divide(ranges: &[FootageRange], max_ms: i64) -> Vec<Vec<FootageRange>> {
    const MIN_MS: i64 = MIN_DURATION.as_millis() as i64;
    let mut parts: Vec<Vec<FootageRange>> = Vec::new();
    let mut room = 0;
    for range in ranges {
        let mut rest = *range;
        while rest.length_ms() > 0 {
            if room < MIN_MS {
                parts.push(Vec::new());
                room = max_ms;
            }
            let is_first = parts.last().is_some_and(Vec::is_empty);
            let mut length = rest.length_ms().min(room);
            let left = rest.length_ms() - length;
            if (1..MIN_MS).contains(&left) && length >= 2 * MIN_MS {
                // The remainder would be too short to be requested.
                length -= MIN_MS;
            }
            if length < MIN_MS && !is_first {
                room = 0;
                continue;
            }
            let (mut piece, after) = rest.split_at(length);
            // Where a clip may last no longer than that, its last second reaches beyond the range.
            piece.end_ms = piece.end_ms.max(piece.start_ms.saturating_add(MIN_MS));
            room -= match (is_first, after.length_ms()) {
                // Alone, its length is rounded up to whole seconds.
                (true, 0) => piece.length_sec().saturating_mul(1000),
                (false, 0) => piece.length_ms(),
                // The part ends where a range is divided.
                (_, _) => room,
            };
            if let Some(part) = parts.last_mut() {
                part.push(piece);
            }
            rest = after;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::CameraUuid;

    const NOW: u64 = 1_700_000_000_000;

    fn at(ms: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(ms)
    }

    fn camera(number: u8) -> CameraUuid {
        CameraUuid::from_bytes([number; 16])
    }

    fn builder(range: Range<u64>) -> NewClipBuilder {
        NewClip::builder(camera(1), at(range.start)..at(range.end))
    }

    fn build(builder: NewClipBuilder) -> Result<NewClip> {
        builder.build_at(at(NOW))
    }

    fn message(builder: NewClipBuilder) -> String {
        build(builder).unwrap_err().to_string()
    }

    #[test]
    fn one_range_is_a_plain_request() {
        let request = build(builder(1_500..3_001)).unwrap().to_request();
        let json = serde_json::to_value(&request).unwrap();
        let expected = serde_json::json!({
            "audioIncluded": false,
            "deviceUuids": [camera(1).to_string()],
            "durationSec": 2,
            "saveToConsole": true,
            "startTimeMillis": 1_500,
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn several_ranges_are_intervals_of_every_device() {
        let several = builder(10_000..20_000)
            .range(at(1_000)..at(2_500))
            .device(camera(2).with_facet(Facet::Video(3)));
        let request = build(several).unwrap().to_request();
        let json = serde_json::to_value(&request).unwrap();
        let intervals = serde_json::json!([
            {"startMs": 1_000, "endMs": 2_500},
            {"startMs": 10_000, "endMs": 20_000},
        ]);
        let devices = [camera(1).to_string(), format!("{}.v3", camera(2))];
        assert_eq!(json["deviceUuids"], serde_json::json!(devices));
        for device in devices {
            assert_eq!(json["deviceIntervalMap"][device], intervals);
        }
        assert_eq!(
            json.get("startTimeMillis").or(json.get("durationSec")),
            None
        );
    }

    #[test]
    fn sound_is_a_stream_of_its_own() {
        let devices = |builder: NewClipBuilder| {
            let request = build(builder.audio(true)).unwrap().to_request();
            assert_eq!(request.audio_included, Some(true));
            let devices = request.device_uuids.unwrap().into_iter().flatten();
            let facets = devices.map(|device| device.split_at(22).1.to_owned());
            facets.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(devices(builder(0..1_000)), ".v0 .a0");
        let second = camera(1).with_facet(Facet::Video(2));
        assert_eq!(devices(builder(0..1_000).device(second)), ".v0 .v2 .a0");
        let sound = camera(1).with_facet(Facet::Audio(4));
        assert_eq!(devices(builder(0..1_000).device(sound)), ".v0 .a4");
        assert_eq!(
            devices(builder(0..1_000).device(camera(2))),
            ".v0 .v0 .a0 .a0"
        );
    }

    #[test]
    fn invalid_requests_are_named() {
        let hour = 3_600_000;
        assert!(message(builder(0..1_000).device(camera(1))).contains("given twice"));
        let first = camera(1).with_facet(Facet::Video(0));
        assert!(message(builder(0..1_000).device(first)).contains("given twice"));
        let none = camera(2).with_facet(Facet::Audio(52));
        assert!(message(builder(0..1_000).device(none)).contains("above 51"));
        assert!(message(builder(0..2_000).range(at(1_999)..at(5_000))).contains("overlap"));
        assert!(build(builder(0..2_000).range(at(2_000)..at(5_000))).is_ok());
        assert!(build(builder(0..hour)).is_ok());
        assert!(build(builder(0..hour).audio(true)).is_ok());
        let long = message(builder(0..hour + 1));
        assert!(
            long.contains("lasts 3601 s") && long.contains("whole millisecond"),
            "{long}"
        );
        let long = message(builder(0..hour + 5));
        assert!(
            long.ends_with("split it with NewClipBuilder::split"),
            "{long}"
        );
        let summed = message(builder(0..hour / 2 + 1_000).device(camera(2)));
        assert!(
            summed.contains("lasts 3602 s, counted for each of 2 devices"),
            "{summed}"
        );
        assert!(message(builder(0..hour).range(at(hour)..at(hour + 1_000))).contains("3601 s"));
        let short = builder(0..hour).max_duration(Duration::from_secs(1_800));
        assert!(message(short).contains("is 1800 s"));
        assert!(build(builder(0..2 * hour).max_duration(Duration::from_secs(7_200))).is_ok());
    }

    #[test]
    fn parts_cover_the_ranges_without_gap_or_overlap() {
        for max_sec in [1, 2, 7, 3_600] {
            for devices in 1..=3_u8 {
                for lengths in [
                    &[1_000][..],
                    &[1_001],
                    &[2_500],
                    &[7_999, 1_000, 3_333],
                    &[60_001],
                ] {
                    let mut start = 5;
                    let mut all = Vec::new();
                    for length in lengths {
                        all.push(start..start + length);
                        start += length + 17;
                    }
                    let mut whole = builder(all[0].clone());
                    for range in &all[1..] {
                        whole = whole.range(at(range.start)..at(range.end));
                    }
                    for number in 2..=devices {
                        whole = whole.device(camera(number));
                    }
                    let whole = whole.title("T").max_duration(Duration::from_secs(max_sec));
                    let Ok(parts) = whole.split_at(at(NOW)) else {
                        assert!(u64::from(devices) > max_sec);
                        continue;
                    };
                    let context = format!("{max_sec} {devices} {lengths:?} {parts:?}");
                    let mut joined: Vec<Range<u64>> = Vec::new();
                    for (part, number) in parts.iter().zip(1..) {
                        part.check_duration(Duration::from_secs(max_sec)).unwrap();
                        let json = serde_json::to_string(part).unwrap();
                        assert_eq!(
                            &serde_json::from_str::<NewClip>(&json).unwrap(),
                            part,
                            "{context}"
                        );
                        let title = format!("T ({number} of {})", parts.len());
                        assert!(parts.len() == 1 || part.title() == Some(&title));
                        for range in part.footage_ranges() {
                            let range = range.start_ms as u64..range.end_ms as u64;
                            match joined.last_mut() {
                                Some(last) if last.end == range.start => last.end = range.end,
                                _ => joined.push(range),
                            }
                        }
                    }
                    for (joined, wanted) in joined.iter().zip(&all) {
                        assert_eq!(joined.start, wanted.start, "{context}");
                        let excess = joined.end.checked_sub(wanted.end);
                        assert!(
                            excess == Some(0)
                                || max_sec / u64::from(devices) < 2 && excess < Some(1_000),
                            "{context}"
                        );
                    }
                    assert_eq!(joined.len(), all.len(), "{context}");
                }
            }
        }
    }

    #[test]
    fn parts_are_as_few_as_possible() {
        let hour = 3_600_000;
        let count = |builder: NewClipBuilder| builder.split_at(at(NOW)).unwrap().len();
        assert_eq!(count(builder(0..8 * hour)), 8);
        assert_eq!(count(builder(0..8 * hour + 1)), 9);
        assert_eq!(count(builder(0..hour)), 1);
        assert_eq!(count(builder(0..hour).device(camera(2))), 2);
        let halves = builder(0..hour / 2).range(at(hour)..at(hour + hour / 2));
        assert_eq!(count(halves), 1);
        let many = (2..=255).fold(builder(0..hour), |all, number| all.device(camera(number)));
        let error = many
            .max_duration(Duration::from_secs(60))
            .split_at(at(NOW))
            .unwrap_err();
        assert!(error.to_string().contains("255 devices are too many"));
    }
}
