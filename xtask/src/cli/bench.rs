//! `cargo xtask bench`.

use std::process::ExitCode;

use clap::Args;

use super::stdout;
use crate::bench;
use crate::error::Result;

/// It takes some minutes. On a machine that is busy with other things the figures are worse, but
/// most of them are of two ways that take turns.
#[derive(Debug, Args)]
pub(super) struct Bench {}

impl Bench {
    pub(super) fn run(self) -> Result<ExitCode> {
        stdout::print(&bench::bench()?)?;
        Ok(ExitCode::SUCCESS)
    }
}
