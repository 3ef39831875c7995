//! Arguments of `rhombus-clips get`.

use clap::Args;

use super::{SimulationArgs, Target};

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips get Vu0s9xQbQ1OsHk3tLw6rWg
  rhombus-clips get --output json Vu0s9xQbQ1OsHk3tLw6rWg | jq .status
  rhombus-clips get --simulate fails";

pub(super) const JSON: &str = "\
JSON:
  One object with clipUuid, status, percentComplete, currentOperation, title,
  recordedAtMs, createdAtMs, updatedAtMs (milliseconds since 1970 in UTC),
  durationSec, byteCount, region, sha256Hex, warning, decodeIssues (properties
  that could not be decoded: an array of strings, each a JSON pointer and the
  reason), and record: the service's entire record. Missing values are null.

  Errors are written to standard error only.";

#[derive(Args, Debug)]
pub(crate) struct GetArgs {
    /// Clip UUID, 22 characters
    ///
    /// With --simulate, also the name of a simulated clip, such as fails [default: done].
    /// `rhombus-clips simulate --help` lists the names.
    #[arg(value_name = "CLIP_UUID", required_unless_present = "simulate")]
    pub(crate) target: Option<Target>,

    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
}

impl GetArgs {
    /// Checks constraints that clap cannot express.
    pub(crate) fn check(&self) -> Result<(), String> {
        match &self.target {
            Some(Target::StandardInput) => Err(
                "get shows one clip; give its UUID, or use `watch` for clips from standard input"
                    .to_owned(),
            ),
            Some(target @ Target::Simulated(scenarios)) if !scenarios.is_single() => {
                Err(format!("get shows one clip, but {target} names several"))
            }
            Some(target) => target.check(&self.simulation),
            None => Ok(()),
        }
    }
}
