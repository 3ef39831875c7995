//! JSON lines of the commands that write files.

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use rhombus_clips::ClipUuid;

use super::FileDisplay;
use super::event::{FileEvent, SummaryEvent};
use super::text::failure_line;
use crate::output::json_text::to_json;

/// Shortest time between two lines on the download of a clip. Chosen: enough for a program, and few lines.
const DOWNLOAD_INTERVAL: Duration = Duration::from_secs(1);

/// Writes events to `out`, and errors to `err`.
pub(super) struct JsonFiles<O, E> {
    out: O,
    err: E,
    /// Times of the last lines on downloads.
    shown: HashMap<ClipUuid, Instant>,
}

impl<O: Write, E: Write> JsonFiles<O, E> {
    pub(super) fn new(out: O, err: E) -> Self {
        Self {
            out,
            err,
            shown: HashMap::new(),
        }
    }

    fn write(&mut self, event: &FileEvent) -> io::Result<()> {
        writeln!(self.out, "{}", to_json(event)?)?;
        self.out.flush()
    }
}

impl<O: Write, E: Write> FileDisplay for JsonFiles<O, E> {
    fn show(&mut self, event: &FileEvent) -> io::Result<()> {
        match event {
            FileEvent::Downloading(progress) => {
                let last = self.shown.get(&progress.clip_uuid);
                if last.is_some_and(|last| last.elapsed() < DOWNLOAD_INTERVAL) {
                    return Ok(());
                }
                self.shown.insert(progress.clip_uuid, Instant::now());
            }
            FileEvent::Failed(failed) => {
                // A closed standard error must not end the program.
                let _ = writeln!(self.err, "{}", failure_line(failed, true));
            }
            _ => {}
        }
        self.write(event)
    }

    fn write_results(&mut self, summary: &SummaryEvent) -> io::Result<()> {
        self.write(&FileEvent::Summary(summary.clone()))
    }
}
