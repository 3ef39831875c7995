//! Records a session of the program as an animated SVG.
//!
//! [terminal] runs the program and captures its output with timestamps, [frames] selects the frames,
//! each of which is a [screen], and [svg] renders the picture.
//!
//! This is a separate package because no other command needs a terminal. It is started by
//! `cargo xtask recording`.

mod cli;
mod frames;
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
