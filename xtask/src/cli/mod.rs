//! Command-line interface of `cargo xtask`.
//!
//! Each command has a module with its arguments and a `run` method. The modules only parse arguments,
//! call the library, print the result and choose the exit code.

mod bench;
mod codegen;
mod decode;
mod drift;
mod fragment;
mod polling;
mod runtime;
mod stdout;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::bench::Bench;
use self::codegen::Codegen;
use self::decode::Decode;
use self::drift::Drift;
use self::fragment::Fragment;
use self::polling::Polling;

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
  1  --check found stale files, drift reaches the --fail-on class, or a response failed to decode
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
    Decode(Decode),
    /// Benchmark poll policies in virtual time: number of polls against detection delay
    Polling(Polling),
    /// Run all benchmarks and update the results in the README
    Bench(Bench),
}

/// Runs the selected command and returns its exit code.
pub fn run(cli: Cli) -> ExitCode {
    let outcome = match cli.command {
        Command::Codegen(args) => args.run(),
        Command::Fragment(args) => args.run(),
        Command::Drift(args) => args.run(),
        Command::Decode(args) => args.run(),
        Command::Polling(args) => args.run(),
        Command::Bench(args) => args.run(),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}
