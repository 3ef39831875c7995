//! `cargo xtask decode`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::runtime;
use crate::error::Result;

#[derive(Debug, Args)]
pub(super) struct Decode {
    /// Recorded responses, one JSON body per line; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Decode {
    pub(super) fn run(self) -> Result<ExitCode> {
        runtime::run("xtask-decode", [self.file.into()])
    }
}
