//! The maintainer's commands as they are typed.

mod bench;
mod codegen;
mod decode;
mod drift;
mod fragment;
mod polling;
mod recording;
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
use self::recording::Recording;

/// The maintainer's commands of the rhombus-clips workspace.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done, or nothing is stale, or there is no drift that counts
  1  --check found something stale, there is drift that counts, or an answer was not decoded
  2  an error, or a mistake on the command line";

#[derive(Debug, Subcommand)]
enum Command {
    /// Regenerate the low-level client crate from the OpenAPI fragment and its overlay
    Codegen(Codegen),
    /// Cut the OpenAPI fragment out of the service's whole document
    Fragment(Fragment),
    /// Compare the OpenAPI fragment with a newer or older whole document of the service
    Drift(Drift),
    /// Hold recorded answers against the generated types: how many are read cleanly
    Decode(Decode),
    /// Measure policies in virtual time: requests against delay
    Polling(Polling),
    /// Run all benchmarks and write the README's figures anew
    Bench(Bench),
    /// Record the program at work as the README's picture
    Recording(Recording),
}

/// Runs the command and says how it ended.
pub fn run(cli: Cli) -> ExitCode {
    let outcome = match cli.command {
        Command::Codegen(args) => args.run(),
        Command::Fragment(args) => args.run(),
        Command::Drift(args) => args.run(),
        Command::Decode(args) => args.run(),
        Command::Polling(args) => args.run(),
        Command::Bench(args) => args.run(),
        Command::Recording(args) => args.run(),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}
