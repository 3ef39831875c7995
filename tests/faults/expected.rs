//! The expected outcome of a case and its expected number of requests.

use std::fmt;
use std::time::Duration;

use rhombus_clips::ErrorKind;

use crate::test_config::TestConfig;

/// Outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Complete,
    Failed(ErrorKind),
    /// The deadline passed, and the error carries a checkpoint to resume from.
    DeadlineExceeded,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Complete => f.pad("complete"),
            Self::Failed(kind) => f.pad(&format!("failed: {kind:?}")),
            Self::DeadlineExceeded => f.pad("deadline exceeded"),
        }
    }
}

/// Permitted number of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestCount {
    Exactly(u64),
    Between(u64, u64),
    /// At least this many, most of which fail. Retries are limited by the retry budget: its initial
    /// reserve, then one per half of the longest backoff.
    MostlyFailing(u64),
    /// At least this many, any of which may succeed: in addition to the retries one per polling
    /// interval.
    Polling(u64),
}

impl RequestCount {
    /// Retries that a client's budget permits before any success; the library's unit test of the
    /// retry budget asserts the same number.
    const RETRY_BUDGET_RESERVE: u64 = 60;

    pub fn allows(self, requests: u64, elapsed: Duration, config: &TestConfig) -> bool {
        let times = |delay: Duration| (elapsed.as_micros() / delay.as_micros().max(1)) as u64;
        // The first request, the last one, and one that started while the time was measured.
        let retries = Self::RETRY_BUDGET_RESERVE + times(config.max_backoff / 2) + 3;
        match self {
            Self::Exactly(count) => requests == count,
            Self::Between(min, max) => (min..=max).contains(&requests),
            Self::MostlyFailing(min) => (min..=retries).contains(&requests),
            Self::Polling(min) => (min..=retries + times(config.interval)).contains(&requests),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Expected {
    pub outcome: Outcome,
    pub requests: RequestCount,
}

impl Expected {
    pub fn new(outcome: Outcome, requests: RequestCount) -> Self {
        Self { outcome, requests }
    }
}
