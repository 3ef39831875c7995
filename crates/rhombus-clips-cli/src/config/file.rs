//! A settings file of the Rhombus CLI.
//!
//! No message and no `Debug` output contains a value, because one of them is the API key.

use std::fmt;
use std::path::{Path, PathBuf};

use super::ini::Sections;
use super::{Origin, Sourced};

/// A parsed file. `Debug` omits the values.
pub(crate) struct IniFile {
    path: PathBuf,
    sections: Sections,
}

impl IniFile {
    /// Parses a file. The error is one line without any of the file's text.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, String> {
        let sections =
            Sections::parse(text).map_err(|reason| format!("{}: {reason}", path.display()))?;
        Ok(Self {
            path: path.to_owned(),
            sections,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the first of these sections that exists.
    pub(crate) fn section(&self, names: &[&str]) -> Option<Section<'_>> {
        let name = names.iter().find(|name| self.sections.contains(name))?;
        Some(Section {
            file: self,
            name: (*name).to_owned(),
        })
    }

    /// Returns the names of the sections, in no particular order.
    pub(crate) fn section_names(&self) -> impl Iterator<Item = &str> {
        self.sections.names()
    }
}

/// A section of a file.
pub(crate) struct Section<'a> {
    file: &'a IniFile,
    name: String,
}

impl Section<'_> {
    pub(crate) fn get(&self, key: &str) -> Option<Sourced<String>> {
        let value = self.file.sections.get(&self.name, key)?;
        Some(Sourced::new(value, self.origin()))
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin::File {
            path: self.file.path.clone(),
            section: self.name.clone(),
        }
    }
}

impl fmt::Debug for IniFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IniFile")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<IniFile, String> {
        IniFile::parse(Path::new("f"), text)
    }

    #[test]
    fn errors_name_the_file() {
        let error = parse("[default]\n\n  canary\n").unwrap_err();
        assert_eq!(error, "f: line 3: missing `=`");
    }

    #[test]
    fn debug_omits_values() {
        let file = parse("[default]\nkey = canary\n").unwrap();
        assert!(!format!("{file:?}").contains("canary"));
    }
}
