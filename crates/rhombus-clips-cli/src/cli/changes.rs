//! Arguments of `rhombus-clips retry` and `rhombus-clips update`.

use clap::{Args, ValueEnum};
use rhombus_clips::types::ClipVisibility;

use super::target::{check_target, check_targets};
use super::{SimulationArgs, Target};

pub(super) const RETRY_EXAMPLES: &str = "\
Examples:
  rhombus-clips retry Vu0s9xQbQ1OsHk3tLw6rWg
  rhombus-clips retry Vu0s9xQbQ1OsHk3tLw6rWg && rhombus-clips watch Vu0s9xQbQ1OsHk3tLw6rWg
  rhombus-clips retry --simulate fails";

pub(super) const RETRY_RESULTS: &str = "\
Results:
  restarted         the clip is rendered again
  accepted          the service accepted the request, and the record does not
                    show it yet
  already running   the clip was being rendered before
  already complete  the clip is complete
  error             the reason is on standard error";

pub(super) const UPDATE_EXAMPLES: &str = "\
Examples:
  rhombus-clips update --title 'Delivery, pallet 7' Vu0s9xQbQ1OsHk3tLw6rWg
  rhombus-clips update --description '' --visibility private Vu0s9xQbQ1OsHk3tLw6rWg
  rhombus-clips update --simulate --title Delivery done";

pub(super) const UPDATE_RESULTS: &str = "\
Results:
  updated    the service accepted the change
  unchanged  the clip has all of it already
  error      the reason is on standard error";

/// Section on the output of the commands that end or change clips.
pub(super) const RESULT_JSON: &str = "\
JSON:
  One object per line and clip with clipUuid, result (such as alreadyComplete),
  status and title as they were read last, and error: null, or an object with
  kind, message, hints, httpStatus and body of the response. Missing values are
  null. Errors are written to standard error, too.

  After an error, the other clips are still processed.";

#[derive(Args, Debug)]
pub(crate) struct RetryArgs {
    /// Clip UUIDs, 22 characters each
    ///
    /// With --simulate, also names of simulated clips, which have rendered for two minutes [default:
    /// fails]. `rhombus-clips simulate --help` lists the names.
    #[arg(value_name = "CLIP_UUID", required_unless_present = "simulate")]
    pub(crate) targets: Vec<Target>,

    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
}

impl RetryArgs {
    /// Checks constraints that clap cannot express.
    pub(crate) fn check(&self) -> Result<(), String> {
        check_targets(&self.targets, "retry", &self.simulation)
    }
}

#[derive(Args, Debug)]
#[group(id = "change", required = true, multiple = true, args = ["title", "description", "visibility"])]
pub(crate) struct UpdateArgs {
    /// Clip UUID, 22 characters
    ///
    /// With --simulate, also the name of a simulated clip, such as completes [default: done].
    /// `rhombus-clips simulate --help` lists the names.
    #[arg(value_name = "CLIP_UUID", required_unless_present = "simulate")]
    pub(crate) target: Option<Target>,

    /// Title; an empty one clears it
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,

    /// Description; an empty one clears it
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,

    /// Users who see the clip; its roles and users stay as they are
    #[arg(long, value_name = "VISIBILITY")]
    pub(crate) visibility: Option<VisibilityArg>,

    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
}

impl UpdateArgs {
    /// Checks constraints that clap cannot express.
    pub(crate) fn check(&self) -> Result<(), String> {
        check_target(self.target.as_ref(), "update changes", &self.simulation)
    }
}

/// Visibility of a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum VisibilityArg {
    /// Its owner
    Private,
    /// The roles and users that it names
    RoleRestricted,
    /// The entire organization
    OrgWide,
}

impl From<VisibilityArg> for ClipVisibility {
    fn from(visibility: VisibilityArg) -> Self {
        match visibility {
            VisibilityArg::Private => Self::Private,
            VisibilityArg::RoleRestricted => Self::RoleRestricted,
            VisibilityArg::OrgWide => Self::OrgWide,
        }
    }
}
