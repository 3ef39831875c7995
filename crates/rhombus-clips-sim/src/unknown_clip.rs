//! What the service says about a clip it does not know.

use crate::answer::Answer;
use crate::record::envelope;

/// What the service answers for a clip that was never registered. Rhombus does not document it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownClip {
    /// 200 with `{"clip": null}`, as for a clip whose record does not exist yet.
    #[default]
    Null,
    /// 200 with `{"error": true, "errorMsg": "..."}` and this message.
    Error(String),
}

impl UnknownClip {
    pub(crate) fn answer(&self) -> Answer {
        match self {
            Self::Null => Answer::json(&envelope(None, None)),
            Self::Error(message) => Answer::domain_failure(message),
        }
    }
}
