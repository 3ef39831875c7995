//! Idle timeout of connections.
//!
//! Simulates a proxy between client and service that drops idle connections, either openly (FIN)
//! or by forgetting them, so that the next request is reset. The timer knows neither sockets nor
//! HTTP: `faulty_stream` reports activity to it and carries out its decision.

use crate::delivery::StopAction;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep};

/// Idle timeout of a connection, and the action when it expires.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdleTimeout {
    pub(crate) timeout: Duration,
    pub(crate) action: StopAction,
}

/// Idle timer of one connection.
#[derive(Debug)]
pub(crate) struct IdleTimer {
    config: IdleTimeout,
    last_activity: Instant,
    sleep: Pin<Box<Sleep>>,
}

impl IdleTimer {
    /// Starts the timer now.
    pub(crate) fn start(config: IdleTimeout) -> Self {
        Self {
            config,
            last_activity: Instant::now(),
            sleep: Box::pin(sleep(config.timeout)),
        }
    }

    /// Restarts the timer because bytes were sent or received.
    pub(crate) fn on_activity(&mut self) {
        self.last_activity = Instant::now();
    }

    /// Returns whether bytes that arrive now are to be answered with a reset.
    pub(crate) fn is_expired(&self) -> bool {
        self.config.action == StopAction::Reset
            && self.last_activity.elapsed() >= self.config.timeout
    }

    /// Becomes ready once the connection is to be closed.
    pub(crate) fn poll_close(&mut self, context: &mut Context<'_>) -> Poll<()> {
        // A deadline beyond the range of the clock is never reached.
        match self.last_activity.checked_add(self.config.timeout) {
            Some(deadline) if self.config.action == StopAction::Close => {
                if self.sleep.deadline() != deadline {
                    self.sleep.as_mut().reset(deadline);
                }
                self.sleep.as_mut().poll(context)
            }
            _ => Poll::Pending,
        }
    }
}
