//! The generated folder: what in it is stale, and how it is renewed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use similar::TextDiff;
use tempfile::NamedTempFile;

use super::format::TextFiles;
use crate::error::{Error, Result};
use crate::workspace;

/// The unified diff from the files in `folder` to `files`; empty when nothing is stale.
pub fn stale(folder: &Path, files: &TextFiles) -> Result<String> {
    let present = read_folder(folder)?;
    let paths: BTreeSet<&String> = present.keys().chain(files.keys()).collect();
    let mut diff = String::new();
    for path in paths {
        let old = present.get(path).map(String::as_str);
        let new = files.get(path).map(String::as_str);
        if old != new {
            let shown = workspace::relative(folder).join(path).display().to_string();
            let name = |side: Option<&str>, prefix: &str| match side {
                Some(_) => format!("{prefix}/{shown}"),
                None => "/dev/null".to_owned(),
            };
            let text = TextDiff::from_lines(old.unwrap_or(""), new.unwrap_or(""));
            let mut unified = text.unified_diff();
            unified.header(&name(old, "a"), &name(new, "b"));
            // Writing to a string does not fail.
            let _ = write!(diff, "{unified}");
        }
    }
    Ok(diff)
}

/// Makes `folder` hold `files` and nothing else.
///
/// Every file is written beside its target before the first is renamed, so that a failure to
/// write leaves the old files as they were.
pub fn renew(folder: &Path, files: &TextFiles) -> Result<()> {
    let present = read_folder(folder)?;
    let mut staged = Vec::new();
    for (path, text) in files
        .iter()
        .filter(|(path, text)| present.get(*path) != Some(text))
    {
        let target = folder.join(path);
        let parent = target.parent().unwrap_or(folder);
        let fail = |e: std::io::Error| Error::new(&target, format!("not writable: {e}"));
        fs::create_dir_all(parent).map_err(fail)?;
        let mut file = NamedTempFile::new_in(parent).map_err(fail)?;
        file.write_all(text.as_bytes()).map_err(fail)?;
        make_readable(file.as_file()).map_err(fail)?;
        staged.push((file, target));
    }
    for (file, target) in staged {
        file.persist(&target)
            .map_err(|e| Error::new(&target, format!("not writable: {}", e.error)))?;
    }
    for path in present.keys().filter(|path| !files.contains_key(*path)) {
        let target = folder.join(path);
        fs::remove_file(&target).map_err(|e| Error::new(&target, format!("not removable: {e}")))?;
    }
    Ok(())
}

/// A temporary file is its owner's alone; a source file is not.
#[cfg(unix)]
fn make_readable(file: &fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &fs::File) -> std::io::Result<()> {
    Ok(())
}

/// The files below a folder by their path with `/`; none when there is no folder.
fn read_folder(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let mut unread = vec![(folder.to_owned(), String::new())];
    while let Some((directory, prefix)) = unread.pop() {
        let fail = |e: std::io::Error| Error::new(&directory, format!("not readable: {e}"));
        let entries = match fs::read_dir(&directory) {
            Err(e) if e.kind() == ErrorKind::NotFound => continue,
            entries => entries.map_err(fail)?,
        };
        for entry in entries {
            let entry = entry.map_err(fail)?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type().map_err(fail)?.is_dir() {
                unread.push((entry.path(), format!("{path}/")));
            } else {
                let bytes = fs::read(entry.path()).map_err(fail)?;
                files.insert(path, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
    Ok(files)
}
