//! Arguments that say which footage a clip is of, for `create` and `export`.

use std::ops::Range;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rhombus_clips::FootagePolicy;

use crate::{text, time_input};

pub(super) const TIMES: &str = "\
Times:
  2026-11-24T14:02          in the time zone of --tz
  2026-11-24T14:02:05+01:00 with an offset, or Z for UTC
  14:02, 14:02:05, 2:02pm   on --date, or the last occurrence before now
  -10m, -1h30m, -2d, now    relative to now

  A range of two times of day may cross midnight, for 12 hours at most. A local time that a
  clock change skips or repeats is an error that names the times that can be meant.";

/// Cameras, times and properties of a clip.
#[derive(Args, Clone, Debug)]
pub(crate) struct ClipRequestArgs {
    /// Camera: its UUID, its name, or a part of the name that no other camera has
    ///
    /// Several are given with one --camera each. A UUID may be followed by a stream, as in UUID.v1.
    #[arg(
        long = "camera",
        value_name = "NAME_OR_UUID",
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub(crate) cameras: Vec<String>,

    /// Start of the footage, such as 14:02, 2026-11-24T14:02 or -10m
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) from: Option<String>,

    /// End of the footage, such as 14:05, 2026-11-24T14:05 or now
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) to: Option<String>,

    /// Date of times of day, such as 2026-11-24 [default: that of their last occurrence]
    #[arg(long, value_name = "DATE", value_parser = time_input::parse_date)]
    date: Option<Date>,

    /// Time zone of times without an offset, such as Europe/Berlin or +02:00 [default: the system's]
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    tz: Option<String>,

    /// Title of the clip
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,

    /// Description of the clip
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,

    /// Include sound
    #[arg(long)]
    pub(crate) audio: bool,

    /// Footage that there must be
    ///
    /// The service renders a range without footage into a clip of placeholder frames.
    #[arg(long, value_name = "POLICY", default_value = "any")]
    pub(crate) footage: FootageArg,

    /// Time for which the clip is searched for after a lost response [default: 60s]
    #[arg(long, value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) not_found_grace_period: Option<Duration>,
}

/// Range of footage, and the time zone in which the user gave it.
#[derive(Clone, Debug)]
pub(crate) struct ZonedRange {
    pub(crate) range: Range<Timestamp>,
    pub(crate) zone: TimeZone,
}

impl ZonedRange {
    pub(crate) fn length(&self) -> Duration {
        self.range
            .end
            .duration_since(self.range.start)
            .unsigned_abs()
    }
}

impl ClipRequestArgs {
    /// Parses the times.
    pub(crate) fn range(&self, now: Timestamp) -> Result<ZonedRange, String> {
        let (Some(from), Some(to)) = (&self.from, &self.to) else {
            return Err("give the time of the footage with --from and --to, such as --from 14:02 --to 14:05".to_owned());
        };
        let zone = time_input::zone(self.tz.as_deref())?;
        let range = time_input::parse_range(from, to, self.date, now, &zone)?;
        Ok(ZonedRange { range, zone })
    }
}

/// Footage that a clip must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FootageArg {
    /// Any footage of any camera
    Any,
    /// Footage of all of the time of every camera
    Full,
    /// The footage is not checked
    Off,
}

impl From<FootageArg> for FootagePolicy {
    fn from(footage: FootageArg) -> Self {
        match footage {
            FootageArg::Any => Self::Any,
            FootageArg::Full => Self::Full,
            FootageArg::Off => Self::Off,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser as _;

    fn range(args: &[&str]) -> Result<Range<Timestamp>, String> {
        let args = [&["rhombus-clips", "create", "--camera", "dock"], args].concat();
        let Command::Create(args) = Cli::try_parse_from(args).unwrap().command else {
            unreachable!();
        };
        let now = "2026-08-01T12:00:00Z".parse().unwrap();
        args.clip.range(now).map(|range| range.range)
    }

    #[test]
    fn times_have_a_date_and_a_zone() {
        let expected = |from: &str, to: &str| Ok(from.parse().unwrap()..to.parse().unwrap());
        assert_eq!(
            range(&["--from", "-10m", "--to", "now"]),
            expected("2026-08-01T11:50:00Z", "2026-08-01T12:00:00Z")
        );
        let args = ["--from", "23:50", "--to", "00:10", "--tz", "-02:00"];
        assert_eq!(
            range(&[&args[..], &["--date", "2026-07-01"]].concat()),
            expected("2026-07-02T01:50:00Z", "2026-07-02T02:10:00Z")
        );
        assert!(range(&["--from", "now", "--to", "-10m"]).is_err());
        assert!(range(&["--from", "-10m", "--to", "now", "--tz", "Nowhere"]).is_err());
    }
}
