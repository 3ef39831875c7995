//! Output of the extracted fragment: a diff for `--check`, or an atomic write.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use similar::TextDiff;

use crate::error::{Error, Result};
use crate::workspace;

/// Reads the file; returns `None` if it does not exist.
pub fn read_if_exists(file: &Path) -> Result<Option<String>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::new(file, format!("not readable: {e}"))),
    }
}

/// Formats a unified diff from the file's existing content to `text`.
pub fn diff(file: &Path, existing: Option<&str>, text: &str) -> String {
    let shown = workspace::relative(file).display();
    let old = match existing {
        Some(_) => format!("a/{shown}"),
        None => "/dev/null".to_owned(),
    };
    let diff = TextDiff::from_lines(existing.unwrap_or_default(), text);
    let mut unified = diff.unified_diff();
    unified.header(&old, &format!("b/{shown}")).to_string()
}

/// Replaces the file atomically, by renaming a temporary file in the same folder.
pub fn write(file: &Path, text: &str) -> Result<()> {
    let fail = |e: io::Error| Error::new(file, format!("not writable: {e}"));
    // Renaming onto a symbolic link would replace the link instead of its target.
    let target = match fs::canonicalize(file) {
        Ok(target) if target.is_file() => target,
        Ok(_) => return Err(Error::new(file, "not writable: not a regular file")),
        Err(_) => file.to_owned(),
    };
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let staging = tempfile::Builder::new()
        .prefix(".fragment-")
        .tempdir_in(folder)
        .map_err(fail)?;
    let staged = staging.path().join("fragment.json");
    fs::write(&staged, text).map_err(fail)?;
    fs::rename(&staged, &target).map_err(fail)
}
