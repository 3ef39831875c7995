//! What a PEM file holds.

use std::ops::Range;

/// A section of a PEM file: what its label says, and where it stands from `-----BEGIN` to the end
/// of its last line.
pub(crate) struct Section {
    pub(crate) kind: Kind,
    pub(crate) place: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Certificate,
    /// A private key in PKCS#8, which every TLS library reads.
    PrivateKey,
    /// A private key in the older form of RSA or of elliptic curves.
    #[cfg_attr(not(feature = "native-tls"), allow(dead_code))]
    LegacyPrivateKey,
    EncryptedPrivateKey,
    Other,
}

/// The sections of a PEM file, in order; none when it is no PEM file.
pub(crate) fn sections(pem: &[u8]) -> Vec<Section> {
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
            let place = begin..at;
            sections.push(Section { kind, place });
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
        assert!(pem[sections[0].place.clone()].ends_with("-----END CERTIFICATE-----\r\n"));
        assert!(pem[sections[1].place.clone()].starts_with("-----BEGIN EC"));
    }

    #[test]
    fn what_is_cut_or_no_pem_has_no_section() {
        assert!(sections(b"\x30\x82\x01").is_empty());
        assert!(sections(b"-----BEGIN CERTIFICATE-----\nAA==\n").is_empty());
    }
}
