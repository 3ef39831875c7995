//! Arguments of the commands other than `watch`, with the examples and sections of their long help.

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use clap_complete::Shell;
use rhombus_clips::ClipUuid;

use super::{SimulationArgs, Target};

pub(super) const GET_EXAMPLES: &str = "\
Examples:
  rhombus-clips get Vu0s9xQbQ1OsHk3tLw6rWg
  rhombus-clips get --output json Vu0s9xQbQ1OsHk3tLw6rWg | jq .status
  rhombus-clips get --simulate fails";

pub(super) const GET_JSON: &str = "\
JSON:
  One object with clipUuid, status, percentComplete, currentOperation, title,
  recordedAtMs, createdAtMs, updatedAtMs (milliseconds since 1970 in UTC),
  durationSec, byteCount, region, sha256Hex, warning, decodeIssues (properties
  that could not be decoded: an array of strings, each a JSON pointer and the
  reason), omittedDecodeIssues (the number of those beyond 32), and record: the
  service's record. It lacks the known properties that are null; odd items of
  arrays and maps are null, and numbers have double precision. Missing values
  are null.

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

pub(super) const SIMULATE_EXAMPLES: &str = "\
Examples:
  rhombus-clips simulate
  rhombus-clips simulate --port 8080 --speed 10 --output json";

pub(super) const SIMULATE_CLIPS: &str = "\
Output:
  Text: RHOMBUS_ENDPOINT_URL=... RHOMBUS_MEDIA_URL=... RHOMBUS_API_KEY=...
  completes=... and the other clips. Prefix a command with the first three to
  use the simulated service.
  JSON: {\"baseUrl\":...,\"mediaUrl\":...,\"apiKey\":...,\"clips\":{\"completes\":...}}

Clips:
  A clip starts rendering at the first request for it. Seconds at speed 1:

  completes  complete after 60
  fails      fails after 40
  deleted    deleted after 40
  offline    camera offline for 20, complete after 80
  late       no record for 5, complete after 65
  done       complete from the start

Cameras:
  \"Loading dock\" and \"Front door\", and \"Warehouse aisle 12\", which is
  offline; with footage until a moment ago. A clip that is requested of them is
  complete after 30 seconds.

  The same seed gives the same API key and the same clips.";

#[derive(Args, Debug)]
pub(crate) struct SimulateArgs {
    /// Port on 127.0.0.1; 0 selects a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,

    /// Seed of the random numbers
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,

    /// Port of the media host on 127.0.0.1; 0 selects a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) media_port: u16,

    /// Speed factor relative to real time
    #[arg(long, value_name = "X", default_value = "1", value_parser = parse_speed)]
    pub(crate) speed: f64,
}

/// Range of the speed factor. Chosen, not tuned: beyond it, a clip's render time is below a
/// millisecond or above a day.
const MIN_SPEED: f64 = 0.001;
const MAX_SPEED: f64 = 1e6;

fn parse_speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (MIN_SPEED..=MAX_SPEED).contains(&speed) => Ok(speed),
        _ => Err("expected a number from 0.001 to 1000000, such as 10 or 0.5".to_owned()),
    }
}

pub(super) const DOCTOR_EXAMPLES: &str = "\
Examples:
  rhombus-clips doctor
  rhombus-clips doctor --profile work --region eu
  rhombus-clips doctor --output json | jq '.checks[] | select(.status != \"ok\")'";

pub(super) const DOCTOR_JSON: &str = "\
JSON:
  One object with version, ok (true if no check failed), and checks: an array
  of objects with check, status (ok, warning, error or skipped), message, and
  advice (or null). It never contains the API key.";

pub(super) const DOCTOR_EXIT_CODES: &str = "\
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

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  rhombus-clips completions bash > ~/.local/share/bash-completion/completions/rhombus-clips
  rhombus-clips completions zsh > /usr/local/share/zsh/site-functions/_rhombus-clips
  rhombus-clips completions fish > ~/.config/fish/completions/rhombus-clips.fish
  rhombus-clips completions powershell >> $PROFILE";

#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// Shell to generate completions for
    pub(crate) shell: Shell,
}

pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  rhombus-clips man | man -l -
  rhombus-clips man > ~/.local/share/man/man1/rhombus-clips.1
  rhombus-clips man watch > ~/.local/share/man/man1/rhombus-clips-watch.1";

/// Commands with a manual page.
pub(super) const COMMANDS: [&str; 17] = [
    "get",
    "watch",
    "cameras",
    "list",
    "create",
    "export",
    "download",
    "cancel",
    "retry",
    "delete",
    "update",
    "history",
    "schema",
    "simulate",
    "doctor",
    "completions",
    "man",
];

#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// Command to document [default: the program itself]
    #[arg(value_parser = PossibleValuesParser::new(COMMANDS))]
    pub(crate) command: Option<String>,
}

pub(super) const SCHEMA_EXAMPLES: &str = "\
Examples:
  rhombus-clips schema > watch.schema.json
  rhombus-clips schema get";

#[derive(Args, Debug)]
pub(crate) struct SchemaArgs {
    /// Command whose output to describe
    #[arg(value_name = "COMMAND", default_value = "watch")]
    pub(crate) command: SchemaCommand,
}

/// Commands that write JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaCommand {
    /// The single object
    Get,
    /// Each line, by its `event` property
    Watch,
    /// Each line
    Cameras,
    /// Each line
    List,
    /// The single object
    Create,
    /// Each line
    Export,
    /// Each line
    Download,
    /// Each line
    Cancel,
    /// Each line
    Retry,
    /// Each line
    Delete,
    /// The single line
    Update,
    /// Each line of `show`
    History,
    /// The single line
    Simulate,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_outside_of_the_range_are_rejected() {
        for text in ["0", "-1", "inf", "nan", "fast", "", "1e300", "1e-300"] {
            assert!(parse_speed(text).is_err(), "{text}");
        }
        assert_eq!(parse_speed("0.5"), Ok(0.5));
    }
}
