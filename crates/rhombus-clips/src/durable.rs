//! Durable changes of directories.

use std::fs::File;
use std::io;
use std::path::Path;

/// Returns the directory of a path.
pub(crate) fn parent(path: &Path) -> &Path {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// Makes a new name durable. Only Unix has a way to do that.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(parent(path))?.sync_all(),
        false => Ok(()),
    }
}
