//! Pseudo-terminal in which the program runs.

use std::path::Path;
use std::time::Duration;

/// Size of a terminal in cells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) rows: u16,
    pub(crate) columns: u16,
}

/// A chunk of output with its time since the start.
#[derive(Clone, Debug)]
#[cfg_attr(not(unix), allow(dead_code, reason = "used on Unix only"))]
pub(crate) struct Output {
    pub(crate) at: Duration,
    pub(crate) bytes: Vec<u8>,
}

/// Builds a program of the workspace and runs it to completion in a terminal of this size.
#[cfg(unix)]
pub(crate) fn record(
    workspace: &Path,
    program: &str,
    arguments: &[String],
    size: Size,
) -> Result<Vec<Output>, String> {
    use std::env;
    use std::io::Read as _;
    use std::process;
    use std::time::Instant;

    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = workspace.join("Cargo.toml");
    // Build first, so that the recording contains the program's output only.
    let built = process::Command::new(&cargo)
        .args(["build", "--quiet", "--bin", program, "--manifest-path"])
        .arg(&manifest)
        .status()
        .map_err(|e| format!("{}: cannot run: {e}", cargo.display()))?;
    if !built.success() {
        return Err(format!("{program}: build failed"));
    }

    let failed = |e: pty_process::Error| format!("cannot open a terminal: {e}");
    let (mut terminal, inside) = pty_process::blocking::open().map_err(failed)?;
    let pty_size = pty_process::Size::new(size.rows, size.columns);
    terminal.resize(pty_size).map_err(failed)?;
    let mut command = pty_process::blocking::Command::new(&cargo)
        .args(["run", "--quiet", "--bin", program, "--manifest-path"])
        .arg(&manifest)
        .arg("--")
        .args(arguments)
        .env("TERM", "xterm-256color");
    // The result must not depend on the user's environment.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("RHOMBUS_") || text.starts_with("CLICOLOR") || text == "NO_COLOR" {
            command = command.env_remove(name);
        }
    }
    let mut child = command.spawn(inside).map_err(failed)?;
    let start = Instant::now();
    let mut output = Vec::new();
    let mut buffer = [0; 1 << 16];
    // On some systems, reading from a terminal without other handles is an error.
    while let Ok(count @ 1..) = terminal.read(&mut buffer) {
        output.push(Output {
            at: start.elapsed(),
            bytes: buffer.get(..count).unwrap_or_default().to_vec(),
        });
    }
    child.wait().map_err(|e| format!("{program}: {e}"))?;
    Ok(output)
}

/// Recording requires a Unix pseudo-terminal.
#[cfg(not(unix))]
pub(crate) fn record(
    _: &Path,
    program: &str,
    _: &[String],
    _: Size,
) -> Result<Vec<Output>, String> {
    Err(format!(
        "{program}: recording requires Unix; run this on Linux or macOS"
    ))
}
