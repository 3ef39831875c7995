//! PEM text as people have it: with byte order marks, indentation, Windows or escaped line ends, text
//! around the sections, and sections that were joined without a line end between them.
//!
//! Each section is written again, in the one form that every TLS library reads. It is not decoded here,
//! because a decoded key would be one more copy to wipe. Nothing here quotes the text: it may hold a
//! private key.

use secrecy::SecretBox;

/// Characters of a line, for libraries that limit its length; the length of RFC 7468.
const LINE_LENGTH: usize = 64;

/// Length in bytes to which a label is searched for its end. Chosen: longer than any known label.
const MAX_LABEL_BYTES: usize = 64;

const DASHES: &[u8] = b"-----";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Certificate,
    /// A private key in PKCS#8, which every TLS library supports.
    PrivateKey,
    /// A private key in PKCS#1 (RSA) or SEC1 (elliptic curves).
    LegacyPrivateKey,
    EncryptedPrivateKey,
    Other,
}

/// Labels of OpenSSL, OpenSSH and Java, each with the name by which messages call it. Only these are
/// shown, because an unknown label may be anything.
const LABELS: [(&str, &str, Kind); 18] = [
    ("CERTIFICATE", "CERTIFICATE", Kind::Certificate),
    ("X509 CERTIFICATE", "CERTIFICATE", Kind::Certificate),
    ("PRIVATE KEY", "PRIVATE KEY", Kind::PrivateKey),
    ("RSA PRIVATE KEY", "RSA PRIVATE KEY", Kind::LegacyPrivateKey),
    ("EC PRIVATE KEY", "EC PRIVATE KEY", Kind::LegacyPrivateKey),
    (
        "ENCRYPTED PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        Kind::EncryptedPrivateKey,
    ),
    ("DSA PRIVATE KEY", "DSA PRIVATE KEY", Kind::Other),
    ("OPENSSH PRIVATE KEY", "OPENSSH PRIVATE KEY", Kind::Other),
    ("PUBLIC KEY", "PUBLIC KEY", Kind::Other),
    ("RSA PUBLIC KEY", "RSA PUBLIC KEY", Kind::Other),
    ("CERTIFICATE REQUEST", "CERTIFICATE REQUEST", Kind::Other),
    (
        "NEW CERTIFICATE REQUEST",
        "CERTIFICATE REQUEST",
        Kind::Other,
    ),
    ("TRUSTED CERTIFICATE", "TRUSTED CERTIFICATE", Kind::Other),
    ("X509 CRL", "X509 CRL", Kind::Other),
    ("PKCS7", "PKCS7", Kind::Other),
    ("CMS", "CMS", Kind::Other),
    ("EC PARAMETERS", "EC PARAMETERS", Kind::Other),
    ("DH PARAMETERS", "DH PARAMETERS", Kind::Other),
];

/// One complete section.
pub(super) struct Section {
    pub(super) kind: Kind,
    /// Label for messages.
    pub(super) label: &'static str,
    /// The section alone, in lines of 64 characters. Not a slice: shrinking to one would leave an
    /// unwiped copy behind.
    pub(super) text: SecretBox<Vec<u8>>,
}

/// The sections of a text, in order.
#[derive(Default)]
pub(super) struct Sections {
    pub(super) complete: Vec<Section>,
    /// Label of a section whose end is missing.
    pub(super) cut_off: Option<&'static str>,
}

impl Sections {
    pub(super) fn read(text: &[u8]) -> Self {
        let mut sections = Self::default();
        let mut open: Option<Marker<'_>> = None;
        let markers = Markers { text, at: 0 };
        for marker in markers {
            match (open.take(), marker.is_begin) {
                (Some(begin), false) if begin.label == marker.label => {
                    let body = text.get(begin.end..marker.start).unwrap_or_default();
                    sections.complete.push(section(begin.label, body));
                }
                (begin, is_begin) => {
                    if let Some(begin) = begin {
                        sections.cut_off = Some(known(begin.label).0);
                    }
                    open = is_begin.then_some(marker);
                }
            }
        }
        if let Some(begin) = open {
            sections.cut_off = Some(known(begin.label).0);
        }
        sections
    }
}

/// A line `-----BEGIN …-----` or `-----END …-----`.
struct Marker<'a> {
    is_begin: bool,
    label: &'a [u8],
    start: usize,
    end: usize,
}

/// Iterator over the markers of a text, wherever in a line they are.
struct Markers<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Markers<'a> {
    type Item = Marker<'a>;

    fn next(&mut self) -> Option<Marker<'a>> {
        loop {
            let rest = self.text.get(self.at..)?;
            let start = self.at + find(rest, DASHES)?;
            let rest = self.text.get(start + DASHES.len()..)?;
            let begin = rest.strip_prefix(b"BEGIN ").map(|rest| (true, rest));
            let end = || rest.strip_prefix(b"END ").map(|rest| (false, rest));
            let marker = begin.or_else(end).and_then(|(is_begin, rest)| {
                let line = rest.get(..MAX_LABEL_BYTES).unwrap_or(rest);
                let length = find(line, DASHES)?;
                let label = line.get(..length)?.trim_ascii();
                let end = self.text.len() - rest.len() + length + DASHES.len();
                Some(Marker {
                    is_begin,
                    label,
                    start,
                    end,
                })
            });
            self.at = marker.as_ref().map_or(start + 1, |marker| marker.end);
            if marker.is_some() {
                return marker;
            }
        }
    }
}

pub(super) fn find(text: &[u8], pattern: &[u8]) -> Option<usize> {
    text.windows(pattern.len())
        .position(|window| window == pattern)
}

/// Returns the label for messages, and the kind.
fn known(label: &[u8]) -> (&'static str, Kind) {
    let known = LABELS.iter().find(|(text, ..)| text.as_bytes() == label);
    known.map_or(("an unknown label", Kind::Other), |(_, name, kind)| {
        (name, *kind)
    })
}

fn section(label: &[u8], body: &[u8]) -> Section {
    let (label, mut kind) = known(label);
    // The header of a key that OpenSSL encrypted before PKCS#8, `Proc-Type: 4,ENCRYPTED`.
    if kind == Kind::LegacyPrivateKey && find(body, b"ENCRYPTED").is_some() {
        kind = Kind::EncryptedPrivateKey;
    }
    // Allocated for all that may be written: growing would leave an unwiped copy behind.
    let markers = 2 * (label.len() + 2 * DASHES.len() + "BEGIN \n\n".len());
    let mut text = Vec::with_capacity(markers + body.len() + body.len() / LINE_LENGTH);
    text.extend_from_slice(format!("-----BEGIN {label}-----").as_bytes());
    let mut length = 0;
    for line in body.split(|byte| matches!(byte, b'\n' | b'\r')) {
        // Only a header has a colon.
        if line.contains(&b':') {
            continue;
        }
        for byte in base64_characters(line) {
            if length % LINE_LENGTH == 0 {
                text.push(b'\n');
            }
            text.push(byte);
            length += 1;
        }
    }
    text.extend_from_slice(format!("\n-----END {label}-----\n").as_bytes());
    Section {
        kind,
        label,
        text: SecretBox::new(Box::new(text)),
    }
}

/// Returns the characters of a line but those that text processing inserts: whitespace in any encoding,
/// and line ends escaped as `\n` or `\r`, as in JSON and environment variables.
fn base64_characters(line: &[u8]) -> impl Iterator<Item = u8> {
    let mut is_escaped = false;
    line.iter().copied().filter(move |&byte| {
        let is_escape = is_escaped && matches!(byte, b'n' | b'r');
        is_escaped = byte == b'\\';
        !is_escape && !is_escaped && byte.is_ascii_graphic()
    })
}

/// Returns what a file without sections is, and how to convert it, as the end of a sentence.
pub(super) fn describe_other_format(bytes: &[u8]) -> Option<&'static str> {
    if is_utf_16(bytes) {
        return Some("is UTF-16 text; save it as UTF-8");
    }
    if bytes.is_empty() {
        return Some("is empty");
    }
    match sequence(bytes)? {
        [SEQUENCE, ..] => {
            Some("is a binary (DER) certificate; convert it with `openssl x509 -inform der`")
        }
        [INTEGER, 1, 3, ..] => {
            Some("is a PKCS#12 file; convert it with `openssl pkcs12 -nodes -in`")
        }
        [INTEGER, ..] => {
            Some("is a binary (DER) private key; convert it with `openssl pkey -inform der`")
        }
        _ => None,
    }
}

pub(super) const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;

/// Returns the contents of a DER sequence.
pub(super) fn sequence(der: &[u8]) -> Option<&[u8]> {
    match der {
        [SEQUENCE, 0..=0x7f, contents @ ..]
        | [SEQUENCE, 0x81, _, contents @ ..]
        | [SEQUENCE, 0x82, _, _, contents @ ..]
        | [SEQUENCE, 0x83, _, _, _, contents @ ..] => Some(contents),
        _ => None,
    }
}

/// Returns whether a text, or one of several that were joined, is PEM in UTF-16 of either byte order.
pub(super) fn is_utf_16(bytes: &[u8]) -> bool {
    find(bytes, b"-\0B\0E\0G\0I\0N\0").is_some()
        || bytes.starts_with(b"\xff\xfe")
        || bytes.starts_with(b"\xfe\xff")
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn kinds(text: impl AsRef<[u8]>) -> Vec<Kind> {
        let sections = Sections::read(text.as_ref()).complete;
        sections.iter().map(|section| section.kind).collect()
    }

    fn texts(text: impl AsRef<[u8]>) -> Vec<String> {
        let sections = Sections::read(text.as_ref()).complete;
        let texts = sections.iter().map(|section| section.text.expose_secret());
        texts
            .map(|text| String::from_utf8(text.to_vec()).unwrap())
            .collect()
    }

    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAAECAw==\n-----END CERTIFICATE-----\n";
    const KEY: &str = "-----BEGIN PRIVATE KEY-----\nBAUGBw==\n-----END PRIVATE KEY-----\n";

    #[test]
    fn sections_are_read_however_the_text_was_processed() {
        let both = format!("{CERTIFICATE}{KEY}");
        let indented = both.replace("\n", "\n  ");
        let comment = format!("Subject: Se\u{f1}or\nfriendlyName: x\n{both}# end\n");
        for text in [
            both.clone(),
            format!("{}{KEY}", CERTIFICATE.trim_end()),
            format!("\u{feff}{CERTIFICATE}\u{feff}{KEY}"),
            format!("  {indented}"),
            both.replace('\n', "\r\n"),
            both.replace('\n', "\r"),
            both.replace('\n', "\t \n\n"),
            both.replace('\n', "\\n"),
            both.replace('\n', "\\r\\n"),
            both.replace('\n', " "),
            both.replace('\n', ""),
            both.replace('\n', "\n\u{a0}\u{200b}"),
            format!("cert = \"{}\"", both.replace('\n', "\\n")),
            comment,
            both.replace("CERTIFICATE", "X509 CERTIFICATE"),
            format!("-----BEGIN CERTIFICATE-----\nAAEC\n{both}"),
        ] {
            assert_eq!(texts(&text), [CERTIFICATE, KEY], "{text}");
        }
        let latin_1 = [b"Subject: Se\xf1or\n", both.as_bytes()].concat();
        assert_eq!(texts(latin_1), [CERTIFICATE, KEY]);
    }

    #[test]
    fn long_lines_are_wrapped_without_growing() {
        for length in [1, 63, 64, 65, 128, 4096] {
            let body = "A".repeat(length);
            let text = format!("-----BEGIN CERTIFICATE-----{body}-----END CERTIFICATE-----");
            let section = texts(text).remove(0);
            assert!(section.lines().all(|line| line.len() <= 64));
            assert_eq!(section.matches('A').count(), length + 2);
        }
    }

    #[test]
    fn an_encrypted_key_is_recognized_in_both_forms() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,AA\n\n\
                   AAEC\n-----END RSA PRIVATE KEY-----\n";
        assert_eq!(kinds(key), [Kind::EncryptedPrivateKey]);
        assert!(texts(key)[0].contains("KEY-----\nAAEC\n"));
        let key = KEY.replace("PRIVATE", "ENCRYPTED PRIVATE");
        assert_eq!(kinds(key), [Kind::EncryptedPrivateKey]);
    }

    #[test]
    fn a_section_without_its_end_is_named() {
        let cut_off = |text: &str| Sections::read(text.as_bytes()).cut_off;
        let half = &KEY[..KEY.len() / 2];
        assert_eq!(
            cut_off(&format!("{CERTIFICATE}{half}")),
            Some("PRIVATE KEY")
        );
        assert_eq!(
            cut_off(&format!("{half}{CERTIFICATE}")),
            Some("PRIVATE KEY")
        );
        let other_end = KEY.replace("END PRIVATE", "END CANARY");
        assert_eq!(cut_off(&other_end), Some("PRIVATE KEY"));
        assert_eq!(cut_off("-----BEGIN CANARY-----"), Some("an unknown label"));
        assert_eq!(cut_off(CERTIFICATE), None);
        assert_eq!(cut_off("-----END CERTIFICATE-----"), None);
    }

    #[test]
    fn other_formats_are_described() {
        for (bytes, expected) in [
            (&b"\xff\xfe-\0"[..], Some("UTF-16")),
            (b"\xfe\xff\0-", Some("UTF-16")),
            (b"", Some("empty")),
            (b"\x30\x82\x01\x00\x30\x82", Some("DER) certificate")),
            (b"\x30\x82\x09\x00\x02\x01\x03\x30", Some("PKCS#12")),
            (b"\x30\x81\x87\x02\x01\x00\x30", Some("DER) private key")),
            (b"\x30\x2e\x02\x01\x00\x30", Some("DER) private key")),
            (b"0123456789", None),
            (b"ssh-rsa AAAA", None),
        ] {
            let found = describe_other_format(bytes);
            match expected {
                Some(name) => assert!(found.is_some_and(|found| found.contains(name)), "{found:?}"),
                None => assert_eq!(found, None),
            }
        }
        let utf_16 = |to_bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            format!("text\n{KEY}")
                .encode_utf16()
                .flat_map(to_bytes)
                .collect()
        };
        assert!(is_utf_16(&utf_16(u16::to_le_bytes)));
        assert!(is_utf_16(&utf_16(u16::to_be_bytes)));
        let joined = [CERTIFICATE.as_bytes(), &utf_16(u16::to_le_bytes)].concat();
        assert!(is_utf_16(&joined) && !is_utf_16(KEY.as_bytes()));
    }
}
