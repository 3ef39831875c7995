//! `rhombus-clips get`.

use clap::Args;
use rhombus_clips::ClipUuid;

use super::SimulationArgs;

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips get Vu0s9xQbQ1OsHk3tLw6rWg
  rhombus-clips get --output json Vu0s9xQbQ1OsHk3tLw6rWg | jq .status
  rhombus-clips get --simulate";

pub(super) const JSON: &str = "\
JSON:
  One object with clipUuid, status, percentComplete, currentOperation, title,
  recordedAtMs, createdAtMs, updatedAtMs (milliseconds since 1970 in UTC),
  durationSec, byteCount, region, sha256Hex, warning, degraded (what the
  service said that could not be read: an array of texts, each a JSON pointer
  and the reason), and record: the service's own record, whole. What the
  service did not say is null.

  An error is told on standard error alone.";

#[derive(Args, Debug)]
pub(crate) struct GetArgs {
    /// The clip: 22 characters; with --simulate a finished one unless given
    #[arg(value_name = "CLIP_UUID", required_unless_present = "simulate")]
    pub(crate) clip: Option<ClipUuid>,

    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
}
