//! The command that looks for a clip whose request may have been sent.

use jiff::Timestamp;

use crate::cli::ZonedRange;
use crate::commands::camera_lookup::NamedCamera;
use crate::text::shell_quote;

/// Returns the command that lists the clips which begin within the range.
pub(super) fn list_command(
    cameras: &[NamedCamera],
    range: &ZonedRange,
    settings_args: &[String],
) -> String {
    let mut command = "rhombus-clips list".to_owned();
    for argument in settings_args {
        command.push(' ');
        command.push_str(&shell_quote(argument));
    }
    for camera in cameras {
        // With an equals sign, because a UUID may start with a hyphen.
        command.push_str(&format!(" --camera={}", camera.device.camera()));
    }
    // Clips start at whole milliseconds.
    let start = Timestamp::from_millisecond(range.range.start.as_millisecond());
    let start = start.unwrap_or(range.range.start);
    command + &format!(" --after {start} --before {}", range.range.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::{Offset, TimeZone};
    use rhombus_clips::CameraUuid;

    fn cameras() -> [NamedCamera; 2] {
        let device = CameraUuid::from_bytes([0; 16]).into();
        let name = Some("Loading\u{1b} dock".to_owned());
        [
            NamedCamera { device, name },
            NamedCamera { device, name: None },
        ]
    }

    fn range() -> ZonedRange {
        let time = |text: &str| text.parse().unwrap();
        ZonedRange {
            range: time("2026-08-01T09:30:00.0005Z")..time("2026-08-01T10:35:00Z"),
            zone: TimeZone::fixed(Offset::constant(2)),
        }
    }

    #[test]
    fn the_command_lists_clips_of_the_range() {
        let settings = ["--profile", "my own"].map(str::to_owned);
        assert_eq!(
            list_command(&cameras()[..1], &range(), &settings),
            "rhombus-clips list --profile 'my own' --camera=AAAAAAAAAAAAAAAAAAAAAA \
             --after 2026-08-01T09:30:00Z --before 2026-08-01T10:35:00Z"
        );
    }
}
