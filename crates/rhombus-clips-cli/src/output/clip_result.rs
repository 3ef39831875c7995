//! The results of the commands that end or change clips, as text, columns and JSON.

use rhombus_clips::{CancelResult, Clip, ClipUuid, DeleteResult, Error, ErrorKind};
use rhombus_clips::{RetryResult, UpdateResult};
use schemars::JsonSchema;
use serde::Serialize;

use super::clip_view::{ClipState, ruuid};
use super::table::format_cell;
use crate::report::error_response::ErrorResponse;
use crate::report::{hints, user_message};
use crate::text::align_columns;

/// One line of the JSON output of `cancel`, `retry`, `delete` and `update`. Unknown values are null.
/// Later versions may add properties, results and error kinds.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClipResult {
    /// UUID of the clip.
    #[schemars(schema_with = "ruuid")]
    clip_uuid: ClipUuid,
    /// Result of the command for this clip.
    result: ResultKind,
    /// Status as it was read last, such as `RENDERING`. The service may add values at any time.
    status: Option<String>,
    /// Title as it was read last.
    title: Option<String>,
    /// Reason of the result `error`; null for others.
    error: Option<ErrorDetails>,
}

/// Result of a command for a clip. Each command has some of them.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ResultKind {
    /// The clip failed, was deleted, or has no record any more.
    Canceled,
    /// The clip is rendered again.
    Restarted,
    /// The service accepted the deletion.
    Deleted,
    /// The service accepted the change.
    Updated,
    /// The service accepted the request, and the record does not show it yet.
    Accepted,
    /// The clip had failed or was deleted before.
    AlreadyEnded,
    /// The clip is complete.
    AlreadyComplete,
    /// The clip was being rendered before.
    AlreadyRunning,
    /// The clip was deleted before, or is unknown.
    AlreadyGone,
    /// The clip has all of the change already.
    Unchanged,
    /// The user did not confirm that the clip is canceled.
    NotCanceled,
    /// The user did not confirm that the clip is deleted.
    NotDeleted,
    /// The command failed.
    Error,
    /// A result that this version does not know.
    Unknown,
}

impl ResultKind {
    fn label(self) -> &'static str {
        match self {
            Self::Canceled => "canceled",
            Self::Restarted => "restarted",
            Self::Deleted => "deleted",
            Self::Updated => "updated",
            Self::Accepted => "accepted",
            Self::AlreadyEnded => "already ended",
            Self::AlreadyComplete => "already complete",
            Self::AlreadyRunning => "already running",
            Self::AlreadyGone => "already gone",
            Self::Unchanged => "unchanged",
            Self::NotCanceled => "not canceled",
            Self::NotDeleted => "not deleted",
            Self::Error => "error",
            Self::Unknown => "unknown",
        }
    }
}

/// Reason of a failure.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorDetails {
    /// Kind of the error.
    kind: ErrorKind,
    /// Message for users. Its text may change with every version.
    message: String,
    /// Advice for users, most likely cause first.
    hints: Vec<String>,
    /// HTTP status of the response, if there was one.
    http_status: Option<u16>,
    /// Beginning of the body of the response.
    body: Option<String>,
}

impl ClipResult {
    pub(crate) fn new(clip_uuid: ClipUuid, result: ResultKind, clip: Option<&Clip>) -> Self {
        Self {
            clip_uuid,
            result,
            status: clip.and_then(|clip| ClipState::from_clip(clip).status),
            title: clip.and_then(|clip| clip.title().map(str::to_owned)),
            error: None,
        }
    }

    pub(crate) fn of_cancel(uuid: ClipUuid, result: &CancelResult) -> Self {
        let kind = match result {
            CancelResult::Canceled(_) => ResultKind::Canceled,
            CancelResult::Accepted(_) => ResultKind::Accepted,
            CancelResult::AlreadyEnded(_) => ResultKind::AlreadyEnded,
            CancelResult::AlreadyComplete(_) => ResultKind::AlreadyComplete,
            _ => ResultKind::Unknown,
        };
        Self::new(uuid, kind, result.clip())
    }

    pub(crate) fn of_retry(uuid: ClipUuid, result: &RetryResult) -> Self {
        let kind = match result {
            RetryResult::Restarted(_) => ResultKind::Restarted,
            RetryResult::Accepted(_) => ResultKind::Accepted,
            RetryResult::AlreadyRunning(_) => ResultKind::AlreadyRunning,
            RetryResult::AlreadyComplete(_) => ResultKind::AlreadyComplete,
            _ => ResultKind::Unknown,
        };
        Self::new(uuid, kind, Some(result.clip()))
    }

    pub(crate) fn of_delete(uuid: ClipUuid, result: DeleteResult) -> Self {
        let kind = match result {
            DeleteResult::Deleted => ResultKind::Deleted,
            DeleteResult::AlreadyGone => ResultKind::AlreadyGone,
            _ => ResultKind::Unknown,
        };
        Self::new(uuid, kind, None)
    }

    pub(crate) fn of_update(uuid: ClipUuid, result: &UpdateResult) -> Self {
        match result {
            UpdateResult::Updated => Self::new(uuid, ResultKind::Updated, None),
            UpdateResult::Unchanged(clip) => Self::new(uuid, ResultKind::Unchanged, Some(clip)),
            _ => Self::new(uuid, ResultKind::Unknown, None),
        }
    }

    pub(crate) fn of_error(uuid: ClipUuid, error: &Error) -> Self {
        let response = ErrorResponse::from_error(error);
        Self {
            error: Some(ErrorDetails {
                kind: error.kind(),
                message: user_message(error),
                hints: hints(error),
                http_status: response.status,
                body: response.body,
            }),
            ..Self::new(uuid, ResultKind::Error, error.clip())
        }
    }

    /// Returns whether the user decided against it.
    pub(crate) fn is_declined(&self) -> bool {
        matches!(
            self.result,
            ResultKind::NotCanceled | ResultKind::NotDeleted
        )
    }

    /// Returns whether the command failed.
    pub(crate) fn is_error(&self) -> bool {
        self.result == ResultKind::Error
    }

    /// Formats the result as a line, without what is not known.
    pub(crate) fn format_line(&self) -> String {
        let clip = self.clip_uuid.to_string();
        let known = [self.status.as_deref(), self.title.as_deref()];
        let known = known
            .into_iter()
            .flatten()
            .map(|text| format_cell(Some(text)));
        let columns: Vec<_> = [clip, self.result.label().to_owned()]
            .into_iter()
            .chain(known)
            .collect();
        columns.join("  ") + "\n"
    }
}

/// Formats the table of results.
pub(crate) fn format_table(results: &[ClipResult], width: Option<usize>) -> String {
    let header = ["CLIP", "RESULT", "STATUS", "TITLE"].map(str::to_owned);
    let row = |result: &ClipResult| {
        [
            result.clip_uuid.to_string(),
            result.result.label().to_owned(),
            format_cell(result.status.as_deref()),
            format_cell(result.title.as_deref()),
        ]
    };
    let rows: Vec<_> = [header]
        .into_iter()
        .chain(results.iter().map(row))
        .collect();
    align_columns(&rows, width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhombus_clips::types::SavedClip;

    fn uuid() -> ClipUuid {
        ClipUuid::from_bytes([0; 16])
    }

    fn results() -> [ClipResult; 2] {
        let record = r#"{"status": "COMPLETE", "title": "Dock\u001b: delivery"}"#;
        let record: SavedClip = serde_json::from_str(record).unwrap();
        let complete = CancelResult::AlreadyComplete(Clip::from_record(uuid(), record));
        [
            ClipResult::of_cancel(uuid(), &complete),
            ClipResult::of_cancel(uuid(), &CancelResult::Canceled(None)),
        ]
    }

    #[test]
    fn a_line_has_what_is_known() {
        assert_eq!(
            results().map(|result| result.format_line()).concat(),
            "\
AAAAAAAAAAAAAAAAAAAAAA  already complete  COMPLETE  Dock\u{fffd}: delivery
AAAAAAAAAAAAAAAAAAAAAA  canceled
"
        );
        assert_eq!(
            format_table(&results(), None),
            "\
CLIP                    RESULT            STATUS    TITLE
AAAAAAAAAAAAAAAAAAAAAA  already complete  COMPLETE  Dock\u{fffd}: delivery
AAAAAAAAAAAAAAAAAAAAAA  canceled          -         -
"
        );
    }

    #[test]
    fn the_json_names_the_result() {
        let json = serde_json::to_value(&results()[0]).unwrap();
        assert_eq!(json["result"], "alreadyComplete");
        assert_eq!(json["error"], serde_json::Value::Null);
        let error = rhombus_clips::Client::builder().build().unwrap_err();
        let json = serde_json::to_value(ClipResult::of_error(uuid(), &error)).unwrap();
        assert_eq!(json["result"], "error");
        assert_eq!(json["error"]["kind"], "configuration");
    }
}
