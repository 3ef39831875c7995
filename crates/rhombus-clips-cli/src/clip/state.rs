//! How a clip is doing, as far as a watcher is shown it.

use rhombus_clips::Clip;

/// Where the status is in the service's answer.
const STATUS: &str = "/clip/status";

/// The state of a clip. What the service did not say is `None`: all of it without a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) status: Option<String>,
    pub(crate) percent: Option<u8>,
    pub(crate) operation: Option<String>,
    /// What the service said beside a success: it worked, but.
    pub(crate) warning: Option<String>,
    /// What the service said that could not be read: JSON pointer and reason.
    pub(crate) decode_issues: Vec<String>,
    /// Why the status is among that.
    pub(crate) unread_status: Option<String>,
}

impl State {
    /// Whether nothing is known, as while there is no record.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn of(clip: &Clip) -> Self {
        // `Clip::status` does not tell a status that is unknown from one that was not sent.
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
            unread_status: clip
                .decode_issues()
                .iter()
                .find(|odd| odd.pointer == STATUS)
                .map(|odd| odd.reason.clone()),
        }
    }
}
