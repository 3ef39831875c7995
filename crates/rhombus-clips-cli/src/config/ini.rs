//! Parser for the INI dialect of the Rhombus CLI, which reads and writes its files with the Go library
//! `ini.v1`.
//!
//! A value may be quoted by `"""` or a backtick, across lines, or continue on the next line after a `\`.
//! A key may be quoted, too. `%(key)s` stands for another value of the section or of `[DEFAULT]`, to
//! which the keys above the first section belong. A section `[a.b]` inherits from `[a]`. Unlike there, a
//! `#` or `;` starts a comment only after whitespace, because an API key may contain one.
//!
//! No error contains any text of the file, because one of its values is the API key.

use std::collections::HashMap;
use std::iter::successors;

/// Section of the keys that `%(key)s` finds in every section.
pub(super) const DEFAULTS: &str = "DEFAULT";

/// Replacements of `%(key)s` in one value, which may contain others; the number of the Go library.
const MAX_REPLACEMENTS: usize = 99;

/// Length in bytes at which replacements end, since each may double the value. Chosen, not tuned: a
/// value is a key, a URL or a path.
const MAX_VALUE_BYTES: usize = 64 * 1024;

const MULTILINE_QUOTES: [&str; 2] = ["\"\"\"", "`"];

/// The sections of a file by name.
#[derive(Default)]
pub(super) struct Sections(HashMap<String, HashMap<String, String>>);

impl Sections {
    /// Parses a text. The error states the line number.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut sections = Self::default();
        let mut name = DEFAULTS.to_owned();
        let mut lines = Lines {
            rest: text,
            number: 0,
        };
        while let Some(line) = lines.next() {
            let number = lines.number;
            let error = |reason: &str| Err(format!("line {number}: {reason}"));
            // Files that were joined have a byte order mark at the start of any line.
            let line = line.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(rest) = line.strip_prefix('[') {
                match section_name(rest) {
                    Some("") => return error("the section has no name"),
                    Some(section) => name = section.to_owned(),
                    None => return error("missing `]`"),
                }
                sections.0.entry(name.clone()).or_default();
                continue;
            }
            let (key, value) = match split_key(line) {
                Ok(("", _)) => return error("missing key before `=`"),
                Ok(split) => split,
                Err(reason) => return error(reason),
            };
            let Some(value) = read_value(value, &mut lines) else {
                return error("the quote around the value has no end");
            };
            let section = sections.0.entry(name.clone()).or_default();
            section.insert(key.to_owned(), value);
        }
        Ok(sections)
    }

    /// Returns the names of the sections, in no particular order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0
            .keys()
            .map(String::as_str)
            .filter(|name| *name != DEFAULTS)
    }

    pub(super) fn contains(&self, section: &str) -> bool {
        self.0.contains_key(section)
    }

    /// Returns the value of a key of a section, or of one that it inherits from.
    pub(super) fn get(&self, section: &str, key: &str) -> Option<String> {
        let mut value = self.raw(section, key)?.to_owned();
        for _ in 0..MAX_REPLACEMENTS {
            let Some(name) = reference(&value) else { break };
            let own = self.raw(section, name).filter(|_| name != key);
            // A reference to nothing remains as it is.
            let Some(replacement) = own.or_else(|| self.raw(DEFAULTS, name)) else {
                break;
            };
            let reference = format!("%({name})s");
            let added = value.matches(&reference).count() * replacement.len();
            if value.len() + added > MAX_VALUE_BYTES {
                break;
            }
            value = value.replace(&reference, replacement);
        }
        Some(value)
    }

    fn raw(&self, section: &str, key: &str) -> Option<&str> {
        let value = |section: &str| self.0.get(section)?.get(key);
        successors(Some(section), |&section| Some(section.rsplit_once('.')?.0))
            .find_map(value)
            .map(String::as_str)
    }
}

/// The lines of a text, without their line ends.
struct Lines<'a> {
    rest: &'a str,
    number: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        self.number += 1;
        Some(line.strip_suffix('\r').unwrap_or(line))
    }
}

/// Returns the name in the rest of a line that begins with `[`. Only a comment may contain another `]`.
fn section_name(rest: &str) -> Option<&str> {
    let first = rest.find(']')?;
    let end = without_comment(rest.get(first..)?).rfind(']')?;
    Some(rest.get(..first + end)?.trim())
}

/// Splits a line into its key and the rest after the `=` or `:`.
fn split_key(line: &str) -> Result<(&str, &str), &'static str> {
    for quote in ["\"\"\"", "\"", "`"] {
        if let Some(rest) = line.strip_prefix(quote) {
            let (key, rest) = rest
                .split_once(quote)
                .ok_or("the quote around the key has no end")?;
            let (_, value) = rest.split_once(['=', ':']).ok_or("missing `=`")?;
            return Ok((key.trim(), value));
        }
    }
    let (key, value) = line.split_once(['=', ':']).ok_or("missing `=`")?;
    Ok((key.trim(), value))
}

/// Returns a value from the rest of its line, and of the following lines that belong to it; `None` if
/// its quote has no end.
fn read_value(rest: &str, lines: &mut Lines<'_>) -> Option<String> {
    let rest = rest.trim_start();
    for quote in MULTILINE_QUOTES {
        if let Some(quoted) = rest.strip_prefix(quote) {
            return read_quoted(quoted, quote, lines);
        }
    }
    let rest = rest.trim_end();
    if let Some(start) = rest.strip_suffix('\\') {
        return Some(read_continued(start, lines));
    }
    Some(unquote(rest).to_owned())
}

/// Reads up to the last quote of the line in which the value ends.
fn read_quoted(start: &str, quote: &str, lines: &mut Lines<'_>) -> Option<String> {
    if let Some((value, _)) = start.rsplit_once(quote) {
        return Some(value.to_owned());
    }
    let mut value = start.to_owned();
    loop {
        let line = lines.next()?;
        value.push('\n');
        if let Some((last, _)) = line.rsplit_once(quote) {
            value.push_str(last);
            return Some(value);
        }
        value.push_str(line);
    }
}

/// Appends the lines that follow, up to one without a `\` at its end.
fn read_continued(start: &str, lines: &mut Lines<'_>) -> String {
    let mut value = start.to_owned();
    while let Some(line) = lines.next() {
        match line.trim().strip_suffix('\\') {
            Some(line) => value.push_str(line),
            None => {
                value.push_str(line.trim());
                break;
            }
        }
    }
    value
}

/// Removes the quotes around a value, or the comment after an unquoted one.
fn unquote(value: &str) -> &str {
    for quote in ['"', '\''] {
        let quoted = value.strip_prefix(quote);
        if let Some((quoted, rest)) = quoted.and_then(|rest| rest.split_once(quote))
            && without_comment(rest).is_empty()
        {
            return quoted;
        }
    }
    without_comment(value)
}

/// Removes a comment and the whitespace before it.
fn without_comment(text: &str) -> &str {
    let mut after_whitespace = true;
    let start = text.find(|c: char| {
        let is_start = after_whitespace && matches!(c, '#' | ';');
        after_whitespace = c.is_whitespace();
        is_start
    });
    text.get(..start.unwrap_or(text.len()))
        .unwrap_or_default()
        .trim_end()
}

/// Returns the key in the first `%(key)s` of a value.
fn reference(value: &str) -> Option<&str> {
    let mut rest = value;
    loop {
        (_, rest) = rest.split_once("%(")?;
        let (key, after) = rest.split_once(')')?;
        if after.starts_with('s') && !key.is_empty() {
            return Some(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Sections {
        Sections::parse(text).unwrap()
    }

    /// Returns the value of `key` in `[default]`.
    fn read(text: &str) -> Option<String> {
        parse(text).get("default", "key")
    }

    #[test]
    fn values_are_unquoted_and_comments_removed() {
        for text in [
            "[default]\nkey=a=b==\n",
            "# a\n\u{feff}[default]\n\u{feff}key=a=b==\n",
            "[default]\r\nkey = a=b==\r\n",
            "# comment\n; comment\n\n[ default ] # comment [1]\n  key\t =  a=b==  \n",
            "[default]\nkey = old\nkey = a=b==\n",
            "[default]\nkey = old\n[other]\nkey = x\n[default]\nkey = a=b==",
            "[default]\nkey = a=b== # comment\n",
            "[default]\nkey = `a=b==` ; comment\n",
            "[default]\nkey = \"a=b==\" # \"comment\"\n",
            "[default]\nkey = 'a=b=='\n",
            "[default]\nkey = \"\"\"a=b==\"\"\"\n",
            "[default]\nkey = \"\"\"a=b==\"\"\" # comment",
            "[default]\nkey = a=\\\n  b=\\\n=\n",
            "[default]\nkey : a=b==\n",
            "[default]\n\"key\" = a=b==\n",
            "[default]\n`key`= a=b==\n",
            "[default]\n\"\"\"key\"\"\" = a=b==\n",
            "[default]\nkey = %(other)s=\nother = a=b=\n",
            "[default]\nkey = %(x)s%(y)s\nx = a=\ny = b==\n[DEFAULT]\ny = wrong\n",
            "half = b=\n[default]\nkey = a=%(half)s=\n",
            "[DEFAULT]\nkey = =\n[default]\nkey = a=b=%(key)s\n",
        ] {
            assert_eq!(read(text).as_deref(), Some("a=b=="), "{text:?}");
        }
    }

    #[test]
    fn values_are_read_as_the_rhombus_cli_writes_them() {
        // Each value is written as the Go library does.
        for (raw, expected) in [
            ("plain", "plain"),
            ("`with # and ;`", "with # and ;"),
            ("\" with spaces \"", " with spaces "),
            ("\"\"\"with ` backtick\"\"\"", "with ` backtick"),
            ("\"\"\"two  \nlines \"\"\"", "two  \nlines "),
            (
                "\"\"\"three\n\n\"quoted\" lines\n\"\"\"",
                "three\n\n\"quoted\" lines\n",
            ),
            ("`a` `b`", "a` `b"),
            ("", ""),
        ] {
            let text = format!("[default]\nkey = {raw}\n\nafter = x\n");
            assert_eq!(read(&text).as_deref(), Some(expected), "{raw}");
            assert_eq!(parse(&text).get("default", "after").as_deref(), Some("x"));
        }
    }

    #[test]
    fn only_what_is_meant_as_syntax_is_syntax() {
        for (raw, expected) in [
            ("a#b;c", "a#b;c"),
            ("\"a", "\"a"),
            ("\"a\" b", "\"a\" b"),
            ("'a\"", "'a\""),
            (r"C:\new\temp", r"C:\new\temp"),
            ("http://[::1]:80/", "http://[::1]:80/"),
            ("# comment", ""),
            ("50%", "50%"),
            ("%(missing)s", "%(missing)s"),
            ("%(key)s", "%(key)s"),
            ("%()s %(x", "%()s %(x"),
        ] {
            let text = format!("[default]\nkey = {raw}\n");
            assert_eq!(read(&text).as_deref(), Some(expected), "{raw}");
        }
    }

    #[test]
    fn references_end() {
        let cycle = "[default]\nkey = %(a)s\na = %(b)s\nb = %(a)s\n";
        assert!(read(cycle).is_some_and(|value| value.starts_with("%(")));
        let doubling: String = (0..60)
            .map(|i| format!("a{i} = %(a{next})s%(a{next})s\n", next = i + 1))
            .collect();
        let text = format!("[default]\nkey = %(a0)s\n{doubling}a60 = x\n");
        assert!(read(&text).is_some_and(|value| value.len() <= MAX_VALUE_BYTES));
    }

    #[test]
    fn a_section_inherits_from_the_one_that_its_name_begins_with() {
        let sections = parse("[a]\nx = 1\ny = 2\n[a.b.c]\ny = 3\n[a.b]\n");
        let get = |key| sections.get("a.b.c", key);
        assert_eq!((get("x"), get("y")), (Some("1".into()), Some("3".into())));
        assert_eq!(get("z"), None);
    }

    #[test]
    fn names_may_contain_brackets() {
        let sections = parse("a = b\n[DEFAULT]\n[profile a]b]\n[c] ; ]\n");
        let mut names: Vec<_> = sections.names().collect();
        names.sort_unstable();
        assert_eq!(names, ["c", "profile a]b"]);
    }

    #[test]
    fn errors_state_the_line_number_without_its_text() {
        for (text, error) in [
            ("[default\nkey = canary\n", "line 1: missing `]`"),
            ("[]\nkey = canary\n", "line 1: the section has no name"),
            ("[default]\n\n  canary\n", "line 3: missing `=`"),
            ("[default]\n\"canary\"\n", "line 2: missing `=`"),
            (
                "[default]\n\"canary\n",
                "line 2: the quote around the key has no end",
            ),
            ("[default]\n= canary\n", "line 2: missing key before `=`"),
            (
                "a = \"\"\"b\nc\"\"\"\nkey = `canary\nx\n",
                "line 3: the quote around the value has no end",
            ),
        ] {
            assert_eq!(Sections::parse(text).err().as_deref(), Some(error));
        }
    }
}
