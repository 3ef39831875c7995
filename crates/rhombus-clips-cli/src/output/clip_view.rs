//! The program's view of a clip: its state, details, estimated remaining time, and JSON Schema.
//!
//! The SDK's types are converted here into owned, displayable values, so that the displays format them
//! without access to a client or a record.

use std::cmp::Ordering;
use std::fmt;
use std::time::Duration;

use rhombus_clips::polling::Estimate;
use rhombus_clips::types::{ClipStatus, SavedClip};
use rhombus_clips::{Clip, ClipUuid};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

/// JSON pointer to the status in the response.
const STATUS_POINTER: &str = "/clip/status";

/// State of a clip. Properties that are not in the record are `None`; without a record all are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClipState {
    pub(crate) status: Option<String>,
    pub(crate) percent: Option<u8>,
    pub(crate) operation: Option<String>,
    /// Warning that the service sent with a successful response.
    pub(crate) warning: Option<String>,
    /// JSON pointer and reason of each value that could not be decoded.
    pub(crate) decode_issues: Vec<String>,
    /// Number of further values that could not be decoded.
    pub(crate) omitted_decode_issues: usize,
    /// Reason of the decode issue of the status, if it has one.
    pub(crate) undecodable_status: Option<String>,
    /// That the clip failed or was deleted, in the words of the SDK's error.
    pub(crate) failure: Option<String>,
}

impl ClipState {
    /// Returns whether nothing is known about the clip, as before its record exists.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn from_clip(clip: &Clip) -> Self {
        // `Clip::status` does not distinguish a missing status from an unknown one.
        let status = clip.record().status.as_ref().map(ClipStatus::as_str);
        let status = status.filter(|status| !status.trim().is_empty());
        Self {
            status: status.map(str::to_owned),
            percent: clip.percent(),
            operation: clip.operation().map(str::to_owned),
            warning: clip.warning().map(str::to_owned),
            decode_issues: clip
                .decode_issues()
                .iter()
                .map(ToString::to_string)
                .collect(),
            omitted_decode_issues: clip.decode_issues().omitted(),
            undecodable_status: clip
                .decode_issues()
                .iter()
                .find(|issue| issue.pointer == STATUS_POINTER)
                .map(|issue| issue.reason.clone()),
            failure: clip.is_failed().then(|| failure(clip)),
        }
    }
}

/// Says that a clip failed or was deleted, as the error of its watch does.
fn failure(clip: &Clip) -> String {
    match failure_reason(clip) {
        _ if *clip.status() == ClipStatus::Deleted => "clip deleted".to_owned(),
        Some(reason) => format!("clip failed: {reason}"),
        None => "clip failed".to_owned(),
    }
}

/// Returns the service's reason of a clip's failure: it is in place of the current operation.
pub(crate) fn failure_reason(clip: &Clip) -> Option<&str> {
    let is_deleted = *clip.status() == ClipStatus::Deleted;
    clip.operation().filter(|_| !is_deleted)
}

/// Output of `rhombus-clips get --output json`. Values that the service did not send are null.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "rhombus-clips get")]
pub(crate) struct Details {
    /// UUID of the clip.
    #[schemars(schema_with = "ruuid")]
    pub(crate) clip_uuid: ClipUuid,
    /// Status as sent by the service, such as `RENDERING`. The service may add values at any time.
    pub(crate) status: Option<String>,
    /// Progress of the current operation, not of the entire clip, in percent.
    pub(crate) percent_complete: Option<u8>,
    /// Current operation, as human-readable text.
    pub(crate) current_operation: Option<String>,
    /// Title of the clip.
    pub(crate) title: Option<String>,
    /// Start time of the footage, in milliseconds since the Unix epoch.
    pub(crate) recorded_at_ms: Option<i64>,
    /// Creation time of the clip, in milliseconds since the Unix epoch.
    pub(crate) created_at_ms: Option<i64>,
    /// Time of the last change to the record, in milliseconds since the Unix epoch.
    pub(crate) updated_at_ms: Option<i64>,
    /// Duration of the footage, in seconds.
    pub(crate) duration_sec: Option<u64>,
    /// Size of the video file, in bytes.
    pub(crate) byte_count: Option<u64>,
    /// Storage region of the video file.
    pub(crate) region: Option<String>,
    /// SHA-256 digest in hexadecimal digits; presumably that of the video file, which the service
    /// does not document.
    pub(crate) sha256_hex: Option<String>,
    /// Warning that the service sent with its successful response.
    pub(crate) warning: Option<String>,
    /// Values that could not be decoded: a JSON pointer and the reason each, at most 32. Empty if all
    /// were.
    pub(crate) decode_issues: Vec<String>,
    /// Number of values that could not be decoded, beyond those in decodeIssues.
    pub(crate) omitted_decode_issues: usize,
    /// Record of the clip, as far as it could be decoded, with its unknown properties. Properties that
    /// were sent as null are left out. A property that could not be decoded is included unchanged, so it
    /// may be of any type; an item of an array or a value of a map is null, or omitted if it would take
    /// much more memory than the response.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub(crate) record: SavedClip,
    /// That the clip failed or was deleted, for people: a program reads the status.
    #[serde(skip)]
    pub(crate) failure: Option<String>,
}

impl Details {
    pub(crate) fn from_clip(clip: &Clip) -> Self {
        let record = clip.record();
        let state = ClipState::from_clip(clip);
        Self {
            clip_uuid: clip.uuid(),
            status: state.status,
            percent_complete: state.percent,
            current_operation: state.operation,
            title: clip.title().map(str::to_owned),
            recorded_at_ms: record.timestamp_ms,
            created_at_ms: record.created_at_ms,
            updated_at_ms: record
                .last_updated_sec
                .and_then(|seconds| seconds.checked_mul(1000)),
            duration_sec: clip.duration().as_ref().map(Duration::as_secs),
            byte_count: clip.byte_count(),
            region: clip.region().map(str::to_owned),
            sha256_hex: clip.sha256_hex().map(str::to_owned),
            warning: state.warning,
            decode_issues: state.decode_issues,
            omitted_decode_issues: state.omitted_decode_issues,
            record: record.clone(),
            failure: state.failure,
        }
    }
}

#[cfg(test)]
impl Details {
    /// A clip without properties other than its UUID.
    pub(crate) fn empty(clip_uuid: ClipUuid) -> Self {
        Self {
            clip_uuid,
            status: None,
            percent_complete: None,
            current_operation: None,
            title: None,
            recorded_at_ms: None,
            created_at_ms: None,
            updated_at_ms: None,
            duration_sec: None,
            byte_count: None,
            region: None,
            sha256_hex: None,
            warning: None,
            decode_issues: Vec::new(),
            omitted_decode_issues: 0,
            record: SavedClip::default(),
            failure: None,
        }
    }
}

/// Longest duration that is formatted, in milliseconds: rounding it up cannot overflow.
const MAX_MS: u64 = u64::MAX / 4;

/// Bounds that are shown for a vague estimate. Chosen: each two to three times the one before, which is
/// as much as such an estimate tells; a bound beyond an hour tells nothing.
const BOUNDS: [Duration; 8] = [
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_secs(60),
    Duration::from_secs(2 * 60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(20 * 60),
    Duration::from_secs(60 * 60),
];

/// Estimate of the remaining time, with its 80 % prediction interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RemainingTime {
    pub(crate) remaining: Duration,
    pub(crate) lower: Duration,
    pub(crate) upper: Duration,
    /// Whether the interval was too wide for a number when the estimate was made. It would become so
    /// between any two polls, as the lower bound reaches zero first.
    pub(crate) is_vague: bool,
}

impl From<Estimate> for RemainingTime {
    fn from(estimate: Estimate) -> Self {
        Self {
            remaining: estimate.remaining,
            lower: estimate.lower,
            upper: estimate.upper,
            is_vague: estimate.is_vague(),
        }
    }
}

impl RemainingTime {
    /// Returns the estimate as it stands after `elapsed` more time.
    pub(crate) fn after(self, elapsed: Duration) -> Self {
        Self {
            remaining: self.remaining.saturating_sub(elapsed),
            lower: self.lower.saturating_sub(elapsed),
            upper: self.upper.saturating_sub(elapsed),
            ..self
        }
    }

    /// Returns the time until the last of several clips is complete. It is vague if that of the clip
    /// that may take longest is.
    pub(crate) fn of_all(times: impl IntoIterator<Item = Self>) -> Option<Self> {
        times.into_iter().reduce(|one, other| Self {
            remaining: one.remaining.max(other.remaining),
            lower: one.lower.max(other.lower),
            upper: one.upper.max(other.upper),
            is_vague: match one.upper.cmp(&other.upper) {
                Ordering::Less => other.is_vague,
                Ordering::Equal => one.is_vague || other.is_vague,
                Ordering::Greater => one.is_vague,
            },
        })
    }

    /// Formats the estimate without its interval, such as `~1m20s`. Once the estimate has run out,
    /// formats the upper bound, such as `<30s`. A vague one is formatted as a bound in coarse steps,
    /// which does not change with every poll, or as `estimating`.
    pub(crate) fn short(self) -> String {
        if self.is_vague && self.upper > Duration::from_secs(1) {
            let bound = BOUNDS.into_iter().find(|bound| self.upper <= *bound);
            return bound.map_or_else(
                || "estimating".to_owned(),
                |bound| format!("<{}", format_duration(bound)),
            );
        }
        let upper = rounded(self.upper, u64::div_ceil);
        match rounded_to_nearest(self.remaining) {
            Duration::ZERO if upper <= Duration::from_secs(1) => "soon".to_owned(),
            Duration::ZERO => format!("<{}", format_duration(upper)),
            remaining => format!("~{}", format_duration(remaining)),
        }
    }
}

/// Formats the estimate with its interval, such as `~1m20s (50s–2m)`.
impl fmt::Display for RemainingTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())?;
        let remaining = rounded_to_nearest(self.remaining);
        let lower = rounded(self.lower, u64::div_euclid).min(remaining);
        let upper = rounded(self.upper, u64::div_ceil).max(remaining);
        if self.is_vague || remaining.is_zero() || lower == upper {
            return Ok(());
        }
        write!(
            f,
            " ({}–{})",
            format_duration(lower),
            format_duration(upper)
        )
    }
}

fn rounded_to_nearest(duration: Duration) -> Duration {
    rounded(duration, |ms, step| (ms + step / 2) / step)
}

/// Rounds to a multiple of a step that grows with the duration. The steps are chosen, not tuned:
/// about a tenth of the duration.
fn rounded(duration: Duration, divide: impl Fn(u64, u64) -> u64) -> Duration {
    let step_ms = match duration.as_secs() {
        0..10 => 1000,
        10..60 => 5 * 1000,
        60..600 => 10 * 1000,
        600..3600 => 60 * 1000,
        _ => 10 * 60 * 1000,
    };
    let ms = u64::try_from(duration.as_millis()).map_or(MAX_MS, |ms| ms.min(MAX_MS));
    Duration::from_millis(divide(ms, step_ms) * step_ms)
}

/// Formats a duration as `50s`, `1m20s`, `2m` or `1h10m`, truncated to seconds.
pub(crate) fn format_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, seconds) {
        (0, 0, _) => format!("{seconds}s"),
        (0, _, 0) => format!("{minutes}m"),
        (0, _, _) => format!("{minutes}m{seconds:02}s"),
        (_, 0, _) => format!("{hours}h"),
        _ => format!("{hours}h{minutes:02}m"),
    }
}

/// Schema of 16 bytes in URL-safe base64 without padding. The last character encodes two bits.
pub(crate) fn ruuid(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": "^[A-Za-z0-9_-]{21}[AQgw]$",
    })
}

/// Schema of an array of [such texts](ruuid).
pub(crate) fn ruuids(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "items": ruuid(generator),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remaining_time(remaining: u64, lower: u64, upper: u64) -> RemainingTime {
        let [remaining, lower, upper] = [remaining, lower, upper].map(Duration::from_millis);
        Estimate::new(remaining, lower, upper).into()
    }

    #[test]
    fn precision_decreases_with_the_duration() {
        for (times, text) in [
            ((81_000, 52_000, 112_000), "~1m20s (50s–2m)"),
            ((7400, 6900, 8100), "~7s (6s–9s)"),
            ((7400, 7400, 7400), "~7s (7s–8s)"),
            ((7000, 7000, 7000), "~7s"),
            ((33_000, 20_000, 90_000), "~35s (20s–1m30s)"),
            ((33_000, 1900, 250_000), "<5m"),
            ((3300, 0, 5000), "<5s"),
            ((1_450_000, 610_000, 2_900_000), "~24m (10m–49m)"),
            ((1_450_000, 610_000, 9_000_000), "estimating"),
            ((3_600_000, 3_600_000, 7_200_000), "~1h (1h–2h)"),
            ((300, 0, 4000), "<4s"),
            ((0, 0, 33_000), "<1m"),
            ((300, 0, 1000), "soon"),
            ((0, 0, 0), "soon"),
        ] {
            let (remaining, lower, upper) = times;
            assert_eq!(remaining_time(remaining, lower, upper).to_string(), text);
        }
        assert_eq!(remaining_time(81_000, 52_000, 112_000).short(), "~1m20s");
    }

    #[test]
    fn rounded_estimate_is_within_its_interval() {
        // 57.6 s round up to a minute, while the lower bound of 57 s rounds down to 55 s.
        assert_eq!(
            remaining_time(57_600, 57_000, 57_900).to_string(),
            "~1m (55s–1m)"
        );
        for ms in (0..10_000_000).step_by(777) {
            let _ = remaining_time(ms, ms, ms).to_string();
        }
    }

    #[test]
    fn elapsed_time_is_subtracted() {
        let time = remaining_time(10_000, 4000, 20_000).after(Duration::from_secs(5));
        assert_eq!(time.to_string(), "~5s (0s–15s)");
        assert_eq!(time.remaining, Duration::from_secs(5));
        assert_eq!(time.lower, Duration::ZERO);
        assert_eq!(time.upper, Duration::from_secs(15));
    }

    #[test]
    fn the_last_of_several_clips_decides() {
        let vague = remaining_time(20_000, 2000, 50_000);
        let short = remaining_time(15_000, 10_000, 20_000);
        let long = remaining_time(60_000, 50_000, 70_000);
        let of_all = |times: &[RemainingTime]| {
            RemainingTime::of_all(times.iter().copied()).map(RemainingTime::short)
        };
        assert_eq!(of_all(&[short, vague]).as_deref(), Some("<1m"));
        assert_eq!(of_all(&[long, vague, short]).as_deref(), Some("~1m"));
        assert_eq!(of_all(&[]), None);
    }

    #[test]
    fn extreme_durations_can_be_formatted() {
        let max = Duration::MAX;
        let time = RemainingTime {
            remaining: max,
            lower: max,
            upper: max,
            is_vague: false,
        };
        assert!(time.to_string().starts_with('~'));
        assert_eq!(format_duration(Duration::from_secs(3661)), "1h01m");
        assert_eq!(format_duration(Duration::from_secs(62)), "1m02s");
    }
}
