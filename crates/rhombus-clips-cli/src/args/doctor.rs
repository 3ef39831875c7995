//! `rhombus-clips doctor`.

use clap::Args;
use rhombus_clips::ClipUuid;

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips doctor
  rhombus-clips doctor --profile work --region eu
  rhombus-clips doctor --output json | jq '.checks[] | select(.status != \"ok\")'";

pub(super) const JSON: &str = "\
JSON:
  One object: version, ok (whether there is no error), and checks: an array of
  objects with check, status (ok, warning, error or skipped), message, and
  advice (what to do, or null). The API key is in none of it.";

pub(super) const EXIT_CODES: &str = "\
Exit codes:
    0  all is well, but for warnings
    1  there is an error
    2  the command line is wrong
    5  the service does not accept the API key";

#[derive(Args, Debug)]
pub(crate) struct DoctorArgs {
    /// The clip to ask for; one that does not exist unless given
    #[arg(value_name = "CLIP_UUID")]
    pub(crate) clip: Option<ClipUuid>,
}
