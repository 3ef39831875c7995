//! The fragment's file: how it differs from a fresh fragment, and how it is exchanged for one.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use similar::TextDiff;

use crate::error::{Error, Result};
use crate::workspace;

/// The unified diff from the file to `text`; none when the file says the same.
pub fn stale(file: &Path, text: &str) -> Result<Option<String>> {
    let present = match fs::read_to_string(file) {
        Ok(present) => Some(present),
        Err(e) if e.kind() == ErrorKind::NotFound => None,
        Err(e) => return Err(Error::new(file, format!("not readable: {e}"))),
    };
    if present.as_deref() == Some(text) {
        return Ok(None);
    }
    let shown = workspace::relative(file).display();
    let old = match &present {
        Some(_) => format!("a/{shown}"),
        None => "/dev/null".to_owned(),
    };
    let present = present.unwrap_or_default();
    let diff = TextDiff::from_lines(present.as_str(), text);
    let unified = diff
        .unified_diff()
        .header(&old, &format!("b/{shown}"))
        .to_string();
    Ok(Some(unified))
}

/// Writes `text` to the file, all of it or nothing.
pub fn write(file: &Path, text: &str) -> Result<()> {
    let fail = |e: io::Error| Error::new(file, format!("not writable: {e}"));
    // The file that a link leads to is exchanged, not the link.
    let target = match fs::canonicalize(file) {
        Ok(target) if target.is_file() => target,
        Ok(_) => return Err(Error::new(file, "not writable: it is not a file")),
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
    let fresh = staging.path().join("fresh.json");
    fs::write(&fresh, text).map_err(fail)?;
    fs::rename(&fresh, &target).map_err(fail)
}
