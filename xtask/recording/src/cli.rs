//! The command as it is typed.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;

use crate::film::Film;
use crate::terminal::{self, Size};
use crate::{film, svg};

const PROGRAM: &str = "rhombus-clips";

const SIZE: Size = Size {
    rows: 12,
    columns: 104,
};

/// Record the program at work on a terminal, as an animated SVG picture
///
/// The program is built, and run once. What it does is the same each time; how fast that goes is
/// not.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask recording")]
pub(crate) struct Cli {
    /// Where the picture goes [default: .github/watch.svg]
    #[arg(long, value_name = "FILE.svg")]
    out: Option<PathBuf>,
    /// What follows the program's name
    #[arg(
        value_name = "ARGUMENTS",
        trailing_var_arg = true,
        allow_hyphen_values = true,
        default_values = ["watch", "--simulate", "completes", "fails", "offline", "late"]
    )]
    arguments: Vec<String>,
}

/// Runs the command; an error is a line for people.
pub(crate) fn run(cli: &Cli) -> Result<(), String> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = package.ancestors().nth(2).unwrap_or(package);
    let out = match &cli.out {
        Some(out) => out.clone(),
        None => workspace.join(".github/watch.svg"),
    };
    let output = terminal::record(workspace, PROGRAM, &cli.arguments, SIZE)?;
    let film = Film {
        command: format!("{PROGRAM} {}", cli.arguments.join(" ")),
        columns: SIZE.columns,
        frames: film::frames(&output, SIZE),
    };
    if film.frames.is_empty() {
        return Err(format!("{}: it showed nothing", film.command));
    }
    let picture = svg::picture(&film);
    fs::write(&out, &picture).map_err(|e| format!("{}: not writable: {e}", out.display()))?;
    println!(
        "{} frames, {} bytes in {}",
        film.frames.len(),
        picture.len(),
        out.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_name_may_look_like_options() {
        let cli = Cli::parse_from(["recording", "--out", "a.svg", "watch", "--simulate", "all"]);
        assert_eq!(cli.out, Some("a.svg".into()));
        assert_eq!(cli.arguments, ["watch", "--simulate", "all"]);
        let cli = Cli::parse_from(["recording"]);
        assert_eq!(cli.arguments.first().map(String::as_str), Some("watch"));
    }
}
