//! The state of a clip during its watch.
//!
//! A small, comparable extract of the record: two equal states are displayed alike, which makes
//! them the unit of change detection.

use rhombus_clips::Clip;

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
    /// Reason of the decode issue of the status, if it has one.
    pub(crate) undecodable_status: Option<String>,
}

impl ClipState {
    /// Returns whether nothing is known about the clip, as before its record exists.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn from_clip(clip: &Clip) -> Self {
        // `Clip::status` does not distinguish a missing status from an unknown one.
        let status = clip.record().status.as_ref();
        Self {
            status: status.map(|status| status.as_str().to_owned()),
            percent: clip.percent(),
            operation: clip.operation().map(str::to_owned),
            warning: clip.warning().map(str::to_owned),
            decode_issues: clip
                .decode_issues()
                .iter()
                .map(ToString::to_string)
                .collect(),
            undecodable_status: clip
                .decode_issues()
                .iter()
                .find(|issue| issue.pointer == STATUS_POINTER)
                .map(|issue| issue.reason.clone()),
        }
    }
}
