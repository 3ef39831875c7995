//! Certificates as they are given, and as the TLS library takes them.

use crate::error::{Error, Result};
use crate::pem::{self, Kind};

/// The certificates of a PEM text.
pub(crate) fn root_certificates(pem: &[u8]) -> Result<Vec<reqwest::Certificate>> {
    let sections = pem::sections(pem);
    if !sections
        .iter()
        .any(|section| section.kind == Kind::Certificate)
    {
        return Err(Error::configuration(
            "the root certificate is no PEM certificate: give a text with `-----BEGIN CERTIFICATE-----` (`openssl x509 -inform der` makes it of a binary one)",
        ));
    }
    sections
        .into_iter()
        .filter(|section| section.kind == Kind::Certificate)
        .map(|section| {
            let pem = pem.get(section.place).unwrap_or_default();
            reqwest::Certificate::from_pem(pem).map_err(|error| {
                Error::configuration("a root certificate cannot be read: is its text whole?")
                    .with_source(error)
            })
        })
        .collect()
}

/// The client certificate with its private key, for the TLS library that is used.
pub(crate) fn identity(pem: &[u8]) -> Result<reqwest::Identity> {
    let refuse = |why: &str| {
        Err(Error::configuration(format!(
            "the client certificate {why}"
        )))
    };
    let sections = pem::sections(pem);
    if sections.is_empty() {
        return refuse(
            "is no PEM file: give the text with `-----BEGIN CERTIFICATE-----` and `-----BEGIN PRIVATE KEY-----`",
        );
    }
    let of_kind = |kinds: &[Kind]| {
        let is_one = |section: &&pem::Section| kinds.contains(&section.kind);
        let wanted = sections.iter().filter(is_one);
        let places = wanted.map(|section| section.place.clone());
        places.collect::<Vec<_>>()
    };
    let certificates = of_kind(&[Kind::Certificate]);
    let keys = of_kind(&[Kind::PrivateKey, Kind::LegacyPrivateKey]);
    if certificates.is_empty() {
        return refuse("has no certificate in it: add the one that belongs to the private key");
    }
    let key = match keys.as_slice() {
        [key] => key.clone(),
        [] if !of_kind(&[Kind::EncryptedPrivateKey]).is_empty() => {
            return refuse("has an encrypted private key: decrypt it first (`openssl pkcs8`)");
        }
        [] => {
            return refuse("has no private key in it: add the PEM section of its PKCS#8 key");
        }
        _ => return refuse("has several private keys in it: leave its own"),
    };
    #[cfg(feature = "native-tls")]
    if !of_kind(&[Kind::LegacyPrivateKey]).is_empty() {
        return refuse(
            "has a private key that is not PKCS#8: convert it (`openssl pkcs8 -topk8 -nocrypt`)",
        );
    }
    let certificates: Vec<u8> = certificates
        .into_iter()
        .flat_map(|place| pem.get(place).unwrap_or_default().iter().copied())
        .collect();
    let key = pem.get(key).unwrap_or_default();
    read_identity(&certificates, key).map_err(|error| {
        Error::configuration(
            "the client certificate or its private key cannot be read: is the text whole?",
        )
        .with_source(error)
    })
}

#[cfg(feature = "native-tls")]
fn read_identity(certificates: &[u8], key: &[u8]) -> reqwest::Result<reqwest::Identity> {
    reqwest::Identity::from_pkcs8_pem(certificates, key)
}

#[cfg(not(feature = "native-tls"))]
fn read_identity(certificates: &[u8], key: &[u8]) -> reqwest::Result<reqwest::Identity> {
    use secrecy::{ExposeSecret as _, SecretSlice};

    // Of exactly this size, so that wiping it leaves nothing.
    let mut pem = Vec::with_capacity(certificates.len() + key.len() + 1);
    pem.extend_from_slice(certificates);
    pem.push(b'\n');
    pem.extend_from_slice(key);
    let pem = SecretSlice::from(pem);
    reqwest::Identity::from_pem(pem.expose_secret())
}
