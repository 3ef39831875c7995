//! One of the two files: INI.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use configparser::ini::{Ini, IniDefault};

use super::{Origin, Sourced};

/// The sections of a file. `Debug` shows none of the values: one of them is the API key.
pub(crate) struct File {
    path: PathBuf,
    sections: HashMap<String, HashMap<String, Option<String>>>,
}

impl File {
    /// Reads what Rhombus's own tool reads. The refusal is one line without any of the text.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, String> {
        // Editors put a byte order mark before a text.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut defaults = IniDefault::default();
        defaults.case_sensitive = true;
        // They would begin in the middle of a value: see `value`.
        defaults.enable_inline_comments = false;
        // What stands before the first section is in none.
        defaults.default_section = String::new();
        let sections = Ini::new_from_defaults(defaults)
            .read(text.to_owned())
            .map_err(|why| format!("{}: {why}", path.display()))?;
        let bare = sections
            .values()
            .flatten()
            .find(|(_, value)| value.is_none());
        if let Some((bare, _)) = bare {
            let line = text.lines().position(|line| line.trim() == bare);
            let line = line.map_or_else(String::new, |index| format!("line {}: ", index + 1));
            return Err(format!("{}: {line}no `=` in it", path.display()));
        }
        Ok(Self {
            path: path.to_owned(),
            sections,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The first of these sections that there is.
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

    /// The names of the sections.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.sections
            .keys()
            .map(String::as_str)
            .filter(|name| !name.is_empty())
    }
}

/// A section of a file.
pub(crate) struct Section<'a> {
    file: &'a File,
    name: String,
    values: &'a HashMap<String, Option<String>>,
}

impl Section<'_> {
    pub(crate) fn get(&self, key: &str) -> Option<Sourced<&str>> {
        let raw = self.values.get(key)?.as_deref()?;
        Some(Sourced::new(value(raw), self.origin()))
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin::File {
            path: self.file.path.clone(),
            section: self.name.clone(),
        }
    }
}

/// A value as Rhombus's own tool reads and writes it: in quotes when it holds `#` or `;`, and
/// otherwise up to a comment.
fn value(raw: &str) -> &str {
    for quote in ['"', '\'', '`'] {
        if let Some((quoted, _)) = raw
            .strip_prefix(quote)
            .and_then(|rest| rest.split_once(quote))
        {
            return quoted;
        }
    }
    let comment = raw.match_indices(['#', ';']).map(|(at, _)| at).find(|&at| {
        let before = raw.get(..at).unwrap_or_default();
        before.is_empty() || before.ends_with(char::is_whitespace)
    });
    raw.get(..comment.unwrap_or(raw.len()))
        .unwrap_or_default()
        .trim_end()
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<File, String> {
        File::parse(Path::new("f"), text)
    }

    fn read(text: &str) -> Option<String> {
        let file = parse(text).unwrap();
        let section = file.section(&["default"])?;
        Some(section.get("key")?.value.to_owned())
    }

    #[test]
    fn a_value_is_what_stands_behind_the_first_equals_sign() {
        for text in [
            "[default]\nkey=a=b==\n",
            "\u{feff}[default]\r\nkey = a=b==\r\n",
            "# of mine\n; of mine\n\n[ default ] # here\n  key\t =  a=b==  \n",
            "[default]\nkey = old\nkey = a=b==\n",
            "[default]\nkey = old\n[other]\nkey = x\n[default]\nkey = a=b==",
            "[default]\nkey = a=b== # of mine\n",
            "[default]\nkey = `a=b==` ; of mine\n",
            "[default]\nkey = \"a=b==\"\n",
        ] {
            assert_eq!(read(text).as_deref(), Some("a=b=="), "{text:?}");
        }
    }

    #[test]
    fn a_value_is_not_cut_in_its_middle() {
        for (raw, whole) in [
            ("a#b;c", "a#b;c"),
            ("`a #b`", "a #b"),
            ("\"a", "\"a"),
            (r"C:\new\temp", r"C:\new\temp"),
            ("http://[::1]:80/", "http://[::1]:80/"),
            ("# nothing", ""),
            ("", ""),
        ] {
            assert_eq!(value(raw), whole);
        }
    }

    #[test]
    fn what_stands_in_no_section_is_of_no_profile() {
        assert_eq!(read("key = a\n"), None);
        assert_eq!(
            parse("key = a\n[b]\n").unwrap().names().collect::<Vec<_>>(),
            ["b"]
        );
    }

    #[test]
    fn a_malformed_line_is_named_and_not_shown() {
        for (text, line) in [
            ("[default\nkey = canary\n", "line 1: "),
            ("[default]\n\n  canary\n", "line 3: "),
            ("[default]\n= canary\n", "line 2:"),
        ] {
            let refusal = parse(text).unwrap_err();
            assert!(refusal.starts_with("f: "), "{refusal}");
            assert!(refusal.contains(line), "{refusal}");
            assert!(!refusal.contains("canary") && refusal.lines().count() == 1);
        }
    }

    #[test]
    fn debug_shows_no_value() {
        let file = parse("[default]\nkey = canary\n").unwrap();
        assert!(!format!("{file:?}").contains("canary"));
    }
}
