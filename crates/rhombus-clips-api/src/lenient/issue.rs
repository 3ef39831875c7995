//! Decode issues: the public report, its collector, and the path of the value that is being decoded.

use std::fmt;

use serde_json::Value;

/// A value of a response that does not fit its property: its location, and the reason.
///
/// The property is `None`, and the rest of the response is decoded as usual. The value of a
/// property is preserved in the `extra` of its object and serialized again; an item of an array or
/// a value of a map becomes null, and is lost.
///
/// ```
/// use rhombus_clips_api::types::GetClipWithProgressResponse;
///
/// let body = br#"{"clip": {"title": {}, "status": "COMPLETE"}}"#;
/// let response: GetClipWithProgressResponse = rhombus_clips_api::decode(body)?;
/// assert_eq!(
///     response.decode_issues[0].to_string(),
///     "/clip/title: expected a string, found an object"
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct DecodeIssue {
    /// JSON pointer to the value, relative to the outermost decoded value: `/clip/title`.
    pub pointer: String,
    /// Reason why the value does not fit: `expected a string, found an object`.
    pub reason: String,
}

impl fmt::Display for DecodeIssue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.reason)
    }
}

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

/// A path from the outermost value, as a linked list on the stack.
///
/// Descending allocates nothing: the JSON pointer is formatted for a decode issue only.
pub(crate) enum JsonPath<'p> {
    Root,
    Property {
        parent: &'p JsonPath<'p>,
        name: &'p str,
    },
    Item {
        parent: &'p JsonPath<'p>,
        index: usize,
    },
}

impl fmt::Display for JsonPath<'_> {
    /// Formats the path as a JSON pointer (RFC 6901).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Property { parent, name } => {
                write!(f, "{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
            }
            Self::Item { parent, index } => write!(f, "{parent}/{index}"),
        }
    }
}

/// Current path, and the collector of decode issues.
///
/// Readers hold a reference to it, not a copy: a reader of two words is passed in registers, while
/// a larger one is copied through memory, and reading back what was just written stalls the
/// processor.
pub(crate) struct Context<'c> {
    pub(super) path: JsonPath<'c>,
    pub(super) issues: &'c mut IssueCollector,
}

impl Context<'_> {
    /// Records a value at the current path that does not fit.
    #[cold]
    pub(super) fn record_invalid(&mut self, value: Value, expected: &str) {
        self.issues.record_invalid(&self.path, value, expected);
    }
}
