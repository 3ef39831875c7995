//! The clip that the command line asks for, and its announcement.

use std::ops::Range;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use rhombus_clips::{DeviceFacetUuid, NewClip, NewClipBuilder};

use super::camera_lookup::NamedCamera;
use crate::cli::{ClipRequestArgs, ZonedRange};
use crate::report;
use crate::report::failure::Failure;
use crate::text::format_length;

/// Time by which footage can be late in the cloud, in the service's own client.
const FOOTAGE_DELAY: Duration = Duration::from_secs(120);

/// Returns the builder of a clip of this device, with the properties of the command line.
pub(super) fn builder(
    args: &ClipRequestArgs,
    range: &ZonedRange,
    device: DeviceFacetUuid,
) -> Result<NewClipBuilder, Failure> {
    let mut builder = NewClip::builder(device, times(range)?);
    if let Some(title) = &args.title {
        builder = builder.title(title);
    }
    if let Some(description) = &args.description {
        builder = builder.description(description);
    }
    Ok(builder.audio(args.audio))
}

/// Fails if a camera is given twice, by its name and its UUID for example.
pub(super) fn check_cameras(cameras: &[NamedCamera]) -> Result<(), Failure> {
    for (index, camera) in cameras.iter().enumerate() {
        if cameras[..index].iter().any(|it| it.device == camera.device) {
            let label = camera.label();
            return Err(Failure::Usage(format!("camera {label} is given twice")));
        }
    }
    Ok(())
}

/// Returns the time until footage that ends then can be in the cloud, in whole seconds.
pub(super) fn footage_delay(end: Timestamp, now: Timestamp) -> Option<Duration> {
    let age = now.duration_since(end);
    let age = Duration::try_from(age).unwrap_or_default();
    let delay = FOOTAGE_DELAY.saturating_sub(age);
    (!delay.is_zero() && end <= now).then_some(Duration::from_secs(delay.as_secs().max(1)))
}

/// Says that footage may not be in the cloud yet, and what follows from it.
pub(super) fn report_recent_footage(consequence: &str) {
    report::eprintln_unless_quiet(&format!(
        "footage of the last two minutes may not be in the cloud yet: {consequence}"
    ));
}

fn times(range: &ZonedRange) -> Result<Range<SystemTime>, Failure> {
    let time = |time| {
        SystemTime::try_from(time)
            .map_err(|_| Failure::Usage(format!("{time} is out of the range of this system")))
    };
    Ok(time(range.range.start)?..time(range.range.end)?)
}

/// Properties of a request that its announcement has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    /// Number of clips.
    pub(super) clips: usize,
    pub(super) has_sound: bool,
    pub(super) is_saved: bool,
}

/// Formats what is requested, such as `requesting a clip of "Loading dock" from 2026-08-01T09:30:00+02:00 to
/// 2026-08-01T09:35:00+02:00 (Europe/Berlin), 5m`.
pub(super) fn announcement(
    cameras: &[NamedCamera],
    range: &ZonedRange,
    options: Options,
) -> String {
    let labels: Vec<_> = cameras.iter().map(NamedCamera::label).collect();
    let format = |time: Timestamp| {
        let offset = range.zone.to_offset(time);
        time.display_with_offset(offset).to_string()
    };
    let zone = range.zone.iana_name();
    let zone = zone.map(|name| format!(" ({name})")).unwrap_or_default();
    let what = match options.clips {
        1 => "a clip".to_owned(),
        count => format!("{count} clips"),
    };
    format!(
        "requesting {what} of {} from {} to {}{zone}, {}{}{}",
        labels.join(", "),
        format(range.range.start),
        format(range.range.end),
        format_length(range.length()),
        if options.has_sound {
            ", with sound"
        } else {
            ""
        },
        if options.is_saved { "" } else { ", not saved" },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::{Offset, TimeZone};
    use rhombus_clips::CameraUuid;

    #[test]
    fn footage_of_the_last_two_minutes_is_waited_for() {
        let now: Timestamp = "2026-08-01T12:00:00Z".parse().unwrap();
        let delay_sec =
            |end: &str| footage_delay(end.parse().unwrap(), now).map(|delay| delay.as_secs());
        assert_eq!(delay_sec("2026-08-01T12:00:00Z"), Some(120));
        assert_eq!(delay_sec("2026-08-01T11:58:30Z"), Some(30));
        assert_eq!(delay_sec("2026-08-01T11:58:00Z"), None);
        // The library refuses what is in the future.
        assert_eq!(delay_sec("2026-08-01T12:00:01Z"), None);
    }

    #[test]
    fn the_announcement_has_offsets_and_length() {
        let device = CameraUuid::from_bytes([0; 16]).into();
        let name = Some("Loading\u{1b} dock".to_owned());
        let cameras = [
            NamedCamera { device, name },
            NamedCamera { device, name: None },
        ];
        let time = |text: &str| text.parse().unwrap();
        let range = ZonedRange {
            range: time("2026-08-01T09:30:00.0005Z")..time("2026-08-01T10:35:00Z"),
            zone: TimeZone::fixed(Offset::constant(2)),
        };
        let options = Options {
            clips: 1,
            has_sound: true,
            is_saved: true,
        };
        assert_eq!(
            announcement(&cameras, &range, options),
            "requesting a clip of \"Loading\u{fffd} dock\", AAAAAAAAAAAAAAAAAAAAAA from \
             2026-08-01T11:30:00.0005+02:00 to 2026-08-01T12:35:00+02:00, 1h 4m 59s 999ms 500us, with sound"
        );
    }
}
