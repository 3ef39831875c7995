//! `rhombus-clips`: gets and watches Rhombus video clips from the command line.
//!
//! `main` parses the arguments, resolves the settings and dispatches to one module per command. A
//! command returns an exit code or a `Failure`, which is printed here and nowhere else.

mod args;
mod client;
mod clip;
mod config;
mod doctor;
mod exit_code;
mod failure;
mod get;
mod logging;
mod messages;
mod output;
mod pages;
mod signals;
mod simulate;
mod simulated_clips;
mod text;
mod watch;

use args::{Cli, Command, SettingsArgs, hyphens, plain_key};
use clap::Parser as _;
use config::{ReadScope, Settings};
use exit_code::ExitCode;
use failure::Failure;
use std::env;

fn main() -> std::process::ExitCode {
    let args = hyphens::escape_leading_hyphens(env::args_os());
    if plain_key::has_api_key_flag(&args) {
        messages::eprintln_line(plain_key::ERROR);
        return ExitCode::Usage.into();
    }
    let cli = Cli::parse_from(args);
    let verbosity = cli.settings.verbosity();
    messages::set_verbosity(verbosity);
    logging::init(verbosity);
    let code = run(cli).unwrap_or_else(|failure| {
        if let Some(text) = failure.text() {
            messages::eprintln_line(&messages::error_line(None, &text));
        }
        if failure.suggests_doctor() {
            messages::print_doctor_hint();
        }
        failure.exit_code()
    });
    code.into()
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let flags = &cli.settings;
    match cli.command {
        Command::Get(args) => {
            args.check().map_err(Failure::Usage)?;
            let settings = valid_settings(flags, args.simulation.read_scope())?;
            in_runtime(signals::run_until_signal(get::run(args, &settings)))
        }
        Command::Watch(args) => {
            args.check(flags.api_key_file.as_deref())
                .map_err(Failure::Usage)?;
            let settings = valid_settings(flags, args.simulation.read_scope())?;
            in_runtime(watch::run(args, &settings, flags.to_args()))
        }
        Command::Schema(args) => pages::schema::run(&args),
        Command::Simulate(args) => {
            let settings = valid_settings(flags, ReadScope::Output)?;
            in_runtime(simulate::run(args, settings.output.value))
        }
        Command::Doctor(args) => {
            let settings = resolve_settings(flags, ReadScope::All);
            in_runtime(signals::run_until_signal(doctor::run(args, &settings)))
        }
        Command::Completions(args) => pages::completions::run(&args),
        Command::Man(args) => pages::man::run(&args),
    }
}

fn resolve_settings(flags: &SettingsArgs, scope: ReadScope) -> Settings {
    let api_key_file = flags.api_key_file.as_deref();
    config::resolve(config::read_sources(flags.flags(), api_key_file, scope))
}

/// Resolves the settings, fails if they are invalid, and prints their warnings.
fn valid_settings(flags: &SettingsArgs, scope: ReadScope) -> Result<Settings, Failure> {
    let settings = resolve_settings(flags, scope);
    settings.check()?;
    for warning in &settings.warnings {
        messages::warn(&warning.message);
    }
    Ok(settings)
}

fn in_runtime(work: impl Future<Output = Result<ExitCode, Failure>>) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::Runtime)?;
    let result = runtime.block_on(work);
    // A DNS lookup in progress must not delay the exit.
    runtime.shutdown_background();
    result
}
