//! The error type shared by all `xtask` commands.
//!
//! Every failure concerns one file, and often one JSON pointer in it. Errors are printed as a single
//! line, so that the output of a failing command can be grepped and quoted. Text from upstream
//! documents is untrusted: control characters are escaped before it reaches a terminal.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::terminal::sanitize_line;
use crate::workspace;

/// Result of an `xtask` command.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure in a file, with its JSON pointer where one is known.
#[derive(Debug)]
pub struct Error {
    file: PathBuf,
    location: Option<String>,
    message: String,
}

impl Error {
    /// Creates an error that concerns an entire file.
    pub fn new(file: &Path, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            location: None,
            message: message.into(),
        }
    }

    /// Creates an error at a JSON pointer of a file; the document root is displayed as `/`.
    pub fn at(file: &Path, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        let pointer = pointer.into();
        let location = if pointer.is_empty() {
            "/".to_owned()
        } else {
            pointer
        };
        Self {
            file: file.to_owned(),
            location: Some(location),
            message: message.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", workspace::relative(&self.file).display())?;
        if let Some(location) = &self.location {
            write!(f, "{}: ", sanitize_line(location))?;
        }
        // Parser messages may span several lines.
        let words: Vec<&str> = self.message.split_whitespace().collect();
        f.write_str(&sanitize_line(&words.join(" ")))
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_displayed_as_one_sanitized_line() {
        let error = Error::at(Path::new("x.json"), "/a\nb", "two\nlines \u{1b}[31m");
        assert_eq!(error.to_string(), "x.json: /a\\nb: two lines \\u{1b}[31m");
    }

    #[test]
    fn document_root_is_displayed_as_a_slash() {
        let error = Error::at(Path::new("x.json"), "", "too little");
        assert_eq!(error.to_string(), "x.json: /: too little");
    }
}
