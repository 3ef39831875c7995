//! The command line.

mod get;
mod schema;
mod simulate;
mod simulation;
mod target;
mod watch;

pub(crate) use get::GetArgs;
pub(crate) use schema::{SchemaArgs, SchemaOf};
pub(crate) use simulate::SimulateArgs;
pub(crate) use simulation::SimulationArgs;
pub(crate) use target::Target;
pub(crate) use watch::WatchArgs;

use clap::{Parser, Subcommand, ValueEnum};

const EXIT_CODES: &str = "\
Exit codes:
    0  the clip is complete; for `get`: the clip was shown, whatever its status
    1  any other error
    2  the command line is wrong, or a line of standard input was
    3  the clip failed or was deleted
    4  the deadline passed
    5  the service does not accept the API key
    6  the service has no such clip
  130  interrupted with Ctrl-C
  141  nobody reads standard output any more
  143  told to end with SIGTERM

  Of several clips the worst counts, from the worst: 5, 1, 2, 6, 4, 3, 0.";

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

/// Look up and watch Rhombus video clips.
#[derive(Debug, Parser)]
#[command(
    name = "rhombus-clips",
    version,
    about,
    after_help = EXAMPLES,
    after_long_help = sections(&[EXAMPLES, ENVIRONMENT, EXIT_CODES]),
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
    /// For people and simple programs: a row a clip, in columns
    Table,
    /// For programs
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show one clip as it is now
    #[command(
        after_help = get::EXAMPLES,
        after_long_help = sections(&[get::EXAMPLES, get::JSON, ENVIRONMENT, EXIT_CODES]),
    )]
    Get(GetArgs),

    /// Watch clips until each is complete or has failed
    ///
    /// On a terminal a progress bar shows each clip, as far as there is room, and the results
    /// follow. Otherwise there is a line for each change. The percentage is that of the current
    /// operation: it starts again with the next one. `~1m20s (50s–2m)` is the time left until the
    /// clip is complete: with nine chances in ten it is longer than the first in brackets, and with
    /// nine in ten shorter than the second. A clip that is named twice is watched once.
    #[command(
        after_help = watch::EXAMPLES,
        after_long_help =
            sections(&[watch::EXAMPLES, watch::STANDARD_INPUT, watch::CHECKPOINT, watch::JSON, ENVIRONMENT, EXIT_CODES]),
    )]
    Watch(WatchArgs),

    /// Print the JSON Schema of what a command writes with `--output json`
    #[command(after_help = schema::EXAMPLES)]
    Schema(SchemaArgs),

    /// Serve a simulated clip service on this machine until interrupted
    ///
    /// One line on standard output says where it is, the API key that it takes, and which clips it
    /// has. The key opens nothing else. Ctrl-C or SIGTERM ends the service, with exit code 0.
    #[command(
        after_help = simulate::EXAMPLES,
        after_long_help = sections(&[simulate::EXAMPLES, simulate::CLIPS]),
    )]
    Simulate(SimulateArgs),
}

/// What stands below a help, with a line between.
fn sections(sections: &[&str]) -> String {
    sections.join("\n\n")
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
}
