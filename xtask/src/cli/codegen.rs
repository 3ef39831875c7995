//! `cargo xtask codegen`: options and exit code.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::stdout;
use crate::codegen::{self, format::COMMAND, install};
use crate::error::Result;
use crate::workspace;

#[derive(Debug, Args)]
pub(super) struct Codegen {
    /// Write nothing; print a diff of stale files
    #[arg(long)]
    check: bool,
    /// The OpenAPI fragment [default: openapi/get-clip-with-progress.json]
    #[arg(long, value_name = "FILE")]
    fragment: Option<PathBuf>,
    /// The OpenAPI overlay to apply to the fragment [default: openapi/overlay.json]
    #[arg(long, value_name = "FILE")]
    overlay: Option<PathBuf>,
    /// The output folder [default: crates/rhombus-clips-api/src/generated]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

impl Codegen {
    pub(super) fn run(self) -> Result<ExitCode> {
        let fragment = self.fragment.unwrap_or_else(workspace::fragment);
        let overlay = self.overlay.unwrap_or_else(workspace::overlay);
        let out = self.out.unwrap_or_else(workspace::generated);
        let files = codegen::generate(&fragment, &overlay)?;
        let stale = install::diff(&out, &files)?;
        if stale.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        if self.check {
            stdout::print(&stale)?;
            eprintln!("error: the generated files are stale; run `{COMMAND}`");
            return Ok(ExitCode::FAILURE);
        }
        install::replace(&out, &files)?;
        Ok(ExitCode::SUCCESS)
    }
}
