//! Mapping of a request that got no complete response.
//!
//! The HTTP library reports all of these as one opaque type. Its cause decides the kind: only a
//! connection failure or a timeout is transient, while TLS, decompression and body limit are not. A
//! TLS library's error is one of the causes, and has the reason in one phrase and a hint.

use std::error::Error as StdError;

use rhombus_clips_api::{BodyTooLarge, ContentCodingError, Credentials, RedactedError};

use crate::error::{Error, ErrorKind, Hint, RequestFailure, Setting, causes};

pub(super) fn map_transport_error(
    credentials: &Credentials,
    base_url: &str,
    error: reqwest::Error,
) -> Error {
    // The message has the base URL already.
    let error = error.without_url();
    // What was replaced, because it quotes the API key, is classified like any other. Its text is copied
    // without the key below.
    let redacted = causes(&error).find_map(|cause| cause.downcast_ref::<RedactedError>());
    let error = redacted.map_or(&error, RedactedError::original);
    let mapped = if error.is_builder() {
        Error::configuration(format!("no request can be built for {base_url}"))
    } else if let Some(too_large) =
        causes(error).find_map(|cause| cause.downcast_ref::<BodyTooLarge>())
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
    } else if let Some(coding) =
        causes(error).find_map(|cause| cause.downcast_ref::<ContentCodingError>())
    {
        return coding_error(coding);
    } else if let Some(failure) = handshake_failure(error) {
        let message = format!("TLS connection to {base_url} failed: {}", failure.reason);
        // TLS 1.3 lets a client send its request before the server has accepted its certificate.
        let request_failure = match error.is_connect() {
            true => RequestFailure::NotConnected,
            false => RequestFailure::Lost,
        };
        let error = Error::new(ErrorKind::Tls, message).with_request_failure(request_failure);
        match failure.hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    } else if is_unsupported_host(base_url, error) {
        Error::configuration(format!(
            "{base_url} cannot be reached through a proxy, because its host is an IPv6 address; use a host name, or exempt the address in NO_PROXY"
        ))
        .with_setting(Setting::BaseUrl)
        .with_request_failure(RequestFailure::NotConnected)
    } else if is_proxy_authentication(error) {
        Error::configuration("the proxy requires authentication")
            .with_setting(Setting::Proxy)
            .with_hint(Hint::SetProxyCredentials)
            .with_request_failure(RequestFailure::NotConnected)
    } else if error.is_connect() {
        let message = match error.is_timeout() {
            true => format!("cannot connect to {base_url} in time"),
            false => format!("cannot connect to {base_url}"),
        };
        Error::new(ErrorKind::Connection, message)
            .with_request_failure(RequestFailure::NotConnected)
            .with_hint(Hint::CheckBaseUrl)
            .with_hint(Hint::CheckNetwork)
    } else if error.is_timeout() {
        timed_out(base_url)
    } else {
        match lost_connection(error) {
            failure @ RequestFailure::NotHttp => Error::new(
                ErrorKind::Connection,
                format!("the response from {base_url} is not valid HTTP"),
            )
            .with_request_failure(failure),
            failure => Error::new(
                ErrorKind::Connection,
                format!("connection to {base_url} lost before the response was complete"),
            )
            .with_request_failure(failure),
        }
    };
    mapped.with_foreign_source(credentials, error)
}

/// Returns how a connection failed that was made.
fn lost_connection(error: &reqwest::Error) -> RequestFailure {
    let http2 = causes(error).find_map(|cause| cause.downcast_ref::<h2::Error>());
    let http1 = causes(error).find_map(|cause| cause.downcast_ref::<hyper::Error>());
    match (http2, http1) {
        // The server prefers HTTP/1.1, or requires it for a connection as this one is protected.
        (Some(http2), _)
            if matches!(
                http2.reason(),
                Some(h2::Reason::HTTP_1_1_REQUIRED | h2::Reason::INADEQUATE_SECURITY)
            ) =>
        {
            RequestFailure::Http1Required
        }
        // The body of a response may be damaged, but its head was HTTP.
        _ if !error.is_request() => RequestFailure::Lost,
        (Some(http2), _) if http2.is_library() => RequestFailure::NotHttp,
        (Some(http2), _)
            if http2.is_remote()
                && http2.is_reset()
                && http2.reason() == Some(h2::Reason::REFUSED_STREAM) =>
        {
            RequestFailure::Refused
        }
        (None, Some(http1)) if http1.is_parse() => RequestFailure::NotHttp,
        _ => RequestFailure::Lost,
    }
}

/// Returns whether the host is one that the HTTP library cannot name in a TLS handshake: it passes an
/// IPv6 address on with its brackets when it connects through a proxy. The error has no type of its own.
fn is_unsupported_host(base_url: &str, error: &reqwest::Error) -> bool {
    base_url.starts_with("https://[")
        && error.is_connect()
        && causes(error).any(|cause| cause.to_string() == "Invalid Server Name")
}

/// Returns whether a proxy rejected the connection for want of credentials. The error has no type that is
/// public.
fn is_proxy_authentication(error: &reqwest::Error) -> bool {
    error.is_connect()
        && causes(error)
            .any(|cause| cause.to_string() == "tunnel error: proxy authorization required")
}

/// Maps a body whose content coding cannot be undone. No byte of it is of use to a reader.
fn coding_error(error: &ContentCodingError) -> Error {
    let mapped = match error {
        ContentCodingError::Unsupported(coding) => Error::new(
            ErrorKind::Decode,
            format!("the response is compressed with {coding}, which was not requested"),
        ),
        ContentCodingError::Truncated => Error::new(
            ErrorKind::Connection,
            "the response is truncated, inside of its gzip stream",
        ),
        _ => Error::new(
            ErrorKind::Decode,
            "the response is not the gzip stream that its Content-Encoding declares",
        ),
    };
    let mapped = mapped.with_status(200).with_source(error.clone());
    match error {
        ContentCodingError::Unsupported(coding) if coding == "gzip" => {
            mapped.with_hint(Hint::EnableFeature("gzip"))
        }
        _ => mapped,
    }
}

pub(super) fn timed_out(base_url: &str) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("no response from {base_url} in time"),
    )
    .with_request_failure(RequestFailure::Unanswered)
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

#[cfg(feature = "rustls")]
mod rustls {
    use super::{HandshakeFailure, Hint, StdError};

    use rustls::{AlertDescription as Alert, CertificateError, Error as TlsError};

    pub(super) fn handshake_failure(cause: &(dyn StdError + 'static)) -> Option<HandshakeFailure> {
        let (reason, hint) = match cause.downcast_ref::<TlsError>()? {
            TlsError::InvalidCertificate(error) => certificate_failure(error),
            TlsError::AlertReceived(Alert::ProtocolVersion | Alert::InsufficientSecurity)
            | TlsError::PeerIncompatible(_) => ("no TLS version or cipher suite in common", None),
            TlsError::AlertReceived(Alert::NoApplicationProtocol) => (
                "the server speaks neither HTTP/2 nor HTTP/1.1",
                Some(Hint::CheckBaseUrl),
            ),
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
}

#[cfg(not(feature = "rustls"))]
mod rustls {
    use super::{HandshakeFailure, StdError};

    pub(super) fn handshake_failure(_: &(dyn StdError + 'static)) -> Option<HandshakeFailure> {
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
