//! Who looks at clips: a client, or a script in a test.

use std::future::{Future, ready};

use tokio::time::Instant;

use crate::error::Result;
use crate::retry::CallKind;
use crate::throttle::AdmissionDeadlines;
use crate::{Clip, ClipUuid};

/// One attempt to see a clip.
#[derive(Clone, Copy, Debug)]
// Some of it is for `tracing` alone.
#[cfg_attr(not(feature = "tracing"), allow(dead_code))]
pub(crate) struct Attempt {
    pub(crate) call_kind: CallKind,
    pub(crate) uuid: ClipUuid,
    /// 1 for the first of a look-up or a watch.
    pub(crate) number: u64,
    /// It ends now at the latest.
    pub(crate) until: Instant,
}

pub(crate) trait Transport: Send + Sync + 'static {
    /// Waits until a request may be sent.
    fn acquire(&self, _: AdmissionDeadlines) -> impl Future<Output = Result<()>> + Send {
        ready(Ok(()))
    }

    /// The clip as it is now; `None` when there is no record of it (yet).
    fn fetch(&self, attempt: Attempt) -> impl Future<Output = Result<Option<Clip>>> + Send;

    /// Takes the right to one more try from the budget, if there is one left.
    fn withdraw(&self) -> bool {
        true
    }
}

#[cfg(test)]
pub(crate) use script::{FakeTransport, MaxBackoff};

#[cfg(test)]
mod script {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::retry::{Backoff, FailedAttempt, RetryDecision, RetryPolicy};

    /// Waits exactly as long as the ceilings of the back-off say.
    #[derive(Debug)]
    pub(crate) struct MaxBackoff;

    impl RetryPolicy for MaxBackoff {
        fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
            Backoff::default().decide(&FailedAttempt {
                random: 1.0,
                ..*failed
            })
        }
    }

    /// Answers by the second since it was made, in virtual time, and remembers when it was asked.
    #[derive(Clone)]
    pub(crate) struct FakeTransport {
        made: Instant,
        answer: fn(u64) -> Result<Option<Clip>>,
        asked: Arc<Mutex<Vec<u64>>>,
        has_budget: bool,
    }

    impl FakeTransport {
        pub(crate) fn new(answer: fn(u64) -> Result<Option<Clip>>) -> Self {
            Self {
                made: Instant::now(),
                answer,
                asked: Arc::default(),
                has_budget: true,
            }
        }

        pub(crate) fn without_budget(mut self) -> Self {
            self.has_budget = false;
            self
        }

        /// The seconds at which it was asked.
        pub(crate) fn asked(&self) -> Vec<u64> {
            self.asked.lock().unwrap().clone()
        }
    }

    impl Transport for FakeTransport {
        async fn fetch(&self, _: Attempt) -> Result<Option<Clip>> {
            let second = self.made.elapsed().as_secs();
            self.asked.lock().unwrap().push(second);
            (self.answer)(second)
        }

        fn withdraw(&self) -> bool {
            self.has_budget
        }
    }
}
