//! What can go wrong, as one type.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::Clip;

/// The result of this crate's calls.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, and as much about it as is known.
///
/// [`kind`](Self::kind) and the predicates say what it is, the accessors what came with it.
/// `Display` is one line that says what to do next where that is known; causes are behind
/// [`source`](StdError::source). The API key is in none of it: where an answer echoes it, it reads
/// `[hidden]`.
///
/// ```no_run
/// # async fn example(client: rhombus_clips::Client, uuid: rhombus_clips::ClipUuid) {
/// match client.watch(uuid).await {
///     Ok(clip) => println!("{:?} is done", clip.title()),
///     Err(error) if error.is_clip_failed() => println!("it will never be: {:?}", error.clip()),
///     Err(error) if error.is_deadline_exceeded() => println!("last seen: {:?}", error.clip()),
///     Err(error) => println!("{error}"),
/// }
/// # }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    status: Option<u16>,
    retry_after: Option<Duration>,
    body: Option<String>,
    pointer: Option<String>,
    clip: Option<Clip>,
    polls: Option<u64>,
    elapsed: Option<Duration>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client cannot be set up this way, or an environment variable is missing.
    Configuration,
    /// The service was not reached, or the connection broke before the answer was whole.
    Connection,
    /// The service did not answer in time.
    Timeout,
    /// The service does not accept the credentials: status 401 or 403.
    Authentication,
    /// Too many requests of the organization: status 429.
    RateLimited,
    /// The service answered that the operation failed: status 200 with `error: true`.
    Service,
    /// A status that the operation does not document.
    UnexpectedStatus,
    /// The answer is not what the operation documents.
    Decode,
    /// The service has no such clip, or not yet.
    NotFound,
    /// The clip failed or was deleted.
    ClipFailed,
    /// The deadline of a watch passed before the clip was done.
    DeadlineExceeded,
}

impl Error {
    /// Which kind of error this is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The client cannot be set up this way: [`ErrorKind::Configuration`].
    pub fn is_configuration(&self) -> bool {
        self.0.kind == ErrorKind::Configuration
    }

    /// The service was not reached: [`ErrorKind::Connection`].
    pub fn is_connection(&self) -> bool {
        self.0.kind == ErrorKind::Connection
    }

    /// One request took too long: [`ErrorKind::Timeout`]. A whole watch that did is
    /// [`is_deadline_exceeded`](Self::is_deadline_exceeded).
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// The service does not accept the credentials: [`ErrorKind::Authentication`].
    pub fn is_auth(&self) -> bool {
        self.0.kind == ErrorKind::Authentication
    }

    /// Too many requests of the organization: [`ErrorKind::RateLimited`].
    pub fn is_rate_limited(&self) -> bool {
        self.0.kind == ErrorKind::RateLimited
    }

    /// The service answered that the operation failed: [`ErrorKind::Service`].
    pub fn is_service(&self) -> bool {
        self.0.kind == ErrorKind::Service
    }

    /// The answer is not what the operation documents: [`ErrorKind::Decode`].
    pub fn is_decode(&self) -> bool {
        self.0.kind == ErrorKind::Decode
    }

    /// The service has no such clip, or not yet: [`ErrorKind::NotFound`].
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// The clip failed or was deleted: [`ErrorKind::ClipFailed`].
    pub fn is_clip_failed(&self) -> bool {
        self.0.kind == ErrorKind::ClipFailed
    }

    /// The deadline of a watch passed: [`ErrorKind::DeadlineExceeded`].
    pub fn is_deadline_exceeded(&self) -> bool {
        self.0.kind == ErrorKind::DeadlineExceeded
    }

    /// Whether the same request may succeed later: the connection failed, an answer was late, or
    /// the status is 408, 429, 500, 502, 503 or 504. A watch goes on after such an error.
    pub fn is_transient(&self) -> bool {
        match self.0.kind {
            ErrorKind::Connection | ErrorKind::Timeout | ErrorKind::RateLimited => true,
            ErrorKind::UnexpectedStatus => {
                matches!(self.0.status, Some(408 | 500 | 502 | 503 | 504))
            }
            _ => false,
        }
    }

    /// The HTTP status, when an answer came.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// How long the service asked to wait, in whole seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The beginning of the answer's body, at most 1 KiB, when it is part of the trouble.
    pub fn body(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// Where in the answer decoding failed, as a JSON pointer.
    pub fn json_pointer(&self) -> Option<&str> {
        self.0.pointer.as_deref()
    }

    /// The clip as it was last seen.
    pub fn clip(&self) -> Option<&Clip> {
        self.0.clip.as_ref()
    }

    /// How many requests the watch sent.
    pub fn polls(&self) -> Option<u64> {
        self.0.polls
    }

    /// How long the watch lasted.
    pub fn elapsed(&self) -> Option<Duration> {
        self.0.elapsed
    }

    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            status: None,
            retry_after: None,
            body: None,
            pointer: None,
            clip: None,
            polls: None,
            elapsed: None,
            source: None,
        }))
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    pub(crate) fn with_body(mut self, mut body: String) -> Self {
        let end = (0..=BODY_LIMIT).rfind(|end| body.is_char_boundary(*end));
        body.truncate(end.unwrap_or(0));
        self.0.body = Some(body);
        self
    }

    pub(crate) fn with_pointer(mut self, pointer: String) -> Self {
        self.0.pointer = Some(pointer);
        self
    }

    pub(crate) fn with_clip(mut self, clip: Option<Clip>) -> Self {
        self.0.clip = clip;
        self
    }

    pub(crate) fn with_effort(mut self, polls: u64, elapsed: Duration) -> Self {
        self.0.polls = Some(polls);
        self.0.elapsed = Some(elapsed);
        self
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }
}

/// How much of a body an error keeps, in bytes.
pub(crate) const BODY_LIMIT: usize = 1024;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut debug = f.debug_struct("Error");
        debug
            .field("kind", &inner.kind)
            .field("message", &inner.message);
        let mut known = |name: &str, value: Option<&dyn fmt::Debug>| {
            if let Some(value) = value {
                debug.field(name, value);
            }
        };
        known("status", inner.status.as_ref().map(|v| v as _));
        known("retry_after", inner.retry_after.as_ref().map(|v| v as _));
        known("body", inner.body.as_ref().map(|v| v as _));
        known("json_pointer", inner.pointer.as_ref().map(|v| v as _));
        known("clip", inner.clip.as_ref().map(|v| v as _));
        known("polls", inner.polls.as_ref().map(|v| v as _));
        known("elapsed", inner.elapsed.as_ref().map(|v| v as _));
        known("source", inner.source.as_ref().map(|v| v as _));
        debug.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_cut_between_characters() {
        let body = "a".repeat(BODY_LIMIT - 1) + "é and more";
        let error = Error::new(ErrorKind::Decode, "").with_body(body);
        assert_eq!(error.body(), Some("a".repeat(BODY_LIMIT - 1).as_str()));
    }

    #[test]
    fn what_may_succeed_later_is_transient() {
        let status = |status| Error::new(ErrorKind::UnexpectedStatus, "").with_status(status);
        for transient in [408, 500, 502, 503, 504] {
            assert!(status(transient).is_transient());
        }
        for permanent in [302, 400, 404, 409, 501] {
            assert!(!status(permanent).is_transient());
        }
        assert!(Error::new(ErrorKind::RateLimited, "").is_transient());
        assert!(!Error::new(ErrorKind::Authentication, "").is_transient());
        assert!(!Error::new(ErrorKind::Service, "").is_transient());
    }
}
