//! What was last seen of a clip, in a few words.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Clip;

/// As much of a clip as says how far it has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Seen {
    status: Box<str>,
    #[serde(default)]
    percent: Option<u8>,
    #[serde(default)]
    operation: Option<Box<str>>,
}

impl Seen {
    pub(super) fn status(&self) -> &str {
        &self.status
    }
}

impl From<&Clip> for Seen {
    fn from(clip: &Clip) -> Self {
        Self {
            status: clip.status().as_str().into(),
            percent: clip.percent(),
            operation: clip.operation().map(Box::from),
        }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.status)?;
        if let Some(percent) = self.percent {
            write!(f, ", {percent} percent")?;
        }
        match (&self.operation, self.percent) {
            (Some(operation), Some(_)) => write!(f, " of {operation:?}"),
            (Some(operation), None) => write!(f, ", at {operation:?}"),
            (None, _) => Ok(()),
        }
    }
}
