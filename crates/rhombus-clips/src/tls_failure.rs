//! Description of a TLS library's errors: the reason in one phrase, and a hint.
//!
//! The HTTP library passes the TLS library's error on as an opaque cause. This module finds it among
//! the causes and maps it; it knows nothing of requests.

use std::error::Error as StdError;

use crate::error::{Hint, Setting, causes};

/// The reason for a failed handshake.
pub(crate) struct HandshakeFailure {
    pub(crate) reason: &'static str,
    pub(crate) hint: Option<Hint>,
}

/// Returns the reason if the handshake is what failed.
pub(crate) fn handshake_failure(error: &reqwest::Error) -> Option<HandshakeFailure> {
    causes(error)
        .find_map(rustls::handshake_failure)
        .or_else(|| causes(error).find_map(native_tls::handshake_failure))
}

/// Returns the reason, and the setting at fault where it is known, if the HTTP client could not be built
/// because of a certificate.
pub(crate) fn config_failure(error: &reqwest::Error) -> Option<(&'static str, Option<Setting>)> {
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
