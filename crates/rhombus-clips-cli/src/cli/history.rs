//! Arguments of `rhombus-clips history`.

use clap::{Args, ValueEnum};

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips history
  rhombus-clips history clear
  rhombus-clips watch --no-history Vu0s9xQbQ1OsHk3tLw6rWg";

pub(super) const CONTENTS: &str = "\
Contents:
  `watch` and `export` learn how long clips take to render, poll at better times
  because of it, and show the time left more exactly. Each organization at each
  endpoint has its own file: means and variances of durations, and hashes of the
  names of operations; neither clips nor the API key. What was learned fades:
  its weight halves in 14 days. There are at most 100 files of some 50 KiB.
  Simulated clips are not learned from.

  The folder is $XDG_STATE_HOME/rhombus-clips/history on Linux, and
  ~/.local/state/rhombus-clips/history if the variable is not set. A file that
  cannot be read or written is no error; --verbose tells of it.

  Off: --no-history, RHOMBUS_HISTORY=false, or history = false in a profile.";

pub(super) const JSON: &str = "\
JSON:
  show prints one object per file, with path, endpoint (the name of its folder),
  organization (or null), clips (their number, less what has faded, at most 20),
  updatedAt (RFC 3339 in UTC) and error: why the file cannot be read, or null.
  path and clear print text.";

#[derive(Args, Debug)]
pub(crate) struct HistoryCommandArgs {
    /// Action
    #[arg(value_name = "ACTION", default_value = "show")]
    pub(crate) action: HistoryAction,
}

/// Actions of the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HistoryAction {
    /// List the files
    Show,
    /// Print the folder of the files
    Path,
    /// Remove the files
    Clear,
}
