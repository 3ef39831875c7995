//! The transport that calls and watches send requests through; faked in unit tests.

use std::future::{Future, ready};

use tokio::time::Instant;

use crate::error::Result;
use crate::retry::CallKind;
use crate::throttle::AdmissionDeadlines;
use crate::{Clip, ClipUuid};

/// One attempt of a call, or one poll of a watch.
#[derive(Clone, Copy, Debug)]
// Some fields serve `tracing` alone.
#[cfg_attr(not(feature = "tracing"), allow(dead_code))]
pub(crate) struct Attempt {
    pub(crate) call_kind: CallKind,
    pub(crate) uuid: ClipUuid,
    /// 1 for the first attempt of a call, or the first poll of a watch.
    pub(crate) number: u64,
    pub(crate) deadline: Instant,
}

pub(crate) trait Transport: Send + Sync + 'static {
    /// Waits until the rate limiter and the cooldown admit a request.
    fn acquire(&self, _: AdmissionDeadlines) -> impl Future<Output = Result<()>> + Send {
        ready(Ok(()))
    }

    /// Sends one request for the clip; `None` when there is no record of it (yet).
    fn fetch(&self, attempt: Attempt) -> impl Future<Output = Result<Option<Clip>>> + Send;

    /// Withdraws one retry from the retry budget, if one is left.
    fn withdraw(&self) -> bool {
        true
    }
}

#[cfg(test)]
pub(crate) use fake::{FakeTransport, MaxBackoff};

#[cfg(test)]
mod fake {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::retry::{Backoff, FailedAttempt, RetryDecision, RetryPolicy};

    /// Backoff without jitter: delays are the ceilings.
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

    /// Responds by the second since its creation, in virtual time, and records its requests.
    #[derive(Clone)]
    pub(crate) struct FakeTransport {
        created: Instant,
        respond: fn(u64) -> Result<Option<Clip>>,
        requests: Arc<Mutex<Vec<u64>>>,
        has_budget: bool,
    }

    impl FakeTransport {
        pub(crate) fn new(respond: fn(u64) -> Result<Option<Clip>>) -> Self {
            Self {
                created: Instant::now(),
                respond,
                requests: Arc::default(),
                has_budget: true,
            }
        }

        pub(crate) fn without_budget(mut self) -> Self {
            self.has_budget = false;
            self
        }

        /// Returns the seconds at which requests were sent.
        pub(crate) fn requests(&self) -> Vec<u64> {
            self.requests.lock().unwrap().clone()
        }
    }

    impl Transport for FakeTransport {
        async fn fetch(&self, _: Attempt) -> Result<Option<Clip>> {
            let second = self.created.elapsed().as_secs();
            self.requests.lock().unwrap().push(second);
            (self.respond)(second)
        }

        fn withdraw(&self) -> bool {
            self.has_budget
        }
    }
}
