//! `rhombus-clips`: looks up and watches Rhombus video clips from the command line.

mod args;
mod cast;
mod changes;
mod clip_uuid_schema;
mod columns;
mod connection;
mod details;
mod event;
mod exit_code;
mod failure;
mod get;
mod hyphens;
mod interrupt;
mod messages;
mod output;
mod printable;
mod reply;
mod schema;
mod seconds;
mod simulate;
mod state;
mod time_left;
mod utc;
mod watch;

use args::{Cli, Command};
use clap::Parser as _;
use exit_code::ExitCode;
use failure::Failure;
use std::env;

fn main() -> std::process::ExitCode {
    let cli = Cli::parse_from(hyphens::behind_dashes(env::args_os()));
    let code = run(cli).unwrap_or_else(|failure| {
        if let Some(text) = failure.text() {
            messages::tell(&messages::error(None, &text));
        }
        failure.exit_code()
    });
    code.into()
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::Runtime)?;
    let result = runtime.block_on(async {
        match cli.command {
            Command::Get(args) => interrupt::or(get::run(args, cli.output)).await,
            Command::Watch(args) => watch::run(args, cli.output).await,
            Command::Schema(args) => schema::run(&args),
            Command::Simulate(args) => simulate::run(args, cli.output).await,
        }
    });
    // A name that is still being looked up must not hold up the end.
    runtime.shutdown_background();
    result
}
