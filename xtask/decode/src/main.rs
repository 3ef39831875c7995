//! Decodes recorded responses, one JSON body per line, with the generated types, and counts decode
//! issues and failures.
//!
//! This is a separate package because it depends on the generated client, which `xtask` generates and
//! therefore must not depend on. It is started by `cargo xtask decode`.

mod schema_path;
mod tally;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use tally::Tally;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let [path] = arguments.as_slice() else {
        eprintln!(
            "error: expected one argument; pass a file of recorded responses, or - for standard input"
        );
        return ExitCode::from(2);
    };
    let tally = match read(path) {
        Ok(tally) => tally,
        Err(error) => {
            eprintln!("error: {}: {error}", Path::new(path).display());
            return ExitCode::from(2);
        }
    };
    match print(&tally.to_string()) {
        Err(error) => {
            eprintln!("error: <stdout>: not writable: {error}");
            ExitCode::from(2)
        }
        Ok(()) if tally.failed() == 0 => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
    }
}

/// Prints to standard output; a closed pipe, such as `| head`, is not an error.
fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(e),
        _ => Ok(()),
    }
}

fn read(path: &OsStr) -> io::Result<Tally> {
    let input: Box<dyn Read> = if path == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path)?)
    };
    let mut input = BufReader::with_capacity(1 << 20, input);
    let mut tally = Tally::new();
    let mut line = Vec::new();
    let mut number = 0;
    while input.read_until(b'\n', &mut line)? > 0 {
        number += 1;
        if !line.trim_ascii().is_empty() {
            tally.count(number, &line);
        }
        line.clear();
    }
    Ok(tally)
}
