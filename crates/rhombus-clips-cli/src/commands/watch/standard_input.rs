//! Reads clip UUIDs from standard input, one per line.
//!
//! Blank lines and lines that begin with `#` are skipped. An invalid line is reported with its
//! number and does not affect the others. Input is untrusted: lines are limited in length, and
//! error messages contain no control characters.

use std::io::{self, BufRead, Read as _};
use std::thread;

use rhombus_clips::ClipUuid;
use tokio::sync::mpsc;

use crate::encoding::{encoding_error, without_byte_order_mark};
use crate::report::error_chain;
use crate::text::sanitize_line;

/// Number of bytes of a line that are read; the rest is skipped. Chosen: far longer than a UUID
/// with whitespace, or a useful comment.
const MAX_LINE_BYTES: u64 = 1024;

/// Number of lines that are read ahead of the watch. Chosen, not tuned.
const CHANNEL_CAPACITY: usize = 1024;

/// Returns a channel of clips and of error messages for invalid lines.
///
/// A detached thread reads standard input, because a blocking read cannot be cancelled: it must not
/// delay the end of the program.
pub(crate) fn read_clips() -> mpsc::Receiver<Result<ClipUuid, String>> {
    let (sender, receiver) = mpsc::channel(CHANNEL_CAPACITY);
    thread::spawn(move || {
        for result in ClipLines::new(io::stdin().lock()) {
            if sender.blocking_send(result).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Iterator over the clips in a text.
struct ClipLines<R> {
    reader: R,
    line_number: u64,
    is_finished: bool,
}

impl<R: BufRead> ClipLines<R> {
    fn new(reader: R) -> Self {
        Self {
            reader,
            line_number: 0,
            is_finished: false,
        }
    }

    /// Reads the next line, truncated to the maximum length. Returns `None` at the end of input.
    fn read_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let read = (&mut self.reader)
            .take(MAX_LINE_BYTES)
            .read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(None);
        }
        self.line_number += 1;
        if line.last() != Some(&b'\n') {
            self.skip_line()?;
        }
        Ok(Some(line))
    }

    /// Skips the rest of the current line.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok(());
            }
            match buffer.iter().position(|byte| *byte == b'\n') {
                Some(end) => {
                    self.reader.consume(end + 1);
                    return Ok(());
                }
                None => {
                    let length = buffer.len();
                    self.reader.consume(length);
                }
            }
        }
    }
}

impl<R: BufRead> Iterator for ClipLines<R> {
    type Item = Result<ClipUuid, String>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_finished {
            let line = match self.read_line() {
                Ok(line) => line,
                Err(error) => {
                    self.is_finished = true;
                    let reason = error_chain(&error);
                    return Some(Err(format!("cannot read standard input: {reason}")));
                }
            };
            let Some(line) = line else {
                self.is_finished = true;
                break;
            };
            // Windows programs may write a byte order mark before the first line, which joined files repeat.
            let line = without_byte_order_mark(&line);
            if self.line_number == 1
                && let Some(reason) = encoding_error(line)
            {
                self.is_finished = true;
                return Some(Err(format!("cannot read standard input: {reason}")));
            }
            let text = String::from_utf8_lossy(line);
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let line_number = self.line_number;
            return Some(text.parse().map_err(|error| {
                sanitize_line(&format!("line {line_number} of standard input: {error}"))
                    .into_owned()
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
        ClipLines::new(bytes.as_ref())
            .map(|result| result.map(|uuid| uuid.to_string()))
            .collect()
    }

    #[test]
    fn blank_lines_and_comments_are_skipped() {
        let text = format!("\u{feff}# clips\r\n\n  {UUID}\r\n \t\n#{UUID}\n{UUID}");
        assert_eq!(read(text), [Ok(UUID.to_owned()), Ok(UUID.to_owned())]);
        assert_eq!(read(""), []);
    }

    #[test]
    fn an_invalid_line_is_reported_with_its_number_and_skipped() {
        let results = read([b"\nabc\n\xff\x1b\n", UUID.as_bytes()].concat());
        assert_eq!(
            results,
            [
                Err("line 2 of standard input: invalid clip UUID: expected 22 characters, found 3"
                    .to_owned()),
                Err(
                    "line 3 of standard input: invalid clip UUID: unexpected '\u{fffd}' at character 1; only \
                     A-Z, a-z, 0-9, '-' and '_' are allowed"
                        .to_owned()
                ),
                Ok(UUID.to_owned()),
            ]
        );
    }

    #[test]
    fn text_in_another_encoding_is_one_error() {
        let text = format!("\u{feff}{UUID}\r\n{UUID}\r\n");
        let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let error = "cannot read standard input: it is encoded in UTF-16; save it as UTF-8";
        assert_eq!(read(&utf_16), [Err(error.to_owned())]);
        assert_eq!(read(&utf_16[2..]), [Err(error.to_owned())]);
    }

    #[test]
    fn a_long_line_is_truncated() {
        for length in [1023, 1024, 1025, 100_000] {
            let results = read(format!("{}\n{UUID}\n", "x".repeat(length)));
            assert!(
                results[0].as_ref().is_err_and(|line| line.len() < 200),
                "{results:?}"
            );
            assert_eq!(results[1..], [Ok(UUID.to_owned())], "{length}");
        }
    }
}
