//! A proxy that cuts idle connections.

use crate::delivery::Ending;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep};

/// How long a connection may be silent, and what happens to it then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdleLimit {
    pub(crate) after: Duration,
    pub(crate) then: Ending,
}

/// The silence on one connection.
#[derive(Debug)]
pub(crate) struct Silence {
    limit: IdleLimit,
    since: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Silence {
    /// It begins now.
    pub(crate) fn new(limit: IdleLimit) -> Self {
        Self {
            limit,
            since: Instant::now(),
            timer: Box::pin(sleep(limit.after)),
        }
    }

    /// A byte went one way or the other.
    pub(crate) fn broken(&mut self) {
        self.since = Instant::now();
    }

    /// Whether bytes that arrive now come too late.
    pub(crate) fn forgot_the_connection(&self) -> bool {
        self.limit.then == Ending::Reset && self.since.elapsed() >= self.limit.after
    }

    /// Ready once the connection is to be closed.
    pub(crate) fn poll_close(&mut self, context: &mut Context<'_>) -> Poll<()> {
        // A moment that the clock cannot reach never comes.
        match self.since.checked_add(self.limit.after) {
            Some(moment) if self.limit.then == Ending::Close => {
                if self.timer.deadline() != moment {
                    self.timer.as_mut().reset(moment);
                }
                self.timer.as_mut().poll(context)
            }
            _ => Poll::Pending,
        }
    }
}
