//! The public report of a value that could not be decoded.

use std::fmt;

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
