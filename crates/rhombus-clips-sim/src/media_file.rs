//! The bytes of a clip's file: determined by seed, clip and version, at any offset without the rest.
//!
//! A video begins as an MP4 file does, a thumbnail as a JPEG file; what follows is random. The module must not
//! know clips or responses.

use crate::rng::{combine_index, splitmix64};
use sha2::{Digest as _, Sha256};

/// Bytes that are generated at a time. Chosen, not tuned.
const CHUNK_BYTES: u64 = 64 * 1024;

/// Bytes of one number of the generator.
const BLOCK_BYTES: u64 = 8;

/// Kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    Video,
    Thumbnail,
}

/// The file of a clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MediaFile {
    kind: FileKind,
    length: u64,
    /// Start of the generator, different for each clip and version.
    key: u64,
}

impl MediaFile {
    pub(crate) fn new(seed: u64, uuid: &str, version: u64, kind: FileKind, length: u64) -> Self {
        let number = match kind {
            FileKind::Video => 2 * version,
            FileKind::Thumbnail => 2 * version + 1,
        };
        Self {
            kind,
            length,
            key: combine_index(seed, uuid, number),
        }
    }

    pub(crate) fn len(&self) -> u64 {
        self.length
    }

    /// Returns the bytes from an offset on: some, and none only at the end.
    pub(crate) fn bytes_at(&self, offset: u64) -> Vec<u8> {
        let end = self.length.min(offset.saturating_add(CHUNK_BYTES));
        if offset >= end {
            return Vec::new();
        }
        let first_block = offset / BLOCK_BYTES;
        let last_block = (end - 1) / BLOCK_BYTES;
        let blocks = (first_block..=last_block).flat_map(|block| self.block(block));
        let skipped = usize::try_from(offset % BLOCK_BYTES).unwrap_or_default();
        let count = usize::try_from(end - offset).unwrap_or_default();
        let mut bytes: Vec<u8> = blocks.skip(skipped).take(count).collect();
        self.overlay(offset, &mut bytes);
        bytes
    }

    fn block(&self, number: u64) -> [u8; 8] {
        splitmix64(self.key ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15)).to_le_bytes()
    }

    /// Writes the parts of the format over the random bytes.
    fn overlay(&self, offset: u64, bytes: &mut [u8]) {
        let mut put = |position: u64, part: &[u8]| {
            for (index, byte) in (0_u64..).zip(part) {
                let at = (position + index).checked_sub(offset);
                let at = at.and_then(|at| usize::try_from(at).ok());
                if let Some(slot) = at.and_then(|at| bytes.get_mut(at)) {
                    *slot = *byte;
                }
            }
        };
        match self.kind {
            FileKind::Video => {
                let head = mp4_head(self.length);
                put(0, &head);
            }
            FileKind::Thumbnail => {
                put(0, &[0xFF, 0xD8, 0xFF, 0xE0]);
                put(self.length.saturating_sub(2), &[0xFF, 0xD9]);
            }
        }
    }

    /// Computes the SHA-256 of the file.
    pub(crate) fn sha256_hex(&self) -> String {
        let mut hash = Sha256::new();
        let mut offset = 0;
        loop {
            let bytes = self.bytes_at(offset);
            if bytes.is_empty() {
                break;
            }
            offset = offset.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            hash.update(bytes);
        }
        hash.finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// Returns the beginning of an MP4 file of this length: the box `ftyp`, and the head of one box `mdat` for the
/// rest.
fn mp4_head(length: u64) -> Vec<u8> {
    const FTYP: &[u8] = b"\0\0\0\x18ftypisom\0\0\x02\0isommp42";
    let ftyp_len = u64::try_from(FTYP.len()).unwrap_or_default();
    let mut head = FTYP.to_vec();
    // With a size of 64 bits, so that any length fits.
    head.extend(1_u32.to_be_bytes());
    head.extend(b"mdat");
    head.extend(length.saturating_sub(ftyp_len).to_be_bytes());
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(length: u64) -> MediaFile {
        MediaFile::new(7, "uuid", 0, FileKind::Video, length)
    }

    fn read(file: &MediaFile, mut offset: u64) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            let bytes = file.bytes_at(offset);
            if bytes.is_empty() {
                return all;
            }
            offset += bytes.len() as u64;
            all.extend(bytes);
        }
    }

    #[test]
    fn bytes_are_the_same_from_any_offset() {
        let file = file(3 * CHUNK_BYTES + 5);
        let all = read(&file, 0);
        assert_eq!(all.len() as u64, file.len());
        for offset in [
            1,
            7,
            8,
            40,
            CHUNK_BYTES - 1,
            CHUNK_BYTES,
            2 * CHUNK_BYTES + 3,
        ] {
            assert!(read(&file, offset) == all[offset as usize..], "{offset}");
        }
        assert!(file.bytes_at(file.len()).is_empty());
    }

    #[test]
    fn files_differ_by_clip_version_and_kind() {
        let new = |uuid, version, kind| MediaFile::new(7, uuid, version, kind, 100).sha256_hex();
        let all = [
            new("a", 0, FileKind::Video),
            new("b", 0, FileKind::Video),
            new("a", 1, FileKind::Video),
            new("a", 0, FileKind::Thumbnail),
        ];
        let distinct: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(all[0], new("a", 0, FileKind::Video));
    }

    #[test]
    fn formats_are_recognizable_at_any_length() {
        let bytes = read(&file(1000), 0);
        assert_eq!(&bytes[4..12], b"ftypisom");
        assert_eq!(&bytes[28..32], b"mdat");
        assert_eq!(bytes[32..40], 976_u64.to_be_bytes());
        let jpeg = read(&MediaFile::new(7, "a", 0, FileKind::Thumbnail, 50), 0);
        assert_eq!(
            (&jpeg[..3], &jpeg[48..]),
            (&[0xFF, 0xD8, 0xFF][..], &[0xFF, 0xD9][..])
        );
        for length in [0, 1, 23, 40] {
            assert_eq!(read(&file(length), 0).len() as u64, length);
        }
    }

    #[test]
    fn the_hash_is_that_of_the_bytes() {
        let file = file(CHUNK_BYTES + 9);
        let hash = Sha256::digest(read(&file, 0));
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(file.sha256_hex(), hex);
    }
}
