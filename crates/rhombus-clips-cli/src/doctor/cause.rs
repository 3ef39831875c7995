//! What is at the bottom of an error.

use std::error::Error as StdError;
use std::io;
use std::iter::successors;

use rustls::CertificateError as Flaw;
use rustls::Error as Tls;

/// What kept a request from being answered, as far as the libraries say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Name,
    Refused,
    Unreachable,
    ProxyPassword,
    ProxyRefused,
    UnknownIssuer,
    Expired,
    NotYetValid,
    OtherHost,
    NoTls,
    /// The other side ended the handshake.
    Alert,
    OtherTls,
    Unknown,
}

impl Cause {
    /// The most telling one.
    pub(super) fn of(error: &(dyn StdError + 'static)) -> Self {
        successors(Some(error), |&cause| below(cause))
            .find_map(known)
            .unwrap_or(Self::Unknown)
    }
}

/// The next cause, also one that an I/O error wraps and does not count among its sources.
fn below<'a>(cause: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    let wrapped = cause
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match wrapped {
        Some(wrapped) => Some(wrapped),
        None => cause.source(),
    }
}

fn known(cause: &(dyn StdError + 'static)) -> Option<Cause> {
    if let Some(tls) = cause.downcast_ref::<Tls>() {
        return Some(of_tls(tls));
    }
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        return of_io(error);
    }
    // Types that the HTTP library keeps to itself.
    let text = cause.to_string();
    match text.strip_prefix("tunnel error: ") {
        Some("proxy authorization required") => Some(Cause::ProxyPassword),
        Some("unsuccessful") => Some(Cause::ProxyRefused),
        _ if text == "dns error" => Some(Cause::Name),
        _ => None,
    }
}

fn of_io(error: &io::Error) -> Option<Cause> {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Some(Cause::Refused),
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown => Some(Cause::Unreachable),
        _ => None,
    }
}

fn of_tls(error: &Tls) -> Cause {
    match error {
        Tls::InvalidCertificate(Flaw::UnknownIssuer | Flaw::BadSignature) => Cause::UnknownIssuer,
        Tls::InvalidCertificate(Flaw::Expired | Flaw::ExpiredContext { .. }) => Cause::Expired,
        Tls::InvalidCertificate(Flaw::NotValidYet | Flaw::NotValidYetContext { .. }) => {
            Cause::NotYetValid
        }
        Tls::InvalidCertificate(Flaw::NotValidForName | Flaw::NotValidForNameContext { .. }) => {
            Cause::OtherHost
        }
        Tls::InvalidMessage(_) => Cause::NoTls,
        Tls::AlertReceived(_) => Cause::Alert,
        _ => Cause::OtherTls,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_found_inside_of_what_wraps_it() {
        let tls = Tls::InvalidCertificate(Flaw::UnknownIssuer);
        let wrapped = io::Error::other(io::Error::other(tls));
        assert_eq!(Cause::of(&wrapped), Cause::UnknownIssuer);
        let refused = io::Error::other(io::Error::from(io::ErrorKind::ConnectionRefused));
        assert_eq!(Cause::of(&refused), Cause::Refused);
        assert_eq!(Cause::of(&io::Error::other("dns error")), Cause::Name);
        assert_eq!(
            Cause::of(&io::Error::other(
                "tunnel error: proxy authorization required"
            )),
            Cause::ProxyPassword
        );
        assert_eq!(Cause::of(&io::Error::other("odd")), Cause::Unknown);
    }
}
