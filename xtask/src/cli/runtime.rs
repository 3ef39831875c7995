//! Commands that need the generated client to compile, or what no other command does. The program
//! here makes that client, and is to compile fast, and so each of them is a program of its own, which
//! this one runs.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

use crate::error::{Error, Result};
use crate::workspace;

/// Runs the program of a package of this workspace, as a release build.
pub(super) fn run(
    package: &str,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<ExitCode> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(&cargo)
        .args(["run", "--quiet", "--release", "--package", package])
        .arg("--manifest-path")
        .arg(workspace::root().join("Cargo.toml"))
        .arg("--")
        .args(arguments)
        .status()
        .map_err(|e| Error::new(Path::new(&cargo), format!("not runnable: {e}")))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(2)))
}
