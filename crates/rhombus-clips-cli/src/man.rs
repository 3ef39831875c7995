//! `rhombus-clips man`.

use std::io::{self, Write as _};

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use crate::args::{Cli, ManArgs};
use crate::exit_code::ExitCode;
use crate::failure::Failure;

pub(crate) fn run(args: &ManArgs) -> Result<ExitCode, Failure> {
    let mut page = Vec::new();
    let written = Man::new(of(args.command.as_deref())).render(&mut page);
    written
        .and_then(|()| {
            let mut stdout = io::stdout().lock();
            stdout.write_all(&page)?;
            stdout.flush()
        })
        .map_err(Failure::Output)?;
    Ok(ExitCode::Complete)
}

/// The program, or one of its commands.
fn of(command: Option<&str>) -> Command {
    // The options of every command are on its own page too.
    let mut program = Cli::command();
    program.build();
    let found = command.and_then(|name| program.find_subcommand(name));
    found.cloned().unwrap_or(program)
}
