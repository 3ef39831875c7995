//! Records the program at work, as one picture that moves and needs no player.
//!
//! The [terminal] runs the program and keeps what it writes, and when. From that, and without a
//! clock, [film] makes the frames, each of which is a [screen], and [svg] the picture.
//!
//! It is a program of its own because nothing else needs a terminal. `cargo xtask recording` runs
//! it.

mod cli;
mod film;
mod screen;
mod svg;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match cli::run(&cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
