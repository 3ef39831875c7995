//! One file with a history: read at the start of a run, and merged with what it learned since.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};

use rhombus_clips::polling::HistorySnapshot;

use crate::report::{self, error_chain};
use crate::storage::{OpenError, Storage};

/// Size of the largest file that is read. Chosen: several times the largest that is written, which has
/// some 50 KiB.
const MAX_FILE_BYTES: u64 = 256 * 1024;

/// Time for which the end of a run waits for another program that writes the file, in steps. Chosen:
/// writing takes some milliseconds, and a user is waiting.
const LOCK_ATTEMPTS: u32 = 20;
const LOCK_WAIT: Duration = Duration::from_millis(25);

/// Reads a file, without its lock.
pub(super) fn read(path: &Path) -> io::Result<HistorySnapshot> {
    check(path)?;
    parse(&Storage::peek(path)?)
}

/// Checks that a file can be read: a device or a pipe may never end.
fn check(path: &Path) -> io::Result<()> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    match metadata.len() > MAX_FILE_BYTES {
        true => Err(ErrorKind::FileTooLarge.into()),
        false => Ok(()),
    }
}

fn parse(document: &[u8]) -> io::Result<HistorySnapshot> {
    let text = str::from_utf8(document).map_err(io::Error::other)?;
    match text {
        "" => Ok(HistorySnapshot::default()),
        text => text.parse().map_err(io::Error::other),
    }
}

/// Adds a snapshot to a file; a file that cannot be read is replaced. Returns whether it is new.
pub(super) fn add(path: &Path, learned: &HistorySnapshot, now: SystemTime) -> io::Result<bool> {
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    let is_new = match check(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => true,
        Err(error) if error.kind() == ErrorKind::FileTooLarge => {
            fs::remove_file(path)?;
            true
        }
        result => result.map(|()| false)?,
    };
    let mut storage = open(path)?;
    let mut snapshot = parse(&storage.read()?).unwrap_or_else(|error| {
        log(path, "read and is replaced", &error);
        HistorySnapshot::default()
    });
    snapshot.merge(learned, now);
    let mut document = serde_json::to_vec_pretty(&snapshot)?;
    document.push(b'\n');
    storage.write(&document).map_err(|error| match error {
        OpenError::InUse(_) => ErrorKind::ResourceBusy.into(),
        OpenError::Io(error) => error,
    })?;
    Ok(is_new)
}

/// Opens a file with its lock, for which it waits a little.
fn open(path: &Path) -> io::Result<Storage> {
    for _ in 0..LOCK_ATTEMPTS {
        match Storage::open(path) {
            Ok(storage) => return Ok(storage),
            Err(OpenError::Io(error)) => return Err(error),
            Err(OpenError::InUse(_)) => thread::sleep(LOCK_WAIT),
        }
    }
    Err(ErrorKind::ResourceBusy.into())
}

/// Creates a folder that only its owner can read.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Logs what is wrong with a file, which is no reason to fail.
pub(super) fn log(path: &Path, verb: &str, error: &io::Error) {
    report::log(&format!(
        "the history {} cannot be {verb}: {}",
        path.display(),
        error_chain(error)
    ));
}
