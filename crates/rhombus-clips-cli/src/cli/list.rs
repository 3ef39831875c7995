//! Arguments of `rhombus-clips list`.

use std::num::NonZeroU64;
use std::time::SystemTime;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use jiff::Timestamp;
use rhombus_clips::ClipStatus;

use super::SimulationArgs;
use super::time::system_time;
use crate::time_input;

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips list --limit 20
  rhombus-clips list --camera 'loading dock' --after -2d
  rhombus-clips list --status failed --output json | jq -r .clipUuid
  rhombus-clips list --simulate";

pub(super) const COLUMNS: &str = "\
Columns:
  UUID, status, progress of the current operation, start of the footage in UTC,
  length, size, and title. A missing value is -.

  Clips come in the order of the service, page by page, as they arrive. Which
  order that is, the service does not document.";

pub(super) const JSON: &str = "\
JSON:
  One object per line and clip, as `rhombus-clips get --output json` prints it:
  clipUuid, status, percentComplete, currentOperation, title, recordedAtMs,
  createdAtMs, updatedAtMs, durationSec, byteCount, region, sha256Hex, warning,
  decodeIssues, omittedDecodeIssues and record. `rhombus-clips get --help`
  describes them.

  Errors are written to standard error only.";

#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    /// Clips of this camera: its UUID, its name, or a part of the name that no other camera has
    ///
    /// Of several, the clips of any.
    #[arg(long = "camera", value_name = "NAME_OR_UUID", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) cameras: Vec<String>,

    /// Clips whose footage starts at this time or later, such as 2026-08-01T09:30, 09:30 or -2d
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    after: Option<String>,

    /// Clips whose footage starts before this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    before: Option<String>,

    /// Time zone of times without an offset, such as Europe/Berlin or +02:00 [default: the system's]
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    tz: Option<String>,

    /// Clips with this status, such as complete; of several, with any
    #[arg(long = "status", value_name = "STATUS", value_parser = parse_status)]
    pub(crate) statuses: Vec<ClipStatus>,

    /// Clips that the service finds by this text
    ///
    /// Which properties it searches, the service does not document.
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) search: Option<String>,

    /// Maximum number of clips [default: unlimited]
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<NonZeroU64>,

    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
}

/// Bounds of the start of the footage, the end not included.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Recorded {
    pub(crate) after: Option<SystemTime>,
    pub(crate) before: Option<SystemTime>,
}

impl ListArgs {
    /// Parses the times.
    pub(crate) fn recorded(&self, now: Timestamp) -> Result<Recorded, String> {
        if self.after.is_none() && self.before.is_none() && self.tz.is_none() {
            return Ok(Recorded::default());
        }
        let zone = time_input::zone(self.tz.as_deref())?;
        let parse = |text: &Option<String>| {
            let time = text
                .as_deref()
                .map(|text| time_input::parse(text, None, now, &zone));
            time.transpose()
        };
        let (after, before) = (parse(&self.after)?, parse(&self.before)?);
        if let (Some(after), Some(before)) = (after, before)
            && after >= before
        {
            return Err(format!(
                "no time is both after {after} and before {before}: give --after an earlier time"
            ));
        }
        Ok(Recorded {
            after: after.map(system_time).transpose()?,
            before: before.map(system_time).transpose()?,
        })
    }
}

/// Parses a status in any case. The service adds values at any time, so every word is one.
fn parse_status(text: &str) -> Result<ClipStatus, String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if text.is_empty() || !text.chars().all(is_word) {
        return Err(format!("expected a word, such as {}", known_statuses()));
    }
    Ok(text.to_uppercase().replace('-', "_").into())
}

/// Returns the statuses that this version knows.
pub(crate) fn known_statuses() -> String {
    let known: Vec<_> = ClipStatus::KNOWN
        .iter()
        .map(|status| status.as_str().to_lowercase())
        .collect();
    known.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_any_case_and_may_be_new() {
        assert_eq!(parse_status("complete"), Ok(ClipStatus::Complete));
        assert_eq!(parse_status("Failed"), Ok(ClipStatus::Failed));
        let new = parse_status("on-hold").unwrap();
        assert_eq!(new.as_str(), "ON_HOLD");
        for text in ["", "a b", "complete,failed"] {
            let error = parse_status(text).unwrap_err();
            assert!(error.contains("complete"), "{error}");
        }
    }

    fn recorded(args: &[&str]) -> Result<Recorded, String> {
        #[derive(clap::Parser)]
        struct Program {
            #[command(flatten)]
            list: ListArgs,
        }
        let args = [&["list"], args].concat();
        let program = <Program as clap::Parser>::try_parse_from(args).unwrap();
        program
            .list
            .recorded("2026-08-01T09:30:00Z".parse().unwrap())
    }

    #[test]
    fn times_are_of_the_zone_or_before_now() {
        let time = |text: &str| Some(text.parse().map(|time| system_time(time).unwrap()).unwrap());
        let args = ["--after", "-2d", "--before", "11:00", "--tz", "+02:00"];
        let expected = Recorded {
            after: time("2026-07-30T09:30:00Z"),
            before: time("2026-08-01T09:00:00Z"),
        };
        assert_eq!(recorded(&args), Ok(expected));
        assert_eq!(recorded(&[]), Ok(Recorded::default()));
        for args in [
            &["--after", "soon"][..],
            &["--after", "-1h", "--before", "-2h"],
            &["--tz", "Nowhere"],
        ] {
            assert!(recorded(args).is_err(), "{args:?}");
        }
    }
}
