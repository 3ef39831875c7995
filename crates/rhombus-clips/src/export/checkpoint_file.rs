//! A checkpoint in a file, which is replaced as a whole.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use super::checkpoint::ExportCheckpoint;
use crate::durable::sync_parent;

/// Writes a checkpoint. A process or system that ends meanwhile leaves the old text or the new one.
pub(super) fn write(path: &Path, checkpoint: &ExportCheckpoint) -> io::Result<()> {
    let mut name = OsString::from(path.file_name().unwrap_or_default());
    name.push(".new");
    let new = path.with_file_name(name);
    let mut file = File::create(&new)?;
    writeln!(file, "{checkpoint}")?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    sync_parent(path)
}
