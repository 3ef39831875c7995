//! Command-line interface of `cargo xtask recording`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;

use crate::frames::Recording;
use crate::terminal::{self, Size};
use crate::{frames, svg};

const PROGRAM: &str = "rhombus-clips";

const SIZE: Size = Size {
    rows: 12,
    columns: 104,
};

/// Record a session of the program on a terminal as an animated SVG
///
/// Builds the program and runs it once. The output is deterministic; its timing is not.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask recording")]
pub(crate) struct Cli {
    /// The output file [default: .github/watch.svg]
    #[arg(long, value_name = "FILE.svg")]
    out: Option<PathBuf>,
    /// Arguments of the program
    #[arg(
        value_name = "ARGUMENTS",
        trailing_var_arg = true,
        allow_hyphen_values = true,
        default_values = ["watch", "--simulate", "completes", "fails", "offline", "late"]
    )]
    arguments: Vec<String>,
}

/// Runs the command; an error is a single line.
pub(crate) fn run(cli: &Cli) -> Result<(), String> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = package.ancestors().nth(2).unwrap_or(package);
    let out = match &cli.out {
        Some(out) => out.clone(),
        None => workspace.join(".github/watch.svg"),
    };
    let output = terminal::record(workspace, PROGRAM, &cli.arguments, SIZE)?;
    let recording = Recording {
        command: format!("{PROGRAM} {}", cli.arguments.join(" ")),
        columns: SIZE.columns,
        frames: frames::frames(&output, SIZE),
    };
    if recording.frames.is_empty() {
        return Err(format!("{}: no output", recording.command));
    }
    let picture = svg::picture(&recording);
    fs::write(&out, &picture).map_err(|e| format!("{}: not writable: {e}", out.display()))?;
    println!(
        "{} frames, {} bytes in {}",
        recording.frames.len(),
        picture.len(),
        out.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_arguments_may_look_like_options() {
        let cli = Cli::parse_from(["recording", "--out", "a.svg", "watch", "--simulate", "all"]);
        assert_eq!(cli.out, Some("a.svg".into()));
        assert_eq!(cli.arguments, ["watch", "--simulate", "all"]);
        let cli = Cli::parse_from(["recording"]);
        assert_eq!(cli.arguments.first().map(String::as_str), Some("watch"));
    }
}
