//! Text lines of the commands that write files, for outputs other than terminals.

use std::collections::HashMap;
use std::io::{self, Write};

use indicatif::HumanBytes;
use rhombus_clips::ClipUuid;

use super::FileDisplay;
use super::event::{FailedEvent, FileEvent, RequestedEvent, SavedEvent, SummaryEvent};
use crate::report::{Verbosity, append_hints, error_line, verbosity};
use crate::text::sanitize_line;

/// Writes results to `out`, and progress to `err`.
pub(super) struct FileLines<O, E> {
    out: O,
    err: E,
    multiple: bool,
    /// Last lines on the clips, so that none is repeated.
    shown: HashMap<ClipUuid, String>,
}

impl<O: Write, E: Write> FileLines<O, E> {
    pub(super) fn new(out: O, err: E, multiple: bool) -> Self {
        Self {
            out,
            err,
            multiple,
            shown: HashMap::new(),
        }
    }

    /// Writes a line on a clip, unless it is the last one again.
    fn progress(&mut self, uuid: ClipUuid, line: String) {
        if verbosity() == Verbosity::Quiet || self.shown.get(&uuid) == Some(&line) {
            return;
        }
        let prefix = match self.multiple {
            true => format!("{uuid}: "),
            false => String::new(),
        };
        // A closed standard error must not end the program.
        let _ = writeln!(self.err, "{prefix}{line}");
        self.shown.insert(uuid, line);
    }
}

impl<O: Write, E: Write> FileDisplay for FileLines<O, E> {
    fn show(&mut self, event: &FileEvent) -> io::Result<()> {
        match event {
            FileEvent::Requested(requested) => {
                // With several clips the prefix names it.
                let is_named = self.multiple && requested.clip_uuids == [requested.clip_uuid];
                for line in requested_lines(requested, is_named) {
                    self.progress(requested.clip_uuid, line);
                }
            }
            FileEvent::Rendering(state) => {
                let status = state.status.as_deref().unwrap_or("no record yet");
                let mut line = sanitize_line(status).into_owned();
                if let Some(percent) = state.percent_complete {
                    line.push_str(&format!(" {percent}%"));
                }
                if let Some(operation) = &state.current_operation {
                    line.push_str(&format!(" {}", sanitize_line(operation)));
                }
                self.progress(state.clip_uuid, line);
            }
            FileEvent::Downloading(progress) => {
                let size = match progress.total_bytes {
                    Some(total) => format!(" {}", HumanBytes(total)),
                    None => String::new(),
                };
                self.progress(progress.clip_uuid, format!("downloading{size}"));
            }
            FileEvent::Saved(saved) => {
                writeln!(self.out, "{}", saved_line(saved))?;
                self.out.flush()?;
            }
            FileEvent::Failed(failed) => {
                let _ = writeln!(self.err, "{}", failure_line(failed, self.multiple));
            }
            FileEvent::Summary(_) => {}
        }
        Ok(())
    }

    fn write_results(&mut self, _: &SummaryEvent) -> io::Result<()> {
        Ok(())
    }
}

/// Formats what is to be known of a request, without the clip's UUID if the line names it already.
pub(super) fn requested_lines(requested: &RequestedEvent, is_named: bool) -> Vec<String> {
    let first = match is_named {
        true => "requested".to_owned(),
        false => {
            let uuids = requested.clip_uuids.iter().map(ToString::to_string);
            format!("requested clip {}", uuids.collect::<Vec<_>>().join(" "))
        }
    };
    let mut lines = vec![first];
    if requested.recovered {
        lines.push("the response was lost, and the clip was found in the list of clips".to_owned());
    }
    let warning = requested.warning.iter();
    lines.extend(warning.map(|warning| format!("warning: {}", sanitize_line(warning))));
    lines
}

/// Formats path, size and verification of a file.
pub(super) fn saved_line(saved: &SavedEvent) -> String {
    let unchanged = match saved.unchanged {
        true => ", was there already",
        false => "",
    };
    let path = saved.path.to_string_lossy();
    format!(
        "{}  {}  {}{unchanged}",
        sanitize_line(&path),
        HumanBytes(saved.byte_count),
        saved.verification
    )
}

/// Formats an error.
pub(super) fn failure_line(failed: &FailedEvent, multiple: bool) -> String {
    let uuid = failed.clip_uuid.filter(|_| multiple);
    let text = append_hints(failed.message.clone(), &failed.hints);
    error_line(uuid, &sanitize_line(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::clip_view::Details;

    fn saved(unchanged: bool) -> SavedEvent {
        let uuid = ClipUuid::from_bytes([0; 16]);
        SavedEvent {
            time: String::new(),
            clip_uuid: uuid,
            path: "a\u{1b}b.mp4".into(),
            byte_count: 6_000_000,
            sha256_hex: String::new(),
            sha256_verified: true,
            length_verified: true,
            continued_at: 0,
            unchanged,
            verification: "SHA-256 verified".to_owned(),
            clip: Details::empty(uuid),
        }
    }

    #[test]
    fn a_saved_file_is_one_line_with_path_size_and_verification() {
        assert_eq!(
            saved_line(&saved(false)),
            "a\u{fffd}b.mp4  5.72 MiB  SHA-256 verified"
        );
        assert!(saved_line(&saved(true)).ends_with("SHA-256 verified, was there already"));
    }

    #[test]
    fn a_state_is_shown_once() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut lines = FileLines::new(&mut out, &mut err, false);
        let uuid = ClipUuid::from_bytes([0; 16]);
        for line in ["RENDERING 4%", "RENDERING 4%", "RENDERING 5%"] {
            lines.progress(uuid, line.to_owned());
        }
        lines
            .show(&FileEvent::Saved(Box::new(saved(false))))
            .unwrap();
        assert_eq!(
            String::from_utf8(err).unwrap(),
            "RENDERING 4%\nRENDERING 5%\n"
        );
        assert_eq!(String::from_utf8(out).unwrap().lines().count(), 1);
    }
}
