//! Response for an unknown clip.
//!
//! Rhombus does not document this response, so a test can choose between the plausible ones.

use crate::record::response_body;
use crate::response::Response;

/// Response to a request for a clip that is not registered. Rhombus does not document it.
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
    pub(crate) fn response(&self) -> Response {
        match self {
            Self::Null => Response::json(&response_body(None, None)),
            Self::Error(message) => Response::domain_failure(message),
        }
    }
}
