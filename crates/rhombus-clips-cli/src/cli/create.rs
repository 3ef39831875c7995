//! Arguments of `rhombus-clips create`.

use clap::Args;

use super::{ClipRequestArgs, SimulationArgs};

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips create --camera 'loading dock' --from 14:02 --to 14:05
  rhombus-clips create --camera dock --from 23:50 --to 00:10 --date 2026-08-01 --tz Europe/Berlin
  rhombus-clips create --camera dock --from -10m --to now | xargs rhombus-clips watch
  rhombus-clips create --simulate --camera dock --from -10m --to -5m";

pub(super) const LOST_RESPONSES: &str = "\
Lost responses:
  A clip is never requested twice. If the response is lost, the clip is searched
  for in the lists of clips. If exactly one matches, it is the result; if not, the
  exit code is 7, and standard error names the command that looks for it.";

pub(super) const JSON: &str = "\
JSON:
  One object with clipUuid (the first or only clip), clipUuids (all of them),
  recovered (true if the response was lost and the clip was found), warning of
  the service or null, and footage: an array with a sentence per camera on the
  footage that was known before.

  Errors are written to standard error only.";

#[derive(Args, Debug)]
pub(crate) struct CreateArgs {
    #[command(flatten)]
    pub(crate) clip: ClipRequestArgs,

    /// Do not save the clip to the console
    ///
    /// It may then have no record, so that it can be neither watched nor found.
    #[arg(long)]
    pub(crate) no_save: bool,

    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
}

impl CreateArgs {
    /// Checks constraints that clap cannot express.
    pub(crate) fn check(&self) -> Result<(), String> {
        match self.clip.cameras.is_empty() {
            true => {
                Err("give a camera with --camera; `rhombus-clips cameras` lists them".to_owned())
            }
            false => Ok(()),
        }
    }
}
