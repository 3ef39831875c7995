//! What decoding has to say beside the value.

use serde_json::Value;

use super::{DecodeIssue, Place};

/// What did not fit so far.
#[derive(Default)]
pub(crate) struct Report {
    decode_issues: Vec<DecodeIssue>,
    /// The value that did not fit just now, for whoever can keep it. It is rare: boxed, asking
    /// for it is cheap.
    odd: Option<Box<Value>>,
}

impl Report {
    #[cold]
    pub(super) fn odd(&mut self, place: &Place<'_>, value: Value, expected: &str) {
        let reason = format!("expected {expected}, found {}", kind(&value));
        self.decode_issues.push(DecodeIssue {
            pointer: place.to_string(),
            reason,
        });
        self.odd = Some(Box::new(value));
    }

    #[inline]
    pub(super) fn is_odd(&self) -> bool {
        self.odd.is_some()
    }

    #[inline]
    pub(super) fn take_odd(&mut self) -> Option<Box<Value>> {
        self.odd.take()
    }

    /// Why the value just read did not fit, if it did not.
    pub(super) fn last_reason(&self) -> Option<&str> {
        self.odd.as_ref()?;
        self.decode_issues.last().map(|last| last.reason.as_str())
    }

    pub(super) fn into_degraded(self) -> Vec<DecodeIssue> {
        self.decode_issues
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
