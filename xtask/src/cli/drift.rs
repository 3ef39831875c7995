//! `cargo xtask drift`, its options and its outcome.

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
  breaking  code that uses our types stops compiling, or its requests stop working
  additive  something is new: a property, a value of an enumeration, a schema
  docs      documentation, and what our types take either way

Our own descriptions are no drift, and the service's cannot be compared: they are not kept.

The JSON report has schemaVersion (1), fragment, against, operations, failOn, drift, counts by
class, and findings, each with class, kind (added, removed or changed), pointer, item and
message, in order of class and pointer.";

#[derive(Debug, Args)]
#[command(after_long_help = DETAILS)]
pub(super) struct Drift {
    /// The service's whole OpenAPI document, or `-` for the standard input
    #[arg(long, value_name = "FILE|-")]
    against: Source,
    /// Text for people, or JSON for machines
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
    /// The least class that counts as drift; what is less is shown, and exits with 0
    #[arg(long, value_enum, value_name = "CLASS", default_value_t = FailOn::Docs)]
    fail_on: FailOn,
    /// The OpenAPI fragment [default: openapi/get-clip-with-progress.json]
    #[arg(long, value_name = "FILE")]
    fragment: Option<PathBuf>,
    /// What names the fragment's schemas in Rust [default: openapi/overlay.json]
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
        let least = match self.fail_on {
            FailOn::Breaking => Class::Breaking,
            FailOn::Additive => Class::Additive,
            FailOn::Docs => Class::Docs,
        };
        let report = drift::drift(&fragment, &overlay, &self.against)?;
        stdout::print(&match self.output {
            Output::Text => report.to_text(),
            Output::Json => report.to_json(least),
        })?;
        Ok(match report.drifts(least) {
            true => ExitCode::FAILURE,
            false => ExitCode::SUCCESS,
        })
    }
}
