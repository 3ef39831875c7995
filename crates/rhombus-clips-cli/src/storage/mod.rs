//! A file on the disk that one program at a time writes.
//!
//! The file is replaced by rename where that leaves its owner, its mode and its links as they are, and
//! written [in place](in_place) elsewhere: behind a bind mount, in a read-only folder, with another owner, or
//! with a second hard link. The lock belongs to the open file, so it ends with the program, however that ends.
//! A replacement is locked before it takes the name.

mod in_place;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use fs4::TryLockError;
use in_place::{Step, as_u64};

/// Number of times that opening is tried while another program replaces the file. Chosen: that program
/// replaces it once a second, and holds the lock all the time.
const MAX_OPENS: usize = 16;

/// A file that is open and, where the system can do that, locked.
#[derive(Debug)]
pub(crate) struct Storage {
    file: File,
    /// Path as given.
    path: PathBuf,
    /// Path without symbolic links.
    target: PathBuf,
    /// End of the last complete document in the file.
    end: u64,
    is_writable: bool,
    /// Whether the file is replaced; otherwise it is written in place.
    is_replaced: bool,
    /// Whether the file was created and is still empty.
    is_new: bool,
    /// Why the file could not be locked.
    pub(crate) lock_error: Option<io::Error>,
}

/// Why a file was not opened.
#[derive(Debug)]
pub(crate) enum OpenError {
    /// Another program has locked the file, which has this content.
    InUse(Vec<u8>),
    Io(io::Error),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Storage {
    /// Opens the file, or creates an empty one, and locks it.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        for _ in 0..MAX_OPENS {
            let mut storage = Self::open_unlocked(path)?;
            match try_lock(&storage.file) {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    storage.is_new = false;
                    return Err(OpenError::InUse(storage.read().unwrap_or_default()));
                }
                // Some network file systems have no locks.
                Err(TryLockError::Error(error)) => storage.lock_error = Some(error),
            }
            if storage.has_name()? {
                // What a program that was killed left behind.
                let _ = fs::remove_file(temp_path(&storage.target));
                return Ok(storage);
            }
            storage.is_new = false;
        }
        let message = "another program replaces it all the time";
        Err(io::Error::new(ErrorKind::ResourceBusy, message).into())
    }

    fn open_unlocked(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        let (file, is_writable, is_new) = match options.open(path) {
            Ok(file) => (file, true, false),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                (private(&mut options).create(true).open(path)?, true, true)
            }
            // It can be replaced all the same.
            Err(error) => match File::open(path) {
                Ok(file) => (file, false, false),
                Err(_) => return Err(error),
            },
        };
        Ok(Self {
            target: fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
            path: path.to_owned(),
            end: 0,
            is_replaced: true,
            lock_error: None,
            file,
            is_writable,
            is_new,
        })
    }

    /// Returns whether the name is still that of this file.
    fn has_name(&self) -> io::Result<bool> {
        match fs::metadata(&self.target) {
            Ok(named) => Ok(is_same(&named, &self.file.metadata()?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Reads the last complete document; empty if the file is new.
    pub(crate) fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut bytes)?;
        let range = in_place::last_document(&bytes).unwrap_or(0..0);
        self.end = as_u64(range.end);
        Ok(bytes.get(range).unwrap_or_default().to_vec())
    }

    /// Reads the last complete document of a file that need not exist, without the lock and without
    /// creating it.
    pub(crate) fn peek(path: &Path) -> io::Result<Vec<u8>> {
        let bytes = fs::read(path)?;
        let range = in_place::last_document(&bytes).unwrap_or(0..0);
        Ok(bytes.get(range).unwrap_or_default().to_vec())
    }

    /// Writes a document, which begins with its version. Whatever happens meanwhile, the file has this document or the last one.
    pub(crate) fn write(&mut self, document: &[u8]) -> Result<(), OpenError> {
        if !self.has_name()? {
            if link_count(&self.file.metadata()?) == Some(0) {
                // It was deleted, or another program put a file in its place.
                self.is_new = false;
                *self = Self::open(&self.path)?;
                self.read()?;
            } else {
                // It was renamed; the lock is on what it is, not on how it was called.
                self.is_replaced = false;
            }
        }
        if self.is_replaced {
            match self.replace(document) {
                Ok(()) => return Ok(()),
                Err(error) if !self.is_writable || is_full(&error) => return Err(error.into()),
                Err(_) => self.is_replaced = false,
            }
        }
        Ok(self.write_in_place(document)?)
    }

    fn replace(&mut self, document: &[u8]) -> io::Result<()> {
        let old = self.file.metadata()?;
        if link_count(&old).is_some_and(|count| count > 1) {
            return Err(io::Error::other("it has another hard link"));
        }
        let path = temp_path(&self.target);
        let mut new = create_temp(&path)?;
        let mut write = || {
            if !has_same_owner(&old, &new.metadata()?) {
                return Err(io::Error::other("it has another owner"));
            }
            new.set_permissions(old.permissions())?;
            match try_lock(&new) {
                Err(TryLockError::WouldBlock) => return Err(ErrorKind::ResourceBusy.into()),
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            new.write_all(document)?;
            new.sync_data()?;
            fs::rename(&path, &self.target)?;
            sync_directory(&self.target)
        };
        let result = write();
        if result.is_err() {
            let _ = fs::remove_file(&path);
            return result;
        }
        self.file = new;
        self.is_writable = true;
        self.is_new = false;
        self.end = as_u64(document.len());
        Ok(())
    }

    fn write_in_place(&mut self, document: &[u8]) -> io::Result<()> {
        let steps = in_place::plan(self.end, document);
        let result = steps.into_iter().try_for_each(|step| self.apply(step));
        match &result {
            Ok(()) => {
                self.is_new = false;
                self.end = as_u64(document.len());
            }
            // Gives back what an incomplete document takes of a full disk.
            Err(_) => {
                if self.read().is_ok() {
                    let _ = self.file.set_len(self.end);
                }
            }
        }
        result
    }

    fn apply(&mut self, step: Step<'_>) -> io::Result<()> {
        match step {
            Step::Truncate(length) => self.file.set_len(length),
            Step::Pad { offset, length } => {
                self.file.seek(SeekFrom::Start(offset))?;
                let mut padding = io::repeat(b'\n').take(length);
                io::copy(&mut padding, &mut self.file).map(drop)
            }
            Step::Write { offset, bytes } => {
                self.file.seek(SeekFrom::Start(offset))?;
                self.file.write_all(bytes)
            }
            Step::Sync => self.file.sync_data(),
        }
    }

    /// Removes the file, or empties it if its name cannot be given to a replacement.
    pub(crate) fn remove(&mut self) -> io::Result<()> {
        self.is_new = false;
        if self.is_replaced && self.has_name()? {
            match fs::remove_file(&self.target) {
                Err(error) if !self.is_writable => return Err(error),
                Err(_) => {}
                Ok(()) => return Ok(()),
            }
        }
        self.file.set_len(0)
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        if self.is_new {
            let _ = fs::remove_file(&self.target);
        }
    }
}

/// Makes a new name durable, where the system can.
fn sync_directory(path: &Path) -> io::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    match cfg!(unix) {
        true => File::open(parent.unwrap_or(Path::new(".")))?.sync_all(),
        false => Ok(()),
    }
}

/// Returns the path of the replacement until it takes the name: one per file, so that a program that is
/// killed leaves one at most, which the next one removes.
fn temp_path(target: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".rhombus-clips");
    target.with_file_name(name)
}

/// Creates the temporary file. A file of this name is not opened, because it may be another user's.
fn create_temp(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    private(options.read(true).write(true).create_new(true));
    match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            options.open(path)
        }
        result => result,
    }
}

/// Returns whether there is no space, which writing in place would need as well.
fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
    )
}

/// Locks the file. `File::try_lock` of the standard library is newer than the oldest supported Rust.
fn try_lock(file: &File) -> Result<(), TryLockError> {
    fs4::FileExt::try_lock(file)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Elsewhere than on Unix, an open file keeps its name.
#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(unix)]
fn has_same_owner(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.uid(), one.gid()) == (other.uid(), other.gid())
}

#[cfg(not(unix))]
fn has_same_owner(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Returns the number of names of a file, where the system tells it.
#[cfg(unix)]
fn link_count(metadata: &Metadata) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    Some(metadata.nlink())
}

#[cfg(not(unix))]
fn link_count(_: &Metadata) -> Option<u64> {
    None
}
