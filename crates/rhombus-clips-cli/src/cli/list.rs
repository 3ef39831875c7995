//! Arguments of `rhombus-clips list`.

use std::num::NonZeroU64;
use std::time::SystemTime;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use jiff::Timestamp;
use rhombus_clips::ClipStatus;

use super::SimulationArgs;

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips list --limit 20
  rhombus-clips list --camera 'loading dock' --after 2026-08-01T00:00:00Z
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

    /// Clips whose footage starts at this time or later, such as 2026-08-01T09:30:00Z
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) after: Option<SystemTime>,

    /// Clips whose footage starts before this time
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) before: Option<SystemTime>,

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

/// Parses a time.
fn parse_time(text: &str) -> Result<SystemTime, String> {
    match text.parse::<Timestamp>() {
        Ok(time) => Ok(time.into()),
        Err(_) => Err("expected a time in RFC 3339, such as 2026-08-01T09:30:00Z".to_owned()),
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

    #[test]
    fn a_time_has_a_zone() {
        let time = parse_time("2026-08-01T11:30:00+02:00").unwrap();
        assert_eq!(parse_time("2026-08-01T09:30:00Z"), Ok(time));
        for text in ["", "yesterday", "2026-08-01T09:30:00"] {
            assert!(parse_time(text).is_err(), "{text}");
        }
    }
}
