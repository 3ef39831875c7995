//! What the service says about a clip it does not know.

use crate::record::envelope;
use crate::response::Response;

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
    pub(crate) fn answer(&self) -> Response {
        match self {
            Self::Null => Response::json(&envelope(None, None)),
            Self::Error(message) => Response::domain_failure(message),
        }
    }
}
