//! Length and SHA-256 that the record states of a file, and the comparison of the file with them.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::location::FileKind;
use crate::Clip;
use crate::error::{Error, ErrorKind, Hint, Result};

/// Facts on a file before it is received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) length: Option<u64>,
    pub(crate) sha256: Option<[u8; 32]>,
    /// Whether the record states a SHA-256 that is none.
    pub(crate) is_sha256_invalid: bool,
}

impl Expected {
    /// Reads `byteCount` and `sha256Hex`, which are of the video. A length of zero stands for an unknown one.
    pub(crate) fn of(clip: &Clip, kind: FileKind) -> Self {
        if kind == FileKind::Thumbnail {
            return Self::default();
        }
        let text = clip.sha256_hex();
        let sha256 = text.and_then(parse_sha256);
        Self {
            length: clip.byte_count().filter(|length| *length > 0),
            sha256,
            is_sha256_invalid: text.is_some() && sha256.is_none(),
        }
    }

    /// Compares a length that a response announces.
    pub(crate) fn check_announced_length(&self, length: u64) -> Result<()> {
        match self.length {
            Some(expected) if expected != length => Err(mismatch(format!(
                "the media host has {length} bytes of the file, and the clip's record states {expected}"
            ))),
            _ => Ok(()),
        }
    }

    /// Compares a complete file with the record.
    pub(crate) fn verify(&self, length: u64, sha256: &[u8; 32]) -> Result<Verification> {
        if let Some(expected) = self.length
            && expected != length
        {
            return Err(mismatch(format!(
                "the file has {length} bytes, and the clip's record states {expected}"
            )));
        }
        if let Some(expected) = &self.sha256
            && expected != sha256
        {
            return Err(mismatch(format!(
                "the SHA-256 of the file is {}, and the clip's record states {}",
                hex(sha256),
                hex(expected)
            )));
        }
        Ok(Verification {
            length: match self.length {
                Some(_) => Check::Verified,
                None => Check::NotStated,
            },
            sha256: match (self.sha256, self.is_sha256_invalid) {
                (Some(_), _) => Check::Verified,
                (None, true) => Check::Unusable,
                (None, false) => Check::NotStated,
            },
        })
    }
}

fn mismatch(message: String) -> Error {
    Error::new(ErrorKind::VerificationFailed, message).with_hint(Hint::RetryLater)
}

/// Reads a SHA-256 in hexadecimal, in lower or upper case.
fn parse_sha256(text: &str) -> Option<[u8; 32]> {
    let text = text.trim().as_bytes();
    if text.len() != 64 {
        return None;
    }
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|it| u8::try_from(it).ok())
    };
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

/// Returns bytes in hexadecimal, in lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(digit.into(), 16));
        }
    }
    text
}

/// SHA-256 of a file, computed while its bytes arrive.
#[derive(Clone, Default)]
pub(crate) struct FileHash(Sha256);

impl FileHash {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

impl fmt::Debug for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileHash(..)")
    }
}

/// Comparison of a file with the record of its clip. A difference is an error of kind
/// [`ErrorKind::VerificationFailed`], so that a file that is here is at least as good as this says.
///
/// `Display` is a phrase, such as `SHA-256 verified`.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// # let directory = std::env::temp_dir().join("rhombus-clips-verification");
/// let clip = client.watch(uuid).await?;
/// let file = client.download(&clip).overwrite(true).to_directory(&directory).await?;
/// let verification = file.verification();
/// println!("{verification}"); // SHA-256 verified
/// assert!(verification.is_sha256_verified() && verification.is_length_verified());
/// # std::fs::remove_dir_all(directory)?;
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Verification {
    length: Check,
    sha256: Check,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Check {
    Verified,
    /// The record does not state it.
    NotStated,
    /// The record's value is malformed.
    Unusable,
}

impl Verification {
    /// Whether the SHA-256 of the file is the one that the record states.
    pub fn is_sha256_verified(&self) -> bool {
        self.sha256 == Check::Verified
    }

    /// Whether the length of the file is the one that the record states.
    pub fn is_length_verified(&self) -> bool {
        self.length == Check::Verified
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sha256 = match self.sha256 {
            Check::Verified => return f.write_str("SHA-256 verified"),
            Check::NotStated => "the record has no SHA-256",
            Check::Unusable => "the SHA-256 in the record is invalid",
        };
        match self.length {
            Check::Verified => write!(f, "length verified; {sha256}"),
            _ => write!(f, "not verified; {sha256} and no length"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(length: Option<u64>, sha256: &[u8]) -> Expected {
        Expected {
            length,
            sha256: Some(hash(sha256)),
            is_sha256_invalid: false,
        }
    }

    fn hash(bytes: &[u8]) -> [u8; 32] {
        let mut hash = FileHash::default();
        hash.update(bytes);
        hash.finish()
    }

    #[test]
    fn hexadecimal_round_trip() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&hash(b"abc")), abc);
        assert_eq!(
            parse_sha256(&format!(" {} ", abc.to_uppercase())),
            Some(hash(b"abc"))
        );
        for invalid in [
            "",
            "abc",
            &abc.replace('b', "g"),
            &abc[..62],
            "é".repeat(32).as_str(),
        ] {
            assert_eq!(parse_sha256(invalid), None, "{invalid}");
        }
    }

    #[test]
    fn what_differs_is_an_error_and_what_is_not_stated_is_told() {
        let error = expected(Some(3), b"abc")
            .verify(4, &hash(b"abcd"))
            .unwrap_err();
        assert!(error.to_string().contains("4 bytes"), "{error}");
        let error = expected(None, b"abc").verify(3, &hash(b"abd")).unwrap_err();
        assert!(error.is_verification_failed());
        assert!(error.to_string().contains("ba7816bf"), "{error}");
        assert!(expected(Some(3), b"").check_announced_length(4).is_err());
        assert!(expected(None, b"").check_announced_length(4).is_ok());

        let text = |expected: Expected| expected.verify(3, &hash(b"abc")).unwrap().to_string();
        assert_eq!(text(expected(Some(3), b"abc")), "SHA-256 verified");
        let stated = Expected::default();
        assert_eq!(
            text(stated),
            "not verified; the record has no SHA-256 and no length"
        );
        let is_invalid = Expected {
            length: Some(3),
            is_sha256_invalid: true,
            ..stated
        };
        assert_eq!(
            text(is_invalid),
            "length verified; the SHA-256 in the record is invalid"
        );
    }
}
