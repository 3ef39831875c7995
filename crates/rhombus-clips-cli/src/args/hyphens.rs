//! Clip UUIDs that begin with a hyphen, which looks like an option.

use rhombus_clips::ClipUuid;
use std::ffi::{OsStr, OsString};

/// The arguments with those clip UUIDs behind `--`, where nothing is an option.
///
/// One clip UUID in 64 begins with a hyphen. No option is as long as a clip UUID, so that the two
/// are never mixed up.
pub(crate) fn behind_dashes(args: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut args = args.into_iter();
    let mut before: Vec<_> = args.by_ref().take_while(|arg| arg != "--").collect();
    let mut behind: Vec<_> = before.extract_if(.., |arg| is_hyphened_clip(arg)).collect();
    behind.extend(args);
    if !behind.is_empty() {
        before.push("--".into());
        before.append(&mut behind);
    }
    before
}

fn is_hyphened_clip(arg: &OsStr) -> bool {
    arg.to_str()
        .is_some_and(|text| text.starts_with('-') && text.parse::<ClipUuid>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, Command, Target};
    use clap::{CommandFactory as _, Parser as _};

    const HYPHENED: &str = "-u0s9xQbQ1OsHk3tLw6rWg";
    const PLAIN: &str = "Vu0s9xQbQ1OsHk3tLw6rWg";

    fn moved(args: &[&str]) -> Vec<OsString> {
        behind_dashes(args.iter().map(OsString::from))
    }

    #[test]
    fn only_hyphened_clips_move() {
        assert_eq!(
            moved(&["p", "watch", HYPHENED, "--simulate", PLAIN]),
            ["p", "watch", "--simulate", PLAIN, "--", HYPHENED]
        );
        assert_eq!(
            moved(&["p", HYPHENED, "--", "--simulate"]),
            ["p", "--", HYPHENED, "--simulate"]
        );
        let untouched = ["p", "watch", PLAIN, "--timeout", "-5"];
        assert_eq!(moved(&untouched), untouched);
    }

    #[test]
    fn the_command_line_takes_them_anywhere() {
        let cli = Cli::parse_from(moved(&["p", "watch", HYPHENED, PLAIN, "--timeout", "5"]));
        let Command::Watch(args) = cli.command else {
            panic!("{cli:?}");
        };
        let clips = [PLAIN, HYPHENED].map(|clip| Target::Clip(clip.parse().unwrap()));
        assert_eq!(args.clips, clips);
    }

    #[test]
    fn no_option_looks_like_a_clip() {
        for command in Cli::command().get_subcommands() {
            for long in command.get_arguments().filter_map(clap::Arg::get_long) {
                assert!(
                    !is_hyphened_clip(OsStr::new(&format!("--{long}"))),
                    "{long}"
                );
            }
        }
    }
}
