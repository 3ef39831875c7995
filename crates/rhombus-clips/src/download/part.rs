//! The unfinished file on disk: `NAME.part`, and beside it `NAME.part.json` with the version that its bytes are
//! of.
//!
//! All of it blocks, and runs on the runtime's threads for blocking work.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use fs4::{FileExt, TryLockError};
use serde::{Deserialize, Serialize};

use super::location::FileKind;
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

/// Times that opening is tried while other downloads give the file its name. Chosen, not tuned: each of them has
/// loaded a whole file meanwhile.
const MAX_OPENS: usize = 16;

/// The file of a clip that a part is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileId {
    pub(super) uuid: ClipUuid,
    pub(super) kind: FileKind,
}

/// Identity of the file that a part is of, as it is stored beside the part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Note {
    version: u64,
    clip_uuid: String,
    /// Extension of the file: a clip has a video and a thumbnail.
    file: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    length: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    /// Values that the clip's record stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

impl Note {
    fn new(file: FileId, version: &Version, expected: &Expected) -> Self {
        Self {
            version: NOTE_VERSION,
            clip_uuid: file.uuid.to_string(),
            file: file.kind.extension().to_owned(),
            length: version.total,
            etag: version.etag.clone(),
            sha256: expected.sha256.map(|hash| hex(&hash)),
        }
    }

    /// Returns the version that the part is of, if it can belong to this file.
    fn version_of(self, file: FileId, expected: &Expected) -> Option<Version> {
        let is_same = self.version == NOTE_VERSION
            && self.clip_uuid == file.uuid.to_string()
            && self.file == file.kind.extension()
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
    id: FileId,
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
        id: FileId,
        expected: &Expected,
    ) -> Result<(Self, Option<Version>), OpenError> {
        let file = open_locked(&part_path(target))?;
        let mut part = Self {
            id,
            target: target.to_owned(),
            file,
            length: 0,
            hash: FileHash::default(),
        };
        let version = part
            .read_note()
            .and_then(|note| note.version_of(id, expected));
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
        let note = serde_json::to_vec(&Note::new(self.id, version, expected))?;
        let path = note_path(&self.target);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // A link of this name is not followed.
        let mut file = File::create_new(path)?;
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
        let path = part_path(&self.target);
        if !has_name(&self.file, &path)? {
            let message = format!("{} was removed or replaced", path.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        match overwrite {
            true => fs::rename(path, &self.target)?,
            false => rename_to_new(&path, &self.target)?,
        }
        // The file is complete whether this succeeds or not.
        let _ = fs::remove_file(note_path(&self.target));
        let _ = sync_parent(&self.target);
        Ok(())
    }

    /// Removes the part and what is beside it.
    pub(super) fn discard(self) {
        let path = part_path(&self.target);
        if matches!(has_name(&self.file, &path), Ok(true)) {
            // Nothing depends on it: what is left is not continued.
            let _ = fs::remove_file(note_path(&self.target));
            let _ = fs::remove_file(path);
        }
    }

    fn read_note(&self) -> Option<Note> {
        let mut text = Vec::new();
        let path = note_path(&self.target);
        // Opening a pipe may never end.
        let is_file = path.symlink_metadata().is_ok_and(|it| it.is_file());
        let file = is_file.then(|| File::open(path).ok())??;
        file.take(MAX_NOTE_BYTES).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

/// Removes what an earlier download has left beside a complete file, unless another one writes to it.
pub(super) fn remove_leftovers(target: &Path) {
    let path = part_path(target);
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return,
        Err(_) => {
            let _ = fs::remove_file(note_path(target));
            return;
        }
    }
    // Locked until it is removed.
    let Ok(file) = File::open(&path) else { return };
    if matches!(FileExt::try_lock(&file), Err(TryLockError::WouldBlock)) {
        return;
    }
    let _ = fs::remove_file(path);
    let _ = fs::remove_file(note_path(target));
}

/// Renames a file, unless there is one of the new name.
fn rename_to_new(old: &Path, new: &Path) -> io::Result<()> {
    // Unlike a rename, a link is refused if there is a file meanwhile. A program that is killed in between leaves both
    // names, and the next download removes the old one.
    match fs::hard_link(old, new) {
        Ok(()) => fs::remove_file(old),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // Not every file system has links.
        Err(_) if new.symlink_metadata().is_err() => fs::rename(old, new),
        Err(_) => Err(io::ErrorKind::AlreadyExists.into()),
    }
}

/// Opens or creates the file of a part, and locks it.
fn open_locked(path: &Path) -> Result<File, OpenError> {
    for _ in 0..MAX_OPENS {
        // Before it is opened, because opening a pipe may never end.
        check_is_file(path)?;
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
        // Another download may have completed it before the lock: then this is the complete file.
        if has_name(&file, path)? {
            return Ok(file);
        }
    }
    let message = "other downloads complete it all the time";
    Err(io::Error::new(io::ErrorKind::ResourceBusy, message).into())
}

/// Fails if a path is that of something else than a file, such as a link to a file elsewhere.
fn check_is_file(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(metadata) if !metadata.is_file() => {
            let message = format!("{} is not a regular file", path.display());
            Err(io::Error::new(io::ErrorKind::InvalidInput, message))
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Returns whether a path is that of this open file, and not of a link to it.
fn has_name(file: &File, path: &Path) -> io::Result<bool> {
    match path.symlink_metadata() {
        Ok(named) => Ok(is_same(&named, &file.metadata()?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Elsewhere than on Unix, the standard library does not tell.
#[cfg(not(unix))]
fn is_same(one: &Metadata, _: &Metadata) -> bool {
    one.is_file()
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

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    const FILE: FileId = FileId {
        uuid: ClipUuid::from_bytes([1; 16]),
        kind: FileKind::Video,
    };

    /// Creates an empty directory, which is removed at the end of a test that passes.
    fn directory(name: &str) -> PathBuf {
        let process = std::process::id();
        let path = std::env::temp_dir().join(format!("rhombus-clips-part-{name}-{process}"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn open(target: &Path) -> Part {
        let opened = Part::open(target, FILE, &Expected::default());
        opened.unwrap().0
    }

    /// Another download completes the file after this one has opened it, and before this one has locked it.
    #[test]
    fn the_complete_file_is_not_taken_for_its_part() {
        let directory = directory("complete");
        let target = directory.join("clip.mp4");
        let part = open(&target);
        let file = File::open(part_path(&target)).unwrap();
        assert!(has_name(&file, &part_path(&target)).unwrap());
        part.finish(false).unwrap();
        assert!(!has_name(&file, &part_path(&target)).unwrap());
        let _next = open(&target);
        assert!(!has_name(&file, &part_path(&target)).unwrap());
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn the_part_of_another_download_does_not_get_the_name() {
        let directory = directory("another");
        let target = directory.join("clip.mp4");
        let part = open(&target);
        fs::remove_file(part_path(&target)).unwrap();
        fs::write(part_path(&target), "another").unwrap();
        let error = part.finish(false).unwrap_err();
        assert!(error.to_string().contains("replaced"), "{error}");
        assert!(!target.exists());
        assert!(part_path(&target).exists());
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn links_are_not_followed() {
        let directory = directory("links");
        let target = directory.join("clip.mp4");
        let other = directory.join("other");
        fs::write(&other, "mine").unwrap();
        std::os::unix::fs::symlink(&other, part_path(&target)).unwrap();
        let error = Part::open(&target, FILE, &Expected::default()).unwrap_err();
        assert!(matches!(error, OpenError::Io(error) if error.to_string().contains("regular")));
        fs::remove_file(part_path(&target)).unwrap();
        std::os::unix::fs::symlink(&other, note_path(&target)).unwrap();
        let mut part = open(&target);
        part.begin(&Version::default(), &Expected::default())
            .unwrap();
        assert_eq!(fs::read(&other).unwrap(), b"mine");
        part.finish(false).unwrap();
        assert!(target.symlink_metadata().unwrap().is_file());
        fs::remove_dir_all(directory).unwrap();
    }
}
