//! Text files that a command writes, or compares with those on disk.
//!
//! Writing is atomic as far as the file system allows: all files are staged beside their targets
//! before the first one is replaced, so that a full disk or an unwritable folder changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use similar::TextDiff;
use tempfile::TempDir;

use crate::error::{Error, Result};
use crate::workspace;

/// Name of a new file in its staging directory.
const STAGED: &str = "new";

/// The complete text of one file, or of all files in a folder.
#[derive(Debug)]
pub struct FileSet {
    folder: PathBuf,
    files: BTreeMap<PathBuf, String>,
    /// Beginning of every file, if the set is the entire content of the folder.
    header: Option<&'static str>,
}

impl FileSet {
    /// Creates a set of a single file; other files beside it are left alone.
    pub fn file(path: &Path, text: String) -> Self {
        Self {
            folder: PathBuf::new(),
            files: [(path.to_owned(), text)].into(),
            header: None,
        }
    }

    /// Creates the entire content of a folder, by relative path. All files begin with `header`: a
    /// file without it is foreign, and is not replaced.
    pub fn folder(folder: &Path, files: BTreeMap<String, String>, header: &'static str) -> Self {
        Self {
            folder: folder.to_owned(),
            files: files
                .into_iter()
                .map(|(k, text)| (k.into(), text))
                .collect(),
            header: Some(header),
        }
    }

    /// Returns the unified diff from the files on disk to those of the set. It is empty if and only
    /// if nothing is stale.
    pub fn diff(&self) -> Result<String> {
        let present = self.present()?;
        let paths: BTreeSet<&PathBuf> = present.keys().chain(self.files.keys()).collect();
        let mut diffs = String::new();
        for path in paths {
            let (old, new) = (present.get(path), self.files.get(path));
            if old == new {
                continue;
            }
            let path = self.folder.join(path);
            let shown = workspace::relative(&path).display();
            let name = |side: Option<&String>, prefix: &str| match side {
                Some(_) => format!("{prefix}/{shown}"),
                None => "/dev/null".to_owned(),
            };
            let (old_text, new_text) = (old.map_or("", |t| t), new.map_or("", |t| t));
            let diff = TextDiff::from_lines(old_text, new_text);
            // Written here, because an empty file has no differing line: `similar` omits the header.
            diffs += &format!("--- {}\n+++ {}\n", name(old, "a"), name(new, "b"));
            diffs += &diff.unified_diff().to_string();
        }
        Ok(diffs)
    }

    /// Replaces the files on disk, and removes surplus ones from the folder.
    pub fn write(&self) -> Result<()> {
        let present = self.present()?;
        let is_foreign = |text: &str| self.header.is_some_and(|header| !text.starts_with(header));
        if let Some((path, _)) = present.iter().find(|(_, text)| is_foreign(text)) {
            let path = self.folder.join(path);
            return Err(Error::new(&path, "not a generated file; remove it first"));
        }
        let mut staged = Vec::new();
        for (path, text) in &self.files {
            if present.get(path) != Some(text) {
                staged.push(self.stage(&self.folder.join(path), text)?);
            }
        }
        for (staging, target) in &staged {
            fs::rename(staging.path().join(STAGED), target)
                .map_err(|e| failed(target, "writable", e))?;
        }
        for path in present
            .keys()
            .filter(|path| !self.files.contains_key(*path))
        {
            let path = self.folder.join(path);
            fs::remove_file(&path).map_err(|e| failed(&path, "writable", e))?;
        }
        Ok(())
    }

    /// Writes a file to a temporary directory beside its target, and returns both.
    fn stage(&self, path: &Path, text: &str) -> Result<(TempDir, PathBuf)> {
        // Renaming onto a symbolic link would replace the link instead of its target.
        let target = match fs::canonicalize(path) {
            Ok(target) if target.is_file() => target,
            Ok(_) => return Err(Error::new(path, "not writable: not a regular file")),
            Err(_) => path.to_owned(),
        };
        let parent = target.parent().unwrap_or(Path::new(""));
        let stage = || {
            if self.header.is_some() {
                fs::create_dir_all(parent)?;
            }
            let mut builder = tempfile::Builder::new();
            let staging = builder.prefix(".staged-").tempdir_in(parent)?;
            fs::write(staging.path().join(STAGED), text)?;
            Ok(staging)
        };
        let staging = stage().map_err(|e| failed(path, "writable", e))?;
        Ok((staging, target))
    }

    /// Reads the files on disk: all files of the folder, or the one file. Missing files are omitted.
    fn present(&self) -> Result<BTreeMap<PathBuf, String>> {
        let mut present = BTreeMap::new();
        if self.header.is_some() {
            read_folder(&self.folder, Path::new(""), &mut present)?;
        } else {
            for path in self.files.keys() {
                present.extend(read_file(path)?.map(|text| (path.clone(), text)));
            }
        }
        Ok(present)
    }
}

/// Reads the files below a folder, by path relative to it; none if the folder does not exist.
fn read_folder(
    folder: &Path,
    relative: &Path,
    present: &mut BTreeMap<PathBuf, String>,
) -> Result<()> {
    let fail = |e| failed(folder, "readable", e);
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(fail)?,
    };
    for entry in entries {
        let entry = entry.map_err(fail)?;
        let relative = relative.join(entry.file_name());
        if entry.file_type().map_err(fail)?.is_dir() {
            read_folder(&entry.path(), &relative, present)?;
        } else {
            present.extend(read_file(&entry.path())?.map(|text| (relative, text)));
        }
    }
    Ok(())
}

fn read_file(path: &Path) -> Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(failed(path, "readable", e)),
    }
}

fn failed(path: &Path, property: &str, error: io::Error) -> Error {
    Error::new(path, format!("not {property}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "// x";

    fn set(folder: &TempDir, files: &[(&str, &str)]) -> FileSet {
        let files = files
            .iter()
            .map(|(path, text)| ((*path).into(), (*text).into()));
        FileSet::folder(&folder.path().join("out"), files.collect(), HEADER)
    }

    #[test]
    fn written_files_replace_the_content_of_the_folder() {
        let folder = TempDir::new().unwrap();
        set(&folder, &[("a.rs", "// x a"), ("b/c.rs", "// x c")])
            .write()
            .unwrap();
        let other = set(&folder, &[("a.rs", "// x b"), ("b/d.rs", "// x d")]);
        assert_eq!(other.diff().unwrap().matches("--- ").count(), 3);
        other.write().unwrap();
        assert_eq!(other.diff().unwrap(), "");
        let names = fs::read_dir(folder.path().join("out/b")).unwrap();
        let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["d.rs"]);
    }

    #[test]
    fn a_missing_empty_file_is_stale() {
        let folder = TempDir::new().unwrap();
        let diff = set(&folder, &[("empty.rs", "")]).diff().unwrap();
        assert!(diff.starts_with("--- /dev/null\n+++ b/"), "{diff}");
    }
}
