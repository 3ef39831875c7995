//! A download to a file: under another name until it is complete and verified.
//!
//! While the next bytes arrive, the last ones are written and hashed on a thread for blocking work, so that
//! network and disk work at the same time, with two buffers in memory.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep};

use super::downloaded::{Downloaded, DownloadedFile};
use super::fetch::{Event, Fetch};
use super::part::{self, FileId, OpenError, Part};
use super::progress::Observer;
use super::response::Version;
use super::verification::Expected;
use crate::error::{Error, ErrorKind, Hint, Result};
use crate::time::saturating_add;

/// Bytes that are written at a time. Chosen, not tuned: so many that the switch to another thread costs little.
const WRITE_BYTES: usize = 512 * 1024;

/// Times that a file which is not the expected one is loaded in all.
const MAX_LOADS: u32 = 2;

/// Time for which a part is waited for that another download has. Chosen, not tuned: one that was dropped still
/// finishes the write in progress.
const LOCK_PATIENCE: Duration = Duration::from_secs(1);

/// Time between two attempts to get a part. Chosen, not tuned: a write takes about so long.
const LOCK_INTERVAL: Duration = Duration::from_millis(20);

/// Downloads to this file.
pub(super) async fn save(
    fetch: &mut Fetch,
    id: FileId,
    target: PathBuf,
    overwrite: bool,
    observer: &mut Observer,
) -> Result<DownloadedFile> {
    let expected = *fetch.expected();
    let deadline = saturating_add(Instant::now(), LOCK_PATIENCE);
    let prepared = loop {
        let prepared = {
            let target = target.clone();
            blocking(move || prepare(&target, id, &expected, overwrite)).await??
        };
        match prepared {
            Prepared::Locked if Instant::now() < deadline => sleep(LOCK_INTERVAL).await,
            prepared => break prepared,
        }
    };
    let (part, version) = match prepared {
        Prepared::Locked => {
            let part = part::part_path(&target);
            let message = format!("{} is being written by another download", part.display());
            return Err(Error::new(ErrorKind::Storage, message));
        }
        Prepared::Present(downloaded) => {
            return Ok(DownloadedFile {
                path: target,
                downloaded,
                continued_at: 0,
                is_unchanged: true,
            });
        }
        Prepared::Part(part, version) => (part, version),
    };
    let mut continued_at = part.len();
    let mut writer = Writer::new(part, target.clone());
    if let Some(version) = version {
        let is_complete = version.total == Some(continued_at);
        fetch.continue_at(continued_at, version);
        if is_complete {
            observer.start(continued_at, Some(continued_at), fetch.elapsed());
        }
    }
    let mut is_complete = fetch.version().total == Some(continued_at) && continued_at > 0;
    let mut loads = 1;
    loop {
        let result = match is_complete {
            true => Ok(()),
            false => load(fetch, &mut writer, &expected, observer, &mut continued_at).await,
        };
        is_complete = false;
        let verified = match result {
            Ok(()) => {
                let part = writer.part().await?;
                expected.verify(part.len(), &part.sha256())
            }
            Err(error) => Err(error),
        };
        match verified {
            Ok(verification) => {
                let part = writer.into_part().await?;
                let downloaded = Downloaded {
                    length: part.len(),
                    sha256: part.sha256(),
                    verification,
                };
                let finished = blocking(move || part.finish(overwrite)).await?;
                finished.map_err(|error| storage_error(&target, error))?;
                observer.end(fetch.elapsed());
                return Ok(DownloadedFile {
                    path: target,
                    downloaded,
                    continued_at,
                    is_unchanged: false,
                });
            }
            Err(error) if error.is_verification_failed() && loads < MAX_LOADS => {
                loads += 1;
                fetch.restart();
            }
            Err(error) => {
                let part = writer.into_part().await?;
                // Bytes of another file are of no use, and an empty part is none.
                if error.is_verification_failed() || part.len() == 0 {
                    blocking(move || part.discard()).await?;
                }
                return Err(error);
            }
        }
    }
}

/// Loads the rest of the file. `continued_at` becomes zero if it starts over.
async fn load(
    fetch: &mut Fetch,
    writer: &mut Writer,
    expected: &Expected,
    observer: &mut Observer,
    continued_at: &mut u64,
) -> Result<()> {
    loop {
        let event = match fetch.next().await {
            Ok(event) => event,
            Err(error) => {
                // What has arrived is of use to the next download.
                writer.flush().await?;
                return Err(error);
            }
        };
        match event {
            Event::Start { offset } => {
                let version = fetch.version().clone();
                let total = version.total;
                if offset == 0 {
                    *continued_at = 0;
                    writer.begin(version, *expected).await?;
                }
                writer
                    .check_space(total.map(|total| total.saturating_sub(offset)))
                    .await?;
                observer.start(offset, total, fetch.elapsed());
            }
            Event::Data(bytes) => {
                observer.add(&bytes, fetch.elapsed());
                writer.write(bytes).await?;
            }
            Event::End => return writer.flush().await,
        }
    }
}

/// The state of the target before a download.
enum Prepared {
    /// The file is there.
    Present(Downloaded),
    /// The part, with the version of its bytes if they can be continued.
    Part(Part, Option<Version>),
    /// Another download writes to the part.
    Locked,
}

fn prepare(target: &Path, id: FileId, expected: &Expected, overwrite: bool) -> Result<Prepared> {
    let error = |error| storage_error(target, error);
    let exists = match target.symlink_metadata() {
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => false,
        Err(other) => return Err(error(other)),
        Ok(_) => {
            if let Some(downloaded) = present_file(target, expected, overwrite).map_err(error)? {
                part::remove_leftovers(target);
                return Ok(Prepared::Present(downloaded));
            }
            if !overwrite {
                return Err(error(io::ErrorKind::AlreadyExists.into()));
            }
            if target.is_dir() {
                return Err(error(io::ErrorKind::IsADirectory.into()));
            }
            true
        }
    };
    match Part::open(target, id, expected) {
        // Another download has completed it meanwhile.
        Ok((part, _)) if !exists && target.symlink_metadata().is_ok() => {
            part.discard();
            prepare(target, id, expected, overwrite)
        }
        Ok((part, version)) => Ok(Prepared::Part(part, version)),
        Err(OpenError::Io(reason)) => Err(error(reason)),
        Err(OpenError::Locked) => Ok(Prepared::Locked),
    }
}

/// Returns the file at a target if it is the expected one, as far as the record tells. One that may be overwritten is
/// so only if its SHA-256 says so.
fn present_file(
    target: &Path,
    expected: &Expected,
    overwrite: bool,
) -> io::Result<Option<Downloaded>> {
    let metadata = target.metadata()?;
    let is_possible = match (expected.length, expected.sha256) {
        (None, None) => false,
        (Some(_), None) if overwrite => false,
        (Some(length), _) => length == metadata.len(),
        (None, Some(_)) => true,
    };
    if !metadata.is_file() || !is_possible {
        return Ok(None);
    }
    let (length, sha256) = part::hash_path(target)?;
    Ok(expected
        .verify(length, &sha256)
        .ok()
        .map(|verification| Downloaded {
            length,
            sha256,
            verification,
        }))
}

/// Writes to the part, one buffer behind the network.
struct Writer {
    target: PathBuf,
    state: State,
    buffer: Vec<Bytes>,
    buffered: usize,
}

enum State {
    Idle(Part),
    Busy(JoinHandle<(Part, io::Result<()>)>),
    /// A write has failed in a way that took the part along.
    Lost,
}

impl Writer {
    fn new(part: Part, target: PathBuf) -> Self {
        Self {
            target,
            state: State::Idle(part),
            buffer: Vec::new(),
            buffered: 0,
        }
    }

    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.buffered = self.buffered.saturating_add(bytes.len());
        self.buffer.push(bytes);
        match self.buffered < WRITE_BYTES {
            true => Ok(()),
            false => self.start_write().await,
        }
    }

    /// Starts to write the buffer, after the write before it.
    async fn start_write(&mut self) -> Result<()> {
        let mut part = self.take_part().await?;
        let chunks = std::mem::take(&mut self.buffer);
        self.buffered = 0;
        self.state = State::Busy(spawn_blocking(move || {
            let result = part.write(&chunks);
            (part, result)
        }));
        Ok(())
    }

    /// Writes what is buffered.
    async fn flush(&mut self) -> Result<()> {
        if !self.buffer.is_empty() {
            self.start_write().await?;
        }
        self.part().await.map(|_| ())
    }

    async fn begin(&mut self, version: Version, expected: Expected) -> Result<()> {
        self.buffer.clear();
        self.buffered = 0;
        let mut part = self.take_part().await?;
        let (part, result) = blocking(move || {
            let result = part.begin(&version, &expected);
            (part, result)
        })
        .await?;
        self.state = State::Idle(part);
        result.map_err(|error| storage_error(&self.target, error))
    }

    /// Fails if the rest of the file does not fit on the disk.
    async fn check_space(&self, needed: Option<u64>) -> Result<()> {
        let Some(needed) = needed else { return Ok(()) };
        let target = self.target.clone();
        match blocking(move || part::free_space(&target)).await? {
            Some(free) if free < needed => Err(Error::new(
                ErrorKind::Storage,
                format!(
                    "cannot write {}: {needed} bytes are needed, and {free} are free",
                    self.target.display()
                ),
            )
            .with_source(io::Error::from(io::ErrorKind::StorageFull))
            .with_hint(Hint::FreeDiskSpace)),
            _ => Ok(()),
        }
    }

    /// Returns the part after all writes that were started.
    async fn part(&mut self) -> Result<&Part> {
        let part = self.take_part().await?;
        self.state = State::Idle(part);
        match &self.state {
            State::Idle(part) => Ok(part),
            _ => Err(lost_part()),
        }
    }

    async fn into_part(mut self) -> Result<Part> {
        self.take_part().await
    }

    /// Takes the part after the write that is in progress. After one that failed, the part stays where it is.
    async fn take_part(&mut self) -> Result<Part> {
        let error = match std::mem::replace(&mut self.state, State::Lost) {
            State::Idle(part) => return Ok(part),
            State::Lost => return Err(lost_part()),
            State::Busy(task) => match task.await {
                Ok((part, Ok(()))) => return Ok(part),
                Ok((part, Err(error))) => {
                    self.state = State::Idle(part);
                    error
                }
                Err(_) => return Err(lost_part()),
            },
        };
        Err(storage_error(&self.target, error))
    }
}

fn lost_part() -> Error {
    Error::new(ErrorKind::Storage, "a write was aborted with the runtime")
}

/// Maps an error of the file system.
pub(super) fn storage_error(target: &Path, error: io::Error) -> Error {
    let path = target.display();
    let (message, hint) = match error.kind() {
        io::ErrorKind::AlreadyExists => (
            format!("{path} exists, and is not the file of the clip"),
            Some(Hint::Overwrite),
        ),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => (
            format!("cannot write {path}: the disk is full"),
            Some(Hint::FreeDiskSpace),
        ),
        _ => (format!("cannot write {path}"), None),
    };
    let mapped = Error::new(ErrorKind::Storage, message);
    let mapped = match hint {
        Some(hint) => mapped.with_hint(hint),
        None => mapped,
    };
    // The message says it already.
    match error.kind() {
        io::ErrorKind::AlreadyExists => mapped,
        _ => mapped.with_source(error),
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    spawn_blocking(work).await.map_err(|_| lost_part())
}
