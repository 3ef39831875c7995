//! What is right.

use std::fmt;
use std::time::Duration;

use rhombus_clips::ErrorKind;

use crate::terms::Terms;

/// One of the three answers that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Failed(ErrorKind),
    /// The deadline passed, and there is a checkpoint to go on from.
    Stopped,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.pad("done"),
            Self::Failed(kind) => f.pad(&format!("failed: {kind:?}")),
            Self::Stopped => f.pad("stopped waiting"),
        }
    }
}

/// How many requests there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tries {
    Exactly(u64),
    Within(u64, u64),
    /// At least so many, most of which fail: as many as the retry budget has from its start, and
    /// beyond it one for each half of the longest wait.
    Failing(u64),
    /// At least so many, of which any may succeed: one for each interval besides.
    Looking(u64),
}

impl Tries {
    /// What the retry budget of a client has from its start.
    const RESERVE: u64 = 60;

    pub fn allow(self, tries: u64, elapsed: Duration, terms: &Terms) -> bool {
        let times = |wait: Duration| (elapsed.as_micros() / wait.as_micros().max(1)) as u64;
        // The first and the last request, and one that began as the time was taken.
        let failing = Self::RESERVE + times(terms.longest_wait / 2) + 3;
        match self {
            Self::Exactly(count) => tries == count,
            Self::Within(least, most) => (least..=most).contains(&tries),
            Self::Failing(least) => (least..=failing).contains(&tries),
            Self::Looking(least) => (least..=failing + times(terms.interval)).contains(&tries),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Expected {
    pub outcome: Outcome,
    pub tries: Tries,
}

/// `outcome`, after so many requests.
pub fn expect(outcome: Outcome, tries: Tries) -> Expected {
    Expected { outcome, tries }
}
