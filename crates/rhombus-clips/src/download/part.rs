//! The unfinished file on disk: `NAME.part`, and beside it `NAME.part.json` with the version that its bytes are
//! of.
//!
//! All of it blocks, and runs on the runtime's threads for blocking work.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use fs4::{FileExt, TryLockError};
use serde::{Deserialize, Serialize};

use super::response::Version;
use super::verification::{Expected, FileHash, hex};
use crate::ClipUuid;
use crate::durable::{parent, sync_parent};

/// Version of the text beside a part.
const NOTE_VERSION: u64 = 1;

/// Bytes that are read at a time to compute a hash. Chosen, not tuned.
const READ_BYTES: usize = 256 * 1024;

/// Largest text beside a part that is read, in bytes. Chosen, not tuned: many times that of a valid one.
const MAX_NOTE_BYTES: u64 = 64 * 1024;

/// What the bytes of a part are of, as it is stored beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Note {
    version: u64,
    clip_uuid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    length: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    /// What the clip's record stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

impl Note {
    fn new(uuid: ClipUuid, version: &Version, expected: &Expected) -> Self {
        Self {
            version: NOTE_VERSION,
            clip_uuid: uuid.to_string(),
            length: version.total,
            etag: version.etag.clone(),
            sha256: expected.sha256.map(|hash| hex(&hash)),
        }
    }

    /// Returns the version that the part is of, if it can belong to this file.
    fn version_of(self, uuid: ClipUuid, expected: &Expected) -> Option<Version> {
        let is_same = self.version == NOTE_VERSION
            && self.clip_uuid == uuid.to_string()
            && self.sha256 == expected.sha256.map(|hash| hex(&hash))
            && (expected.length.is_none() || self.length == expected.length);
        is_same.then_some(Version {
            total: self.length,
            etag: self.etag,
        })
    }
}

/// An unfinished file that this process alone writes to.
#[derive(Debug)]
pub(super) struct Part {
    uuid: ClipUuid,
    target: PathBuf,
    file: File,
    length: u64,
    hash: FileHash,
}

/// Why a part cannot be opened.
#[derive(Debug)]
pub(super) enum OpenError {
    /// Another process, or another download of this one, writes to it.
    Locked,
    Io(io::Error),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Part {
    /// Opens the part beside a target. If its bytes can be continued, their hash is computed, and the version
    /// that they are of is returned.
    pub(super) fn open(
        target: &Path,
        uuid: ClipUuid,
        expected: &Expected,
    ) -> Result<(Self, Option<Version>), OpenError> {
        let path = part_path(target);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        // Named, because newer standard libraries have a method of the same name.
        match FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::Locked),
            // Some network file systems have no locks.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let mut part = Self {
            uuid,
            target: target.to_owned(),
            file,
            length: 0,
            hash: FileHash::default(),
        };
        let version = part
            .read_note()
            .and_then(|note| note.version_of(uuid, expected));
        let length = part.file.metadata()?.len();
        let fits =
            |version: &Version| length > 0 && version.total.is_none_or(|total| length <= total);
        let version = version.filter(fits);
        match version {
            None => part.clear()?,
            Some(_) => {
                part.file.seek(SeekFrom::Start(0))?;
                part.length = hash_file(&mut part.file, &mut part.hash)?;
            }
        }
        Ok((part, version))
    }

    pub(super) fn len(&self) -> u64 {
        self.length
    }

    /// Removes all bytes.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.length = 0;
        self.hash = FileHash::default();
        Ok(())
    }

    /// Starts over with the bytes of this version. The version is on disk before any byte of it.
    pub(super) fn begin(&mut self, version: &Version, expected: &Expected) -> io::Result<()> {
        self.clear()?;
        let note = serde_json::to_vec(&Note::new(self.uuid, version, expected))?;
        let mut file = File::create(note_path(&self.target))?;
        file.write_all(&note)?;
        file.sync_all()
    }

    pub(super) fn write(&mut self, chunks: &[Bytes]) -> io::Result<()> {
        for chunk in chunks {
            self.file.write_all(chunk)?;
            self.hash.update(chunk);
            self.length = self
                .length
                .saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        }
        Ok(())
    }

    pub(super) fn sha256(&self) -> [u8; 32] {
        self.hash.clone().finish()
    }

    /// Gives the complete file its name. It is on disk before it has it.
    pub(super) fn finish(self, overwrite: bool) -> io::Result<()> {
        self.file.sync_all()?;
        if !overwrite && self.target.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(part_path(&self.target), &self.target)?;
        // The file is complete whether this succeeds or not.
        let _ = fs::remove_file(note_path(&self.target));
        let _ = sync_parent(&self.target);
        Ok(())
    }

    /// Removes the part and what is beside it.
    pub(super) fn discard(self) {
        // Nothing depends on it: what is left is not continued.
        let _ = fs::remove_file(note_path(&self.target));
        let _ = fs::remove_file(part_path(&self.target));
    }

    fn read_note(&self) -> Option<Note> {
        let mut text = Vec::new();
        let file = File::open(note_path(&self.target)).ok()?;
        file.take(MAX_NOTE_BYTES).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

/// Removes what an earlier download has left beside a complete file, unless another one writes to it.
pub(super) fn remove_leftovers(target: &Path) {
    let path = part_path(target);
    if let Ok(file) = File::open(&path)
        && matches!(FileExt::try_lock(&file), Err(TryLockError::WouldBlock))
    {
        return;
    }
    let _ = fs::remove_file(path);
    let _ = fs::remove_file(note_path(target));
}

/// Returns length and SHA-256 of a file.
pub(super) fn hash_path(path: &Path) -> io::Result<(u64, [u8; 32])> {
    let mut hash = FileHash::default();
    let length = hash_file(&mut File::open(path)?, &mut hash)?;
    Ok((length, hash.finish()))
}

fn hash_file(file: &mut File, hash: &mut FileHash) -> io::Result<u64> {
    let mut buffer = vec![0; READ_BYTES];
    let mut length = 0_u64;
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => return Ok(length),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(buffer.get(..read).unwrap_or_default());
        length = length.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
}

/// Returns the bytes that are free for this user where a file is to be; `None` if the system does not say.
pub(super) fn free_space(target: &Path) -> Option<u64> {
    fs4::available_space(parent(target)).ok()
}

pub(super) fn part_path(target: &Path) -> PathBuf {
    with_suffix(target, ".part")
}

fn note_path(target: &Path) -> PathBuf {
    with_suffix(target, ".part.json")
}

fn with_suffix(target: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(target.file_name().unwrap_or_default());
    name.push(suffix);
    target.with_file_name(name)
}
