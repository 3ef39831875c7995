//! The file that keeps what is not done.

use rhombus_clips::{Checkpoint, ClipUuid};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

use crate::failure::Failure;
use crate::messages::chain;
use crate::wording::printable::printable;

/// The only version there has been.
const VERSION: u64 = 1;

/// A file of checkpoints.
#[derive(Clone, Debug)]
pub(crate) struct CheckpointFile {
    /// As it was named.
    path: PathBuf,
    /// Who has the clips.
    service: String,
}

/// What was kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Kept {
    /// Who has the clips; a file may not say.
    service: Option<String>,
    pub(crate) checkpoints: Vec<Checkpoint>,
}

/// What is in it.
#[derive(Debug, Deserialize, Serialize)]
struct Content {
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

    /// What is in the file; `None` when it is not there.
    pub(crate) fn read(&self) -> Result<Option<Kept>, Failure> {
        // A device or a pipe could be read for ever, and would be replaced by a file.
        if fs::metadata(&self.path).is_ok_and(|found| !found.is_file()) {
            return Err(self.failure("is not a regular file: name another".to_owned()));
        }
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failure(format!("cannot be read: {}", chain(&error)))),
        };
        let kept = kept(&bytes).map_err(|reason| {
            self.failure(format!(
                "cannot be gone on from, name another or remove it: {reason}"
            ))
        })?;
        Ok(Some(kept))
    }

    /// Whether it was kept of the service that is asked now. Another one would know none of the
    /// clips, and what is not found is not kept.
    pub(crate) fn check(&self, kept: &Kept) -> Result<(), Failure> {
        match &kept.service {
            Some(service) if *service != self.service => Err(self.failure(format!(
                "keeps clips of {}, and {} is to be asked: name another file, or that service",
                printable(service),
                self.service
            ))),
            _ => Ok(()),
        }
    }

    /// Puts these in place of what is in the file; without any the file is removed.
    ///
    /// Whatever ends the program meanwhile, the file is the old one or the new one.
    pub(crate) fn write(&self, checkpoints: &[Checkpoint]) -> Result<(), Failure> {
        let written = match checkpoints {
            [] => removed(&self.path),
            _ => self.replace(checkpoints),
        };
        written.map_err(|error| self.unwritten(&error))
    }

    /// Whether it can be written, without writing it.
    pub(crate) fn check_place(&self) -> Result<(), Failure> {
        let place = self.beside();
        place.map_err(|error| self.unwritten(&error)).map(drop)
    }

    fn replace(&self, checkpoints: &[Checkpoint]) -> io::Result<()> {
        let content = Content {
            version: VERSION,
            service: Some(self.service.clone()),
            clips: checkpoints
                .iter()
                .map(|checkpoint| (checkpoint.clip_uuid().to_string(), checkpoint.to_string()))
                .collect(),
        };
        let (path, mut file) = self.beside()?;
        file.write_all(serde_json::to_string_pretty(&content)?.as_bytes())?;
        file.write_all(b"\n")?;
        file.as_file().sync_data()?;
        file.persist(&path)?;
        Ok(())
    }

    /// The file that is meant, and a new one beside it.
    fn beside(&self) -> io::Result<(PathBuf, NamedTempFile)> {
        // Behind a link is the file that is meant.
        let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let file = tempfile::Builder::new()
            .prefix(".rhombus-clips-")
            .tempfile_in(folder)?;
        Ok((path, file))
    }

    fn unwritten(&self, error: &io::Error) -> Failure {
        self.failure(format!("cannot be written: {}", without_path(error)))
    }

    fn failure(&self, reason: String) -> Failure {
        Failure::CheckpointFile(self.path.clone(), reason)
    }
}

/// Not with the name of the temporary file, which nobody knows.
fn without_path(error: &io::Error) -> String {
    let text = error.to_string();
    let reason = text.split(" at path ").next();
    reason.unwrap_or_default().to_owned()
}

fn removed(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn kept(bytes: &[u8]) -> Result<Kept, String> {
    /// What else is in it may be said in another way by another version.
    #[derive(Deserialize)]
    struct Versioned {
        version: u64,
    }
    let no_json = |error: serde_json::Error| format!("it is no checkpoint file: {error}");
    let Versioned { version } = serde_json::from_slice(bytes).map_err(no_json)?;
    if version != VERSION {
        return Err(format!(
            "it is of version {version}, and only version {VERSION} is known here"
        ));
    }
    let content: Content = serde_json::from_slice(bytes).map_err(no_json)?;
    let read = |(clip, text): (String, String)| {
        let checkpoint: Checkpoint = text
            .parse()
            .map_err(|error: rhombus_clips::Error| format!("clip {clip}: {}", chain(&error)))?;
        match clip.parse::<ClipUuid>() {
            Ok(named) if named == checkpoint.clip_uuid() => Ok(checkpoint),
            _ => Err(format!(
                "clip {clip}: the checkpoint is that of {}",
                checkpoint.clip_uuid()
            )),
        }
    };
    let checkpoints: Result<_, String> = content.clips.into_iter().map(read).collect();
    Ok(Kept {
        service: content.service,
        checkpoints: checkpoints?,
    })
}

#[cfg(test)]
mod tests;
