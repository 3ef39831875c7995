//! Collects decode issues, and hands invalid values over for preservation.

use serde_json::Value;

use super::{DecodeIssue, JsonPath};

/// All decode issues so far, and the value that caused the last one.
#[derive(Default)]
pub(crate) struct IssueCollector {
    issues: Vec<DecodeIssue>,
    /// Value that was just found invalid, until the enclosing object takes it. Boxed because it is
    /// rare, and the check for it runs for every property.
    invalid: Option<Box<Value>>,
}

impl IssueCollector {
    #[cold]
    pub(super) fn record_invalid(&mut self, path: &JsonPath<'_>, value: Value, expected: &str) {
        let reason = format!("expected {expected}, found {}", json_type(&value));
        self.issues.push(DecodeIssue {
            pointer: path.to_string(),
            reason,
        });
        self.invalid = Some(Box::new(value));
    }

    #[inline]
    pub(super) fn has_invalid(&self) -> bool {
        self.invalid.is_some()
    }

    #[inline]
    pub(super) fn take_invalid(&mut self) -> Option<Box<Value>> {
        self.invalid.take()
    }

    /// Returns the reason why the value just read is invalid, if it is.
    pub(super) fn last_reason(&self) -> Option<&str> {
        self.invalid.as_ref()?;
        self.issues.last().map(|last| last.reason.as_str())
    }

    pub(super) fn into_issues(self) -> Vec<DecodeIssue> {
        self.issues
    }
}

fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
