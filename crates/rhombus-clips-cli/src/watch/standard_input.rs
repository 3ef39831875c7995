//! Clips from standard input, one a line.

use rhombus_clips::ClipUuid;
use std::io::{self, BufRead, Read as _};
use std::thread;
use tokio::sync::mpsc;

use crate::messages::chain;
use crate::wording::printable::printable;

/// No line that makes sense is longer, in bytes.
const LONGEST: u64 = 1024;

/// How far reading may be ahead.
const AHEAD: usize = 1024;

/// The clips, as they come. A line that is none is told as text for people.
///
/// They are read by a thread that nobody waits for: it may be reading for ever.
pub(crate) fn clips() -> mpsc::Receiver<Result<ClipUuid, String>> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    thread::spawn(move || {
        for clip in Lines::new(io::stdin().lock()) {
            if sender.blocking_send(clip).is_err() {
                return;
            }
        }
    });
    receiver
}

/// What the lines say.
struct Lines<R> {
    reader: R,
    number: u64,
    is_over: bool,
}

impl<R: BufRead> Lines<R> {
    fn new(reader: R) -> Self {
        Self {
            reader,
            number: 0,
            is_over: false,
        }
    }

    /// The next line, or its beginning; `None` at the end.
    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let read = (&mut self.reader)
            .take(LONGEST)
            .read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if line.last() != Some(&b'\n') {
            self.skip_line()?;
        }
        Ok(Some(line))
    }

    /// Goes to the end of the line.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let there = self.reader.fill_buf()?;
            if there.is_empty() {
                return Ok(());
            }
            match there.iter().position(|byte| *byte == b'\n') {
                Some(end) => {
                    self.reader.consume(end + 1);
                    return Ok(());
                }
                None => {
                    let length = there.len();
                    self.reader.consume(length);
                }
            }
        }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<ClipUuid, String>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over {
            let line = match self.line() {
                Ok(line) => line,
                Err(error) => {
                    self.is_over = true;
                    let reason = chain(&error);
                    return Some(Err(format!("standard input cannot be read: {reason}")));
                }
            };
            let Some(line) = line else {
                self.is_over = true;
                break;
            };
            // Windows writes a mark before the first line.
            let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
            let text = String::from_utf8_lossy(line);
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let number = self.number;
            return Some(text.parse().map_err(|error| {
                printable(&format!("line {number} of standard input: {error}")).into_owned()
            }));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "Vu0s9xQbQ1OsHk3tLw6rWg";

    fn read(bytes: impl AsRef<[u8]>) -> Vec<Result<String, String>> {
        Lines::new(bytes.as_ref())
            .map(|clip| clip.map(|clip| clip.to_string()))
            .collect()
    }

    #[test]
    fn blank_lines_and_comments_are_skipped() {
        let text = format!("\u{feff}# clips\r\n\n  {UUID}\r\n \t\n#{UUID}\n{UUID}");
        assert_eq!(read(text), [Ok(UUID.to_owned()), Ok(UUID.to_owned())]);
        assert_eq!(read(""), []);
    }

    #[test]
    fn a_line_that_is_none_is_told_with_its_number_and_the_others_go_on() {
        let told = read([b"\nabc\n\xff\x1b\n", UUID.as_bytes()].concat());
        assert_eq!(
            told,
            [
                Err("line 2 of standard input: not a clip UUID: 3 characters where there must be 22"
                    .to_owned()),
                Err(
                    "line 3 of standard input: not a clip UUID: '\u{fffd}' at character 1: only \
                     A-Z, a-z, 0-9, '-' and '_' are allowed"
                        .to_owned()
                ),
                Ok(UUID.to_owned()),
            ]
        );
    }

    #[test]
    fn a_line_may_be_of_any_length() {
        for length in [1023, 1024, 1025, 100_000] {
            let told = read(format!("{}\n{UUID}\n", "x".repeat(length)));
            assert!(
                told[0].as_ref().is_err_and(|line| line.len() < 200),
                "{told:?}"
            );
            assert_eq!(told[1..], [Ok(UUID.to_owned())], "{length}");
        }
    }
}
