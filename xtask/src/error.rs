//! The error type shared by all `xtask` commands.
//!
//! Every failure concerns one file, and often one JSON pointer in it. A command that finds several
//! reports all of them in one run. Each is printed as a single line, so that the output of a failing
//! command can be grepped and quoted. Text from upstream
//! documents is untrusted: control characters are escaped before it reaches a terminal.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::terminal::sanitize_line;
use crate::workspace;

/// Result of an `xtask` command.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure in a file, with its JSON pointer where one is known, and the failures that were found in
/// the same run.
#[derive(Debug)]
pub struct Error {
    file: PathBuf,
    location: Option<String>,
    message: String,
    others: Vec<Error>,
}

impl Error {
    /// Creates an error that concerns an entire file.
    pub fn new(file: &Path, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            location: None,
            message: message.into(),
            others: Vec::new(),
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
            others: Vec::new(),
        }
    }

    /// Fails with all errors as one, if there is any.
    pub fn fail_if_any(errors: impl IntoIterator<Item = Self>) -> Result<()> {
        let mut errors = errors.into_iter();
        match errors.next() {
            None => Ok(()),
            Some(mut first) => {
                first.others.extend(errors);
                Err(first)
            }
        }
    }

    /// Returns this error and those that were found in the same run.
    pub fn iter(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.others)
    }

    /// Separates this error from those that were found in the same run.
    pub fn into_each(mut self) -> impl Iterator<Item = Self> {
        let others = std::mem::take(&mut self.others);
        std::iter::once(self).chain(others)
    }

    /// Returns this error with a text before its message.
    pub fn prefixed(mut self, prefix: &str) -> Self {
        self.message.insert_str(0, prefix);
        self
    }
}

/// Formats this error alone, in one line.
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
