//! What the TLS library says went wrong, in words that help.

use std::error::Error as StdError;

use crate::error::causes;

/// What kept the two sides from a secure connection, if that was it.
pub(crate) fn describe_handshake_error(error: &reqwest::Error) -> Option<&'static str> {
    causes(error)
        .find_map(rustls::describe_handshake_error)
        .or_else(|| causes(error).find_map(native_tls::describe_handshake_error))
}

/// What keeps certificates from being used, if that is it.
pub(crate) fn describe_config_error(error: &reqwest::Error) -> Option<&'static str> {
    causes(error).find_map(rustls::describe_config_error)
}

#[cfg(feature = "rustls")]
mod rustls {
    use super::StdError;

    use rustls::{AlertDescription as Alert, CertificateError as Flaw, Error as Tls};

    pub(super) fn describe_handshake_error(
        cause: &(dyn StdError + 'static),
    ) -> Option<&'static str> {
        Some(match cause.downcast_ref::<Tls>()? {
            Tls::InvalidCertificate(flaw) => certificate(flaw),
            Tls::AlertReceived(Alert::ProtocolVersion | Alert::InsufficientSecurity)
            | Tls::PeerIncompatible(_) => {
                "the two sides have no version of TLS in common that is safe"
            }
            Tls::AlertReceived(_) => "it refused: is a client certificate missing or wrong?",
            Tls::InvalidMessage(_) => "it does not speak TLS there: check the port",
            _ => "the TLS handshake failed",
        })
    }

    fn certificate(flaw: &Flaw) -> &'static str {
        match flaw {
            Flaw::Expired | Flaw::ExpiredContext { .. } => {
                "its certificate has expired, or the clock of this machine is wrong"
            }
            Flaw::NotValidYet | Flaw::NotValidYetContext { .. } => {
                "its certificate is not valid yet, or the clock of this machine is wrong"
            }
            Flaw::NotValidForName | Flaw::NotValidForNameContext { .. } => {
                "its certificate is for another host: check the base URL"
            }
            Flaw::UnknownIssuer => {
                "its certificate is of an authority that is not trusted here (a private one is added with ClientBuilder::root_certificate)"
            }
            Flaw::BadSignature => {
                "its certificate is not signed by the authority that is trusted here: does another have the same name?"
            }
            _ => "its certificate is not accepted",
        }
    }

    pub(super) fn describe_config_error(cause: &(dyn StdError + 'static)) -> Option<&'static str> {
        match cause.downcast_ref::<Tls>()? {
            Tls::InconsistentKeys(_) => Some(
                "the client certificate and its private key do not belong together: give the two that do",
            ),
            Tls::InvalidCertificate(_) => Some("a certificate cannot be read: is its text whole?"),
            _ => None,
        }
    }
}

#[cfg(not(feature = "rustls"))]
mod rustls {
    use super::StdError;

    pub(super) fn describe_handshake_error(_: &(dyn StdError + 'static)) -> Option<&'static str> {
        None
    }

    pub(super) fn describe_config_error(_: &(dyn StdError + 'static)) -> Option<&'static str> {
        None
    }
}

#[cfg(feature = "native-tls")]
mod native_tls {
    use super::StdError;

    pub(super) fn describe_handshake_error(
        cause: &(dyn StdError + 'static),
    ) -> Option<&'static str> {
        // It also stands for a connection that broke during the handshake, which may pass, and
        // says which of both in words alone: those of three libraries.
        const LASTING: [&str; 6] = [
            "certificate",
            "trust",
            "alert",
            "protocol",
            "wrong version number",
            "handshake failure",
        ];
        let words = cause.downcast_ref::<native_tls::Error>()?.to_string();
        let words = words.to_lowercase();
        LASTING
            .iter()
            .any(|lasting| words.contains(lasting))
            .then_some("the TLS handshake failed")
    }
}

#[cfg(not(feature = "native-tls"))]
mod native_tls {
    use super::StdError;

    pub(super) fn describe_handshake_error(_: &(dyn StdError + 'static)) -> Option<&'static str> {
        None
    }
}
