//! Arguments of `rhombus-clips doctor`.

use clap::Args;
use rhombus_clips::ClipUuid;

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips doctor
  rhombus-clips doctor --profile work --region eu
  rhombus-clips doctor --output json | jq '.checks[] | select(.status != \"ok\")'";

pub(super) const JSON: &str = "\
JSON:
  One object with version, ok (true if no check failed), and checks: an array
  of objects with check, status (ok, warning, error or skipped), message, and
  advice (or null). It never contains the API key.";

pub(super) const EXIT_CODES: &str = "\
Exit codes:
    0  all checks passed, possibly with warnings
    1  a check failed
    2  invalid command line
    5  the service rejected the API key";

#[derive(Args, Debug)]
pub(crate) struct DoctorArgs {
    /// Clip to request [default: a random UUID]
    #[arg(value_name = "CLIP_UUID")]
    pub(crate) uuid: Option<ClipUuid>,
}
