//! `cargo xtask drift`: options and exit code.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::stdout;
use crate::drift::{self, finding::Class};
use crate::error::Result;
use crate::spec::Source;
use crate::workspace;

const DETAILS: &str = "\
Classes:
  breaking  code that uses the generated types no longer compiles, or requests fail
  additive  something was added: a property, an enum value, a schema
  docs      documentation, or a change that does not affect the generated types

Descriptions and summaries are not compared: the fragment contains rewritten ones.

The JSON report contains schemaVersion (1), fragment, against, operations, failOn, drift, counts
(by class) and findings, sorted by class and pointer. Each finding has class, kind (added,
removed or changed), pointer, item and message.";

#[derive(Debug, Args)]
#[command(after_long_help = DETAILS)]
pub(super) struct Drift {
    /// The complete upstream OpenAPI document, or `-` for standard input
    #[arg(long, value_name = "FILE|-")]
    against: Source,
    /// Report format
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
    /// The least severe class that fails the command; less severe findings are only reported
    #[arg(long, value_enum, value_name = "CLASS", default_value_t = FailOn::Docs)]
    fail_on: FailOn,
    /// The OpenAPI fragment [default: openapi/get-clip-with-progress.json]
    #[arg(long, value_name = "FILE")]
    fragment: Option<PathBuf>,
    /// The OpenAPI overlay that assigns Rust names [default: openapi/overlay.json]
    #[arg(long, value_name = "FILE")]
    overlay: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Output {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FailOn {
    Breaking,
    Additive,
    Docs,
}

impl Drift {
    pub(super) fn run(self) -> Result<ExitCode> {
        let fragment = self.fragment.unwrap_or_else(workspace::fragment);
        let overlay = self.overlay.unwrap_or_else(workspace::overlay);
        let threshold = match self.fail_on {
            FailOn::Breaking => Class::Breaking,
            FailOn::Additive => Class::Additive,
            FailOn::Docs => Class::Docs,
        };
        let report = drift::drift(&fragment, &overlay, &self.against)?;
        stdout::print(&match self.output {
            Output::Text => report.to_text(),
            Output::Json => report.to_json(threshold),
        })?;
        Ok(match report.has_drift(threshold) {
            true => ExitCode::FAILURE,
            false => ExitCode::SUCCESS,
        })
    }
}
