//! Text form of an RUUID: 16 bytes in URL-safe base64 without padding.

mod parse_error;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(crate) use parse_error::ParseErrorKind;

/// Length of an RUUID, in bytes.
pub(crate) const BYTES: usize = 16;
const CHARACTERS: usize = 22;

pub(crate) fn decode(text: &str) -> Result<[u8; BYTES], ParseErrorKind> {
    bytes(text).ok_or_else(|| ParseErrorKind::of(text))
}

fn bytes(text: &str) -> Option<[u8; BYTES]> {
    if text.len() != CHARACTERS {
        return None;
    }
    // 22 characters carry 132 bits. The 4 bits beyond 16 bytes must be zero, or two texts would name the
    // same identifier.
    let mut bytes = [0; BYTES];
    match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
        Ok(BYTES) => Some(bytes),
        _ => None,
    }
}

pub(crate) fn encode(bytes: &[u8; BYTES]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
