//! Events of an export or a download, as they are printed as JSON.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use rhombus_clips::{
    Clip, ClipUuid, CreatedClips, DownloadProgress, DownloadedFile, Error, ErrorKind, Update,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use crate::output::clip_view::{Details, RemainingTime, failure_reason, ruuid, ruuids};
use crate::output::json::{date_time, format_time};
use crate::report::error_response::ErrorResponse;
use crate::report::failure::ExitCode;
use crate::report::{hints, suggests_doctor, user_message};

/// One line of `rhombus-clips export --output json`. Unknown values are null. Later versions may add properties,
/// events and error kinds.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(tag = "event", rename_all = "camelCase")]
#[schemars(title = "rhombus-clips export")]
pub(crate) enum FileEvent {
    /// The clip was requested, or found after a lost response.
    Requested(RequestedEvent),
    /// The clip is being rendered.
    Rendering(RenderingEvent),
    /// The file is being downloaded.
    Downloading(DownloadingEvent),
    /// The file is complete. Last event of the clip.
    Saved(Box<SavedEvent>),
    /// The request or the clip failed. Last event of the request or the clip.
    Failed(Box<FailedEvent>),
    /// Totals of this run. Last line of the output.
    Summary(SummaryEvent),
}

/// The clips of a request.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestedEvent {
    /// Time at which the line was written: RFC 3339 in UTC, with milliseconds.
    #[schemars(schema_with = "date_time")]
    pub(crate) time: String,
    /// UUID of the clip, or of the first one of several.
    #[schemars(schema_with = "ruuid")]
    pub(crate) clip_uuid: ClipUuid,
    /// UUIDs of all clips that the request made.
    #[schemars(schema_with = "ruuids")]
    pub(crate) clip_uuids: Vec<ClipUuid>,
    /// Whether the response was lost, and the clip was found in the lists of the service.
    pub(crate) recovered: bool,
    /// Warning that the service sent with its successful response.
    pub(crate) warning: Option<String>,
    /// Footage that was known before the request, a sentence per camera. Empty if it was not checked.
    pub(crate) footage: Vec<String>,
}

/// State of a clip that is being rendered.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RenderingEvent {
    /// Time at which the line was written: RFC 3339 in UTC, with milliseconds.
    #[schemars(schema_with = "date_time")]
    pub(crate) time: String,
    /// UUID of the clip.
    #[schemars(schema_with = "ruuid")]
    pub(crate) clip_uuid: ClipUuid,
    /// Status as sent by the service, such as `RENDERING`.
    pub(crate) status: Option<String>,
    /// Progress of the current operation, not of the entire clip, in percent.
    #[schemars(range(max = 100))]
    pub(crate) percent_complete: Option<u8>,
    /// Current operation, as human-readable text.
    pub(crate) current_operation: Option<String>,
    /// Median estimate of the time until the clip is complete, in milliseconds.
    pub(crate) remaining_ms: Option<u64>,
    /// Lower bound of the 80 % prediction interval of that time, in milliseconds.
    pub(crate) remaining_lower_ms: Option<u64>,
    /// Upper bound of the 80 % prediction interval of that time, in milliseconds. Where it is more than
    /// five times the lower one, people are shown a bound instead of the median.
    pub(crate) remaining_upper_ms: Option<u64>,
    /// The same for display.
    #[serde(skip)]
    pub(crate) remaining: Option<RemainingTime>,
}

/// Progress of a download.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DownloadingEvent {
    /// Time at which the line was written: RFC 3339 in UTC, with milliseconds.
    #[schemars(schema_with = "date_time")]
    pub(crate) time: String,
    /// UUID of the clip.
    #[schemars(schema_with = "ruuid")]
    pub(crate) clip_uuid: ClipUuid,
    /// Bytes of the file that are there.
    pub(crate) bytes: u64,
    /// Length of the file in bytes.
    pub(crate) total_bytes: Option<u64>,
    /// Bytes per second over the last seconds.
    pub(crate) bytes_per_sec: Option<u64>,
    /// Time until the file is complete, in milliseconds.
    pub(crate) remaining_ms: Option<u64>,
}

/// A complete file.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SavedEvent {
    /// Time at which the line was written: RFC 3339 in UTC, with milliseconds.
    #[schemars(schema_with = "date_time")]
    pub(crate) time: String,
    /// UUID of the clip.
    #[schemars(schema_with = "ruuid")]
    pub(crate) clip_uuid: ClipUuid,
    /// Path of the file. What is not Unicode is replaced.
    #[schemars(schema_with = "path_text")]
    #[serde(serialize_with = "serialize_path")]
    pub(crate) path: PathBuf,
    /// Length of the file in bytes.
    pub(crate) byte_count: u64,
    /// SHA-256 of the file in hexadecimal.
    pub(crate) sha256_hex: String,
    /// Whether the SHA-256 is the one in the clip's record.
    pub(crate) sha256_verified: bool,
    /// Whether the length is the one in the clip's record.
    pub(crate) length_verified: bool,
    /// Bytes that were there before, of a download that was interrupted.
    pub(crate) continued_at: u64,
    /// Whether the whole file was there before.
    pub(crate) unchanged: bool,
    /// Verification, as human-readable text.
    #[serde(skip)]
    pub(crate) verification: String,
    /// The clip, as `rhombus-clips get --output json` prints it.
    pub(crate) clip: Details,
}

/// The error of a request or a clip.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FailedEvent {
    /// Time at which the line was written: RFC 3339 in UTC, with milliseconds.
    #[schemars(schema_with = "date_time")]
    pub(crate) time: String,
    /// UUID of the clip. Null if the request failed.
    #[schemars(schema_with = "optional_ruuid")]
    pub(crate) clip_uuid: Option<ClipUuid>,
    /// Kind of the error.
    pub(crate) kind: ErrorKind,
    /// Human-readable error message.
    pub(crate) message: String,
    /// The service's reason for a failed clip, as human-readable text.
    pub(crate) reason: Option<String>,
    /// Advice for the user of this program. Absent if there is none.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(crate) hints: Vec<String>,
    /// HTTP status of the response. Absent if there was no response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) http_status: Option<u16>,
    /// Beginning of the response body. Absent if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<String>,
    /// The clip as last known, as `rhombus-clips get --output json` prints it. Absent if no response had it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) clip: Option<Details>,
    #[serde(skip)]
    pub(crate) suggests_doctor: bool,
}

/// Totals of one run of the program.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SummaryEvent {
    /// Time at which the line was written: RFC 3339 in UTC, with milliseconds.
    #[schemars(schema_with = "date_time")]
    pub(crate) time: String,
    /// Number of complete files.
    pub(crate) saved: usize,
    /// Number of requests and clips that failed.
    pub(crate) failed: usize,
    /// Number of clips that were not complete when the program was interrupted.
    pub(crate) unfinished: usize,
    /// Duration of this run, in milliseconds.
    pub(crate) elapsed_ms: u64,
}

impl FileEvent {
    pub(crate) fn requested(created: &CreatedClips, time: Timestamp) -> Self {
        Self::Requested(RequestedEvent {
            time: format_time(time),
            clip_uuid: created.uuid(),
            clip_uuids: created.uuids().to_vec(),
            recovered: created.is_recovered(),
            warning: created.warning().map(str::to_owned),
            footage: created.footage().iter().map(ToString::to_string).collect(),
        })
    }

    pub(crate) fn rendering(uuid: ClipUuid, update: &Update, time: Timestamp) -> Self {
        let clip = update.clip();
        let remaining = update.estimate().map(RemainingTime::from);
        Self::Rendering(RenderingEvent {
            time: format_time(time),
            clip_uuid: uuid,
            status: clip.map(|clip| clip.status().to_string()),
            percent_complete: clip.and_then(Clip::percent),
            current_operation: clip.and_then(Clip::operation).map(str::to_owned),
            remaining_ms: remaining.map(|time| as_ms(time.remaining)),
            remaining_lower_ms: remaining.map(|time| as_ms(time.lower)),
            remaining_upper_ms: remaining.map(|time| as_ms(time.upper)),
            remaining,
        })
    }

    pub(crate) fn downloading(
        uuid: ClipUuid,
        progress: &DownloadProgress,
        time: Timestamp,
    ) -> Self {
        Self::Downloading(DownloadingEvent {
            time: format_time(time),
            clip_uuid: uuid,
            bytes: progress.bytes(),
            total_bytes: progress.total(),
            bytes_per_sec: progress.bytes_per_sec(),
            remaining_ms: progress.remaining().map(as_ms),
        })
    }

    pub(crate) fn saved(clip: &Clip, file: &DownloadedFile, time: Timestamp) -> Self {
        let verification = file.verification();
        Self::Saved(Box::new(SavedEvent {
            time: format_time(time),
            clip_uuid: clip.uuid(),
            path: file.path().to_owned(),
            byte_count: file.length(),
            sha256_hex: file.sha256_hex(),
            sha256_verified: verification.is_sha256_verified(),
            length_verified: verification.is_length_verified(),
            continued_at: file.continued_at(),
            unchanged: file.is_unchanged(),
            verification: verification.to_string(),
            clip: Details::from_clip(clip),
        }))
    }

    pub(crate) fn failed(uuid: Option<ClipUuid>, error: &Error, time: Timestamp) -> Self {
        let response = ErrorResponse::from_error(error);
        Self::Failed(Box::new(FailedEvent {
            time: format_time(time),
            clip_uuid: uuid,
            kind: error.kind(),
            message: user_message(error),
            reason: error
                .clip()
                .filter(|clip| clip.is_failed())
                .and_then(failure_reason)
                .map(str::to_owned),
            hints: hints(error),
            http_status: response.status,
            body: response.body,
            clip: error.clip().map(Details::from_clip),
            suggests_doctor: suggests_doctor(error),
        }))
    }

    /// Returns the exit code of the program if this is the worst event.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Failed(failed) => ExitCode::from(failed.kind),
            _ => ExitCode::Complete,
        }
    }
}

pub(crate) fn as_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn optional_ruuid(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({"anyOf": [ruuid(generator), {"type": "null"}]})
}

fn path_text(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string"})
}

fn serialize_path<S: serde::Serializer>(
    path: &std::path::Path,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}
