//! What could not be read.

use std::fmt;

/// A value of an answer that does not fit its property: where it is, and why.
///
/// The property is `None` and the rest of the answer is as usual. The value of a property is kept
/// in the `extra` of its object and written back; that of an item of an array, or of a value of a
/// map, is null from here on.
///
/// ```
/// use rhombus_clips_api::types::GetClipWithProgressResponse;
///
/// let body = br#"{"clip": {"title": {}, "status": "COMPLETE"}}"#;
/// let answer: GetClipWithProgressResponse = rhombus_clips_api::decode(body)?;
/// assert_eq!(
///     answer.decode_issues[0].to_string(),
///     "/clip/title: expected a string, found an object"
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct DecodeIssue {
    /// Where the value is, as a JSON pointer into what was decoded: `/clip/title`.
    pub pointer: String,
    /// Why it does not fit: `expected a string, found an object`.
    pub reason: String,
}

impl fmt::Display for DecodeIssue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.reason)
    }
}
