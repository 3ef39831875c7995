//! The file in which `watch --checkpoint` saves unfinished clips.
//!
//! The file is one JSON object with the SDK's checkpoints as text, so that other programs can use
//! them. It is replaced atomically and removed once no clip is left. It names the service that has
//! the clips: another service would report them as not found, and their checkpoints would be lost.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rhombus_clips::{Checkpoint, ClipUuid};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::report::error_chain;
use crate::report::failure::Failure;
use crate::text::sanitize_line;

/// Version of the file format.
const VERSION: u64 = 1;

/// A checkpoint file, which need not exist.
#[derive(Clone, Debug)]
pub(crate) struct CheckpointFile {
    /// Path as given by the user.
    path: PathBuf,
    /// Name of the service that this run of the program uses.
    service: String,
}

/// The decoded contents of a checkpoint file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SavedCheckpoints {
    /// Name of the service that has the clips, if the file contains one.
    service: Option<String>,
    pub(crate) checkpoints: Vec<Checkpoint>,
}

/// The JSON representation of a checkpoint file.
#[derive(Debug, Deserialize, Serialize)]
struct FileContents {
    version: u64,
    #[serde(default)]
    service: Option<String>,
    #[serde(default)]
    clips: BTreeMap<String, String>,
}

impl CheckpointFile {
    pub(crate) fn new(path: PathBuf, service: String) -> Self {
        Self { path, service }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the file. Returns `None` if it does not exist.
    pub(crate) fn read(&self) -> Result<Option<SavedCheckpoints>, Failure> {
        // ReadScope a device or pipe may never end, and saving would replace it by a file.
        if fs::metadata(&self.path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(self.failure("is not a regular file; choose another path".to_owned()));
        }
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                let reason = error_chain(&error);
                return Err(self.failure(format!("cannot be read: {reason}")));
            }
        };
        let saved = parse(&bytes).map_err(|reason| {
            self.failure(format!(
                "cannot be resumed: {reason}; choose another file or delete it"
            ))
        })?;
        Ok(Some(saved))
    }

    /// Checks that the checkpoints belong to the service of this run.
    pub(crate) fn check_service(&self, saved: &SavedCheckpoints) -> Result<(), Failure> {
        match &saved.service {
            Some(service) if *service != self.service => Err(self.failure(format!(
                "belongs to {}, but this watch uses {}; choose another file or service",
                sanitize_line(service),
                self.service
            ))),
            _ => Ok(()),
        }
    }

    /// Replaces the contents of the file, or removes it if there are no checkpoints.
    ///
    /// The replacement is atomic: a crash leaves either the old or the new file.
    pub(crate) fn write(&self, checkpoints: &[Checkpoint]) -> Result<(), Failure> {
        let result = match checkpoints {
            [] => remove_if_exists(&self.path),
            _ => self.replace(checkpoints),
        };
        result.map_err(|error| self.write_failure(&error))
    }

    /// Checks that the file can be written, without changing it.
    pub(crate) fn check_writable(&self) -> Result<(), Failure> {
        let result = self.create_temp_file();
        result.map_err(|error| self.write_failure(&error)).map(drop)
    }

    fn replace(&self, checkpoints: &[Checkpoint]) -> io::Result<()> {
        let contents = FileContents {
            version: VERSION,
            service: Some(self.service.clone()),
            clips: checkpoints
                .iter()
                .map(|checkpoint| (checkpoint.clip_uuid().to_string(), checkpoint.to_string()))
                .collect(),
        };
        let (target, mut file) = self.create_temp_file()?;
        file.write_all(serde_json::to_string_pretty(&contents)?.as_bytes())?;
        file.write_all(b"\n")?;
        file.as_file().sync_data()?;
        file.persist(&target)?;
        Ok(())
    }

    /// Returns the path to replace and a temporary file in the same directory.
    fn create_temp_file(&self) -> io::Result<(PathBuf, NamedTempFile)> {
        // Resolves symbolic links, which are to be preserved.
        let target = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let directory = match target.parent() {
            Some(directory) if !directory.as_os_str().is_empty() => directory,
            _ => Path::new("."),
        };
        let file = tempfile::Builder::new()
            .prefix(".rhombus-clips-")
            .tempfile_in(directory)?;
        Ok((target, file))
    }

    fn write_failure(&self, error: &io::Error) -> Failure {
        self.failure(format!("cannot be written: {}", without_path(error)))
    }

    fn failure(&self, reason: String) -> Failure {
        Failure::CheckpointFile(self.path.clone(), reason)
    }
}

/// Formats an error without the path that `tempfile` appends: the temporary file is internal.
fn without_path(error: &io::Error) -> String {
    let text = error.to_string();
    let reason = text.split(" at path ").next();
    reason.unwrap_or_default().to_owned()
}

fn remove_if_exists(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn parse(bytes: &[u8]) -> Result<SavedCheckpoints, String> {
    /// Decoded first: the other properties may differ in another version.
    #[derive(Deserialize)]
    struct VersionOnly {
        version: u64,
    }
    let json_error = |error: serde_json::Error| format!("not a checkpoint file: {error}");
    let VersionOnly { version } = serde_json::from_slice(bytes).map_err(json_error)?;
    if version != VERSION {
        return Err(format!(
            "unsupported file version {version} (this release reads version {VERSION})"
        ));
    }
    let contents: FileContents = serde_json::from_slice(bytes).map_err(json_error)?;
    let parse_entry = |(key, text): (String, String)| {
        let checkpoint: Checkpoint = text.parse().map_err(|error: rhombus_clips::Error| {
            format!("clip {key}: {}", error_chain(&error))
        })?;
        match key.parse::<ClipUuid>() {
            Ok(uuid) if uuid == checkpoint.clip_uuid() => Ok(checkpoint),
            _ => Err(format!(
                "clip {key}: the checkpoint belongs to clip {}",
                checkpoint.clip_uuid()
            )),
        }
    };
    let checkpoints: Result<_, String> = contents.clips.into_iter().map(parse_entry).collect();
    Ok(SavedCheckpoints {
        service: contents.service,
        checkpoints: checkpoints?,
    })
}

#[cfg(test)]
mod tests;

/// Minimum delay between saves, and thus the progress lost when the process is killed. Chosen, not
/// tuned.
const MIN_SAVE_INTERVAL: Duration = Duration::from_secs(1);

/// Minimum delay after a save, as a multiple of its duration: on a slow disk, saving takes at most
/// about 5 % of the time. Chosen, not tuned.
const MIN_DELAY_PER_SAVE_DURATION: u32 = 20;

/// Schedule of the next save.
#[derive(Debug, Default)]
pub(crate) struct SaveThrottle {
    is_dirty: bool,
    not_before: Duration,
}

impl SaveThrottle {
    /// Records that there are unsaved changes.
    pub(crate) fn mark_dirty(&mut self) {
        self.is_dirty = true;
    }

    /// Returns the time of the next save, if there are unsaved changes.
    pub(crate) fn due(&self) -> Option<Duration> {
        self.is_dirty.then_some(self.not_before)
    }

    /// Records a save, successful or not, that ran from `started_at` until `now`.
    pub(crate) fn saved(&mut self, started_at: Duration, now: Duration) {
        self.is_dirty = false;
        let took = now.saturating_sub(started_at);
        let delay = took.saturating_mul(MIN_DELAY_PER_SAVE_DURATION);
        self.not_before = now.saturating_add(delay.max(MIN_SAVE_INTERVAL));
    }
}
