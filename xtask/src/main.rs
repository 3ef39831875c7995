//! Entry point of the `xtask` program; the commands are defined in [`xtask::cli`].

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    xtask::cli::run(xtask::cli::Cli::parse())
}
