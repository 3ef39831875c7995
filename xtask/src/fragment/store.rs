//! The fragment's file: how it differs from a fresh fragment, and how it is exchanged for one.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use similar::TextDiff;

use crate::error::{Error, Result};
use crate::workspace;

/// What the file holds; none when there is no such file.
pub fn present(file: &Path) -> Result<Option<String>> {
    match fs::read_to_string(file) {
        Ok(present) => Ok(Some(present)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::new(file, format!("not readable: {e}"))),
    }
}

/// The unified diff from what the file holds to `text`.
pub fn diff(file: &Path, present: Option<&str>, text: &str) -> String {
    let shown = workspace::relative(file).display();
    let old = match present {
        Some(_) => format!("a/{shown}"),
        None => "/dev/null".to_owned(),
    };
    let diff = TextDiff::from_lines(present.unwrap_or_default(), text);
    let mut unified = diff.unified_diff();
    unified.header(&old, &format!("b/{shown}")).to_string()
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
