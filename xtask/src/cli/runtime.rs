//! Runs commands that are packages of their own.
//!
//! `xtask` generates the low-level client, so it must compile without it. Commands that depend on the
//! generated client, or on dependencies that no other command needs, are separate packages that are
//! built and started on demand. This also keeps `xtask` itself quick to compile.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

use crate::error::{Error, Result};
use crate::workspace;

/// Builds a package of this workspace in release mode and runs its binary.
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
        .map_err(|e| Error::new(Path::new(&cargo), format!("cannot run: {e}")))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(2)))
}
