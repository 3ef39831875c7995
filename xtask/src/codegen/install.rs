//! Compares the generated directory with fresh output, or replaces it.
//!
//! Replacement is atomic as far as the file system allows: an interrupted or failed run leaves the
//! previous directory in place.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use similar::TextDiff;

use super::format::{HEADER, TextFiles};
use crate::error::{Error, Result};
use crate::workspace;

/// Returns the unified diff from the files in `folder` to `files`. It is empty if and only if
/// nothing is stale.
pub fn diff(folder: &Path, files: &TextFiles) -> Result<String> {
    let present = read_folder(folder)?;
    let paths: BTreeSet<&String> = present.keys().chain(files.keys()).collect();
    let mut diffs = String::new();
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
            let mut unified = unified.to_string();
            if unified.is_empty() {
                // An empty file has no differing line, even when it is missing or surplus.
                unified = format!("--- {}\n+++ {}\n", name(old, "a"), name(new, "b"));
            }
            diffs += &unified;
        }
    }
    Ok(diffs)
}

/// Replaces the contents of `folder` by `files`, or leaves it unchanged on failure.
///
/// The files are written to a temporary directory beside the folder, which is then renamed. A
/// folder that contains a file that was not generated is rejected, because the file would be lost.
pub fn replace(folder: &Path, files: &TextFiles) -> Result<()> {
    let present = read_folder(folder)?;
    let foreign = present.iter().find(|(_, text)| !text.starts_with(HEADER));
    if let Some((path, _)) = foreign {
        return Err(Error::new(
            &folder.join(path),
            "not a generated file; remove it first",
        ));
    }
    let fail = |e: std::io::Error| Error::new(folder, format!("not writable: {e}"));
    let parent = folder.parent().unwrap_or(folder);
    fs::create_dir_all(parent).map_err(fail)?;
    let staging = tempfile::Builder::new()
        .prefix(".generated-")
        .tempdir_in(parent)
        .map_err(fail)?;
    let (new, old) = (staging.path().join("new"), staging.path().join("old"));
    for (path, text) in files {
        let target = new.join(path);
        fs::create_dir_all(target.parent().unwrap_or(&new)).map_err(fail)?;
        fs::write(target, text).map_err(fail)?;
    }
    if folder.exists() {
        fs::rename(folder, &old).map_err(fail)?;
    }
    fs::rename(&new, folder).map_err(|e| {
        // Roll back. If that fails too, the first error is the one to report.
        let _ = fs::rename(&old, folder);
        fail(e)
    })
}

/// Reads the files below a folder, by relative path with `/`; none if the folder does not exist.
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
