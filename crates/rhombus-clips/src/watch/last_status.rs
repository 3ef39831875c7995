//! Status of a clip as a checkpoint stores it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Clip;
use crate::text::{sanitize_line, truncate_to};

/// Length in bytes to which the texts of the service are cut. Chosen, not tuned: several times those that
/// are known.
const MAX_STATUS_BYTES: usize = 128;

/// A text of the service, cut to [`MAX_STATUS_BYTES`]: it is stored with every checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "String")]
struct StatusText(Box<str>);

impl From<&str> for StatusText {
    fn from(text: &str) -> Self {
        Self(truncate_to(text, MAX_STATUS_BYTES).into())
    }
}

impl From<String> for StatusText {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl fmt::Display for StatusText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sanitize_line(&self.0))
    }
}

/// Status, percentage and operation that a poll showed last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LastStatus {
    status: StatusText,
    #[serde(default)]
    percent: Option<u8>,
    #[serde(default)]
    operation: Option<StatusText>,
}

impl LastStatus {
    pub(super) fn status(&self) -> &str {
        &self.status.0
    }
}

impl From<&Clip> for LastStatus {
    fn from(clip: &Clip) -> Self {
        Self {
            status: clip.status().as_str().into(),
            percent: clip.percent(),
            operation: clip.operation().map(StatusText::from),
        }
    }
}

impl fmt::Display for LastStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        if let Some(percent) = self.percent {
            write!(f, ", {percent} percent")?;
        }
        match (&self.operation, self.percent) {
            (Some(operation), Some(_)) => write!(f, " of {:?}", operation.to_string()),
            (Some(operation), None) => write!(f, ", at {:?}", operation.to_string()),
            (None, _) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_text_is_sanitized_and_bounded() {
        let last_status = LastStatus {
            status: "PAU\nSED".into(),
            percent: Some(7),
            operation: Some(format!("a\u{1b}[2J\"b\" {}", "x".repeat(9000)).into()),
        };
        let text = last_status.to_string();
        assert!(
            text.starts_with(r#"PAU SED, 7 percent of "a [2J\"b\" xxx"#),
            "{text}"
        );
        assert!(text.len() < 200);
    }
}
