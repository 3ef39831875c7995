//! Folders and files of the histories, in the state directory of the user.
//!
//! `history/ENDPOINT/ORGANIZATION.json`. Names are the same on all systems: an endpoint's is its host
//! with a hash of the URL, and an organization's is its RUUID in hexadecimal digits, because files may
//! not differ by case alone.

use std::fs::{self, DirEntry};
use std::hash::Hasher as _;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use etcetera::base_strategy::{BaseStrategy as _, choose_native_strategy};
use fnv::FnvHasher;
use http::Uri;
use rhombus_clips::ClipUuid;
use rhombus_clips::polling::HistorySnapshot;

use super::file as contents;

/// Largest number of files. Chosen: a partner with a hundred client organizations has all of them, and
/// they take less than 5 MB.
const MAX_FILES: usize = 100;

/// Name of the file if no record names an organization.
const UNKNOWN_ORGANIZATION: &str = "unknown";

const EXTENSION: &str = "json";

/// Longest part of a folder's name that is a host. File names are limited to some 255 bytes.
const MAX_HOST_LENGTH: usize = 100;

/// Returns the folder of all histories; `None` without a home directory.
///
/// `$XDG_STATE_HOME` or `~/.local/state` on Linux. macOS and Windows have no such folder: that of
/// application data takes its place, on Windows the one that stays on the machine.
pub(crate) fn root() -> Option<PathBuf> {
    let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
    let base = home.and_then(|_| choose_native_strategy().ok())?;
    let folder = base.state_dir().unwrap_or_else(|| match cfg!(windows) {
        true => base.cache_dir(),
        false => base.data_dir(),
    });
    Some(folder.join("rhombus-clips").join("history"))
}

/// Returns the name of an endpoint's folder.
pub(super) fn endpoint_name(url: &str) -> String {
    let uri = url.trim().parse::<Uri>().unwrap_or_default();
    let scheme = uri.scheme_str().unwrap_or_default();
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let port = uri.port_u16().map(|port| format!(":{port}"));
    let port = port.unwrap_or_default();
    let path = uri.path().trim_end_matches('/');
    // Without a user name and a password.
    let mut hasher = FnvHasher::default();
    hasher.write(format!("{scheme}://{host}{port}{path}").as_bytes());
    let hash = hasher.finish();
    let hash = hash ^ (hash >> 32);
    let host: String = host
        .chars()
        .take(MAX_HOST_LENGTH)
        .map(|c| match c {
            'a'..='z' | '0'..='9' | '.' | '-' => c,
            _ => '_',
        })
        .collect();
    format!("{host}-{:08x}", hash & 0xffff_ffff)
}

/// Returns the name of an organization's file; `None` if the text is not an RUUID.
pub(super) fn organization_name(ruuid: &str) -> Option<String> {
    // An organization's identifier has the form of a clip's.
    let uuid: ClipUuid = ruuid.parse().ok()?;
    let digits = uuid.as_bytes().iter().map(|byte| format!("{byte:02x}"));
    Some(digits.collect())
}

/// Returns the RUUID of a file's name.
fn organization_of(name: &str) -> Option<String> {
    let number = u128::from_str_radix(name, 16).ok()?;
    let is_name = name.len() == 32;
    is_name.then(|| ClipUuid::from_bytes(number.to_be_bytes()).to_string())
}

pub(super) fn file(root: &Path, endpoint: &str, organization: Option<&str>) -> PathBuf {
    let name = organization.unwrap_or(UNKNOWN_ORGANIZATION);
    root.join(endpoint).join(name).with_extension(EXTENSION)
}

/// Returns the organization whose file was written last.
pub(super) fn last_organization(folder: &Path) -> Option<String> {
    let files = files_in(folder).ok()?.into_iter();
    let (_, path) = files.max()?;
    let name = path.file_stem()?.to_str()?;
    organization_of(name).map(|_| name.to_owned())
}

/// Removes the files that were not written for longest, if there are too many.
pub(super) fn prune(root: &Path) {
    let mut files = all_files(root).unwrap_or_default();
    files.sort();
    let excess = files.len().saturating_sub(MAX_FILES);
    for (_, path) in files.drain(..excess) {
        let _ = remove(&path);
    }
}

/// A saved history.
#[derive(Debug)]
pub(crate) struct HistoryEntry {
    pub(crate) path: PathBuf,
    /// Name of the endpoint's folder.
    pub(crate) endpoint: String,
    pub(crate) organization: Option<String>,
    /// The reason why it cannot be read, if so.
    pub(crate) snapshot: Result<HistorySnapshot, io::Error>,
}

/// Returns all saved histories, sorted by path.
pub(crate) fn entries(root: &Path) -> io::Result<Vec<HistoryEntry>> {
    let mut files: Vec<_> = all_files(root)?.into_iter().map(|(_, path)| path).collect();
    files.sort();
    let name = |path: &Path| path.file_stem()?.to_str().map(str::to_owned);
    let entries = files.into_iter().map(|path| HistoryEntry {
        endpoint: path.parent().and_then(name_of).unwrap_or_default(),
        organization: name(&path).and_then(|name| organization_of(&name)),
        snapshot: contents::read(&path),
        path,
    });
    Ok(entries.collect())
}

fn name_of(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_string_lossy().into_owned())
}

/// Removes all saved histories, and returns their number. Nothing else in the folder is touched.
pub(crate) fn clear(root: &Path) -> io::Result<usize> {
    let files = all_files(root)?;
    let count = files.len();
    for (_, path) in files {
        remove(&path)?;
    }
    let _ = fs::remove_dir(root);
    Ok(count)
}

/// Removes a file, and its folder if that is empty.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        // Another program was faster.
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    if let Some(folder) = path.parent() {
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}

fn all_files(root: &Path) -> io::Result<Vec<(SystemTime, PathBuf)>> {
    let mut files = Vec::new();
    for folder in list(root)? {
        if folder.file_type()?.is_dir() {
            files.extend(files_in(&folder.path())?);
        }
    }
    Ok(files)
}

/// Returns the histories in an endpoint's folder, each with the time at which it was written.
fn files_in(folder: &Path) -> io::Result<Vec<(SystemTime, PathBuf)>> {
    let files = list(folder)?.into_iter().filter_map(|file| {
        let path = file.path();
        let is_history = path.extension().is_some_and(|it| it == EXTENSION);
        let written_at = file.metadata().ok()?.modified().ok()?;
        is_history.then_some((written_at, path))
    });
    Ok(files.collect())
}

/// Lists a folder, which may be missing.
fn list(folder: &Path) -> io::Result<Vec<DirEntry>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
