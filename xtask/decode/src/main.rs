//! Reads recorded answers, one JSON body a line, as the generated types do, and counts how many
//! came through.
//!
//! It is a program of its own because it needs the generated client to compile, which the command
//! that generates it must not. `cargo xtask decode` runs it.

mod place;
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
        eprintln!("error: name one file of recorded answers, or - for standard input");
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

/// A reader such as `head`, which has seen enough, is no error.
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
