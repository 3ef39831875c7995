//! `cargo xtask decode`.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Args;

use crate::error::{Error, Result};
use crate::workspace;

#[derive(Debug, Args)]
pub(super) struct Decode {
    /// The recorded answers, one JSON body a line; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Decode {
    /// The program that decodes needs the generated client to compile. This one makes that
    /// client, and so runs the other.
    pub(super) fn run(self) -> Result<ExitCode> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(&cargo)
            .args(["run", "--quiet", "--release", "--package", "xtask-decode"])
            .arg("--manifest-path")
            .arg(workspace::root().join("Cargo.toml"))
            .arg("--")
            .arg(self.file)
            .status()
            .map_err(|e| Error::new(Path::new(&cargo), format!("not runnable: {e}")))?;
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        Ok(ExitCode::from(code.unwrap_or(2)))
    }
}
