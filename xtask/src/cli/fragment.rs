//! `cargo xtask fragment`: options and exit code.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::stdout;
use crate::error::{Result, sanitize_line};
use crate::extract::descriptions::MissingDescriptions;
use crate::extract::{self, output};
use crate::spec::Source;
use crate::workspace;

const DETAILS: &str = "\
Types, formats, nullability, enum values and required properties come from the upstream
document. Descriptions of the current fragment are preserved where the described element still
exists; elements without such a description are listed on stderr.";

#[derive(Debug, Args)]
#[command(after_long_help = DETAILS)]
pub(super) struct Fragment {
    /// The complete upstream OpenAPI document, or `-` for standard input
    #[arg(long, value_name = "FILE|-")]
    from: Source,
    /// An operation to extract; repeatable [default: the operations of the current fragment]
    #[arg(long = "operation", value_name = "ID")]
    operations: Vec<String>,
    /// Write nothing; print a diff of the changes
    #[arg(long)]
    check: bool,
    /// The current fragment, whose descriptions are preserved
    /// [default: openapi/get-clip-with-progress.json]
    #[arg(long, value_name = "FILE")]
    fragment: Option<PathBuf>,
    /// The output file [default: the current fragment]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Fragment {
    pub(super) fn run(self) -> Result<ExitCode> {
        let current = self.fragment.clone().unwrap_or_else(workspace::fragment);
        let out = self.out.clone().unwrap_or_else(|| current.clone());
        let fragment = extract::extract(&self.from, &current, &self.operations)?;
        let existing = output::read_if_exists(&out)?;
        if existing.as_deref() == Some(&fragment.text) {
            return Ok(ExitCode::SUCCESS);
        }
        if self.check {
            stdout::print(&output::diff(&out, existing.as_deref(), &fragment.text))?;
        } else {
            output::write(&out, &fragment.text)?;
        }
        print_missing_descriptions(&fragment.missing);
        if self.check {
            let (out, command) = (workspace::relative(&out).display(), self.command());
            eprintln!("error: {out} is stale; run `{command}`");
            return Ok(ExitCode::FAILURE);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Returns the command line without `--check`, for the error message.
    fn command(&self) -> String {
        let path = |path: &Path| shell_quote(&path.display().to_string());
        let mut command = "cargo xtask fragment --from ".to_owned();
        command += &match &self.from {
            Source::File(file) => path(file),
            Source::Stdin => "-".to_owned(),
        };
        for id in &self.operations {
            command += &format!(" --operation {}", shell_quote(id));
        }
        for (option, file) in [("fragment", &self.fragment), ("out", &self.out)] {
            if let Some(file) = file {
                command += &format!(" --{option} {}", path(file));
            }
        }
        command
    }
}

fn print_missing_descriptions(missing: &MissingDescriptions) {
    let lists = [
        (&missing.upstream, "upstream descriptions need rewriting:"),
        (&missing.absent, "descriptions are missing:"),
    ];
    for (pointers, heading) in lists {
        if !pointers.is_empty() {
            eprintln!("note: {heading}");
        }
        for pointer in pointers {
            eprintln!("  {}", sanitize_line(pointer));
        }
    }
}

/// Quotes an argument for a POSIX shell if necessary.
fn shell_quote(argument: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "-_./:@+=,".contains(c);
    if !argument.is_empty() && argument.chars().all(is_safe) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}
