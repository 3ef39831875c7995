//! What it means that no whole answer came.

use std::error::Error as _;
use std::io;

use rhombus_clips_api::BodyTooLarge;

use crate::error::{Error, ErrorKind, causes};
use crate::tls_failure;

pub(super) fn map_transport_error(base_url: &str, error: reqwest::Error) -> Error {
    // The address is in the message already.
    let error = error.without_url();
    let mapped = if error.is_timeout() {
        timed_out(base_url)
    } else if error.is_builder() {
        Error::configuration(format!("no request can be built for {base_url}"))
    } else if let Some(too_large) =
        causes(&error).find_map(|cause| cause.downcast_ref::<BodyTooLarge>())
    {
        let message = format!(
            "the answer is too long: raise the body limit of {} bytes if the service is meant to send as much",
            too_large.limit
        );
        // What is around it in the HTTP library says nothing more.
        return Error::new(ErrorKind::BodyTooLarge, message)
            .with_status(200)
            .with_source(*too_large);
    } else if is_not_compressed_as_it_says(&error) {
        Error::new(
            ErrorKind::Decode,
            "the answer cannot be decompressed: it is not what its Content-Encoding says",
        )
        .with_status(200)
    } else if let Some(reason) = tls_failure::describe_handshake_error(&error) {
        Error::new(
            ErrorKind::Tls,
            format!("no secure connection to {base_url}: {reason}"),
        )
    } else if error.is_connect() {
        Error::new(
            ErrorKind::Connection,
            format!("no connection to {base_url}: check the base URL and the network"),
        )
    } else {
        Error::new(
            ErrorKind::Connection,
            format!("the connection to {base_url} broke before the answer was whole"),
        )
    };
    mapped.with_source(error)
}

/// What a decompressor refuses is an I/O error by itself; what breaks below it comes wrapped. Data
/// that only ends early may be whole next time.
fn is_not_compressed_as_it_says(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput};
    let source = error.source().and_then(|e| e.downcast_ref::<io::Error>());
    error.is_decode() && source.is_some_and(|e| matches!(e.kind(), InvalidData | InvalidInput))
}

pub(super) fn timed_out(base_url: &str) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("{base_url} did not answer in time"),
    )
}
