//! How an answer goes over the wire: how much of it, how fast, and what becomes of the rest.

use std::time::Duration;

/// How an answer is delivered; whole and at once unless told otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// Where it stops short.
    pub(crate) stop: Option<Stop>,
    /// One byte at a time, with this pause between two.
    pub(crate) pause: Option<Duration>,
}

/// Where an answer stops short, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) at: Point,
    pub(crate) then: Ending,
}

/// A point in an answer, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    /// From the start of the status line, at most to the end of the head.
    Head(usize),
    /// From the start of the body.
    Body(usize),
}

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It is closed: the caller sees its end (TCP FIN).
    Close,
    /// It is reset (TCP RST).
    Reset,
    /// It stays open, and silent.
    Stall,
}

impl Delivery {
    /// This delivery, stopped at a point.
    pub(crate) fn stopped(mut self, at: Point, then: Ending) -> Self {
        self.stop = Some(Stop { at, then });
        self
    }

    /// Whether the caller gets to see the whole head.
    pub(crate) fn shows_head(&self) -> bool {
        !matches!(
            self.stop,
            Some(Stop {
                at: Point::Head(_),
                ..
            })
        )
    }
}
