//! Arguments of `rhombus-clips man`.

use clap::Args;
use clap::builder::PossibleValuesParser;

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips man | man -l -
  rhombus-clips man > ~/.local/share/man/man1/rhombus-clips.1
  rhombus-clips man watch > ~/.local/share/man/man1/rhombus-clips-watch.1";

/// Commands with a manual page.
pub(super) const COMMANDS: [&str; 7] = [
    "get",
    "watch",
    "schema",
    "simulate",
    "doctor",
    "completions",
    "man",
];

#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// Command to document [default: the program itself]
    #[arg(value_parser = PossibleValuesParser::new(COMMANDS))]
    pub(crate) command: Option<String>,
}
