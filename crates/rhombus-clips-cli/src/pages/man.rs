//! The `man` command.

use std::io::{self, Write as _};

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use roff::{Roff, roman};

use crate::args::{Cli, ManArgs};
use crate::exit_code::ExitCode;
use crate::failure::Failure;

pub(crate) fn run(args: &ManArgs) -> Result<ExitCode, Failure> {
    let write = || {
        let page = render_page(find_command(args.command.as_deref()))?;
        let mut stdout = io::stdout().lock();
        stdout.write_all(&page)?;
        stdout.flush()
    };
    write().map_err(Failure::Output)?;
    Ok(ExitCode::Complete)
}

/// Renders the page of a command.
fn render_page(command: Command) -> io::Result<Vec<u8>> {
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
    render_sections(&help).to_writer(&mut page)?;
    Ok(page)
}

/// Renders the sections below the options line by line, because their layout is fixed.
fn render_sections(help: &str) -> Roff {
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

/// Returns the program or one of its subcommands.
fn find_command(command: Option<&str>) -> Command {
    // Building adds the global options to each subcommand.
    let mut program = Cli::command();
    program.build();
    let found = command.and_then(|name| program.find_subcommand(name));
    found.cloned().unwrap_or(program)
}
