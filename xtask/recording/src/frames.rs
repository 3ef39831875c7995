//! Selects the frames of a recording from the output of the program.

use std::time::Duration;

use crate::screen::{self, Screen};
use crate::terminal::{Output, Size};

/// Minimum duration of a frame. Chosen: readable; not tuned.
const SHORTEST: Duration = Duration::from_millis(200);

/// Pause in the output after which the screen is complete. Chosen; not tuned.
const PAUSE: Duration = Duration::from_millis(20);

/// A recorded session of the program.
#[derive(Debug)]
pub(crate) struct Recording {
    /// The command line.
    pub(crate) command: String,
    /// The width of the terminal.
    pub(crate) columns: u16,
    pub(crate) frames: Vec<Frame>,
}

/// The screen from a point in time, relative to the first frame.
#[derive(Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) at: Duration,
    pub(crate) screen: Screen,
}

/// Returns a frame for each change of the screen, with a minimum duration.
pub(crate) fn frames(output: &[Output], size: Size) -> Vec<Frame> {
    let mut terminal = screen::blank(size);
    let start = output.first().map(|first| first.at).unwrap_or_default();
    let mut frames = Vec::new();
    for (index, part) in output.iter().enumerate() {
        terminal.process(&part.bytes);
        let is_half_drawn = output
            .get(index + 1)
            .is_some_and(|next| next.at.saturating_sub(part.at) < PAUSE);
        if !is_half_drawn {
            let at = part.at.saturating_sub(start);
            show(&mut frames, at, Screen::of(terminal.screen(), size));
        }
    }
    frames
}

/// Adds a frame in chronological order; replaces a delayed frame that has not been shown yet.
fn show(frames: &mut Vec<Frame>, at: Duration, screen: Screen) {
    let Some(last) = frames.last_mut() else {
        frames.push(Frame { at, screen });
        return;
    };
    if at <= last.at {
        last.screen = screen;
    } else if last.screen != screen {
        let at = at.max(last.at + SHORTEST);
        frames.push(Frame { at, screen });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        rows: 3,
        columns: 20,
    };

    /// Returns the start and the text of each frame.
    fn recorded(output: &[(u64, &str)]) -> Vec<(u64, String)> {
        let output: Vec<Output> = output
            .iter()
            .map(|(at, text)| Output {
                at: Duration::from_millis(*at),
                bytes: text.as_bytes().to_vec(),
            })
            .collect();
        let frames = frames(&output, SIZE);
        let begin = |frame: &Frame| u64::try_from(frame.at.as_millis()).unwrap();
        frames
            .iter()
            .map(|frame| (begin(frame), frame.screen.text().trim_end().to_owned()))
            .collect()
    }

    fn frame(at: u64, text: &str) -> (u64, String) {
        (at, text.to_owned())
    }

    #[test]
    fn frame_is_recorded_when_the_screen_changes() {
        let recorded = recorded(&[
            (1000, "one"),
            (1500, "\r\x1b[2Ktwo"),
            (2000, "\r\x1b[2Ktwo"),
            (9000, "\r\x1b[2Kthree"),
        ]);
        let expected = [frame(0, "one"), frame(500, "two"), frame(8000, "three")];
        assert_eq!(recorded, expected);
    }

    #[test]
    fn incomplete_screens_are_skipped() {
        let recorded = recorded(&[(0, "one"), (500, "\r\x1b[2K"), (505, "tw"), (510, "o")]);
        assert_eq!(recorded, [frame(0, "one"), frame(510, "two")]);
    }

    #[test]
    fn rapid_changes_are_merged_except_the_last() {
        let recorded = recorded(&[
            (0, "one"),
            (100, "\r\x1b[2Ktwo"),
            (150, "\r\x1b[2Kthree"),
            (300, "\r\x1b[2Kfour"),
            (350, "\r\x1b[2Kfive"),
        ]);
        let expected = [frame(0, "one"), frame(200, "three"), frame(400, "five")];
        assert_eq!(recorded, expected);
    }
}
