//! Conversion of PEM text to the TLS library's certificates and identities.
//!
//! The libraries below reject most invalid input with one generic error, so the sections are located
//! by their labels first and each mistake is named, without quoting the text: it may hold a private
//! key. The sections are not decoded here, because a decoded key would be one more copy to wipe.

use std::error::Error as StdError;
use std::ops::Range;

use crate::error::{Error, Result, Setting};

/// Returns the sections of the certificates in a PEM text of root certificates.
pub(super) fn root_certificates(pem: &[u8]) -> Result<Vec<&[u8]>> {
    let sections = sections(pem);
    let certificates = ranges_of(&sections, &[Kind::Certificate]);
    if certificates.is_empty() {
        return Err(Error::configuration(
            "the root certificate is not a PEM certificate; convert a DER file with `openssl x509 -inform der`",
        )
        .with_setting(Setting::RootCertificate));
    }
    Ok(slices(pem, certificates))
}

pub(super) fn unreadable_root_certificate(source: impl StdError + 'static) -> Error {
    Error::configuration("a root certificate cannot be parsed; check that its text is complete")
        .with_setting(Setting::RootCertificate)
        .with_local_source(&source)
}

pub(super) fn unreadable_client_certificate(source: impl StdError + 'static) -> Error {
    Error::configuration(
        "the client certificate or its private key cannot be parsed; check that the text is complete",
    )
    .with_setting(Setting::ClientCertificate)
    .with_local_source(&source)
}

/// The sections of a client certificate.
pub(super) struct ClientCertificate<'a> {
    /// The certificate, then its intermediate certificates.
    pub(super) certificates: Vec<&'a [u8]>,
    pub(super) key: &'a [u8],
}

impl<'a> ClientCertificate<'a> {
    /// Locates the sections of a PEM text.
    pub(super) fn parse(pem: &'a [u8]) -> Result<Self> {
        let reject = |reason: &str| {
            let message = format!("the client certificate {reason}");
            Err(Error::configuration(message).with_setting(Setting::ClientCertificate))
        };
        let sections = sections(pem);
        if sections.is_empty() {
            return reject(
                "is not PEM; set the text with `-----BEGIN CERTIFICATE-----` and `-----BEGIN PRIVATE KEY-----`",
            );
        }
        let certificates = ranges_of(&sections, &[Kind::Certificate]);
        let keys = ranges_of(&sections, &[Kind::PrivateKey, Kind::LegacyPrivateKey]);
        if certificates.is_empty() {
            return reject("contains no certificate; add the one that matches the private key");
        }
        let key = match keys.as_slice() {
            [key] => key.clone(),
            [] if !ranges_of(&sections, &[Kind::EncryptedPrivateKey]).is_empty() => {
                return reject(
                    "contains an encrypted private key; decrypt it first with `openssl pkcs8`",
                );
            }
            [] => {
                return reject("contains no private key; add the PEM section of its PKCS#8 key");
            }
            _ => return reject("contains several private keys; keep the one that matches"),
        };
        #[cfg(feature = "native-tls")]
        if !ranges_of(&sections, &[Kind::LegacyPrivateKey]).is_empty() {
            return reject(
                "contains a private key that is not PKCS#8; convert it with `openssl pkcs8 -topk8 -nocrypt`",
            );
        }
        Ok(Self {
            certificates: slices(pem, certificates),
            key: pem.get(key).unwrap_or_default(),
        })
    }

    /// Returns the certificates as one PEM text.
    pub(super) fn chain(&self) -> Vec<u8> {
        self.certificates.concat()
    }

    /// Returns the identity for an HTTP client that starts from a caller's builder.
    pub(super) fn identity(&self) -> Result<reqwest::Identity> {
        self.read_identity().map_err(unreadable_client_certificate)
    }

    #[cfg(feature = "native-tls")]
    fn read_identity(&self) -> reqwest::Result<reqwest::Identity> {
        reqwest::Identity::from_pkcs8_pem(&self.chain(), self.key)
    }

    #[cfg(not(feature = "native-tls"))]
    fn read_identity(&self) -> reqwest::Result<reqwest::Identity> {
        use secrecy::{ExposeSecret as _, SecretSlice};

        let certificates = self.chain();
        // Allocated at its exact size: growing would leave an unwiped copy behind.
        let mut pem = Vec::with_capacity(certificates.len() + self.key.len() + 1);
        pem.extend_from_slice(&certificates);
        pem.push(b'\n');
        pem.extend_from_slice(self.key);
        let pem = SecretSlice::from(pem);
        reqwest::Identity::from_pem(pem.expose_secret())
    }
}

fn ranges_of(sections: &[Section], kinds: &[Kind]) -> Vec<Range<usize>> {
    let wanted = sections
        .iter()
        .filter(|section| kinds.contains(&section.kind));
    wanted.map(|section| section.range.clone()).collect()
}

fn slices(pem: &[u8], ranges: Vec<Range<usize>>) -> Vec<&[u8]> {
    let slices = ranges.into_iter();
    slices
        .map(|range| pem.get(range).unwrap_or_default())
        .collect()
}

/// One section: its kind by the label, and its byte range from `-----BEGIN` to the end of its last
/// line.
struct Section {
    kind: Kind,
    range: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Certificate,
    /// A private key in PKCS#8, which every TLS library supports.
    PrivateKey,
    /// A private key in PKCS#1 (RSA) or SEC1 (elliptic curves).
    #[cfg_attr(not(feature = "native-tls"), allow(dead_code))]
    LegacyPrivateKey,
    EncryptedPrivateKey,
    Other,
}

/// Returns the sections of a PEM text in order; none when it is not PEM.
fn sections(pem: &[u8]) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut start = None;
    let mut at = 0;
    for line in pem.split_inclusive(|byte| *byte == b'\n') {
        let begin = at;
        at += line.len();
        if let Some(label) = line.strip_prefix(b"-----BEGIN ") {
            start = Some((kind(label), begin));
        } else if line.starts_with(b"-----END ")
            && let Some((kind, begin)) = start.take()
        {
            let range = begin..at;
            sections.push(Section { kind, range });
        }
    }
    sections
}

fn kind(label: &[u8]) -> Kind {
    let is = |name: &str| label.starts_with(name.as_bytes());
    if is("CERTIFICATE-----") {
        Kind::Certificate
    } else if is("PRIVATE KEY-----") {
        Kind::PrivateKey
    } else if is("RSA PRIVATE KEY-----") || is("EC PRIVATE KEY-----") {
        Kind::LegacyPrivateKey
    } else if is("ENCRYPTED PRIVATE KEY-----") {
        Kind::EncryptedPrivateKey
    } else {
        Kind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_found_by_their_labels() {
        let pem = "Subject: me\n-----BEGIN CERTIFICATE-----\r\nAA==\r\n-----END CERTIFICATE-----\r\n\
                   -----BEGIN EC PRIVATE KEY-----\nAA==\n-----END EC PRIVATE KEY-----";
        let sections = sections(pem.as_bytes());
        let kinds: Vec<Kind> = sections.iter().map(|section| section.kind).collect();
        assert_eq!(kinds, [Kind::Certificate, Kind::LegacyPrivateKey]);
        assert!(pem[sections[0].range.clone()].ends_with("-----END CERTIFICATE-----\r\n"));
        assert!(pem[sections[1].range.clone()].starts_with("-----BEGIN EC"));
    }

    #[test]
    fn truncated_or_binary_input_has_no_sections() {
        assert!(sections(b"\x30\x82\x01").is_empty());
        assert!(sections(b"-----BEGIN CERTIFICATE-----\nAA==\n").is_empty());
    }
}
