//! The command line.

mod completions;
mod doctor;
mod get;
pub(crate) mod hyphens;
mod man;
pub(crate) mod plain_key;
mod schema;
mod settings;
mod simulate;
mod simulation;
mod target;
mod watch;

pub(crate) use completions::CompletionsArgs;
pub(crate) use doctor::DoctorArgs;
pub(crate) use get::GetArgs;
pub(crate) use man::ManArgs;
pub(crate) use schema::{SchemaArgs, SchemaOf};
pub(crate) use settings::SettingsArgs;
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
  RHOMBUS_PROFILE       the profile, in place of --profile
  RHOMBUS_OUTPUT        how results are written, in place of --output
  RHOMBUS_ENDPOINT_URL  the base URL of the service, in place of --endpoint-url
  HTTPS_PROXY, ALL_PROXY, NO_PROXY
                        the proxy to go through, and the hosts to reach without
  NO_COLOR              no colours

  With --simulate no key is read, and nothing leaves this machine.";

const FILES: &str = "\
Files:
  Those of Rhombus's own command-line tool:

  ~/.rhombus/config       [default] and [profile NAME] with output and
                          endpoint_url
  ~/.rhombus/credentials  [NAME] with api_key, is_partner (true or false),
                          auth_type (token, or cert for a client certificate
                          with cert_file and key_file, whose paths begin at
                          ~/.rhombus unless absolute)

  An option wins over a variable, and that over the profile. `doctor` shows
  which of them counts.";

const EXAMPLES: &str = "\
Examples:
  rhombus-clips watch --simulate
  rhombus-clips doctor
  rhombus-clips get Vu0s9xQbQ1OsHk3tLw6rWg
  rhombus-clips watch --timeout 600 Vu0s9xQbQ1OsHk3tLw6rWg && echo done
  rhombus-clips get --api-key-file /run/secrets/rhombus Vu0s9xQbQ1OsHk3tLw6rWg";

/// Look up and watch Rhombus video clips.
#[derive(Debug, Parser)]
#[command(
    name = "rhombus-clips",
    version,
    about,
    after_help = EXAMPLES,
    after_long_help = sections(&[EXAMPLES, ENVIRONMENT, FILES, EXIT_CODES]),
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
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
        after_long_help = sections(&[get::EXAMPLES, get::JSON, ENVIRONMENT, FILES, EXIT_CODES]),
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
            sections(&[watch::EXAMPLES, watch::STANDARD_INPUT, watch::CHECKPOINT, watch::JSON, ENVIRONMENT, FILES, EXIT_CODES]),
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

    /// Find out what is wrong when nothing works
    ///
    /// Shows which settings count and where each comes from, sends one harmless request to the
    /// service, and says what is wrong and what to do. It never shows the API key, and sends it to
    /// no other host than the one set.
    #[command(
        after_help = doctor::EXAMPLES,
        after_long_help =
            sections(&[doctor::EXAMPLES, doctor::JSON, ENVIRONMENT, FILES, doctor::EXIT_CODES]),
    )]
    Doctor(DoctorArgs),

    /// Write the completions of a shell to standard output
    #[command(after_help = completions::EXAMPLES)]
    Completions(CompletionsArgs),

    /// Write a manual page to standard output
    #[command(after_help = man::EXAMPLES)]
    Man(ManArgs),
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
            assert_eq!(parse(&args).unwrap().settings.output, Some(Output::Json));
        }
        assert_eq!(parse(&["get", UUID]).unwrap().settings.output, None);
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
    fn the_options_that_say_whom_to_ask_are_said_again() {
        let args = [
            "get",
            UUID,
            "--region",
            "eu",
            "--output",
            "json",
            "--profile",
            "my own",
        ];
        let words = parse(&args).unwrap().settings.words();
        assert_eq!(words, ["--profile", "my own", "--region", "eu"]);
    }

    #[test]
    fn every_command_has_examples() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().unwrap().to_string();
            let call = format!("rhombus-clips {}", command.get_name());
            assert!(help.contains(&call), "{help}");
        }
    }

    #[test]
    fn every_command_has_a_page() {
        let command = Cli::command();
        let commands: Vec<_> = command.get_subcommands().map(|c| c.get_name()).collect();
        assert_eq!(commands, man::COMMANDS);
    }

    #[test]
    fn an_organization_is_an_ruuid() {
        let error = refusal(&["get", UUID, "--org", "abc"]).to_string();
        assert!(
            error.contains("organization's RUUID: 3 characters"),
            "{error}"
        );
        assert!(parse(&["get", UUID, "--partner-org", UUID]).is_ok());
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
