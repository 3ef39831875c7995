//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use rhombus_clips::ClipUuid;
use std::time::Duration;

use crate::seconds;

const EXIT_CODES: &str = "\
Exit codes:
    0  the clip is complete; for `get`: the clip was shown, whatever its status
    1  any other error
    2  the command line is wrong
    3  the clip failed or was deleted
    4  the deadline passed
    5  the service does not accept the API key
    6  the service has no such clip
  130  interrupted with Ctrl-C
  141  nobody reads standard output any more

  Of several clips the worst counts, from the worst: 5, 1, 6, 4, 3, 0.";

const ENVIRONMENT: &str = "\
Environment:
  RHOMBUS_API_KEY       the API key of your organization
  RHOMBUS_ENDPOINT_URL  the base URL of the service, unless it is the one in
                        the United States; that of Europe is
                        https://api2.eu.rhombussystems.com

  With --simulate neither is read.";

const EXAMPLES: &str = "\
Examples:
  rhombus-clips watch --simulate
  rhombus-clips get Vu0s9xQbQ1OsHk3tLw6rWg
  rhombus-clips watch --deadline 600 Vu0s9xQbQ1OsHk3tLw6rWg && echo done";

const GET_EXAMPLES: &str = "\
Examples:
  rhombus-clips get Vu0s9xQbQ1OsHk3tLw6rWg
  rhombus-clips get --output json Vu0s9xQbQ1OsHk3tLw6rWg | jq .status
  rhombus-clips get --simulate";

const GET_JSON: &str = "\
JSON:
  One object with clipUuid, status, percentComplete, currentOperation, title,
  recordedAtMs, createdAtMs, updatedAtMs (milliseconds since 1970 in UTC),
  durationSec, byteCount, region, sha256Hex, warning, degraded (what the
  service said that could not be read: an array of texts, each a JSON pointer
  and the reason), and record: the service's own record, whole. What the
  service did not say is null.

  An error is told on standard error alone.";

const WATCH_EXAMPLES: &str = "\
Examples:
  rhombus-clips watch --simulate
  rhombus-clips watch Vu0s9xQbQ1OsHk3tLw6rWg AAECAwQFBgcICQoLDA0ODw
  rhombus-clips watch --output json --deadline 600 Vu0s9xQbQ1OsHk3tLw6rWg";

const WATCH_JSON: &str = "\
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

const SIMULATE_EXAMPLES: &str = "\
Examples:
  rhombus-clips simulate
  rhombus-clips simulate --port 8080 --speed 10 --output json";

const SIMULATE_CLIPS: &str = "\
The line:
  As text: RHOMBUS_ENDPOINT_URL=... RHOMBUS_API_KEY=... completes=... and the
  other clips. The first two, put before a command, let it ask the simulated
  service.
  As JSON: {\"baseUrl\":...,\"apiKey\":...,\"clips\":{\"completes\":...}}

  A clip's life begins with the first request for it. In seconds at speed 1:
  completes  is complete after 60
  fails      fails after 40
  deleted    is deleted after 40
  offline    loses its camera for 20, and is complete after 80
  late       has no record for 5, and is complete after 65
  done       is complete from the start

  The same seed gives the same key and the same clips.";

/// Look up and watch Rhombus video clips.
#[derive(Debug, Parser)]
#[command(
    name = "rhombus-clips",
    version,
    about,
    after_help = EXAMPLES,
    after_long_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}\n\n{EXIT_CODES}"),
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// How results are written to standard output
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        default_value = "text",
        display_order = 100
    )]
    pub(crate) output: Output,
}

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people
    Text,
    /// For programs
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show one clip as it is now
    #[command(
        after_help = GET_EXAMPLES,
        after_long_help = format!("{GET_EXAMPLES}\n\n{GET_JSON}\n\n{ENVIRONMENT}\n\n{EXIT_CODES}"),
    )]
    Get(GetArgs),

    /// Watch clips until each is complete or has failed
    ///
    /// On a terminal a progress bar shows each clip, and the finished clips follow. Otherwise,
    /// and for more than 20 clips, there is a line for each change. The percentage is that of the
    /// current operation: it starts again with the next one.
    #[command(
        after_help = WATCH_EXAMPLES,
        after_long_help =
            format!("{WATCH_EXAMPLES}\n\n{WATCH_JSON}\n\n{ENVIRONMENT}\n\n{EXIT_CODES}"),
    )]
    Watch(WatchArgs),

    /// Serve a simulated clip service on this machine until interrupted
    ///
    /// One line on standard output says where it is, the API key that it takes, and which clips it
    /// has. The key opens nothing else. Ctrl-C ends the service, with exit code 0.
    #[command(
        after_help = SIMULATE_EXAMPLES,
        after_long_help = format!("{SIMULATE_EXAMPLES}\n\n{SIMULATE_CLIPS}"),
    )]
    Simulate(SimulateArgs),
}

#[derive(Args, Debug)]
pub(crate) struct GetArgs {
    /// The clip: 22 characters; with --simulate a finished one unless given
    #[arg(value_name = "CLIP_UUID", required_unless_present = "simulate")]
    pub(crate) clip: Option<ClipUuid>,

    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
}

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

/// The simulated service inside the program.
#[derive(Args, Debug)]
pub(crate) struct SimulationArgs {
    /// Ask a simulated service inside this program, six times as fast as life; no API key needed
    #[arg(long)]
    pub(crate) simulate: bool,

    /// What everything random in the simulated service follows from [default: 0]
    #[arg(long, value_name = "N", requires = "simulate")]
    pub(crate) seed: Option<u64>,
}

#[derive(Args, Debug)]
pub(crate) struct SimulateArgs {
    /// The port on 127.0.0.1; 0 takes any free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,

    /// What everything random follows from
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,

    /// How many times as fast as life it runs
    #[arg(long, value_name = "X", default_value = "1", value_parser = speed)]
    pub(crate) speed: f64,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if speed.is_finite() && speed > 0.0 => Ok(speed),
        _ => Err("a number above 0 is needed, such as 10 or 0.5".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;
    use clap::error::ErrorKind;

    const UUID: &str = "Vu0s9xQbQ1OsHk3tLw6rWg";

    fn parse(args: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from([&["rhombus-clips"], args].concat())
    }

    fn refusal(args: &[&str]) -> clap::Error {
        parse(args).unwrap_err()
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_output_is_chosen_before_or_after_the_command() {
        for args in [
            ["--output", "json", "get", UUID],
            ["get", UUID, "--output", "json"],
        ] {
            assert_eq!(parse(&args).unwrap().output, Output::Json);
        }
        assert_eq!(parse(&["get", UUID]).unwrap().output, Output::Text);
    }

    #[test]
    fn clips_are_required_but_of_the_simulated_service() {
        for command in ["get", "watch"] {
            assert_eq!(
                refusal(&[command]).kind(),
                ErrorKind::MissingRequiredArgument
            );
            assert!(parse(&[command, "--simulate", "--seed", "7"]).is_ok());
            let alone = refusal(&[command, UUID, "--seed", "7"]);
            assert_eq!(alone.kind(), ErrorKind::MissingRequiredArgument);
        }
    }

    #[test]
    fn a_mistyped_clip_is_named_with_what_is_wrong() {
        let error = refusal(&["watch", UUID, "abc"]);
        assert_eq!(
            (error.kind(), error.exit_code()),
            (ErrorKind::ValueValidation, 2)
        );
        assert!(
            error
                .to_string()
                .contains("3 characters where there must be 22")
        );
    }

    #[test]
    fn a_speed_is_a_number_above_zero() {
        for text in ["0", "-1", "inf", "nan", "fast", ""] {
            assert!(speed(text).is_err(), "{text}");
        }
        assert_eq!(speed("0.5"), Ok(0.5));
    }
}
