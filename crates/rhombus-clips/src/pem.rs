//! Sections of a PEM text.
//!
//! Locates certificates and keys by their labels, so that errors can name what is missing. It does not
//! decode them.

use std::ops::Range;

/// One section: its kind by the label, and its byte range from `-----BEGIN` to the end of its last
/// line.
pub(crate) struct Section {
    pub(crate) kind: Kind,
    pub(crate) range: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
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
