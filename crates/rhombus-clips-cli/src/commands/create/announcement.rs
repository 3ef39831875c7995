//! Texts on a request for a clip: the announcement before it, and the command that looks for the clip.

use jiff::Timestamp;

use crate::cli::{CreateArgs, ZonedRange};
use crate::commands::camera_lookup::NamedCamera;
use crate::text::{format_length, shell_quote};

/// Formats what is requested, such as `requesting a clip of "Loading dock" from
/// 2026-08-01T09:30:00+02:00 to 2026-08-01T09:35:00+02:00 (Europe/Berlin), 5m`.
pub(super) fn announcement(
    cameras: &[NamedCamera],
    range: &ZonedRange,
    args: &CreateArgs,
) -> String {
    let labels: Vec<_> = cameras.iter().map(NamedCamera::label).collect();
    let format = |time: Timestamp| {
        let offset = range.zone.to_offset(time);
        time.display_with_offset(offset).to_string()
    };
    let zone = range.zone.iana_name();
    let zone = zone.map(|name| format!(" ({name})")).unwrap_or_default();
    format!(
        "requesting a clip of {} from {} to {}{zone}, {}{}{}",
        labels.join(", "),
        format(range.range.start),
        format(range.range.end),
        format_length(range.length()),
        if args.audio { ", with sound" } else { "" },
        if args.no_save { ", not saved" } else { "" },
    )
}

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
    use crate::cli::{Cli, Command};
    use clap::Parser as _;
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
    fn the_announcement_has_offsets_and_length() {
        let args = [
            "rhombus-clips",
            "create",
            "--camera",
            "a",
            "--from",
            "now",
            "--to",
            "now",
            "--audio",
        ];
        let Command::Create(args) = Cli::try_parse_from(args).unwrap().command else {
            unreachable!();
        };
        assert_eq!(
            announcement(&cameras(), &range(), &args),
            "requesting a clip of \"Loading\u{fffd} dock\", AAAAAAAAAAAAAAAAAAAAAA from \
             2026-08-01T11:30:00.0005+02:00 to 2026-08-01T12:35:00+02:00, 1h 4m 59s 999ms 500us, with sound"
        );
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
