//! `cargo xtask recording`.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;

use super::runtime;
use crate::error::Result;

#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(super) struct Recording {
    /// Options of the recording; see --help
    #[arg(
        value_name = "OPTIONS",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    arguments: Vec<OsString>,
}

impl Recording {
    pub(super) fn run(self) -> Result<ExitCode> {
        runtime::run("xtask-recording", self.arguments)
    }
}
