//! Standard output that tolerates a broken pipe.

use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use crate::error::{Error, Result};

/// Prints a command's output; a closed pipe, such as `| head`, is not an error.
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
