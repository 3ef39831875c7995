//! The maintainer's commands as they are typed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::codegen::{self, format::COMMAND, install};
use crate::error::Result;
use crate::workspace;

/// The maintainer's commands of the rhombus-clips workspace.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done, or nothing is stale
  1  --check found something stale
  2  an error, or a mistake on the command line";

#[derive(Debug, Subcommand)]
enum Command {
    /// Regenerate the low-level client crate from the OpenAPI fragment and its overlay
    Codegen(Codegen),
}

#[derive(Debug, Args)]
struct Codegen {
    /// Change nothing; show what is stale as a diff
    #[arg(long)]
    check: bool,
    /// The OpenAPI fragment [default: openapi/get-clip-with-progress.json]
    #[arg(long, value_name = "FILE")]
    fragment: Option<PathBuf>,
    /// What is changed about the fragment before generating [default: openapi/overlay.json]
    #[arg(long, value_name = "FILE")]
    overlay: Option<PathBuf>,
    /// The folder of the generated files [default: crates/rhombus-clips-api/src/generated]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Runs the command and says how it ended.
pub fn run(cli: Cli) -> ExitCode {
    let outcome = match cli.command {
        Command::Codegen(args) => args.run(),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

impl Codegen {
    fn run(self) -> Result<ExitCode> {
        let fragment = self.fragment.unwrap_or_else(workspace::fragment);
        let overlay = self.overlay.unwrap_or_else(workspace::overlay);
        let out = self.out.unwrap_or_else(workspace::generated);
        let files = codegen::generate(&fragment, &overlay)?;
        let stale = install::stale(&out, &files)?;
        if stale.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        if self.check {
            print!("{stale}");
            eprintln!("error: the generated files are stale: run `{COMMAND}`");
            return Ok(ExitCode::FAILURE);
        }
        install::renew(&out, &files)?;
        Ok(ExitCode::SUCCESS)
    }
}
