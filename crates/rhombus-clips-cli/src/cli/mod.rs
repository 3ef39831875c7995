//! Definition of the command line.
//!
//! Each command has its options, examples and sections of the long help beside it. Parsing is
//! declarative; constraints that clap cannot express are checked by the arguments' `check`.

mod cameras;
mod changes;
mod clip_request;
mod commands;
mod create;
mod endings;
mod export;
mod global;
mod history;
mod list;
pub(crate) mod preprocess;
mod target;
mod time;
mod watch;

pub(crate) use cameras::CamerasArgs;
pub(crate) use changes::{RetryArgs, UpdateArgs};
pub(crate) use clip_request::{ClipRequestArgs, ZonedRange};
pub(crate) use commands::{
    CompletionsArgs, DoctorArgs, GetArgs, ManArgs, SchemaArgs, SchemaCommand, SimulateArgs,
};
pub(crate) use create::CreateArgs;
pub(crate) use endings::EndArgs;
pub(crate) use export::{DownloadArgs, ExportArgs, FileArgs};
pub(crate) use global::{HistoryArgs, SettingsArgs, SimulationArgs};
pub(crate) use history::{HistoryAction, HistoryCommandArgs};
pub(crate) use list::{ListArgs, Recorded, known_statuses};
pub(crate) use target::Target;
pub(crate) use time::now;
pub(crate) use watch::WatchArgs;

use clap::{Parser, Subcommand, ValueEnum};

const EXIT_CODES: &str = "\
Exit codes:
    0  the clip is complete; for commands other than `watch`, the command was
       carried out, whatever the status of the clip
    1  any other error
    2  invalid command line, or an invalid line on standard input
    3  the clip failed or was deleted
    4  the timeout elapsed
    5  the service rejected the API key
    6  clip not found
    7  it is not known whether the clip was requested (`create`, `export`)
  130  interrupted with Ctrl-C
  141  stdout closed (broken pipe)
  143  terminated by SIGTERM

  With several clips the most severe code applies, in this order: 7, 5, 1, 2, 6,
  4, 3, 0.";

const ENVIRONMENT: &str = "\
Environment:
  RHOMBUS_API_KEY       API key of the organization
  RHOMBUS_PROFILE       profile (--profile)
  RHOMBUS_OUTPUT        output format (--output)
  RHOMBUS_ENDPOINT_URL  base URL of the service (--endpoint-url)
  RHOMBUS_MEDIA_URL     URL of the media host (--media-url)
  RHOMBUS_HISTORY       false: neither use nor save what earlier runs learned
                        (--no-history)
  HTTPS_PROXY, ALL_PROXY, NO_PROXY
                        proxy, and hosts that bypass it
  NO_COLOR              disable colours

  With --simulate no API key is read, and nothing is sent over the network.";

const FILES: &str = "\
Files:
  The configuration files of the Rhombus CLI:

  ~/.rhombus/config       [default] and [profile NAME] with output and
                          endpoint_url, and media_url and history (true or
                          false), which this program adds
  ~/.rhombus/credentials  [NAME] with api_key, is_partner (true or false),
                          auth_type (token, or cert for a client certificate
                          with cert_file and key_file, relative to ~/.rhombus
                          unless absolute)

  Quotes, continued lines and %(key)s are read as the Rhombus CLI reads them.
  All text files must be UTF-8.

  Options take precedence over environment variables, and these over the
  profile. `doctor` shows the origin of each setting. The Rhombus CLI writes
  output = json into a profile unasked: it counts only where standard output is
  not a terminal. --output and RHOMBUS_OUTPUT always count.";

const EXAMPLES: &str = "\
Examples:
  rhombus-clips watch --simulate
  rhombus-clips doctor
  rhombus-clips get Vu0s9xQbQ1OsHk3tLw6rWg
  rhombus-clips create --camera 'loading dock' --from 14:02 --to 14:05
  rhombus-clips watch --timeout 600 Vu0s9xQbQ1OsHk3tLw6rWg && echo done
  rhombus-clips get --api-key-file /run/secrets/rhombus Vu0s9xQbQ1OsHk3tLw6rWg";

/// Request, list and watch Rhombus video clips.
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

/// Output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// Human-readable text
    Text,
    /// One row per clip, in columns
    Table,
    /// JSON
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the current state of a clip
    #[command(
        after_help = commands::GET_EXAMPLES,
        after_long_help = sections(&[commands::GET_EXAMPLES, commands::GET_JSON, ENVIRONMENT, FILES, EXIT_CODES]),
    )]
    Get(GetArgs),

    /// Watch clips until each is complete or has failed
    ///
    /// A terminal shows a progress bar for each clip, as far as there is room, followed by the
    /// results; other outputs get one line per change. The percentage is that of the current
    /// operation and restarts with the next one. `~1m20s (50s–2m)` is the estimated time left; the
    /// range in parentheses is an 80 % prediction interval. Where that is wide, there is a bound such as
    /// `<5m`, or `estimating`. A clip given twice is watched once.
    ///
    /// An output that is not read does not stop the watch. After a mebibyte, progress is left out,
    /// but no result; at the end the program waits for a reader for ten seconds, or for one after a
    /// signal, and reports what is lost (exit code 1 unless another applies).
    #[command(
        after_help = watch::EXAMPLES,
        after_long_help =
            sections(&[watch::EXAMPLES, watch::STANDARD_INPUT, watch::CHECKPOINT, watch::JSON, ENVIRONMENT, FILES, EXIT_CODES]),
    )]
    Watch(WatchArgs),

    /// List the cameras, or show one of them
    #[command(
        after_help = cameras::EXAMPLES,
        after_long_help =
            sections(&[cameras::EXAMPLES, cameras::COLUMNS, cameras::JSON, ENVIRONMENT, FILES, EXIT_CODES]),
    )]
    Cameras(CamerasArgs),

    /// List the saved clips
    ///
    /// Of several filters, all apply. A clip without the property that is compared is listed.
    #[command(
        after_help = list::EXAMPLES,
        after_long_help =
            sections(&[list::EXAMPLES, list::COLUMNS, list::JSON, ENVIRONMENT, FILES, EXIT_CODES]),
    )]
    List(ListArgs),

    /// Request a clip of a camera's footage
    ///
    /// Standard error announces cameras, times and length, and standard output has the UUID. The
    /// service renders the clip in the background: `watch` waits for it.
    #[command(
        after_help = create::EXAMPLES,
        after_long_help =
            sections(&[create::EXAMPLES, clip_request::TIMES, create::LOST_RESPONSES, create::JSON, ENVIRONMENT, FILES, EXIT_CODES]),
    )]
    Create(CreateArgs),

    /// Export clips of cameras' footage to files: request, wait, download, verify
    ///
    /// One file for each camera; a range longer than the organization's longest clip makes several. A terminal
    /// shows a bar for each clip, and then path, size and what was verified. Without --title, the clip has the
    /// name of its camera.
    #[command(
        after_help = export::EXPORT_EXAMPLES,
        after_long_help =
            sections(&[export::EXPORT_EXAMPLES, clip_request::TIMES, export::FILES_WRITTEN, export::EXPORT_CHECKPOINT, export::FILES_JSON, ENVIRONMENT, FILES, EXIT_CODES]),
    )]
    Export(ExportArgs),

    /// Download the files of complete clips, and verify them
    #[command(
        after_help = export::DOWNLOAD_EXAMPLES,
        after_long_help =
            sections(&[export::DOWNLOAD_EXAMPLES, export::FILES_WRITTEN, export::FILES_JSON, ENVIRONMENT, FILES, EXIT_CODES]),
    )]
    Download(DownloadArgs),

    /// Cancel the rendering of clips
    ///
    /// Asks for each clip, with its title and time. A complete clip is not canceled: `delete` ends it.
    #[command(
        after_help = endings::CANCEL_EXAMPLES,
        after_long_help =
            sections(&[endings::CANCEL_EXAMPLES, endings::CANCEL_RESULTS, changes::RESULT_JSON, ENVIRONMENT, FILES, EXIT_CODES]),
    )]
    Cancel(EndArgs),

    /// Render failed clips again
    ///
    /// The service presumably keeps the UUID. A clip whose camera is offline is rendered again, too.
    #[command(
        after_help = changes::RETRY_EXAMPLES,
        after_long_help =
            sections(&[changes::RETRY_EXAMPLES, changes::RETRY_RESULTS, changes::RESULT_JSON, ENVIRONMENT, FILES, EXIT_CODES]),
    )]
    Retry(RetryArgs),

    /// Delete clips, which cannot be restored
    ///
    /// Asks for each clip, with its title and time.
    #[command(
        after_help = endings::DELETE_EXAMPLES,
        after_long_help =
            sections(&[endings::DELETE_EXAMPLES, endings::DELETE_RESULTS, changes::RESULT_JSON, ENVIRONMENT, FILES, EXIT_CODES]),
    )]
    Delete(EndArgs),

    /// Change title, description or visibility of a clip
    #[command(
        after_help = changes::UPDATE_EXAMPLES,
        after_long_help =
            sections(&[changes::UPDATE_EXAMPLES, changes::UPDATE_RESULTS, changes::RESULT_JSON, ENVIRONMENT, FILES, EXIT_CODES]),
    )]
    Update(UpdateArgs),

    /// Show or remove what was learned of render times
    #[command(
        after_help = history::EXAMPLES,
        after_long_help = sections(&[history::EXAMPLES, history::CONTENTS, history::JSON]),
    )]
    History(HistoryCommandArgs),

    /// Print the JSON Schema of a command's `--output json`
    #[command(after_help = commands::SCHEMA_EXAMPLES)]
    Schema(SchemaArgs),

    /// Run a simulated clip service on this machine until interrupted
    ///
    /// One line on standard output has its base URL, its API key and the UUIDs of its clips. The key
    /// is valid for this service only. Ctrl-C or SIGTERM stops it with exit code 0.
    #[command(
        after_help = commands::SIMULATE_EXAMPLES,
        after_long_help = sections(&[commands::SIMULATE_EXAMPLES, commands::SIMULATE_CLIPS]),
    )]
    Simulate(SimulateArgs),

    /// Diagnose settings and connection
    ///
    /// Shows the effective settings and their origins, sends one read-only request to the service, and
    /// reports problems with advice. It never shows the API key, and sends it to the configured host
    /// only.
    #[command(
        after_help = commands::DOCTOR_EXAMPLES,
        after_long_help =
            sections(&[commands::DOCTOR_EXAMPLES, commands::DOCTOR_JSON, ENVIRONMENT, FILES, commands::DOCTOR_EXIT_CODES]),
    )]
    Doctor(DoctorArgs),

    /// Print shell completions
    #[command(after_help = commands::COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),

    /// Print a manual page
    #[command(after_help = commands::MAN_EXAMPLES)]
    Man(ManArgs),
}

/// Joins the sections below the options of a help text.
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

    fn parse_error(args: &[&str]) -> clap::Error {
        parse(args).unwrap_err()
    }

    #[test]
    fn the_command_definition_is_valid() {
        Cli::command().debug_assert();
    }

    #[test]
    fn output_is_accepted_before_or_after_the_command() {
        let output = |args: &[&str]| {
            let output = parse(args).unwrap().settings.flags().output?;
            Some((output.value, output.origin.to_string()))
        };
        for (args, origin) in [
            (&["--output", "json", "get", UUID][..], "--output"),
            (&["get", UUID, "--output", "json"], "--output"),
            (&["get", UUID, "-o", "json"], "--output"),
            (&["-ojson", "doctor"], "--output"),
            (&["get", "--json", UUID], "--json"),
            (&["--json", "watch", "--simulate"], "--json"),
            (&["simulate", "--json", "-o", "json"], "--output"),
        ] {
            assert_eq!(
                output(args),
                Some((Output::Json, origin.to_owned())),
                "{args:?}"
            );
        }
        assert_eq!(output(&["get", UUID]), None);
    }

    #[test]
    fn json_contradicts_another_output() {
        let check = |args: &[&str]| parse(args).unwrap().settings.check();
        for args in [
            &["get", UUID, "--json", "-o", "text"][..],
            &["--json", "get", UUID, "--output", "table"],
        ] {
            assert!(
                check(args)
                    .unwrap_err()
                    .starts_with("--json is the same as")
            );
        }
        assert_eq!(check(&["get", UUID, "--json", "-o", "json"]), Ok(()));
        assert_eq!(check(&["get", UUID, "-o", "table"]), Ok(()));
    }

    #[test]
    fn clips_are_required_without_simulate() {
        for command in ["get", "watch"] {
            assert_eq!(
                parse_error(&[command]).kind(),
                ErrorKind::MissingRequiredArgument
            );
            assert!(parse(&[command, "--simulate", "--seed", "7"]).is_ok());
            let alone = parse_error(&[command, UUID, "--seed", "7"]);
            assert_eq!(alone.kind(), ErrorKind::MissingRequiredArgument);
        }
    }

    #[test]
    fn endpoint_and_credential_options_are_repeated() {
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
        let args = parse(&args).unwrap().settings.to_args();
        assert_eq!(args, ["--profile", "my own", "--region", "eu"]);
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
    fn every_command_has_a_manual_page() {
        let command = Cli::command();
        let commands: Vec<_> = command.get_subcommands().map(|c| c.get_name()).collect();
        assert_eq!(commands, commands::COMMANDS);
    }

    #[test]
    fn an_organization_must_be_an_ruuid() {
        let error = parse_error(&["get", UUID, "--org", "abc"]).to_string();
        assert!(
            error.contains("invalid organization RUUID: expected 22 characters, found 3"),
            "{error}"
        );
        assert!(parse(&["get", UUID, "--partner-org", UUID]).is_ok());
    }

    #[test]
    fn an_invalid_clip_uuid_is_described() {
        let error = parse_error(&["watch", UUID, "abc"]);
        assert_eq!(
            (error.kind(), error.exit_code()),
            (ErrorKind::ValueValidation, 2)
        );
        assert!(
            error
                .to_string()
                .contains("expected 22 characters, found 3")
        );
    }
}
