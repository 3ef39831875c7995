//! `rhombus-clips get`.

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
  durationSec, byteCount, region, sha256Hex, warning, decodeIssues (what the
  service said that could not be read: an array of texts, each a JSON pointer
  and the reason), and record: the service's own record, whole. What the
  service did not say is null.

  An error is told on standard error alone.";

#[derive(Args, Debug)]
pub(crate) struct GetArgs {
    /// The clip: 22 characters
    ///
    /// With --simulate also a clip of the simulated service by name, such as fails; one that is
    /// complete unless given. `rhombus-clips simulate --help` has the names.
    #[arg(value_name = "CLIP_UUID", required_unless_present = "simulate")]
    pub(crate) clip: Option<Target>,

    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
}

impl GetArgs {
    /// What the definition above cannot say.
    pub(crate) fn check(&self) -> Result<(), String> {
        match &self.clip {
            Some(Target::StandardInput) => {
                Err("get shows one clip: name it, or give - to `watch`".to_owned())
            }
            Some(target @ Target::Simulated(role)) if !role.is_one() => {
                Err(format!("get shows one clip, and {target} names several"))
            }
            Some(target) => target.check(&self.simulation),
            None => Ok(()),
        }
    }
}
