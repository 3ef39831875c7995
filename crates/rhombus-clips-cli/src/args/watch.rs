//! `rhombus-clips watch`.

use clap::Args;
use rhombus_clips::ClipUuid;
use std::time::Duration;

use super::SimulationArgs;
use crate::seconds;

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips watch --simulate
  rhombus-clips watch Vu0s9xQbQ1OsHk3tLw6rWg AAECAwQFBgcICQoLDA0ODw
  rhombus-clips watch --output json --deadline 600 Vu0s9xQbQ1OsHk3tLw6rWg";

pub(super) const JSON: &str = "\
JSON:
  One object a line, one line for each change:

  {\"event\":\"progress\",\"clipUuid\":\"Vu0s9xQbQ1OsHk3tLw6rWg\",
   \"status\":\"RENDERING\",\"percentComplete\":45,
   \"currentOperation\":\"Processing video\",\"polls\":7,\"elapsedMs\":12034}

  event is progress, complete, failed (the clip failed or was deleted) or error
  (anything else that ended the watch of this clip, with kind and message
  besides; the state is the last one seen). What is not known is null: all of
  the state while the service has no record of the clip. If the service warns
  of something, that is in warning. If it said something of the clip that could
  not be read, that is in degraded: an array of texts, each a JSON pointer and
  the reason.

  An error that came with an answer of the service has its HTTP status, a
  number, in httpStatus and the beginning of its text, if any, in body.

  A request that failed but may succeed later ends no watch and is no event: it
  is told on standard error, as is once a status that cannot be read.";

#[derive(Args, Debug)]
pub(crate) struct WatchArgs {
    /// The clips: 22 characters each; with --simulate one that completes unless given
    #[arg(value_name = "CLIP_UUID", required_unless_present = "simulate")]
    pub(crate) clips: Vec<ClipUuid>,

    /// How long to watch at most; fractions are allowed
    #[arg(long, value_name = "SECONDS", default_value = "1800", value_parser = seconds::parse)]
    pub(crate) deadline: Duration,

    /// How long to wait between two requests for a clip; fractions are allowed [default: as its
    /// progress says, with --simulate 0.25]
    #[arg(long, value_name = "SECONDS", value_parser = seconds::parse_positive)]
    pub(crate) interval: Option<Duration>,

    /// How long the service may have no record of a clip before that ends its watch with exit code
    /// 6; fractions are allowed
    ///
    /// The record of a clip that was just requested may come late. 0 waits for none.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds::parse)]
    pub(crate) grace: Duration,

    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
}
