//! The kinds of error.

/// The kinds of [`Error`](crate::Error).
///
/// ```
/// use rhombus_clips::{Error, ErrorKind};
///
/// /// Who has to do something about it?
/// fn who(error: &Error) -> &'static str {
///     match error.kind() {
///         ErrorKind::ClipFailed | ErrorKind::NotFound | ErrorKind::Service => "user",
///         ErrorKind::Configuration | ErrorKind::Authentication | ErrorKind::Tls => "ops",
///         ErrorKind::Connection | ErrorKind::Timeout | ErrorKind::RateLimited => "nobody",
///         ErrorKind::DeadlineExceeded | ErrorKind::Checkpoint => "nobody",
///         ErrorKind::Decode | ErrorKind::BodyTooLarge | ErrorKind::UnexpectedClip => "us",
///         ErrorKind::UnexpectedStatus => "us",
///         _ => "us", // Later versions may know more.
///     }
/// }
///
/// let error = rhombus_clips::Client::builder().build().unwrap_err();
/// assert_eq!(who(&error), "ops");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client cannot be set up this way, or an environment variable is missing.
    Configuration,
    /// The service was not reached, or the connection broke before the answer was whole.
    Connection,
    /// The service did not answer in time.
    Timeout,
    /// No secure connection: a certificate is not trusted, expired or for another host, or the
    /// two sides have no version of TLS in common.
    Tls,
    /// The service does not accept the credentials: status 401 or 403.
    Authentication,
    /// Too many requests: the service answered 429, or the client's own rate limit left no request
    /// in time.
    RateLimited,
    /// The service answered that the operation failed: status 200 with `error: true`.
    Service,
    /// A status that the operation does not document.
    UnexpectedStatus,
    /// The answer is not what the operation documents.
    Decode,
    /// The body of the answer is longer than the client's limit.
    BodyTooLarge,
    /// The answer is about another clip than the one that was asked for.
    UnexpectedClip,
    /// A checkpoint cannot be read, or is of a version that is not known.
    Checkpoint,
    /// The service has no such clip, or not yet.
    NotFound,
    /// The clip failed or was deleted.
    ClipFailed,
    /// The deadline of a watch passed before the clip was done.
    DeadlineExceeded,
}
