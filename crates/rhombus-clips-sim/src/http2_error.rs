//! Error codes of HTTP/2.

/// Error code with which HTTP/2 ends a stream or a connection (RFC 9113, section 7).
///
/// It requires the feature `http2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Http2Error {
    /// `NO_ERROR`: no error, as in a graceful shutdown.
    NoError,
    /// `PROTOCOL_ERROR`: the peer violated the protocol.
    ProtocolError,
    /// `INTERNAL_ERROR`: an unexpected internal error.
    InternalError,
    /// `REFUSED_STREAM`: the request was not processed.
    RefusedStream,
    /// `CANCEL`: the stream is not needed any more.
    Cancel,
    /// `ENHANCE_YOUR_CALM`: the peer causes excessive load.
    EnhanceYourCalm,
    /// `INADEQUATE_SECURITY`: TLS does not meet the requirements of HTTP/2.
    InadequateSecurity,
    /// `HTTP_1_1_REQUIRED`: the request has to be made over HTTP/1.1.
    Http11Required,
}
