//! The file in which `watch --checkpoint` and `export --checkpoint` save what is unfinished.
//!
//! The file is one JSON object with the SDK's checkpoints as text, so that other programs can use
//! them. One program at a time has it, and it is removed at the end if no clip is left. It names the
//! owner of the clips: elsewhere they would be reported as not found.

mod contents;
mod save_throttle;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;

use crate::report::failure::Failure;
use crate::report::{self, error_chain};
use crate::storage::{OpenError, Storage};
pub(crate) use contents::{Owner, SavedCheckpoints, SavedExport, Unfinished};
pub(crate) use save_throttle::SaveThrottle;

/// Size of the largest file that is read. Chosen: a hundred thousand clips with room to spare.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// A checkpoint file that this program has to itself.
#[derive(Debug)]
pub(crate) struct CheckpointFile {
    /// Path as given by the user.
    path: PathBuf,
    storage: Storage,
    /// Owner of the clips of this run.
    owner: Owner,
}

impl CheckpointFile {
    /// Opens and reads the file. One that does not exist is created, and one without contents has no clips.
    pub(crate) fn open(path: &Path, owner: Owner) -> Result<(Self, SavedCheckpoints), Failure> {
        let failure = |reason| failure(path, reason);
        let metadata = fs::metadata(path);
        // Reading a device or pipe may never end.
        if metadata.as_ref().is_ok_and(|metadata| !metadata.is_file()) {
            return Err(failure(
                "is not a regular file; choose another path".to_owned(),
            ));
        }
        if metadata
            .as_ref()
            .is_ok_and(|metadata| metadata.len() > MAX_FILE_BYTES)
        {
            return Err(failure(
                "is too large for a checkpoint file; choose another path".to_owned(),
            ));
        }
        let verb = if metadata.is_ok() { "read" } else { "written" };
        let mut storage = Storage::open(path).map_err(|error| failure(reason_of(&error, verb)))?;
        if let Some(error) = &storage.lock_error {
            report::warn(&format!(
                "the checkpoint file {} cannot be locked: {}; make sure that no other program uses it",
                path.display(),
                error_chain(error)
            ));
        }
        let document = storage
            .read()
            .map_err(|error| failure(format!("cannot be read: {}", error_chain(&error))))?;
        let saved = match &document[..] {
            [] => SavedCheckpoints::default(),
            document => contents::parse(document).map_err(|reason| {
                failure(format!(
                    "cannot be resumed: {reason}; choose another file or delete it"
                ))
            })?,
        };
        saved.owner.check(&owner).map_err(failure)?;
        let path = path.to_owned();
        let file = Self {
            path,
            storage,
            owner,
        };
        Ok((file, saved))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Saves what is unfinished, while the program goes on.
    pub(crate) fn save(&mut self, unfinished: Unfinished<'_>) -> Result<(), Failure> {
        self.write(Some(process::id()), unfinished)
    }

    /// Saves what is unfinished at the end, and removes the file if nothing is.
    pub(crate) fn finish(&mut self, unfinished: Unfinished<'_>) -> Result<(), Failure> {
        if !unfinished.is_empty() {
            return self.write(None, unfinished);
        }
        let result = self.storage.remove();
        result.map_err(|error| self.write_failure(&error.into()))
    }

    fn write(&mut self, process: Option<u32>, unfinished: Unfinished<'_>) -> Result<(), Failure> {
        let document = contents::format(&self.owner, process, unfinished);
        let result = document
            .map_err(|error| OpenError::Io(error.into()))
            .and_then(|document| self.storage.write(&document));
        result.map_err(|error| self.write_failure(&error))
    }

    fn write_failure(&self, error: &OpenError) -> Failure {
        failure(&self.path, reason_of(error, "written"))
    }
}

/// Returns whether a file is missing or has no contents.
pub(crate) fn is_missing_or_empty(path: &Path) -> bool {
    match fs::metadata(path) {
        Ok(metadata) => metadata.is_file() && metadata.len() == 0,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

fn failure(path: &Path, reason: String) -> Failure {
    Failure::CheckpointFile(path.to_owned(), reason)
}

fn reason_of(error: &OpenError, verb: &str) -> String {
    match error {
        OpenError::InUse(document) => {
            let user = match contents::parse_process(document) {
                Some(process) => format!("process {process}"),
                None => "another process".to_owned(),
            };
            format!("is in use by {user}; wait until it ends, or choose another file")
        }
        OpenError::Io(error) => format!("cannot be {verb}: {}", error_chain(error)),
    }
}

#[cfg(test)]
mod tests;
