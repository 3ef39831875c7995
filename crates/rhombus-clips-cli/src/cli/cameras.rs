//! Arguments of `rhombus-clips cameras`.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::SimulationArgs;

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips cameras
  rhombus-clips cameras 'loading dock'
  rhombus-clips cameras --output json | jq -r 'select(.state == \"offline\").name'
  rhombus-clips cameras --simulate";

pub(super) const COLUMNS: &str = "\
Columns:
  UUID, state, video and audio streams, and name. The state is online, offline,
  or unknown if the service does not say.";

pub(super) const JSON: &str = "\
JSON:
  One object per line and camera with cameraUuid, name (or null), state, facets
  (the names of its streams, such as v0 and a0) and record: the service's record
  as far as it could be decoded. It lacks the known properties that are null.

  Errors are written to standard error only.";

#[derive(Args, Debug)]
pub(crate) struct CamerasArgs {
    /// Show this camera only: its UUID, its name, or a part of the name that no other camera has
    #[arg(value_name = "NAME_OR_UUID", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) camera: Option<String>,

    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
}
