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

/// Escapes control and format characters, so that untrusted text can neither control the terminal nor
/// hide there.
pub(crate) fn sanitize_line(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let escaped = text.chars().map(|c| match c {
        // These alone are escaped although they are visible.
        '"' | '\'' | '\\' => c.to_string(),
        c => c.escape_debug().to_string(),
    });
    Cow::Owned(escaped.collect())
}
