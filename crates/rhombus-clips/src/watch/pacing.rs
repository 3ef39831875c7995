//! When to look next.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::checkpoint::ms;
use crate::Clip;

/// Decides how long to wait before the next look. Pure: no clock, no socket.
pub(crate) trait Pacing: Send {
    /// The wait after a look that ended `elapsed` after the watch began, and found this clip if
    /// any.
    fn wait(&mut self, elapsed: Duration, clip: Option<&Clip>) -> Duration;

    /// What a checkpoint has to know of it.
    fn state(&self) -> PacingState;
}

/// A pacing as a checkpoint keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum PacingState {
    Fixed { interval_ms: u64 },
}

impl PacingState {
    pub(super) fn pacing(&self) -> Box<dyn Pacing> {
        match self {
            Self::Fixed { interval_ms } => {
                Box::new(FixedInterval::new(Duration::from_millis(*interval_ms)))
            }
        }
    }
}

/// The same wait after every look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FixedInterval(Duration);

impl FixedInterval {
    pub(crate) const DEFAULT: Duration = Duration::from_secs(2);
    const SHORTEST: Duration = Duration::from_millis(1);

    pub(crate) fn new(interval: Duration) -> Self {
        Self(interval.max(Self::SHORTEST))
    }
}

impl Pacing for FixedInterval {
    fn wait(&mut self, _: Duration, _: Option<&Clip>) -> Duration {
        self.0
    }

    fn state(&self) -> PacingState {
        PacingState::Fixed {
            interval_ms: ms(self.0),
        }
    }
}
