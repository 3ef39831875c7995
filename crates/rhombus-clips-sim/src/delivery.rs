//! Delivery of a response over its connection.
//!
//! A [`Response`](crate::Response) carries its delivery beside status, headers and body: how many
//! of its bytes are sent, at which rate, and how the connection ends. These are plain values; they
//! must not know sockets or hyper, and `faulty_stream` applies them below HTTP.

use std::time::Duration;

/// Delivery of a response: complete and at full speed by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// Early stop, if any.
    pub(crate) stop: Option<Stop>,
    /// Delay between two single bytes, if the response is sent byte by byte.
    pub(crate) byte_interval: Option<Duration>,
}

/// Early stop of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) point: StopPoint,
    pub(crate) action: StopAction,
}

/// Position in a response, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopPoint {
    /// Offset from the start of the status line, at most the length of the head.
    Head(usize),
    /// Offset from the start of the body.
    Body(usize),
}

/// Action on a connection at which a response stops, or that was idle for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopAction {
    /// Closes the connection (TCP FIN).
    Close,
    /// Resets the connection (TCP RST).
    Reset,
    /// Leaves the connection open without sending anything.
    Stall,
}

impl Delivery {
    /// Returns this delivery with an early stop.
    pub(crate) fn with_stop(mut self, point: StopPoint, action: StopAction) -> Self {
        self.stop = Some(Stop { point, action });
        self
    }

    /// Returns whether the client receives the complete head.
    pub(crate) fn sends_complete_head(&self) -> bool {
        !matches!(
            self.stop,
            Some(Stop {
                point: StopPoint::Head(_),
                ..
            })
        )
    }
}
