//! Handling of the raw arguments before they are parsed.
//!
//! A clip UUID may start with a hyphen, which a parser takes for an option; it is escaped. An API key
//! in an argument is refused, because other users of the machine can read a process's arguments.

use std::ffi::{OsStr, OsString};

use rhombus_clips::{ClipUuid, DeviceFacetUuid};

/// Options whose value may be a UUID.
const UUID_OPTIONS: [&str; 3] = ["--camera", "--org", "--partner-org"];

/// Moves clip UUIDs with a leading hyphen behind `--`, where arguments are not options, and joins those
/// of other things with their option.
///
/// One UUID in 64 has a leading hyphen. No option is a valid UUID, so the two cannot be confused.
pub(crate) fn escape_leading_hyphens(args: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut args = args.into_iter();
    let mut before: Vec<OsString> = Vec::new();
    for arg in args.by_ref().take_while(|arg| arg != "--") {
        match before.last_mut() {
            Some(option) if is_uuid_option(option) && is_hyphenated_device(&arg) => {
                option.push("=");
                option.push(arg);
            }
            _ => before.push(arg),
        }
    }
    let mut escaped: Vec<_> = before
        .extract_if(.., |arg| is_hyphenated_uuid(arg))
        .collect();
    escaped.extend(args);
    if !escaped.is_empty() {
        before.push("--".into());
        before.append(&mut escaped);
    }
    before
}

fn is_hyphenated_uuid(arg: &OsStr) -> bool {
    arg.to_str()
        .is_some_and(|text| text.starts_with('-') && text.parse::<ClipUuid>().is_ok())
}

fn is_uuid_option(arg: &OsStr) -> bool {
    UUID_OPTIONS.iter().any(|option| arg == *option)
}

fn is_hyphenated_device(arg: &OsStr) -> bool {
    arg.to_str()
        .is_some_and(|text| text.starts_with('-') && text.parse::<DeviceFacetUuid>().is_ok())
}

/// Error message. clap would reject the unknown option as well, but would print its value.
pub(crate) const API_KEY_FLAG_ERROR: &str = "error: --api-key is not supported, because command lines are visible \
    to all local users; set RHOMBUS_API_KEY, or use --api-key-file (- reads standard input); replace \
    a key that was exposed this way";

/// Returns whether `--api-key` is among the arguments.
pub(crate) fn has_api_key_flag(args: &[OsString]) -> bool {
    let mut options = args.iter().take_while(|arg| *arg != "--");
    options.any(|arg| {
        let arg = arg.as_encoded_bytes();
        arg == OsStr::new("--api-key").as_encoded_bytes() || arg.starts_with(b"--api-key=")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command, Target};
    use clap::{CommandFactory as _, Parser as _};

    const HYPHENATED: &str = "-u0s9xQbQ1OsHk3tLw6rWg";
    const PLAIN: &str = "Vu0s9xQbQ1OsHk3tLw6rWg";

    fn escaped(args: &[&str]) -> Vec<OsString> {
        escape_leading_hyphens(args.iter().map(OsString::from))
    }

    #[test]
    fn only_hyphenated_uuids_move() {
        assert_eq!(
            escaped(&["p", "watch", HYPHENATED, "--simulate", PLAIN]),
            ["p", "watch", "--simulate", PLAIN, "--", HYPHENATED]
        );
        assert_eq!(
            escaped(&["p", HYPHENATED, "--", "--simulate"]),
            ["p", "--", HYPHENATED, "--simulate"]
        );
        let untouched = ["p", "watch", PLAIN, "--timeout", "-5"];
        assert_eq!(escaped(&untouched), untouched);
    }

    #[test]
    fn values_of_options_stay_with_them() {
        let args = ["p", "list", "--camera", HYPHENATED, "--org", HYPHENATED];
        let expected = [
            "p",
            "list",
            &format!("--camera={HYPHENATED}"),
            &format!("--org={HYPHENATED}"),
        ];
        assert_eq!(escaped(&args), expected);
        let stream = format!("{HYPHENATED}.v1");
        let escaped = escaped(&["p", "list", "--camera", &stream]);
        assert_eq!(escaped[2], *format!("--camera={stream}"));
        let Command::List(args) = Cli::parse_from(escaped).command else {
            unreachable!();
        };
        assert_eq!(args.cameras, [stream]);
    }

    #[test]
    fn the_parser_accepts_them_anywhere() {
        let cli = Cli::parse_from(escaped(&[
            "p",
            "watch",
            HYPHENATED,
            PLAIN,
            "--timeout",
            "5",
        ]));
        let Command::Watch(args) = cli.command else {
            panic!("{cli:?}");
        };
        let clips = [PLAIN, HYPHENATED].map(|uuid| Target::Clip(uuid.parse().unwrap()));
        assert_eq!(args.targets, clips);
    }

    #[test]
    fn no_option_is_a_clip_uuid() {
        for command in Cli::command().get_subcommands() {
            for long in command.get_arguments().filter_map(clap::Arg::get_long) {
                assert!(
                    !is_hyphenated_uuid(OsStr::new(&format!("--{long}"))),
                    "{long}"
                );
            }
        }
    }

    #[test]
    fn both_forms_are_detected() {
        for (args, expected) in [
            (&["p", "get", "--api-key", "k"][..], true),
            (&["p", "--api-key=k", "get"], true),
            (&["p", "get", "--api-key-file", "k"], false),
            (&["p", "get", "--", "--api-key"], false),
        ] {
            let args: Vec<_> = args.iter().map(OsString::from).collect();
            assert_eq!(has_api_key_flag(&args), expected, "{args:?}");
        }
    }
}
