//! What goes wrong in a maintainer's command, in one line.

use std::borrow::Cow;
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

    /// A failure at a JSON pointer of a file; the document's root is shown as `/`.
    pub fn at(file: &Path, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        let pointer = pointer.into();
        let place = if pointer.is_empty() {
            "/".to_owned()
        } else {
            pointer
        };
        Self {
            file: file.to_owned(),
            place: Some(place),
            message: message.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", crate::workspace::relative(&self.file).display())?;
        if let Some(place) = &self.place {
            write!(f, "{}: ", one_line(place))?;
        }
        // Messages of parsers may span lines; a failure is one line.
        let words: Vec<&str> = self.message.split_whitespace().collect();
        f.write_str(&one_line(&words.join(" ")))
    }
}

/// Text of somebody's document, fit for a terminal: what would steer it is escaped.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let escaped = text.chars().map(|c| match c {
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    });
    Cow::Owned(escaped.collect())
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_line_whatever_the_document_holds() {
        let error = Error::at(Path::new("x.json"), "/a\nb", "two\nlines \u{1b}[31m");
        assert_eq!(error.to_string(), "x.json: /a\\nb: two lines \\u{1b}[31m");
    }

    #[test]
    fn the_root_has_a_name() {
        let error = Error::at(Path::new("x.json"), "", "too little");
        assert_eq!(error.to_string(), "x.json: /: too little");
    }
}
