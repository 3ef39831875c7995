//! Conversion of PEM text to the TLS library's certificates and identities.
//!
//! The libraries below reject most invalid input with one generic error, so each mistake is named here.

use std::error::Error as StdError;

use secrecy::{ExposeSecret as _, SecretBox};

use super::pem::{self, Kind, Section, Sections};
use crate::error::{Error, Result, Setting};

/// Returns the certificates in a PEM text of root certificates, each as a PEM text.
pub(super) fn root_certificates(pem: &[u8]) -> Result<Vec<SecretBox<Vec<u8>>>> {
    let sections = Sections::read(pem);
    let reject = |reason: &str| {
        let message = format!("the root certificate {reason}");
        Err(Error::configuration(message).with_setting(Setting::RootCertificate))
    };
    if let Some(reason) = flaw(pem, &sections) {
        return reject(&reason);
    }
    if sections.complete.is_empty() {
        return reject(
            "is not a PEM certificate; convert a DER file with `openssl x509 -inform der`",
        );
    }
    let found = found(&sections.complete);
    let certificates = of_kind(sections.complete, Kind::Certificate);
    if certificates.is_empty() {
        return reject(&format!(
            "text contains no CERTIFICATE, only {found}; set the certificate of the authority"
        ));
    }
    Ok(certificates)
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
pub(super) struct ClientCertificate {
    /// The certificate, then its intermediate certificates.
    pub(super) certificates: Vec<SecretBox<Vec<u8>>>,
    pub(super) key: SecretBox<Vec<u8>>,
}

impl ClientCertificate {
    /// Reads the sections of a PEM text.
    pub(super) fn parse(pem: &[u8]) -> Result<Self> {
        let reject = |reason: &str| {
            let message = format!("the client certificate {reason}");
            Err(Error::configuration(message).with_setting(Setting::ClientCertificate))
        };
        let sections = Sections::read(pem);
        if let Some(reason) = flaw(pem, &sections) {
            return reject(&reason);
        }
        let sections = without_repetitions(sections.complete);
        if sections.is_empty() {
            return reject(
                "is not PEM; set the text with `-----BEGIN CERTIFICATE-----` and `-----BEGIN PRIVATE KEY-----`",
            );
        }
        let count = |kind: Kind| {
            sections
                .iter()
                .filter(|section| section.kind == kind)
                .count()
        };
        let found = found(&sections);
        if count(Kind::Certificate) == 0 {
            return reject(&format!(
                "text contains no CERTIFICATE, only {found}; add the one that matches the private key"
            ));
        }
        match count(Kind::PrivateKey) + count(Kind::LegacyPrivateKey) {
            1 => {}
            0 if count(Kind::EncryptedPrivateKey) > 0 => {
                return reject(
                    "contains an encrypted private key; decrypt it first with `openssl pkey`",
                );
            }
            0 => {
                return reject(&format!(
                    "text contains no PRIVATE KEY, only {found}; add the PEM section of its PKCS#8 key"
                ));
            }
            _ => return reject("contains several private keys; keep the one that matches"),
        }
        #[cfg(feature = "native-tls")]
        if count(Kind::LegacyPrivateKey) > 0 {
            return reject(
                "contains a private key that is not PKCS#8; convert it with `openssl pkcs8 -topk8 -nocrypt`",
            );
        }
        let mut certificates = Vec::new();
        let mut key = SecretBox::default();
        for section in sections {
            match section.kind {
                Kind::Certificate => certificates.push(section.text),
                Kind::PrivateKey | Kind::LegacyPrivateKey => key = section.text,
                Kind::EncryptedPrivateKey | Kind::Other => {}
            }
        }
        Ok(Self { certificates, key })
    }

    /// Returns the certificates as one PEM text.
    pub(super) fn chain(&self) -> Vec<u8> {
        let certificates = self.certificates.iter();
        certificates
            .flat_map(|certificate| certificate.expose_secret().iter().copied())
            .collect()
    }

    /// Returns the identity for an HTTP client that starts from a caller's builder.
    pub(super) fn identity(&self) -> Result<reqwest::Identity> {
        #[cfg(not(feature = "native-tls"))]
        self.reject_version_1()?;
        self.read_identity().map_err(unreadable_client_certificate)
    }

    /// Rejects a certificate that rustls only presents from a configuration that is made for it.
    #[cfg(not(feature = "native-tls"))]
    fn reject_version_1(&self) -> Result<()> {
        use rustls::pki_types::CertificateDer;
        use rustls::pki_types::pem::PemObject as _;

        let certificate = self.certificates.first().map(SecretBox::expose_secret);
        let certificate = certificate.map(|pem| CertificateDer::from_pem_slice(pem));
        match certificate {
            Some(Ok(certificate)) if is_version_1(&certificate) => Err(Error::configuration(
                "the client certificate is X.509 version 1, which does not work with an HTTP client builder; \
                 leave that out, or reissue the certificate as version 3 with `openssl x509 -req -extfile`",
            )
            .with_setting(Setting::ClientCertificate)),
            _ => Ok(()),
        }
    }

    #[cfg(feature = "native-tls")]
    fn read_identity(&self) -> reqwest::Result<reqwest::Identity> {
        reqwest::Identity::from_pkcs8_pem(&self.chain(), self.key.expose_secret())
    }

    #[cfg(not(feature = "native-tls"))]
    fn read_identity(&self) -> reqwest::Result<reqwest::Identity> {
        let (certificates, key) = (self.chain(), self.key.expose_secret());
        let pem = SecretBox::<Vec<u8>>::init_with_mut(|pem| {
            // Allocated at its exact size: growing would leave an unwiped copy behind.
            pem.reserve_exact(certificates.len() + key.len());
            pem.extend_from_slice(&certificates);
            pem.extend_from_slice(key);
        });
        reqwest::Identity::from_pem(pem.expose_secret())
    }
}

/// Returns whether a certificate is X.509 version 1, which has no version number: its contents begin
/// with the serial number.
#[cfg(not(feature = "native-tls"))]
pub(super) fn is_version_1(der: &[u8]) -> bool {
    let signed = pem::sequence(der).and_then(pem::sequence);
    signed.is_some_and(|signed| signed.starts_with(&[pem::INTEGER]))
}

/// Returns what is wrong with the text as a whole, as the end of a sentence.
fn flaw(pem: &[u8], sections: &Sections) -> Option<String> {
    // Text in UTF-16 may have been joined with other text.
    if pem::is_utf_16(pem) || sections.complete.is_empty() && sections.cut_off.is_none() {
        return pem::describe_other_format(pem).map(str::to_owned);
    }
    let label = sections.cut_off?;
    Some(format!(
        "text is cut off: {label} has no END line; copy it again"
    ))
}

/// Removes repeated sections, as of a key in a file of its own and beside the certificate.
fn without_repetitions(sections: Vec<Section>) -> Vec<Section> {
    let mut unique: Vec<Section> = Vec::new();
    for section in sections {
        let text = section.text.expose_secret();
        if unique
            .iter()
            .all(|other| other.text.expose_secret() != text)
        {
            unique.push(section);
        }
    }
    unique
}

fn of_kind(sections: Vec<Section>, kind: Kind) -> Vec<SecretBox<Vec<u8>>> {
    let sections = sections.into_iter();
    sections
        .filter(|section| section.kind == kind)
        .map(|section| section.text)
        .collect()
}

/// Lists the labels of the sections, each once.
fn found(sections: &[Section]) -> String {
    let mut labels: Vec<&str> = Vec::new();
    for section in sections {
        if !labels.contains(&section.label) {
            labels.push(section.label);
        }
    }
    labels.join(", ")
}
