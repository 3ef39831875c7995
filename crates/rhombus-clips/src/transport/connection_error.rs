//! Mapping of a request that got no complete response.
//!
//! The HTTP library reports all of these as one opaque type. Its cause decides the kind: only a
//! connection failure or a timeout is transient, while TLS, decompression and body limit are not.

use std::error::Error as _;
use std::io;

use rhombus_clips_api::BodyTooLarge;

use crate::error::{Error, ErrorKind, Hint, causes};
use crate::tls_failure;

pub(super) fn map_transport_error(base_url: &str, error: reqwest::Error) -> Error {
    // The message has the base URL already.
    let error = error.without_url();
    let mapped = if error.is_timeout() {
        timed_out(base_url)
    } else if error.is_builder() {
        Error::configuration(format!("no request can be built for {base_url}"))
    } else if let Some(too_large) =
        causes(&error).find_map(|cause| cause.downcast_ref::<BodyTooLarge>())
    {
        let message = format!(
            "the response body exceeds the limit of {} bytes",
            too_large.limit
        );
        // The HTTP library's wrappers around this cause add nothing.
        return Error::new(ErrorKind::BodyTooLarge, message)
            .with_status(200)
            .with_hint(Hint::RaiseBodyLimit)
            .with_source(*too_large);
    } else if is_decompression_error(&error) {
        Error::new(
            ErrorKind::Decode,
            "the response cannot be decompressed as its Content-Encoding declares",
        )
        .with_status(200)
    } else if let Some(failure) = tls_failure::handshake_failure(&error) {
        let message = format!("TLS connection to {base_url} failed: {}", failure.reason);
        let error = Error::new(ErrorKind::Tls, message);
        match failure.hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    } else if error.is_connect() {
        Error::new(
            ErrorKind::Connection,
            format!("cannot connect to {base_url}"),
        )
        .with_hint(Hint::CheckBaseUrl)
        .with_hint(Hint::CheckNetwork)
    } else {
        Error::new(
            ErrorKind::Connection,
            format!("connection to {base_url} lost before the response was complete"),
        )
    };
    mapped.with_source(error)
}

/// A decompressor's error is an I/O error by itself, while a connection error below it is wrapped.
/// A stream that merely ends early may be complete next time.
fn is_decompression_error(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput};
    let source = error.source().and_then(|e| e.downcast_ref::<io::Error>());
    error.is_decode() && source.is_some_and(|e| matches!(e.kind(), InvalidData | InvalidInput))
}

pub(super) fn timed_out(base_url: &str) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("no response from {base_url} in time"),
    )
}
