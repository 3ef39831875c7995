//! `cargo xtask fragment`, its options and its outcome.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::stdout;
use crate::error::{Result, one_line};
use crate::fragment::words::Wordless;
use crate::fragment::{self, store};
use crate::spec::Source;
use crate::workspace;

const DETAILS: &str = "\
Types, formats, nullability, enumeration values and what is required come from the whole
document. Our own descriptions stay where what they describe is still there; the places that
have none of ours are listed on the standard error, for a maintainer to write them.";

#[derive(Debug, Args)]
#[command(after_long_help = DETAILS)]
pub(super) struct Fragment {
    /// The service's whole OpenAPI document, or `-` for the standard input
    #[arg(long, value_name = "FILE|-")]
    from: Source,
    /// An operation to cut out; may be given again [default: those of the present fragment]
    #[arg(long = "operation", value_name = "ID")]
    operations: Vec<String>,
    /// Change nothing; show what would change as a diff
    #[arg(long)]
    check: bool,
    /// The present fragment, whose descriptions stay
    /// [default: openapi/get-clip-with-progress.json]
    #[arg(long, value_name = "FILE")]
    fragment: Option<PathBuf>,
    /// Where to write the fragment [default: over the present one]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Fragment {
    pub(super) fn run(self) -> Result<ExitCode> {
        let present = self.fragment.clone().unwrap_or_else(workspace::fragment);
        let out = self.out.clone().unwrap_or_else(|| present.clone());
        let fresh = fragment::make(&self.from, &present, &self.operations)?;
        let held = store::present(&out)?;
        if held.as_deref() == Some(&fresh.text) {
            return Ok(ExitCode::SUCCESS);
        }
        if self.check {
            stdout::print(&store::diff(&out, held.as_deref(), &fresh.text))?;
        } else {
            store::write(&out, &fresh.text)?;
        }
        list(&fresh.wordless);
        if self.check {
            let (out, command) = (workspace::relative(&out).display(), self.command());
            eprintln!("error: {out} is stale: run `{command}`");
            return Ok(ExitCode::FAILURE);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The command that writes what this one only compared.
    fn command(&self) -> String {
        let path = |path: &Path| quoted(&path.display().to_string());
        let mut command = "cargo xtask fragment --from ".to_owned();
        command += &match &self.from {
            Source::File(file) => path(file),
            Source::Stdin => "-".to_owned(),
        };
        for id in &self.operations {
            command += &format!(" --operation {}", quoted(id));
        }
        for (option, file) in [("fragment", &self.fragment), ("out", &self.out)] {
            if let Some(file) = file {
                command += &format!(" --{option} {}", path(file));
            }
        }
        command
    }
}

fn list(wordless: &Wordless) {
    let lists = [
        (
            &wordless.theirs,
            "the words are the service's here; write our own:",
        ),
        (&wordless.nobodys, "nothing is described here; describe it:"),
    ];
    for (places, demand) in lists {
        if !places.is_empty() {
            eprintln!("note: {demand}");
        }
        for place in places {
            eprintln!("  {}", one_line(place));
        }
    }
}

/// An argument as a shell takes it.
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+=,".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}
