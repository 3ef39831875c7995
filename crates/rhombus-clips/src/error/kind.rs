//! The kinds of error, and a predicate for each.

use super::Error;

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
    Mismatch,
    /// A checkpoint cannot be read, or is of a version that is not known.
    Checkpoint,
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

    /// The service was not reached, or the answer broke off: [`ErrorKind::Connection`].
    pub fn is_connection(&self) -> bool {
        self.0.kind == ErrorKind::Connection
    }

    /// No secure connection: [`ErrorKind::Tls`].
    pub fn is_tls(&self) -> bool {
        self.0.kind == ErrorKind::Tls
    }

    /// One attempt took too long: [`ErrorKind::Timeout`]. A whole watch that did is
    /// [`is_deadline_exceeded`](Self::is_deadline_exceeded).
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// The service does not accept the credentials: [`ErrorKind::Authentication`].
    pub fn is_auth(&self) -> bool {
        self.0.kind == ErrorKind::Authentication
    }

    /// Too many requests: [`ErrorKind::RateLimited`].
    pub fn is_rate_limited(&self) -> bool {
        self.0.kind == ErrorKind::RateLimited
    }

    /// The service answered that the operation failed: [`ErrorKind::Service`].
    pub fn is_service(&self) -> bool {
        self.0.kind == ErrorKind::Service
    }

    /// A status that the operation does not document: [`ErrorKind::UnexpectedStatus`].
    pub fn is_unexpected_status(&self) -> bool {
        self.0.kind == ErrorKind::UnexpectedStatus
    }

    /// The answer is not what the operation documents: [`ErrorKind::Decode`].
    pub fn is_decode(&self) -> bool {
        self.0.kind == ErrorKind::Decode
    }

    /// The body is longer than the client's limit: [`ErrorKind::BodyTooLarge`].
    pub fn is_body_too_large(&self) -> bool {
        self.0.kind == ErrorKind::BodyTooLarge
    }

    /// The answer is about another clip: [`ErrorKind::Mismatch`].
    pub fn is_mismatch(&self) -> bool {
        self.0.kind == ErrorKind::Mismatch
    }

    /// A checkpoint cannot be read: [`ErrorKind::Checkpoint`].
    pub fn is_checkpoint(&self) -> bool {
        self.0.kind == ErrorKind::Checkpoint
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

    /// Whether the same request may succeed later: the connection failed or the answer broke off,
    /// it was late, it was about another clip, there were too many requests, or the status is 408,
    /// 500, 502, 503 or 504.
    ///
    /// Rhombus documents that 5xx may be repeated and other 4xx may not. A
    /// [retry policy](crate::retry::RetryPolicy) may decide otherwise.
    pub fn is_transient(&self) -> bool {
        match self.0.kind {
            ErrorKind::Connection
            | ErrorKind::Timeout
            | ErrorKind::RateLimited
            | ErrorKind::Mismatch => true,
            ErrorKind::UnexpectedStatus => {
                matches!(self.0.status, Some(408 | 500 | 502 | 503 | 504))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_succeed_later_is_transient() {
        let status = |status| Error::new(ErrorKind::UnexpectedStatus, "").with_status(status);
        for transient in [408, 500, 502, 503, 504] {
            assert!(status(transient).is_transient());
        }
        for permanent in [302, 400, 404, 409, 413, 418, 501] {
            assert!(!status(permanent).is_transient());
        }
        for (kind, transient) in [
            (ErrorKind::RateLimited, true),
            (ErrorKind::Mismatch, true),
            (ErrorKind::Tls, false),
            (ErrorKind::Authentication, false),
            (ErrorKind::Service, false),
            (ErrorKind::Decode, false),
            (ErrorKind::BodyTooLarge, false),
        ] {
            assert_eq!(Error::new(kind, "").is_transient(), transient, "{kind:?}");
        }
    }
}
