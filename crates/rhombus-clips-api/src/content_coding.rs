//! Content codings: the compression of a response body.
//!
//! The HTTP library can decompress by itself, but which codings it announces and undoes depends on
//! the features that any crate of the program enables. So the body arrives as it was sent, and is
//! decoded here. Servers compress unasked, label it in their own ways, or not at all.

use std::borrow::Cow;

use reqwest::header::{CONTENT_ENCODING, HeaderMap};

use crate::BodyTooLarge;

/// The codings that a request accepts.
pub(crate) const ACCEPT_ENCODING: &str = match cfg!(feature = "gzip") {
    true => "gzip",
    false => "identity",
};

/// First bytes of a gzip stream (RFC 1952, section 2.3.1). JSON does not begin with them.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// First bytes of a Zstandard frame (RFC 8878, section 3.1.1).
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Maximum number of codings of one body. Chosen, not tuned: more than one is a mistake already.
const MAX_CODINGS: usize = 4;

/// Maximum length of the name of a coding in an error. Chosen, not tuned.
const MAX_NAME_BYTES: usize = 32;

/// The content coding of a response body could not be undone.
///
/// It is in the `source()` chain of the `reqwest::Error` in
/// [`Error::ResponseBodyError`](crate::Error).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentCodingError {
    /// The coding, such as `br`, is not supported, or `gzip` without the feature of that name.
    #[error("the content coding {0} is not supported")]
    Unsupported(String),
    /// The body is no gzip stream, or a damaged one.
    #[error("the body is not valid gzip")]
    Invalid,
    /// The gzip stream ends early.
    #[error("the gzip stream ends early")]
    Truncated,
}

/// Why a body could not be decoded.
#[derive(Debug)]
pub(crate) enum DecodeContentError {
    Coding(ContentCodingError),
    #[cfg_attr(not(feature = "gzip"), allow(dead_code))]
    TooLarge(BodyTooLarge),
}

impl From<ContentCodingError> for DecodeContentError {
    fn from(error: ContentCodingError) -> Self {
        Self::Coding(error)
    }
}

/// Undoes the content codings of a body, up to the limit in bytes.
pub(crate) fn decode<'b>(
    headers: &HeaderMap,
    body: &'b [u8],
    limit: u64,
) -> Result<Cow<'b, [u8]>, DecodeContentError> {
    let mut body = Cow::Borrowed(body);
    for coding in codings(headers, &body)?.iter().rev() {
        match coding {
            Coding::Gzip => body = Cow::Owned(decode_gzip(&body, limit)?),
        }
    }
    Ok(body)
}

/// Returns the beginning of a body in plain text, for display.
///
/// `body` may be the beginning of a longer one. At most `limit` bytes are returned.
///
/// # Errors
///
/// [`ContentCodingError::Unsupported`] if the content coding cannot be undone.
///
/// ```
/// use reqwest::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};
///
/// let mut headers = HeaderMap::new();
/// let excerpt = rhombus_clips_api::content_excerpt(&headers, b"Bad Gateway", 3)?;
/// assert_eq!(excerpt, b"Bad");
///
/// headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
/// let error = rhombus_clips_api::content_excerpt(&headers, b"\x1b\x03", 3).unwrap_err();
/// assert_eq!(error.to_string(), "the content coding br is not supported");
/// # Ok::<(), rhombus_clips_api::ContentCodingError>(())
/// ```
pub fn content_excerpt(
    headers: &HeaderMap,
    body: &[u8],
    limit: usize,
) -> Result<Vec<u8>, ContentCodingError> {
    let mut body = Cow::Borrowed(body);
    for coding in codings(headers, &body)?.iter().rev() {
        match coding {
            Coding::Gzip => body = Cow::Owned(gzip_beginning(&body, limit)),
        }
    }
    let end = body.len().min(limit);
    Ok(body.get(..end).unwrap_or_default().to_vec())
}

/// A supported content coding.
enum Coding {
    Gzip,
}

/// Returns the codings of a body in the order in which they were applied. Without a header, they are
/// recognized by the first bytes.
fn codings(headers: &HeaderMap, body: &[u8]) -> Result<Vec<Coding>, ContentCodingError> {
    let values = headers.get_all(CONTENT_ENCODING).into_iter();
    let names = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let names = names.map(|name| name.trim_ascii().to_ascii_lowercase());
    let mut codings = Vec::new();
    for name in names {
        match name.as_slice() {
            b"" | b"identity" => {}
            b"gzip" | b"x-gzip" if cfg!(feature = "gzip") && codings.len() < MAX_CODINGS => {
                codings.push(Coding::Gzip);
            }
            b"gzip" | b"x-gzip" => return Err(unsupported(b"gzip")),
            name => return Err(unsupported(name)),
        }
    }
    if codings.is_empty() && body.starts_with(&GZIP_MAGIC) {
        if cfg!(not(feature = "gzip")) {
            return Err(unsupported(b"gzip"));
        }
        codings.push(Coding::Gzip);
    }
    if codings.is_empty() && body.starts_with(&ZSTD_MAGIC) {
        return Err(unsupported(b"zstd"));
    }
    Ok(codings)
}

/// Names an unsupported coding in printable characters.
fn unsupported(name: &[u8]) -> ContentCodingError {
    let name = name.iter().take(MAX_NAME_BYTES).map(|byte| match byte {
        b'!'..=b'~' => char::from(*byte),
        _ => '?',
    });
    ContentCodingError::Unsupported(name.collect())
}

/// Decompresses all members of a gzip stream. Bytes after the last one are padding.
#[cfg(feature = "gzip")]
fn decode_gzip(body: &[u8], limit: u64) -> Result<Vec<u8>, DecodeContentError> {
    use std::io::{ErrorKind, Read as _};

    let begins_as_gzip = body
        .iter()
        .zip(GZIP_MAGIC)
        .all(|(byte, expected)| *byte == expected);
    if !begins_as_gzip {
        return Err(ContentCodingError::Invalid.into());
    }
    let mut decoded = Vec::new();
    let mut rest = body;
    loop {
        let mut member = flate2::bufread::GzDecoder::new(rest);
        let length = u64::try_from(decoded.len()).unwrap_or(u64::MAX);
        let left = limit.saturating_sub(length);
        // One more byte shows that there is more.
        let mut bounded = (&mut member).take(left.saturating_add(1));
        let read = bounded.read_to_end(&mut decoded);
        match read.map_err(|error| error.kind()) {
            Ok(read) if u64::try_from(read).is_ok_and(|read| read <= left) => {}
            Ok(_) => return Err(DecodeContentError::TooLarge(BodyTooLarge { limit })),
            Err(ErrorKind::UnexpectedEof) => return Err(ContentCodingError::Truncated.into()),
            Err(_) => return Err(ContentCodingError::Invalid.into()),
        }
        rest = member.into_inner();
        if !rest.starts_with(&GZIP_MAGIC) {
            return Ok(decoded);
        }
    }
}

/// Decompresses the beginning of a gzip stream, as far as it goes.
#[cfg(feature = "gzip")]
fn gzip_beginning(body: &[u8], limit: usize) -> Vec<u8> {
    use std::io::Read as _;

    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let mut decoded = Vec::new();
    // An error means that the rest is missing or damaged.
    let _ = flate2::read::MultiGzDecoder::new(body)
        .take(limit)
        .read_to_end(&mut decoded);
    decoded
}

#[cfg(not(feature = "gzip"))]
fn decode_gzip(_: &[u8], _: u64) -> Result<Vec<u8>, DecodeContentError> {
    Err(unsupported(b"gzip").into())
}

#[cfg(not(feature = "gzip"))]
fn gzip_beginning(_: &[u8], _: usize) -> Vec<u8> {
    Vec::new()
}

#[cfg(test)]
#[cfg(feature = "gzip")]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use reqwest::header::HeaderValue;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn headers(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(CONTENT_ENCODING, HeaderValue::from_static(value));
        }
        headers
    }

    fn decoded(values: &[&'static str], body: &[u8]) -> Result<String, String> {
        match decode(&headers(values), body, 1000) {
            Ok(body) => Ok(String::from_utf8(body.into_owned()).unwrap()),
            Err(DecodeContentError::Coding(error)) => Err(error.to_string()),
            Err(DecodeContentError::TooLarge(error)) => Err(error.to_string()),
        }
    }

    #[test]
    fn gzip_is_read_however_it_is_labeled() {
        let once = gzip(b"{}");
        for values in [
            &["gzip"][..],
            &["GZIP"],
            &["x-gzip"],
            &["identity, gzip"],
            &["", "gzip"],
            &[],
        ] {
            assert_eq!(decoded(values, &once).as_deref(), Ok("{}"), "{values:?}");
        }
        assert_eq!(
            decoded(&["gzip, x-gzip"], &gzip(&once)).as_deref(),
            Ok("{}")
        );
        assert_eq!(
            decoded(&["gzip", "gzip"], &gzip(&once)).as_deref(),
            Ok("{}")
        );
        assert_eq!(decoded(&["identity"], b"{}").as_deref(), Ok("{}"));
    }

    #[test]
    fn members_are_joined_and_padding_is_ignored() {
        let mut body = [gzip(b"{\"a\""), gzip(b""), gzip(b": 1}")].concat();
        assert_eq!(decoded(&["gzip"], &body).as_deref(), Ok("{\"a\": 1}"));
        body.extend([0; 20]);
        assert_eq!(decoded(&["gzip"], &body).as_deref(), Ok("{\"a\": 1}"));
    }

    #[test]
    fn other_codings_are_named() {
        for (values, name) in [
            (&["br"][..], "br"),
            (&["gzip, Br"], "br"),
            (&["deflate"], "deflate"),
            (&["a\tb c"], "a?b?c"),
        ] {
            let error = decoded(values, b"\x1b\x03").unwrap_err();
            assert_eq!(error, format!("the content coding {name} is not supported"));
        }
        assert!(decoded(&[], &ZSTD_MAGIC).unwrap_err().contains("zstd"));
        assert!(decoded(&["gzip, gzip, gzip, gzip, gzip"], b"").is_err());
    }

    #[test]
    fn a_truncated_stream_differs_from_a_damaged_one() {
        let body = gzip(&(0..200).collect::<Vec<u8>>());
        for length in 0..body.len() {
            let error = decoded(&["gzip"], &body[..length]).unwrap_err();
            assert_eq!(error, "the gzip stream ends early", "{length}");
        }
        assert_eq!(
            decoded(&["gzip"], b"{\"clip\": null}").unwrap_err(),
            "the body is not valid gzip"
        );
        let mut damaged = body;
        let last = damaged.len() - 1;
        damaged[last] ^= 1;
        assert_eq!(
            decoded(&["gzip"], &damaged).unwrap_err(),
            "the body is not valid gzip"
        );
    }

    #[test]
    fn the_limit_holds_for_every_layer() {
        assert_eq!(
            decoded(&["gzip"], &gzip(&[b' '; 1000])).unwrap().len(),
            1000
        );
        let too_large = "the response body exceeds the limit of 1000 bytes";
        assert_eq!(
            decoded(&["gzip"], &gzip(&[b' '; 1001])).unwrap_err(),
            too_large
        );
        let members = [gzip(&[b' '; 600]), gzip(&[b' '; 600])].concat();
        assert_eq!(decoded(&["gzip"], &members).unwrap_err(), too_large);
        let layers = gzip(&gzip(&[b' '; 1_000_000]));
        assert_eq!(decoded(&["gzip, gzip"], &layers).unwrap_err(), too_large);
    }

    #[test]
    fn an_excerpt_is_as_much_as_can_be_decoded() {
        let body = gzip(b"Bad Gateway, try again later");
        let excerpt =
            |values: &[&'static str], body: &[u8]| content_excerpt(&headers(values), body, 11).ok();
        assert_eq!(
            excerpt(&["gzip"], &body).as_deref(),
            Some(&b"Bad Gateway"[..])
        );
        assert_eq!(
            excerpt(&["gzip"], &body[..body.len() - 9]).as_deref(),
            Some(&b"Bad Gateway"[..])
        );
        assert_eq!(excerpt(&["br"], &body), None);
        assert_eq!(excerpt(&[], b"Bad").as_deref(), Some(&b"Bad"[..]));
    }
}
