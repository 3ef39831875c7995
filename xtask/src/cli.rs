//! Command-line interface of `cargo xtask`: arguments, output and exit codes.
//!
//! `xtask` generates the low-level client, so it must compile without it. The commands that depend on
//! the generated client are packages of their own, which are built and started on demand.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::drift::report::Class;
use crate::error::{Error, Result};
use crate::extract::Selection;
use crate::extract::descriptions::MissingDescriptions;
use crate::file_set::FileSet;
use crate::spec::Source;
use crate::terminal::{self, sanitize_line};
use crate::{bench, codegen, drift, extract, release, workspace};

/// Maintenance commands of the rhombus-clips workspace
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  success; nothing is stale and no drift reaches the --fail-on class
  1  --check found stale files, drift reaches the --fail-on class, a response failed to decode, or a
     release lacks something
  2  an error, or invalid arguments";

#[derive(Debug, Subcommand)]
enum Command {
    /// Regenerate the low-level client crate from the OpenAPI fragment and its overlay
    Codegen(Codegen),
    /// Extract the OpenAPI fragment from the complete upstream document
    Fragment(Fragment),
    /// Compare the OpenAPI fragment with another version of the upstream document
    Drift(Drift),
    /// Decode recorded responses with the generated types and count decode issues
    Decode {
        /// Recorded responses, one JSON body per line; - for standard input
        #[arg(value_name = "FILE")]
        file: OsString,
    },
    /// Benchmark poll policies in virtual time: number of polls against detection delay
    #[command(disable_help_flag = true)]
    Polling {
        /// Options of the benchmark; see --help
        #[arg(
            value_name = "OPTIONS",
            trailing_var_arg = true,
            allow_hyphen_values = true
        )]
        arguments: Vec<OsString>,
    },
    /// Run all benchmarks and update the results in the README
    ///
    /// Takes several minutes. Run it on an idle machine: most results are ratios of interleaved runs,
    /// but absolute times get worse under load.
    Bench,
    /// Check that the manifests of the published crates are complete
    ReleaseCheck,
}

/// Runs the selected command and returns its exit code.
pub fn run(cli: Cli) -> ExitCode {
    let outcome = match cli.command {
        Command::Codegen(args) => args.run(),
        Command::Fragment(args) => args.run(),
        Command::Drift(args) => args.run(),
        Command::Decode { file } => run_package("xtask-decode", [file]),
        Command::Polling { arguments } => run_package("xtask-polling", arguments),
        Command::Bench => bench::bench().and_then(|table| print(&table)),
        Command::ReleaseCheck => release::check().map(report_missing),
    };
    outcome.unwrap_or_else(|error| {
        for error in error.iter() {
            eprintln!("error: {error}");
        }
        ExitCode::from(2)
    })
}

/// Reports what a release lacks.
fn report_missing(missing: Vec<String>) -> ExitCode {
    for text in &missing {
        eprintln!("error: {}", sanitize_line(text));
    }
    match missing.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Prints a command's output.
fn print(text: &str) -> Result<ExitCode> {
    terminal::print(text)
        .map(|()| ExitCode::SUCCESS)
        .map_err(|e| Error::new(Path::new("<stdout>"), format!("not writable: {e}")))
}

/// Builds a package of this workspace in release mode and runs its binary.
fn run_package(package: &str, arguments: impl IntoIterator<Item = OsString>) -> Result<ExitCode> {
    let mut cargo = workspace::cargo();
    let status = cargo
        .args(["run", "--quiet", "--release", "--package", package])
        .arg("--manifest-path")
        .arg(workspace::root().join("Cargo.toml"))
        .arg("--")
        .args(arguments)
        .status()
        .map_err(|e| Error::new(Path::new("cargo"), format!("cannot run: {e}")))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(2)))
}

#[derive(Debug, Args)]
struct Codegen {
    /// Write nothing; print a diff of stale files
    #[arg(long)]
    check: bool,
    /// The OpenAPI fragment [default: openapi/clips.json]
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
    fn run(self) -> Result<ExitCode> {
        let fragment = self.fragment.unwrap_or_else(workspace::fragment);
        let overlay = self.overlay.unwrap_or_else(workspace::overlay);
        let out = self.out.unwrap_or_else(workspace::generated);
        let generated = codegen::generate(&fragment, &overlay)?;
        for note in &generated.notes {
            eprintln!("note: {note}");
        }
        let update = update(&generated.file_set(&out), self.check)?;
        if self.check && !generated.notes.is_empty() {
            eprintln!("error: the notes above are not settled; change the overlay");
            return Ok(ExitCode::FAILURE);
        }
        Ok(match update {
            Update::Stale => {
                let command = codegen::COMMAND;
                eprintln!("error: the generated files are stale; run `{command}`");
                ExitCode::FAILURE
            }
            Update::Unchanged | Update::Written => ExitCode::SUCCESS,
        })
    }
}

/// Outcome of [`update`].
#[derive(PartialEq)]
enum Update {
    Unchanged,
    Written,
    Stale,
}

/// Writes the files that differ from those on disk, or prints the differences if they are only
/// checked.
fn update(files: &FileSet, check: bool) -> Result<Update> {
    let diff = files.diff()?;
    if diff.is_empty() {
        return Ok(Update::Unchanged);
    }
    if check {
        print(&diff)?;
        return Ok(Update::Stale);
    }
    files.write()?;
    Ok(Update::Written)
}

const FRAGMENT_DETAILS: &str = "\
Types, formats, nullability, enum values and required properties come from the upstream
document. Descriptions of the current fragment are preserved where the described element still
exists; elements without such a description are listed on stderr.";

#[derive(Debug, Args)]
#[command(after_long_help = FRAGMENT_DETAILS)]
struct Fragment {
    /// The complete upstream OpenAPI document, or `-` for standard input
    #[arg(long, value_name = "FILE|-")]
    from: Source,
    /// An operation to extract; repeatable [default: the operations of the current fragment]
    #[arg(long = "operation", value_name = "ID")]
    operations: Vec<String>,
    /// An operation to extract beside those of the current fragment; repeatable
    #[arg(long = "add", value_name = "ID", conflicts_with = "operations")]
    added: Vec<String>,
    /// Extract all operations that the document describes completely
    #[arg(long, conflicts_with_all = ["operations", "added"])]
    all: bool,
    /// Write nothing; print a diff of the changes
    #[arg(long)]
    check: bool,
    /// The current fragment, whose descriptions are preserved
    /// [default: openapi/clips.json]
    #[arg(long, value_name = "FILE")]
    fragment: Option<PathBuf>,
    /// The output file [default: the current fragment]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Fragment {
    fn run(self) -> Result<ExitCode> {
        let current = self.fragment.clone().unwrap_or_else(workspace::fragment);
        let out = self.out.clone().unwrap_or_else(|| current.clone());
        let selection = match (&self.operations[..], &self.added[..]) {
            _ if self.all => Selection::All,
            ([], []) => Selection::Current,
            ([], added) => Selection::Added(added.to_vec()),
            (ids, _) => Selection::Named(ids.to_vec()),
        };
        let fragment = extract::extract(&self.from, &current, &selection)?;
        for note in &fragment.left_out {
            eprintln!("note: {note}");
        }
        let update = update(&FileSet::file(&out, fragment.text), self.check)?;
        if update != Update::Unchanged {
            print_missing_descriptions(&fragment.missing);
        }
        if update == Update::Stale {
            let (out, command) = (workspace::relative(&out).display(), self.command());
            eprintln!("error: {out} is stale; run `{command}`");
            return Ok(ExitCode::FAILURE);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Returns the command line without `--check`, for the error message.
    fn command(&self) -> String {
        let path = |path: &Path| path.display().to_string();
        let mut words = ["cargo", "xtask", "fragment", "--from"]
            .map(str::to_owned)
            .to_vec();
        words.push(match &self.from {
            Source::File(file) => path(file),
            Source::Stdin => "-".to_owned(),
        });
        words.extend(self.all.then(|| "--all".to_owned()));
        for (option, ids) in [("--operation", &self.operations), ("--add", &self.added)] {
            for id in ids {
                words.extend([option.to_owned(), id.clone()]);
            }
        }
        for (option, file) in [("--fragment", &self.fragment), ("--out", &self.out)] {
            if let Some(file) = file {
                words.extend([option.to_owned(), path(file)]);
            }
        }
        // Only a NUL cannot be quoted, and no argument contains one.
        shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default()
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

const DRIFT_DETAILS: &str = "\
Descriptions and summaries are not compared: the fragment contains rewritten ones.

The JSON report contains schemaVersion (1), fragment, against, operations, failOn, drift, counts
(by class) and findings, sorted by class and pointer. Each finding has class, kind (added,
removed or changed), pointer, item and message.";

#[derive(Debug, Args)]
#[command(after_long_help = DRIFT_DETAILS)]
struct Drift {
    /// The complete upstream OpenAPI document, or `-` for standard input
    #[arg(long, value_name = "FILE|-")]
    against: Source,
    /// Report format
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
    /// The least severe class that fails the command; less severe findings are only reported
    #[arg(long, value_enum, value_name = "CLASS", default_value_t = Class::Docs)]
    fail_on: Class,
    /// The OpenAPI fragment [default: openapi/clips.json]
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

impl Drift {
    fn run(self) -> Result<ExitCode> {
        let fragment = self.fragment.unwrap_or_else(workspace::fragment);
        let overlay = self.overlay.unwrap_or_else(workspace::overlay);
        let report = drift::drift(&fragment, &overlay, &self.against)?;
        print(&match self.output {
            Output::Text => report.to_text(),
            Output::Json => report.to_json(self.fail_on),
        })?;
        Ok(match report.has_drift(self.fail_on) {
            true => ExitCode::FAILURE,
            false => ExitCode::SUCCESS,
        })
    }
}
