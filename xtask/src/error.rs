//! What goes wrong in a maintainer's command, in one line.

use std::fmt;
use std::path::{Path, PathBuf};

/// The result of a maintainer's command.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure: the file, the place in it where one is known, and what is wrong there.
#[derive(Debug)]
pub struct Error {
    file: PathBuf,
    place: Option<String>,
    message: String,
}

impl Error {
    /// A failure of a whole file.
    pub fn new(file: &Path, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            place: None,
            message: message.into(),
        }
    }

    /// A failure at a JSON pointer of a file.
    pub fn at(file: &Path, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            place: Some(pointer.into()).filter(|pointer| !pointer.is_empty()),
            message: message.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", crate::workspace::relative(&self.file).display())?;
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        // Messages of parsers may span lines; a failure is one line.
        let mut words = self.message.split_whitespace();
        if let Some(word) = words.next() {
            f.write_str(word)?;
        }
        words.try_for_each(|word| write!(f, " {word}"))
    }
}

impl std::error::Error for Error {}
