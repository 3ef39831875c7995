//! The `completions` command.

use std::io::{self, Write as _};

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::{Cli, CompletionsArgs};
use crate::exit_code::ExitCode;
use crate::failure::Failure;

pub(crate) fn run(args: &CompletionsArgs) -> Result<ExitCode, Failure> {
    let script = script(args.shell);
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(&script).and_then(|()| stdout.flush());
    written.map_err(Failure::Output)?;
    Ok(ExitCode::Complete)
}

/// Generates the script in memory, because the generator panics on a closed pipe.
fn script(shell: Shell) -> Vec<u8> {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, &name, &mut script);
    if shell != Shell::Bash {
        return script;
    }
    // For a name with a hyphen, clap_complete spells its labels in two ways, so that the options of
    // subcommands are not found.
    let [spelled, expected] = ["__subcmd__", "__"].map(|hyphen| name.replace('-', hyphen));
    let script = String::from_utf8_lossy(&script);
    let labels = format!("{spelled}__subcmd__");
    script
        .replace(&labels, &format!("{expected}__subcmd__"))
        .into()
}
