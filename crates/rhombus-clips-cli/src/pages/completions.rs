//! `rhombus-clips completions`.

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

/// In memory first: the generator panics when nobody reads on.
fn script(shell: Shell) -> Vec<u8> {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, &name, &mut script);
    if shell != Shell::Bash {
        return script;
    }
    // For a name with a hyphen the generator spells its own labels in two ways, so that no option
    // of a command is found.
    let [called, meant] = ["__subcmd__", "__"].map(|hyphen| name.replace('-', hyphen));
    let script = String::from_utf8_lossy(&script);
    let labels = format!("{called}__subcmd__");
    script
        .replace(&labels, &format!("{meant}__subcmd__"))
        .into()
}
