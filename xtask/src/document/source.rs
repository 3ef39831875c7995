//! Where a document comes from.

use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// A file, or the standard input for `-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The file at a path.
    File(PathBuf),
    /// The standard input.
    Stdin,
}

impl Source {
    /// What it is called in messages.
    pub fn name(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Stdin => Path::new("<stdin>"),
        }
    }

    /// The whole text.
    pub fn text(&self) -> Result<String> {
        let text = match self {
            Self::File(path) => std::fs::read_to_string(path),
            Self::Stdin => {
                let mut text = String::new();
                std::io::stdin()
                    .lock()
                    .read_to_string(&mut text)
                    .map(|_| text)
            }
        };
        text.map_err(|e| Error::new(self.name(), format!("not readable: {e}")))
    }
}

impl From<OsString> for Source {
    fn from(argument: OsString) -> Self {
        if argument == "-" {
            Self::Stdin
        } else {
            Self::File(argument.into())
        }
    }
}
