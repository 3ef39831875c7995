//! Decode issues: the public report, and its collector.

use std::fmt::{self, Write as _};
use std::ops::Deref;

use serde_json::Value;

use super::path::JsonPath;
use crate::displayable_characters;

/// A value of a response that does not fit its property: its location, and the reason.
///
/// The property is `None`, and the rest of the response is decoded as usual. The value of a
/// property is preserved in the `extra` of its object and serialized again; an item of an array or
/// a value of a map becomes null, and is lost.
///
/// Values that would take much more memory than the response has bytes are omitted, and are a decode
/// issue of the array, map or object that lacks them.
///
/// `Display` formats it in one line of [displayable characters](displayable_characters).
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
    /// JSON pointer to the value, relative to the outermost decoded value: `/clip/title`. A name of more
    /// than 64 bytes is cut and ends in `…`, and so is a pointer of more than 512 bytes.
    pub pointer: String,
    /// Reason why the value does not fit: `expected a string, found an object`.
    pub reason: String,
}

impl fmt::Display for DecodeIssue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The pointer quotes names that the service chose.
        for (character, is_displayable) in displayable_characters(&self.pointer) {
            f.write_char(if is_displayable { character } else { ' ' })?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// The decode issues of a response: the first 32, and how many there are beyond.
///
/// ```
/// use rhombus_clips_api::types::GetClipWithProgressResponse;
///
/// let body = format!(r#"{{"clip": {{"deviceUuids": [{} 7]}}}}"#, "7, ".repeat(39));
/// let response: GetClipWithProgressResponse = rhombus_clips_api::decode(body.as_bytes())?;
/// let issues = &response.decode_issues;
/// assert_eq!((issues.len(), issues.omitted()), (32, 8));
/// assert_eq!(issues[0].pointer, "/clip/deviceUuids/0");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct DecodeIssues(
    /// A pointer, because every object has a list, and next to none is used.
    Option<Box<Listed>>,
);

#[derive(Clone, Default, PartialEq, Eq)]
struct Listed {
    issues: Vec<DecodeIssue>,
    omitted: usize,
}

impl DecodeIssues {
    /// Maximum number of decode issues that are listed.
    // Chosen, not tuned: enough to see what is wrong with a response.
    pub const MAX_LISTED: usize = 32;

    /// Returns how many decode issues there are beyond those that are listed.
    pub fn omitted(&self) -> usize {
        self.0.as_ref().map_or(0, |listed| listed.omitted)
    }

    /// Returns the issues whose pointers begin with this one, such as `/savedClips/7/`. Which of the others
    /// were omitted is not known, so their number stays.
    ///
    /// ```
    /// use rhombus_clips_api::types::GetClipsWithProgressResponse;
    ///
    /// let body = br#"{"savedClips": [{"title": 7}, {"title": "Dock"}]}"#;
    /// let response: GetClipsWithProgressResponse = rhombus_clips_api::decode(body)?;
    /// assert_eq!(response.decode_issues.within("/savedClips/0/").len(), 1);
    /// assert!(response.decode_issues.within("/savedClips/1/").is_empty());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn within(&self, pointer: &str) -> Self {
        let is_within = |issue: &&DecodeIssue| issue.pointer.starts_with(pointer);
        let issues: Vec<_> = self.iter().filter(is_within).cloned().collect();
        match (issues.is_empty(), self.omitted()) {
            (true, 0) => Self::default(),
            (_, omitted) => Self(Some(Box::new(Listed { issues, omitted }))),
        }
    }

    /// Adds an issue, which is formatted only if it is listed.
    fn push(&mut self, path: &JsonPath<'_>, reason: impl FnOnce() -> String) {
        let listed = self.0.get_or_insert_default();
        if listed.issues.len() < Self::MAX_LISTED {
            listed.issues.push(DecodeIssue {
                pointer: path.pointer(),
                reason: reason(),
            });
        } else {
            listed.omitted = listed.omitted.saturating_add(1);
        }
    }
}

impl Deref for DecodeIssues {
    type Target = [DecodeIssue];

    fn deref(&self) -> &[DecodeIssue] {
        self.0.as_ref().map_or(&[], |listed| &listed.issues)
    }
}

impl<'i> IntoIterator for &'i DecodeIssues {
    type Item = &'i DecodeIssue;
    type IntoIter = std::slice::Iter<'i, DecodeIssue>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for DecodeIssues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        list.entries(self);
        if self.omitted() > 0 {
            list.entry(&format_args!("{} more", self.omitted()));
        }
        list.finish()
    }
}

/// All decode issues so far, and the value that caused the last one.
#[derive(Default)]
pub(super) struct IssueCollector {
    issues: DecodeIssues,
    /// Value that was just found invalid, until the enclosing object takes it. Boxed because it is
    /// rare, and the check for it runs for every property.
    invalid: Option<Box<Value>>,
}

impl IssueCollector {
    #[cold]
    pub(super) fn record_invalid(&mut self, path: &JsonPath<'_>, value: Value, expected: &str) {
        self.issues.push(path, || mismatch(expected, &value));
        self.invalid = Some(Box::new(value));
    }

    /// Records that the array, map or object at a path lacks values.
    #[cold]
    pub(super) fn record_omitted(&mut self, path: &JsonPath<'_>, values: usize) {
        self.issues.push(path, || match values {
            1 => "1 value is omitted to limit memory".to_owned(),
            values => format!("{values} values are omitted to limit memory"),
        });
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
    pub(super) fn invalid_reason(&self, expected: &str) -> Option<String> {
        let value = self.invalid.as_ref()?;
        Some(mismatch(expected, value))
    }

    pub(super) fn into_issues(self) -> DecodeIssues {
        self.issues
    }
}

fn mismatch(expected: &str, found: &Value) -> String {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    format!("expected {expected}, found {found}")
}
