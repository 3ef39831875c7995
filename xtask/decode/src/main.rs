//! Reads recorded answers, one JSON body a line, as the generated types do, and counts how many
//! came through.
//!
//! It is a program of its own because it needs the generated client to compile, which the command
//! that generates it must not. `cargo xtask decode` runs it.

mod tally;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::ExitCode;

use tally::Tally;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path] = arguments.as_slice() else {
        eprintln!("error: name one file of recorded answers, or - for standard input");
        return ExitCode::from(2);
    };
    match read(path).and_then(|tally| {
        io::stdout()
            .write_all(tally.to_string().as_bytes())
            .map(|()| tally)
    }) {
        Ok(tally) if tally.failed() == 0 => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {path}: {error}");
            ExitCode::from(2)
        }
    }
}

fn read(path: &str) -> io::Result<Tally> {
    let input: Box<dyn Read> = if path == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path)?)
    };
    let mut input = BufReader::with_capacity(1 << 20, input);
    let mut tally = Tally::default();
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
