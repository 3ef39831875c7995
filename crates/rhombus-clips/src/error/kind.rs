//! Classification of errors.

/// Classification of an [`Error`](crate::Error).
///
/// ```
/// use rhombus_clips::{Error, ErrorKind};
///
/// /// The team that an error is routed to.
/// fn owner(error: &Error) -> &'static str {
///     match error.kind() {
///         ErrorKind::ClipFailed | ErrorKind::NotFound | ErrorKind::Service => "user",
///         ErrorKind::Configuration | ErrorKind::Authentication | ErrorKind::Tls => "ops",
///         ErrorKind::Connection | ErrorKind::Timeout | ErrorKind::RateLimited => "none",
///         ErrorKind::DeadlineExceeded | ErrorKind::Checkpoint => "none",
///         ErrorKind::Decode | ErrorKind::BodyTooLarge | ErrorKind::UnexpectedClip => "developers",
///         ErrorKind::UnexpectedStatus => "developers",
///         _ => "developers", // Kinds may be added.
///     }
/// }
///
/// let error = rhombus_clips::Client::builder().build().unwrap_err();
/// assert_eq!(owner(&error), "ops");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting of the client is missing or invalid; see [`Error::setting`](crate::Error::setting).
    Configuration,
    /// The connection failed, or was lost before the response was complete.
    Connection,
    /// An attempt exceeded its timeout.
    Timeout,
    /// The TLS handshake failed: a certificate is not trusted, expired or for another host, or there
    /// is no TLS version in common.
    Tls,
    /// The service rejected the credentials: status 401 or 403.
    Authentication,
    /// Too many requests: the service responded with 429, or the client's own rate limit admitted no
    /// request before the deadline.
    RateLimited,
    /// The service reported that the operation failed: status 200 with `error: true`.
    Service,
    /// A status that the operation does not document.
    UnexpectedStatus,
    /// The response is not as the operation documents it.
    Decode,
    /// The response body exceeds the client's limit.
    BodyTooLarge,
    /// The response is for another clip than the requested one.
    UnexpectedClip,
    /// A checkpoint is malformed, or of an unsupported version.
    Checkpoint,
    /// The service has no record of the clip, or not yet.
    NotFound,
    /// The clip failed or was deleted.
    ClipFailed,
    /// The timeout of a watch elapsed before the clip was complete.
    DeadlineExceeded,
}
