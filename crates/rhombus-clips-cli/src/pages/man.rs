//! `rhombus-clips man`.

use std::io::{self, Write as _};

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use roff::{Roff, roman};

use crate::args::{Cli, ManArgs};
use crate::exit_code::ExitCode;
use crate::failure::Failure;

pub(crate) fn run(args: &ManArgs) -> Result<ExitCode, Failure> {
    let write = || {
        let page = page(of(args.command.as_deref()))?;
        let mut stdout = io::stdout().lock();
        stdout.write_all(&page)?;
        stdout.flush()
    };
    write().map_err(Failure::Output)?;
    Ok(ExitCode::Complete)
}

/// The page of a command.
fn page(command: Command) -> io::Result<Vec<u8>> {
    let help = command.get_after_long_help().or(command.get_after_help());
    let help = help.map(ToString::to_string).unwrap_or_default();
    let has_commands = command.has_subcommands();
    let man = Man::new(command);
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if has_commands {
        man.render_subcommands_section(&mut page)?;
    }
    sections(&help).to_writer(&mut page)?;
    Ok(page)
}

/// What stands below a help, line by line: it is laid out already.
fn sections(help: &str) -> Roff {
    let mut roff = Roff::new();
    for line in help.lines() {
        match line.strip_suffix(':').filter(|line| !line.starts_with(' ')) {
            Some(heading) => {
                let heading = heading.to_uppercase();
                roff.control("fi", []);
                roff.control("SH", [heading.as_str()]);
                roff.control("nf", []);
            }
            None => {
                let line = line.strip_prefix("  ").unwrap_or(line);
                roff.text([roman(line)]);
            }
        }
    }
    roff.control("fi", []);
    roff
}

/// The program, or one of its commands.
fn of(command: Option<&str>) -> Command {
    // The options of every command are on its own page too.
    let mut program = Cli::command();
    program.build();
    let found = command.and_then(|name| program.find_subcommand(name));
    found.cloned().unwrap_or(program)
}
