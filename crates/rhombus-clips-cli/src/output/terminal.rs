//! The terminal of the progress bars: standard error through its outlet, so that a terminal that is held
//! with Ctrl-S stops the bars only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Returns a bar whose message is an entire frame.
pub(crate) fn screen() -> ProgressBar {
    let screen = ProgressBar::with_draw_target(None, draw_target());
    match ProgressStyle::with_template("{msg}") {
        Ok(style) => screen.with_style(style),
        Err(_) => screen,
    }
}

/// Returns where the bars are drawn.
#[cfg(unix)]
fn draw_target() -> ProgressDrawTarget {
    /// Frames per second at most: the default of `indicatif`.
    const REFRESH_RATE: u8 = 20;
    ProgressDrawTarget::term_like_with_hz(Box::<unix::Terminal>::default(), REFRESH_RATE)
}

/// Returns where the bars are drawn. Consoles of Windows need not know escape codes.
#[cfg(not(unix))]
fn draw_target() -> ProgressDrawTarget {
    ProgressDrawTarget::stderr()
}

#[cfg(unix)]
mod unix {
    use std::io::{self, Write as _};
    use std::mem;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use console::Term;
    use indicatif::TermLike;

    use crate::report::StderrWriter;

    /// A terminal, with the escape codes and the text that are not flushed yet.
    #[derive(Debug, Default)]
    pub(super) struct Terminal {
        unflushed: Mutex<String>,
    }

    impl Terminal {
        fn unflushed(&self) -> MutexGuard<'_, String> {
            self.unflushed
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        }

        fn push(&self, text: &str) -> io::Result<()> {
            self.unflushed().push_str(text);
            Ok(())
        }

        fn move_cursor(&self, count: usize, direction: char) -> io::Result<()> {
            match count {
                0 => Ok(()),
                _ => self.push(&format!("\x1b[{count}{direction}")),
            }
        }
    }

    impl TermLike for Terminal {
        fn width(&self) -> u16 {
            Term::stderr().size().1
        }

        fn height(&self) -> u16 {
            Term::stderr().size().0
        }

        fn move_cursor_up(&self, count: usize) -> io::Result<()> {
            self.move_cursor(count, 'A')
        }

        fn move_cursor_down(&self, count: usize) -> io::Result<()> {
            self.move_cursor(count, 'B')
        }

        fn move_cursor_right(&self, count: usize) -> io::Result<()> {
            self.move_cursor(count, 'C')
        }

        fn move_cursor_left(&self, count: usize) -> io::Result<()> {
            self.move_cursor(count, 'D')
        }

        fn write_line(&self, line: &str) -> io::Result<()> {
            self.push(&format!("{line}\n"))
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.push(text)
        }

        fn clear_line(&self) -> io::Result<()> {
            self.push("\r\x1b[2K")
        }

        fn flush(&self) -> io::Result<()> {
            let text = mem::take(&mut *self.unflushed());
            StderrWriter.write_all(text.as_bytes())
        }
    }
}
