//! Mapping of a request that got no complete response.
//!
//! The HTTP library reports all of these as one opaque type. Its cause decides the kind: only a
//! connection failure or a timeout is transient, while TLS, decompression and body limit are not. A
//! TLS library's error is one of the causes, and has the reason in one phrase and a hint.

use std::error::Error as StdError;
use std::io;

use rhombus_clips_api::BodyTooLarge;

use crate::error::{Error, ErrorKind, Hint, Setting, causes};

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
    } else if let Some(failure) = handshake_failure(&error) {
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

/// The reason for a failed handshake.
struct HandshakeFailure {
    reason: &'static str,
    hint: Option<Hint>,
}

/// Returns the reason if the handshake is what failed.
fn handshake_failure(error: &reqwest::Error) -> Option<HandshakeFailure> {
    causes(error)
        .find_map(rustls::handshake_failure)
        .or_else(|| causes(error).find_map(native_tls::handshake_failure))
}

/// Returns the reason, and the setting at fault where it is known, if the HTTP client could not be built
/// because of a certificate.
pub(super) fn config_failure(error: &reqwest::Error) -> Option<(&'static str, Option<Setting>)> {
    causes(error).find_map(rustls::config_failure)
}

#[cfg(feature = "rustls")]
mod rustls {
    use super::{HandshakeFailure, Hint, Setting, StdError};

    use rustls::{AlertDescription as Alert, CertificateError, Error as TlsError};

    pub(super) fn handshake_failure(cause: &(dyn StdError + 'static)) -> Option<HandshakeFailure> {
        let (reason, hint) = match cause.downcast_ref::<TlsError>()? {
            TlsError::InvalidCertificate(error) => certificate_failure(error),
            TlsError::AlertReceived(Alert::ProtocolVersion | Alert::InsufficientSecurity)
            | TlsError::PeerIncompatible(_) => ("no TLS version or cipher suite in common", None),
            TlsError::AlertReceived(_) => (
                "rejected by the server; possibly a client certificate is missing or wrong",
                Some(Hint::CheckClientCertificate),
            ),
            TlsError::InvalidMessage(_) => (
                "the server does not speak TLS on this port",
                Some(Hint::CheckBaseUrl),
            ),
            _ => ("handshake failed", None),
        };
        Some(HandshakeFailure { reason, hint })
    }

    fn certificate_failure(error: &CertificateError) -> (&'static str, Option<Hint>) {
        match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                ("certificate expired", Some(Hint::CheckClock))
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                ("certificate not valid yet", Some(Hint::CheckClock))
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                ("certificate is for another host", Some(Hint::CheckBaseUrl))
            }
            CertificateError::UnknownIssuer => (
                "certificate signed by an unknown authority",
                Some(Hint::AddRootCertificate),
            ),
            CertificateError::BadSignature => (
                "certificate not signed by the trusted authority of that name",
                Some(Hint::AddRootCertificate),
            ),
            _ => ("certificate not accepted", None),
        }
    }

    pub(super) fn config_failure(
        cause: &(dyn StdError + 'static),
    ) -> Option<(&'static str, Option<Setting>)> {
        match cause.downcast_ref::<TlsError>()? {
            TlsError::InconsistentKeys(_) => {
                let reason =
                    "the client certificate and the private key do not match; set a matching pair";
                Some((reason, Some(Setting::ClientCertificate)))
            }
            TlsError::InvalidCertificate(_) => {
                let reason = "a certificate cannot be parsed; check that its text is complete";
                Some((reason, None))
            }
            _ => None,
        }
    }
}

#[cfg(not(feature = "rustls"))]
mod rustls {
    use super::{HandshakeFailure, Setting, StdError};

    pub(super) fn handshake_failure(_: &(dyn StdError + 'static)) -> Option<HandshakeFailure> {
        None
    }

    pub(super) fn config_failure(
        _: &(dyn StdError + 'static),
    ) -> Option<(&'static str, Option<Setting>)> {
        None
    }
}

#[cfg(feature = "native-tls")]
mod native_tls {
    use super::{HandshakeFailure, StdError};

    pub(super) fn handshake_failure(cause: &(dyn StdError + 'static)) -> Option<HandshakeFailure> {
        // The same type also stands for a connection lost during the handshake, which is transient.
        // Only the text tells them apart: that of OpenSSL, SChannel or Secure Transport.
        const PERMANENT: [&str; 6] = [
            "certificate",
            "trust",
            "alert",
            "protocol",
            "wrong version number",
            "handshake failure",
        ];
        let text = cause.downcast_ref::<native_tls::Error>()?.to_string();
        let text = text.to_lowercase();
        PERMANENT
            .iter()
            .any(|permanent| text.contains(permanent))
            .then_some(HandshakeFailure {
                reason: "handshake failed",
                hint: None,
            })
    }
}

#[cfg(not(feature = "native-tls"))]
mod native_tls {
    use super::{HandshakeFailure, StdError};

    pub(super) fn handshake_failure(_: &(dyn StdError + 'static)) -> Option<HandshakeFailure> {
        None
    }
}
