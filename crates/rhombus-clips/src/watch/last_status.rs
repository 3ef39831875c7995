//! Summary of a clip's last known state, for messages and checkpoints.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Clip;
use crate::http::sanitize_line;

/// Status, percentage and operation that a poll showed last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LastStatus {
    status: Box<str>,
    #[serde(default)]
    percent: Option<u8>,
    #[serde(default)]
    operation: Option<Box<str>>,
}

impl LastStatus {
    pub(super) fn status(&self) -> &str {
        &self.status
    }
}

impl From<&Clip> for LastStatus {
    fn from(clip: &Clip) -> Self {
        Self {
            status: clip.status().as_str().into(),
            percent: clip.percent(),
            operation: clip.operation().map(Box::from),
        }
    }
}

impl fmt::Display for LastStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sanitize_line(&self.status))?;
        if let Some(percent) = self.percent {
            write!(f, ", {percent} percent")?;
        }
        match (&self.operation, self.percent) {
            (Some(operation), Some(_)) => write!(f, " of {:?}", sanitize_line(operation)),
            (Some(operation), None) => write!(f, ", at {:?}", sanitize_line(operation)),
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
        assert!(text.len() < 1100);
    }
}
