//! The generated folder: what in it is stale, and how it is renewed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use similar::TextDiff;

use super::format::{HEADER, TextFiles};
use crate::error::{Error, Result};
use crate::workspace;

/// The unified diff from the files in `folder` to `files`; empty when nothing is stale, and only
/// then.
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
            let mut unified = unified.to_string();
            if unified.is_empty() {
                // No line differs where a file is empty, and all the same it is there or not.
                unified = format!("--- {}\n+++ {}\n", name(old, "a"), name(new, "b"));
            }
            diff += &unified;
        }
    }
    Ok(diff)
}

/// Makes `folder` hold `files` and nothing else, or leaves it as it was.
///
/// The files are written beside the folder first, then the folder is exchanged. One that holds
/// anything but generated files is refused, for it would be lost.
pub fn renew(folder: &Path, files: &TextFiles) -> Result<()> {
    let present = read_folder(folder)?;
    let foreign = present.iter().find(|(_, text)| !text.starts_with(HEADER));
    if let Some((path, _)) = foreign {
        return Err(Error::new(
            &folder.join(path),
            "was not generated: remove it first",
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
        // What was there goes back; if that fails too, the first failure is the one to name.
        let _ = fs::rename(&old, folder);
        fail(e)
    })
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
