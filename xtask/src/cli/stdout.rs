//! The standard output, which its reader may close early.

use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use crate::error::{Error, Result};

/// Prints a command's output. A reader such as `head`, which has seen enough, is no error.
pub(super) fn print(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Error::new(
            Path::new("<stdout>"),
            format!("not writable: {e}"),
        )),
        _ => Ok(()),
    }
}
