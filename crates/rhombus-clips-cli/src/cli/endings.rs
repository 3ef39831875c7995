//! Arguments of `rhombus-clips cancel` and `rhombus-clips delete`, which ask before they end a clip.

use std::io::{self, IsTerminal as _};

use clap::Args;

use super::target::check_targets;
use super::{SimulationArgs, Target};

pub(super) const CANCEL_EXAMPLES: &str = "\
Examples:
  rhombus-clips cancel Vu0s9xQbQ1OsHk3tLw6rWg
  rhombus-clips cancel --yes --output json Vu0s9xQbQ1OsHk3tLw6rWg | jq -r .result
  rhombus-clips cancel --simulate --yes completes";

pub(super) const DELETE_EXAMPLES: &str = "\
Examples:
  rhombus-clips delete Vu0s9xQbQ1OsHk3tLw6rWg AAECAwQFBgcICQoLDA0ODw
  rhombus-clips list --status failed --output json | jq -r .clipUuid |
    xargs rhombus-clips delete --yes
  rhombus-clips delete --simulate --yes done";

pub(super) const CANCEL_RESULTS: &str = "\
Results:
  canceled          the clip failed, was deleted, or has no record any more
  accepted          the service accepted the request, and the record does not
                    show it yet; watch the clip to see its end
  already ended     the clip had failed or was deleted before
  already complete  the clip is complete, and is not canceled
  not canceled      the answer was no (exit code 1)
  error             the reason is on standard error";

pub(super) const DELETE_RESULTS: &str = "\
Results:
  deleted       the service accepted the deletion
  already gone  the clip was deleted before, or is unknown
  not deleted   the answer was no (exit code 1)
  error         the reason is on standard error";

/// Arguments of both commands.
#[derive(Args, Debug)]
pub(crate) struct EndArgs {
    /// Clip UUIDs, 22 characters each
    ///
    /// With --simulate, also names of simulated clips, such as completes [default: completes for cancel, done
    /// for delete]. `rhombus-clips simulate --help` lists the names.
    #[arg(value_name = "CLIP_UUID", required_unless_present = "simulate")]
    pub(crate) targets: Vec<Target>,

    /// Do not ask for confirmation
    ///
    /// Required unless standard input and standard error are a terminal.
    #[arg(short, long)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
}

impl EndArgs {
    /// Checks constraints that clap cannot express.
    pub(crate) fn check(&self, command: &str) -> Result<(), String> {
        check_targets(&self.targets, command, &self.simulation)?;
        let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
        match self.yes || can_ask {
            true => Ok(()),
            false => Err(format!(
                "{command} can ask for confirmation on a terminal only; add --yes"
            )),
        }
    }
}
