//! Response bodies.
//!
//! A body is either some bytes, a repeated chunk, so that a test of body limits can serve gigabytes, or a
//! gzip bomb, without allocating them, or a range of a generated file. The module must not know responses: it
//! implements hyper's body trait and nothing more.

use crate::media_file::MediaFile;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use std::convert::Infallible;
use std::fmt;
use std::io::{self, Write};
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Length of the chunk of a repeated body. Chosen, not tuned.
const CHUNK_BYTES: usize = 64 * 1024;
/// Uncompressed length of the chunk of a gzip bomb. Chosen, not tuned.
const GZIP_CHUNK_BYTES: usize = 1024 * 1024;
/// Gzip member header as in RFC 1952: method deflate, no flags, no modification time, unknown
/// operating system.
const GZIP_HEADER: &[u8] = &[0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];

/// Body made of a prefix, a chunk repeated a number of times, and a suffix.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Body {
    prefix: Bytes,
    chunk: Bytes,
    repetitions: u64,
    file: Option<FileRange>,
    suffix: Bytes,
}

/// A range of a generated file.
#[derive(Clone, PartialEq, Eq)]
struct FileRange {
    file: MediaFile,
    range: Range<u64>,
}

impl Body {
    pub(crate) fn new(bytes: impl Into<Bytes>) -> Self {
        Self {
            prefix: bytes.into(),
            ..Self::default()
        }
    }

    /// Creates a body of `count` times this byte.
    pub(crate) fn repeated(byte: u8, count: u64) -> Self {
        let (repetitions, remainder) = split_into_chunks(count, CHUNK_BYTES);
        Self {
            chunk: vec![byte; CHUNK_BYTES].into(),
            repetitions,
            suffix: vec![byte; remainder].into(),
            ..Self::default()
        }
    }

    /// Creates a body of this range of a file.
    pub(crate) fn file(file: MediaFile, range: Range<u64>) -> Self {
        Self {
            file: Some(FileRange { file, range }),
            ..Self::default()
        }
    }

    /// Creates a gzip file that decompresses to this many spaces. A compressed chunk contains no
    /// back-reference beyond its own start, so the same one can be repeated.
    pub(crate) fn gzip_bomb(uncompressed_bytes: u64) -> Self {
        let (repetitions, remainder) = split_into_chunks(uncompressed_bytes, GZIP_CHUNK_BYTES);
        let chunk = vec![b' '; GZIP_CHUNK_BYTES];
        let remainder = vec![b' '; remainder];

        let (mut crc, mut chunk_crc, mut remainder_crc) = (Crc::new(), Crc::new(), Crc::new());
        chunk_crc.update(&chunk);
        remainder_crc.update(&remainder);
        (0..repetitions).for_each(|_| crc.combine(&chunk_crc));
        crc.combine(&remainder_crc);

        let mut suffix = deflate(&remainder, true);
        suffix.extend(crc.sum().to_le_bytes());
        suffix.extend(crc.amount().to_le_bytes());
        Self {
            prefix: Bytes::from_static(GZIP_HEADER),
            chunk: deflate(&chunk, false).into(),
            repetitions,
            suffix: suffix.into(),
            ..Self::default()
        }
    }

    /// Returns the complete body, or `None` for a repeated one or a file.
    pub(crate) fn as_bytes(&self) -> Option<&[u8]> {
        let is_plain = self.repetitions == 0 && self.file.is_none() && self.suffix.is_empty();
        is_plain.then_some(&self.prefix)
    }

    /// Returns the length in bytes.
    pub(crate) fn len(&self) -> u64 {
        let [prefix, chunk, suffix] = [&self.prefix, &self.chunk, &self.suffix].map(len_u64);
        let repeated = chunk.saturating_mul(self.repetitions);
        let file = self.file.as_ref();
        let file = file.map_or(0, |it| it.range.end.saturating_sub(it.range.start));
        prefix
            .saturating_add(repeated)
            .saturating_add(file)
            .saturating_add(suffix)
    }

    /// Removes and returns the next bytes, or `None` at the end.
    pub(crate) fn take_chunk(&mut self) -> Option<Bytes> {
        if !self.prefix.is_empty() {
            return Some(std::mem::take(&mut self.prefix));
        }
        if let Some(remaining) = self.repetitions.checked_sub(1) {
            self.repetitions = remaining;
            return Some(self.chunk.clone());
        }
        if let Some(FileRange { file, range }) = &mut self.file
            && !range.is_empty()
        {
            let mut bytes = Bytes::from(file.bytes_at(range.start));
            let left = range.end.saturating_sub(range.start);
            bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            range.start = range.start.saturating_add(len_u64(&bytes));
            return Some(bytes).filter(|bytes| !bytes.is_empty());
        }
        Some(std::mem::take(&mut self.suffix)).filter(|suffix| !suffix.is_empty())
    }
}

fn len_u64(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// Divides `count` into chunks; returns their number and the remainder.
fn split_into_chunks(count: u64, chunk_bytes: usize) -> (u64, usize) {
    let chunk_bytes = u64::try_from(chunk_bytes).unwrap_or(u64::MAX);
    (
        count / chunk_bytes,
        usize::try_from(count % chunk_bytes).unwrap_or_default(),
    )
}

/// Compresses `bytes` to a byte boundary, with the end-of-stream marker if they are the last.
fn deflate(bytes: &[u8], is_last: bool) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let mut encode = || -> io::Result<Vec<u8>> {
        encoder.write_all(bytes)?;
        if is_last {
            encoder.try_finish()?;
        } else {
            encoder.flush()?;
        }
        Ok(encoder.get_ref().clone())
    };
    // Writing to a vector does not fail.
    encode().unwrap_or_default()
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_bytes() {
            Some(bytes) => write!(f, "{:?}", String::from_utf8_lossy(bytes)),
            None => write!(f, "{} bytes", self.len()),
        }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.take_chunk().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.len() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn read_to_end(mut body: Body) -> Vec<u8> {
        let length = body.len();
        let bytes: Vec<u8> = std::iter::from_fn(|| body.take_chunk()).flatten().collect();
        assert_eq!(bytes.len() as u64, length);
        assert!(body.is_end_stream());
        bytes
    }

    #[test]
    fn repeated_body_has_the_requested_length() {
        let chunk = CHUNK_BYTES as u64;
        for count in [0, 1, chunk - 1, chunk, 2 * chunk + 5] {
            let bytes = read_to_end(Body::repeated(b'x', count));
            assert_eq!(bytes, vec![b'x'; count as usize]);
        }
        assert_eq!(read_to_end(Body::new("abc")), b"abc");
        assert_eq!(Body::repeated(0, u64::MAX).len(), u64::MAX);
    }

    #[test]
    fn gzip_bomb_is_small_and_decompresses_to_the_requested_length() {
        let chunk = GZIP_CHUNK_BYTES as u64;
        for count in [0, 5, chunk, 3 * chunk + 1] {
            let compressed = read_to_end(Body::gzip_bomb(count));
            assert!(compressed.len() < 10_000, "{}", compressed.len());
            let mut decompressed = Vec::new();
            flate2::read::GzDecoder::new(compressed.as_slice())
                .read_to_end(&mut decompressed)
                .unwrap();
            assert!(decompressed == vec![b' '; count as usize], "{count}");
        }
    }
}
