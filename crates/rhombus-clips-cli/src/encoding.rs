//! Encodings of text files and of standard input.

/// Byte order mark of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Number of bytes that are searched for the NULs of another encoding. Chosen, not tuned: settings,
/// keys and certificates begin with ASCII.
const SEARCHED_BYTES: usize = 64;

/// Removes byte order marks at the start.
pub(crate) fn without_byte_order_mark(bytes: &[u8]) -> &[u8] {
    let mut bytes = bytes;
    while let Some(rest) = bytes.strip_prefix(BYTE_ORDER_MARK) {
        bytes = rest;
    }
    bytes
}

/// Returns the text without a byte order mark. The error names the encoding or the line that is not
/// UTF-8, and what to do; it contains none of the text.
pub(crate) fn decode(bytes: &[u8]) -> Result<&str, String> {
    let bytes = without_byte_order_mark(bytes);
    if let Some(error) = encoding_error(bytes) {
        return Err(error.to_owned());
    }
    let line_at = |end: usize| {
        let before = bytes.get(..end).unwrap_or_default();
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    };
    let text = str::from_utf8(bytes).map_err(|error| {
        let line = line_at(error.valid_up_to());
        format!("line {line} is not UTF-8; save it as UTF-8")
    })?;
    // Such as lines in UTF-16 that were appended.
    match text.find('\0') {
        Some(end) => Err(format!(
            "line {} contains NUL characters; save it as UTF-8",
            line_at(end)
        )),
        None => Ok(text),
    }
}

/// Returns an error for text in UTF-16 or UTF-32, by its byte order mark or by the NULs of its ASCII
/// characters.
pub(crate) fn encoding_error(bytes: &[u8]) -> Option<&'static str> {
    const UTF_16: &str = "it is encoded in UTF-16; save it as UTF-8";
    const UTF_32: &str = "it is encoded in UTF-32; save it as UTF-8";
    let start = bytes.get(..SEARCHED_BYTES).unwrap_or(bytes);
    // Three of four, because some characters may be beyond Latin.
    let are_nul = |skip: usize, step: usize| {
        let places = start.iter().skip(skip).step_by(step);
        let nuls = places.clone().filter(|byte| **byte == 0).count();
        nuls > 0 && 4 * nuls >= 3 * places.count()
    };
    let has_nul = start.contains(&0);
    match start {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some(UTF_32),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some(UTF_16),
        _ if !has_nul || start.iter().all(|byte| *byte == 0) => None,
        _ if are_nul(1, 4) && are_nul(2, 4) => Some(UTF_32),
        _ if are_nul(0, 2) || are_nul(1, 2) => Some(UTF_16),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_removed() {
        assert_eq!(decode("\u{feff}[a]\n".as_bytes()), Ok("[a]\n"));
        assert_eq!(decode("\u{feff}\u{feff}a".as_bytes()), Ok("a"));
        assert_eq!(decode(b""), Ok(""));
    }

    #[test]
    fn other_encodings_are_named() {
        let text = "[default]\napi_key = k\n";
        let marked = format!("\u{feff}{text}");
        let utf_16 = |text: &str, to_bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(to_bytes).collect()
        };
        let utf_32 = |text: &str, to_bytes: fn(u32) -> [u8; 4]| -> Vec<u8> {
            text.chars().map(u32::from).flat_map(to_bytes).collect()
        };
        for text in [text, &marked] {
            for bytes in [
                utf_16(text, u16::to_le_bytes),
                utf_16(text, u16::to_be_bytes),
            ] {
                assert!(decode(&bytes).unwrap_err().contains("UTF-16"));
            }
            for bytes in [
                utf_32(text, u32::to_le_bytes),
                utf_32(text, u32::to_be_bytes),
            ] {
                assert!(decode(&bytes).unwrap_err().contains("UTF-32"), "{bytes:?}");
            }
        }
    }

    #[test]
    fn the_line_that_is_not_utf_8_is_named() {
        let error = decode(b"a\nb\n# Se\xf1or\n").unwrap_err();
        assert_eq!(error, "line 3 is not UTF-8; save it as UTF-8");
        assert_eq!(decode("# Se\u{f1}or".as_bytes()), Ok("# Se\u{f1}or"));
        let error = decode(b"a\nb\0\n\0").unwrap_err();
        assert_eq!(error, "line 2 contains NUL characters; save it as UTF-8");
        let japanese = "# \u{8a2d}\u{5b9a}\n[default]\napi_key = 0123456789\n";
        let utf_16: Vec<u8> = japanese.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(decode(&utf_16).unwrap_err().contains("UTF-16"));
    }
}
