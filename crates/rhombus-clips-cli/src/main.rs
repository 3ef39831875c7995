//! `rhombus-clips`: requests, lists and watches Rhombus video clips from the command line.
//!
//! `main` parses the arguments, resolves the settings and dispatches to one module per command. A
//! command returns an exit code or a `Failure`, which is printed here and nowhere else.

mod checkpoint_file;
mod cli;
mod client;
mod commands;
mod config;
mod encoding;
mod history;
mod logging;
mod outlet;
mod output;
mod report;
mod signals;
mod simulated_cameras;
mod simulated_clips;
mod simulated_polling;
mod storage;
mod text;
mod time_input;
use std::env;
use std::io::{self, Write as _};
use std::time::Duration;

use clap::Parser as _;
use cli::{Cli, Command, SettingsArgs, now, preprocess};
use commands::{
    cameras, cancel, create, delete, doctor, download, export, generate, get,
    history as history_command, list, retry, simulate, update, watch,
};
use config::{ReadScope, Settings};
use report::StderrWriter;
use report::failure::{ExitCode, Failure};

/// Time for which the end of the program waits for a reader of standard error. Chosen: a terminal takes
/// no time, and a pipe that is not read by then is not going to be.
const STDERR_PATIENCE: Duration = Duration::from_secs(1);

fn main() -> std::process::ExitCode {
    let code = run_from_args();
    if StderrWriter::is_idle() {
        return code.into();
    }
    let drained = in_runtime(async {
        report::drain(STDERR_PATIENCE).await;
        Ok(code)
    });
    drained.unwrap_or(code).into()
}

fn run_from_args() -> ExitCode {
    let args = preprocess::escape_leading_hyphens(env::args_os());
    if preprocess::has_api_key_flag(&args) {
        report::eprintln_line(preprocess::API_KEY_FLAG_ERROR);
        return ExitCode::Usage;
    }
    let result = match Cli::try_parse_from(args) {
        Ok(cli) => {
            let verbosity = cli.settings.verbosity();
            report::set_verbosity(verbosity);
            logging::init(verbosity);
            run(cli)
        }
        Err(error) => print_help_or_usage_error(&error),
    };
    result.unwrap_or_else(|failure| {
        if let Some(text) = failure.text() {
            report::eprintln_line(&report::error_line(None, &text));
        }
        if failure.suggests_doctor() {
            report::print_doctor_hint();
        }
        failure.exit_code()
    })
}

/// Prints what the argument parser has instead of arguments. A closed pipe is no error: the reader of
/// the help has seen enough.
fn print_help_or_usage_error(error: &clap::Error) -> Result<ExitCode, Failure> {
    let result = error.print().and_then(|()| io::stdout().flush());
    match result {
        _ if error.use_stderr() => Ok(ExitCode::Usage),
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(ExitCode::Complete),
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let flags = &cli.settings;
    flags.check().map_err(Failure::Usage)?;
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
        Command::Cameras(args) => {
            let settings = valid_settings(flags, args.simulation.read_scope())?;
            in_runtime(signals::run_until_signal(cameras::run(args, &settings)))
        }
        Command::List(args) => {
            let recorded = now().and_then(|now| args.recorded(now));
            let recorded = recorded.map_err(Failure::Usage)?;
            let settings = valid_settings(flags, args.simulation.read_scope())?;
            let work = list::run(args, recorded, &settings);
            in_runtime(signals::run_until_signal(work))
        }
        Command::Create(args) => {
            args.check().map_err(Failure::Usage)?;
            let range = now().and_then(|now| args.clip.range(now));
            let range = range.map_err(Failure::Usage)?;
            let settings = valid_settings(flags, args.simulation.read_scope())?;
            in_runtime(create::run(args, range, &settings, &flags.to_args()))
        }
        Command::Export(args) => {
            args.check().map_err(Failure::Usage)?;
            let now = now().map_err(Failure::Usage)?;
            let settings = valid_settings(flags, args.simulation.read_scope())?;
            in_runtime(export::run(args, now, &settings, &flags.to_args()))
        }
        Command::Download(args) => {
            args.check().map_err(Failure::Usage)?;
            let settings = valid_settings(flags, args.simulation.read_scope())?;
            in_runtime(download::run(args, &settings))
        }
        Command::Cancel(args) => {
            args.check("cancel").map_err(Failure::Usage)?;
            let settings = valid_settings(flags, args.simulation.read_scope())?;
            in_runtime(signals::run_until_signal(cancel::run(args, &settings)))
        }
        Command::Retry(args) => {
            args.check().map_err(Failure::Usage)?;
            let settings = valid_settings(flags, args.simulation.read_scope())?;
            in_runtime(signals::run_until_signal(retry::run(args, &settings)))
        }
        Command::Delete(args) => {
            args.check("delete").map_err(Failure::Usage)?;
            let settings = valid_settings(flags, args.simulation.read_scope())?;
            in_runtime(signals::run_until_signal(delete::run(args, &settings)))
        }
        Command::Update(args) => {
            args.check().map_err(Failure::Usage)?;
            let settings = valid_settings(flags, args.simulation.read_scope())?;
            in_runtime(signals::run_until_signal(update::run(args, &settings)))
        }
        Command::History(args) => {
            let settings = valid_settings(flags, ReadScope::Output)?;
            in_runtime(history_command::run(args, settings.output.value))
        }
        Command::Schema(args) => generate::print_schema(&args),
        Command::Simulate(args) => {
            let settings = valid_settings(flags, ReadScope::Output)?;
            in_runtime(simulate::run(args, settings.output.value))
        }
        Command::Doctor(args) => {
            let settings = resolve_settings(flags, ReadScope::All);
            in_runtime(signals::run_until_signal(doctor::run(args, &settings)))
        }
        Command::Completions(args) => generate::print_completions(&args),
        Command::Man(args) => generate::print_man_page(&args),
    }
}

fn resolve_settings(flags: &SettingsArgs, scope: ReadScope) -> Settings {
    let api_key_file = flags.api_key_file.as_deref();
    config::load(flags.flags(), api_key_file, scope)
}

/// Resolves the settings, fails if they are invalid, and prints their warnings.
fn valid_settings(flags: &SettingsArgs, scope: ReadScope) -> Result<Settings, Failure> {
    let settings = resolve_settings(flags, scope);
    settings.check()?;
    for warning in &settings.warnings {
        report::warn(&warning.message);
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
