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
mod tests;
