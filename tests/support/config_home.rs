//! A home directory with the configuration files of the official Rhombus command-line tool, which
//! the program reads, too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::program::program;

/// A temporary home directory.
pub struct Home(TempDir);

impl Home {
    /// Creates a home directory with these two files.
    pub fn new(config: &str, credentials: &str) -> Self {
        let home = Self(TempDir::new().unwrap());
        fs::create_dir(home.path(".rhombus")).unwrap();
        home.write("config", config, 0o644);
        home.write("credentials", credentials, 0o600);
        home
    }

    /// Returns the path of a file below the home directory.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(path)
    }

    /// Writes a file into the tool's configuration directory.
    pub fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;

        let path = self.path(".rhombus").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    /// Returns a command that runs the program in this home directory.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command.args(arguments).env("HOME", self.0.path());
        command
    }
}
