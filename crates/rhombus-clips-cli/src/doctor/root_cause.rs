//! Classifies the root cause of a failed request.
//!
//! The library reports connection and TLS errors by kind only; advice needs the specific cause, such as
//! an expired certificate. It is found in the chain of sources by the type of each error.

use std::error::Error as StdError;
use std::io;
use std::iter::successors;

use rustls::CertificateError;
use rustls::Error as TlsError;

/// Root cause of a request without a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RootCause {
    DnsFailure,
    ConnectionRefused,
    HostUnreachable,
    ProxyAuthentication,
    ProxyRejected,
    UnknownIssuer,
    CertificateExpired,
    CertificateNotYetValid,
    CertificateHostMismatch,
    NotTls,
    /// The server aborted the handshake.
    TlsAlert,
    OtherTls,
    Unknown,
}

impl RootCause {
    /// Returns the class of the outermost source that has one.
    pub(super) fn from_error(error: &(dyn StdError + 'static)) -> Self {
        successors(Some(error), |&error| source_of(error))
            .find_map(classify)
            .unwrap_or(Self::Unknown)
    }
}

/// Returns the next error of the chain. An I/O error wraps another one that [`StdError::source`] skips.
fn source_of<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    let wrapped = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match wrapped {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

fn classify(error: &(dyn StdError + 'static)) -> Option<RootCause> {
    if let Some(tls) = error.downcast_ref::<TlsError>() {
        return Some(classify_tls(tls));
    }
    if let Some(io) = error.downcast_ref::<io::Error>() {
        return classify_io(io);
    }
    // The HTTP library's types for these are private, so only their messages identify them.
    let text = error.to_string();
    match text.strip_prefix("tunnel error: ") {
        Some("proxy authorization required") => Some(RootCause::ProxyAuthentication),
        Some("unsuccessful") => Some(RootCause::ProxyRejected),
        _ if text == "dns error" => Some(RootCause::DnsFailure),
        _ => None,
    }
}

fn classify_io(error: &io::Error) -> Option<RootCause> {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Some(RootCause::ConnectionRefused),
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown => Some(RootCause::HostUnreachable),
        _ => None,
    }
}

fn classify_tls(error: &TlsError) -> RootCause {
    match error {
        TlsError::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        ) => RootCause::UnknownIssuer,
        TlsError::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => RootCause::CertificateExpired,
        TlsError::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => RootCause::CertificateNotYetValid,
        TlsError::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => RootCause::CertificateHostMismatch,
        TlsError::InvalidMessage(_) => RootCause::NotTls,
        TlsError::AlertReceived(_) => RootCause::TlsAlert,
        _ => RootCause::OtherTls,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_errors_are_classified() {
        let tls = TlsError::InvalidCertificate(CertificateError::UnknownIssuer);
        let wrapped = io::Error::other(io::Error::other(tls));
        assert_eq!(RootCause::from_error(&wrapped), RootCause::UnknownIssuer);
        let refused = io::Error::other(io::Error::from(io::ErrorKind::ConnectionRefused));
        assert_eq!(
            RootCause::from_error(&refused),
            RootCause::ConnectionRefused
        );
        assert_eq!(
            RootCause::from_error(&io::Error::other("dns error")),
            RootCause::DnsFailure
        );
        assert_eq!(
            RootCause::from_error(&io::Error::other(
                "tunnel error: proxy authorization required"
            )),
            RootCause::ProxyAuthentication
        );
        assert_eq!(
            RootCause::from_error(&io::Error::other("unknown")),
            RootCause::Unknown
        );
    }
}
