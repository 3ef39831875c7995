//! `cargo xtask bench`.

use std::process::ExitCode;

use clap::Args;

use super::stdout;
use crate::bench;
use crate::error::Result;

/// Takes several minutes. Run it on an idle machine: most results are ratios of interleaved runs, but
/// absolute times get worse under load.
#[derive(Debug, Args)]
pub(super) struct Bench {}

impl Bench {
    pub(super) fn run(self) -> Result<ExitCode> {
        stdout::print(&bench::bench()?)?;
        Ok(ExitCode::SUCCESS)
    }
}
