//! Output to a terminal or a pipe.
//!
//! `xtask-decode` and `xtask-polling` include this file by path. They must not depend on `xtask`:
//! they are built in release mode, and its dependencies take minutes to compile.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Write as _};

/// Prints a command's output; a closed pipe, such as `| head`, is not an error.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(e),
        _ => Ok(()),
    }
}

/// Escapes control characters, so that untrusted text cannot control the terminal.
pub(crate) fn sanitize_line(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let escaped = text.chars().map(|c| match c {
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    });
    Cow::Owned(escaped.collect())
}
