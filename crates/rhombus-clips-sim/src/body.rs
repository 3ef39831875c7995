//! The body of an answer: some bytes, or very many that are never in memory together.

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use std::convert::Infallible;
use std::fmt;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

/// How many bytes of a long body are made at a time.
const UNIT: usize = 64 * 1024;
/// How many bytes of a gzip bomb are packed at a time.
const PACKED_UNIT: usize = 1024 * 1024;
/// Deflated, without flags, name and time, packed on an unknown system.
const GZIP_HEAD: &[u8] = &[0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];

/// A start, a unit some times over, and an end.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Body {
    start: Bytes,
    unit: Bytes,
    times: u64,
    end: Bytes,
}

impl Body {
    pub(crate) fn new(bytes: impl Into<Bytes>) -> Self {
        Self {
            start: bytes.into(),
            ..Self::default()
        }
    }

    /// `count` times this byte.
    pub(crate) fn repeated(byte: u8, count: u64) -> Self {
        let (times, rest) = parted(count, UNIT);
        Self {
            unit: vec![byte; UNIT].into(),
            times,
            end: vec![byte; rest].into(),
            ..Self::default()
        }
    }

    /// A gzip file that unpacks to `unpacked` spaces. What unpacks a unit refers to nothing
    /// before it, so one packed unit serves for all.
    pub(crate) fn gzip_bomb(unpacked: u64) -> Self {
        let (times, rest) = parted(unpacked, PACKED_UNIT);
        let unit = vec![b' '; PACKED_UNIT];
        let rest = vec![b' '; rest];

        let (mut sum, mut sum_of_unit, mut sum_of_rest) = (Crc::new(), Crc::new(), Crc::new());
        sum_of_unit.update(&unit);
        sum_of_rest.update(&rest);
        (0..times).for_each(|_| sum.combine(&sum_of_unit));
        sum.combine(&sum_of_rest);

        let mut end = deflated(&rest, true);
        end.extend(sum.sum().to_le_bytes());
        end.extend(sum.amount().to_le_bytes());
        Self {
            start: Bytes::from_static(GZIP_HEAD),
            unit: deflated(&unit, false).into(),
            times,
            end: end.into(),
        }
    }

    /// All of the body, unless it is a long one.
    pub(crate) fn as_bytes(&self) -> Option<&[u8]> {
        (self.times == 0 && self.end.is_empty()).then_some(&self.start)
    }

    /// Its length in bytes.
    pub(crate) fn len(&self) -> u64 {
        let [start, unit, end] = [&self.start, &self.unit, &self.end].map(length);
        let units = unit.saturating_mul(self.times);
        start.saturating_add(units).saturating_add(end)
    }

    /// Takes the next bytes off; none once all are taken.
    fn take(&mut self) -> Option<Bytes> {
        if !self.start.is_empty() {
            return Some(std::mem::take(&mut self.start));
        }
        if let Some(left) = self.times.checked_sub(1) {
            self.times = left;
            return Some(self.unit.clone());
        }
        Some(std::mem::take(&mut self.end)).filter(|end| !end.is_empty())
    }
}

fn length(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// `count` in units of `size`, and the rest.
fn parted(count: u64, size: usize) -> (u64, usize) {
    let unit = u64::try_from(size).unwrap_or(u64::MAX);
    (
        count / unit,
        usize::try_from(count % unit).unwrap_or_default(),
    )
}

/// `bytes` packed, up to a byte's end; with the mark of the end if they are the last.
fn deflated(bytes: &[u8], last: bool) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let mut pack = || -> io::Result<Vec<u8>> {
        encoder.write_all(bytes)?;
        if last {
            encoder.try_finish()?;
        } else {
            encoder.flush()?;
        }
        Ok(encoder.get_ref().clone())
    };
    // A vector takes all that is written.
    pack().unwrap_or_default()
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
        Poll::Ready(self.take().map(|bytes| Ok(Frame::data(bytes))))
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

    fn all(mut body: Body) -> Vec<u8> {
        let length = body.len();
        let bytes: Vec<u8> = std::iter::from_fn(|| body.take()).flatten().collect();
        assert_eq!(bytes.len() as u64, length);
        assert!(body.is_end_stream());
        bytes
    }

    #[test]
    fn is_as_long_as_asked() {
        let unit = UNIT as u64;
        for count in [0, 1, unit - 1, unit, 2 * unit + 5] {
            let bytes = all(Body::repeated(b'x', count));
            assert_eq!(bytes, vec![b'x'; count as usize]);
        }
        assert_eq!(all(Body::new("abc")), b"abc");
        assert_eq!(Body::repeated(0, u64::MAX).len(), u64::MAX);
    }

    #[test]
    fn a_gzip_bomb_is_small_and_unpacks_to_as_many_spaces_as_asked() {
        let unit = PACKED_UNIT as u64;
        for count in [0, 5, unit, 3 * unit + 1] {
            let packed = all(Body::gzip_bomb(count));
            assert!(packed.len() < 10_000, "{}", packed.len());
            let mut unpacked = Vec::new();
            flate2::read::GzDecoder::new(packed.as_slice())
                .read_to_end(&mut unpacked)
                .unwrap();
            assert!(unpacked == vec![b' '; count as usize], "{count}");
        }
    }
}
