//! Reader for the INI dialect of the Rhombus CLI.
//!
//! The Rhombus CLI quotes values that contain `#` or `;`. The parser used here does not support such
//! quotes, so its inline comments are switched off and [`unquote`] handles both. No message and no
//! `Debug` output contains a value, because one of them is the API key.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use configparser::ini::{Ini, IniDefault};

use super::{Origin, Sourced};

/// A parsed file. `Debug` omits the values.
pub(crate) struct IniFile {
    path: PathBuf,
    sections: HashMap<String, HashMap<String, Option<String>>>,
}

impl IniFile {
    /// Parses a file. The error is one line without any of the file's text.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, String> {
        // Some editors write a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut defaults = IniDefault::default();
        defaults.case_sensitive = true;
        // The parser would recognize them within a quoted value.
        defaults.enable_inline_comments = false;
        // Keys above the first section belong to none.
        defaults.default_section = String::new();
        let sections = Ini::new_from_defaults(defaults)
            .read(text.to_owned())
            .map_err(|reason| format!("{}: {reason}", path.display()))?;
        let key_alone = sections
            .values()
            .flatten()
            .find(|(_, value)| value.is_none());
        if let Some((key, _)) = key_alone {
            let line = text.lines().position(|line| line.trim() == key);
            let line = line.map_or_else(String::new, |index| format!("line {}: ", index + 1));
            return Err(format!("{}: {line}missing `=`", path.display()));
        }
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
        names.iter().find_map(|&name| {
            let values = self.sections.get(name)?;
            Some(Section {
                file: self,
                name: name.to_owned(),
                values,
            })
        })
    }

    /// Returns the names of the sections, in no particular order.
    pub(crate) fn section_names(&self) -> impl Iterator<Item = &str> {
        self.sections
            .keys()
            .map(String::as_str)
            .filter(|name| !name.is_empty())
    }
}

/// A section of a file.
pub(crate) struct Section<'a> {
    file: &'a IniFile,
    name: String,
    values: &'a HashMap<String, Option<String>>,
}

impl Section<'_> {
    pub(crate) fn get(&self, key: &str) -> Option<Sourced<&str>> {
        let raw = self.values.get(key)?.as_deref()?;
        Some(Sourced::new(unquote(raw), self.origin()))
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin::File {
            path: self.file.path.clone(),
            section: self.name.clone(),
        }
    }
}

/// Removes the quotes around a value, or the comment after an unquoted one.
fn unquote(raw: &str) -> &str {
    for quote in ['"', '\'', '`'] {
        if let Some((quoted, _)) = raw
            .strip_prefix(quote)
            .and_then(|rest| rest.split_once(quote))
        {
            return quoted;
        }
    }
    let comment = raw
        .match_indices(['#', ';'])
        .map(|(index, _)| index)
        .find(|&index| {
            let before = raw.get(..index).unwrap_or_default();
            before.is_empty() || before.ends_with(char::is_whitespace)
        });
    raw.get(..comment.unwrap_or(raw.len()))
        .unwrap_or_default()
        .trim_end()
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

    fn read_key(text: &str) -> Option<String> {
        let file = parse(text).unwrap();
        let section = file.section(&["default"])?;
        Some(section.get("key")?.value.to_owned())
    }

    #[test]
    fn values_are_unquoted_and_comments_removed() {
        for text in [
            "[default]\nkey=a=b==\n",
            "\u{feff}[default]\r\nkey = a=b==\r\n",
            "# comment\n; comment\n\n[ default ] # comment\n  key\t =  a=b==  \n",
            "[default]\nkey = old\nkey = a=b==\n",
            "[default]\nkey = old\n[other]\nkey = x\n[default]\nkey = a=b==",
            "[default]\nkey = a=b== # comment\n",
            "[default]\nkey = `a=b==` ; comment\n",
            "[default]\nkey = \"a=b==\"\n",
        ] {
            assert_eq!(read_key(text).as_deref(), Some("a=b=="), "{text:?}");
        }
    }

    #[test]
    fn only_an_unquoted_delimiter_after_whitespace_starts_a_comment() {
        for (raw, expected) in [
            ("a#b;c", "a#b;c"),
            ("`a #b`", "a #b"),
            ("\"a", "\"a"),
            (r"C:\new\temp", r"C:\new\temp"),
            ("http://[::1]:80/", "http://[::1]:80/"),
            ("# comment", ""),
            ("", ""),
        ] {
            assert_eq!(unquote(raw), expected);
        }
    }

    #[test]
    fn keys_outside_sections_are_ignored() {
        assert_eq!(read_key("key = a\n"), None);
        assert_eq!(
            parse("key = a\n[b]\n")
                .unwrap()
                .section_names()
                .collect::<Vec<_>>(),
            ["b"]
        );
    }

    #[test]
    fn errors_state_the_line_number_without_its_text() {
        for (text, line) in [
            ("[default\nkey = canary\n", "line 1: "),
            ("[default]\n\n  canary\n", "line 3: "),
            ("[default]\n= canary\n", "line 2:"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with("f: "), "{error}");
            assert!(error.contains(line), "{error}");
            assert!(!error.contains("canary") && error.lines().count() == 1);
        }
    }

    #[test]
    fn debug_omits_values() {
        let file = parse("[default]\nkey = canary\n").unwrap();
        assert!(!format!("{file:?}").contains("canary"));
    }
}
