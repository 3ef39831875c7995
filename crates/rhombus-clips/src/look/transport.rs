//! What it means that no whole answer came.

use std::error::Error as StdError;
use std::io;

use rhombus_clips_api::BodyTooLarge;

use crate::error::{Error, ErrorKind};

pub(super) fn broken(base_url: &str, error: reqwest::Error) -> Error {
    // The address is in the message already.
    let error = error.without_url();
    let broken = if error.is_timeout() {
        timed_out(base_url)
    } else if error.is_builder() {
        Error::configuration(format!("no request can be built for {base_url}"))
    } else if let Some(too_large) =
        causes(&error).find_map(|cause| cause.downcast_ref::<BodyTooLarge>())
    {
        Error::new(ErrorKind::BodyTooLarge, too_large.to_string()).with_status(200)
    } else if is_not_compressed_as_it_says(&error) {
        Error::new(
            ErrorKind::Decode,
            "the answer cannot be decompressed: it is not what its Content-Encoding says",
        )
        .with_status(200)
    } else if let Some(reason) = tls_failure(&error) {
        Error::new(
            ErrorKind::Tls,
            format!("no secure connection to {base_url}: {reason}"),
        )
    } else if error.is_connect() {
        Error::new(
            ErrorKind::Connection,
            format!("no connection to {base_url}"),
        )
    } else {
        Error::new(
            ErrorKind::Connection,
            format!("the connection to {base_url} broke"),
        )
    };
    broken.with_source(error)
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

/// What kept the two sides from a secure connection, if that was it.
fn tls_failure(error: &reqwest::Error) -> Option<&'static str> {
    causes(error)
        .find_map(of_rustls)
        .or_else(|| causes(error).find_map(of_native_tls))
}

/// Every cause, also those that an I/O error wraps and does not count among its sources.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| next_cause(cause))
}

fn next_cause<'a>(cause: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    let wrapped = cause
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match wrapped {
        Some(wrapped) => Some(wrapped),
        None => cause.source(),
    }
}

#[cfg(feature = "rustls")]
fn of_rustls(cause: &(dyn StdError + 'static)) -> Option<&'static str> {
    use rustls::{CertificateError as Flaw, Error as Tls};
    Some(match cause.downcast_ref::<Tls>()? {
        Tls::InvalidCertificate(Flaw::Expired | Flaw::ExpiredContext { .. }) => {
            "its certificate has expired, or the clock of this machine is wrong"
        }
        Tls::InvalidCertificate(Flaw::NotValidYet | Flaw::NotValidYetContext { .. }) => {
            "its certificate is not valid yet, or the clock of this machine is wrong"
        }
        Tls::InvalidCertificate(Flaw::NotValidForName | Flaw::NotValidForNameContext { .. }) => {
            "its certificate is for another host"
        }
        Tls::InvalidCertificate(Flaw::UnknownIssuer) => {
            "its certificate is of an authority that is not trusted here (a private one is added with ClientBuilder::root_certificate)"
        }
        Tls::InvalidCertificate(_) => "its certificate is not accepted",
        Tls::AlertReceived(_) => "it refused: is a client certificate missing or wrong?",
        Tls::PeerIncompatible(_) => "it speaks no version of TLS that is safe",
        Tls::InvalidMessage(_) => "it does not speak TLS there",
        _ => "the TLS handshake failed",
    })
}

#[cfg(not(feature = "rustls"))]
fn of_rustls(_: &(dyn StdError + 'static)) -> Option<&'static str> {
    None
}

#[cfg(feature = "native-tls")]
fn of_native_tls(cause: &(dyn StdError + 'static)) -> Option<&'static str> {
    cause
        .is::<native_tls::Error>()
        .then_some("the TLS handshake failed")
}

#[cfg(not(feature = "native-tls"))]
fn of_native_tls(_: &(dyn StdError + 'static)) -> Option<&'static str> {
    None
}
