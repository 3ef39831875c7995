//! The settings that all calls have, and the loop that sends the attempts of a request.
//!
//! The loop only executes: [`CallState`] decides whether and when a failed attempt is retried.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::call_state::CallState;
use crate::error::{Error, Result};
use crate::retry::{Attempt, RetryPolicy};
use crate::telemetry;
use crate::time::saturating_add;
use crate::transport::throttle::AdmissionDeadlines;
use crate::transport::{Request, Transport};

/// A call of the client: what it needs to send its requests.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) transport: Arc<Transport>,
    /// Timeout of each request, with all its attempts.
    pub(crate) timeout: Duration,
    pub(crate) policy: Arc<dyn RetryPolicy>,
}

impl Call {
    /// Sends a request, until an attempt succeeds or the retry policy gives up.
    pub(crate) async fn send<R: Request>(&self, request: &R) -> Result<R::Output> {
        Ok(self.send_counted(request).await?.output)
    }

    /// Sends a request as [`send`](Self::send) does, for a caller that may turn the output into an error.
    pub(crate) async fn send_counted<R: Request>(
        &self,
        request: &R,
    ) -> Result<Completed<R::Output>> {
        let Self {
            transport,
            timeout,
            policy,
        } = self;
        let started = Instant::now();
        let deadline = saturating_add(started, *timeout);
        let deadlines = AdmissionDeadlines {
            cooldown: deadline,
            limiter: deadline,
        };
        let mut state = CallState::new(*timeout, &**policy, transport.limits());
        loop {
            let admission = transport.acquire(deadlines).await;
            let number = state.start_attempt(admission, started.elapsed())?;
            let attempt = Attempt {
                operation: request.operation(),
                clip_uuid: request.clip_uuid(),
                number,
                deadline,
            };
            let error = match transport.send(attempt, request).await {
                Ok(output) => {
                    return Ok(Completed {
                        output,
                        attempts: number,
                        elapsed: started.elapsed(),
                    });
                }
                Err(error) => error,
            };
            let withdraw = || transport.withdraw();
            let is_reached = transport.is_reached();
            let random = fastrand::f64();
            let delay = state.on_failure(
                request.operation(),
                error,
                started.elapsed(),
                is_reached,
                random,
                withdraw,
            )?;
            telemetry::log_retry(attempt, delay);
            sleep(delay).await;
        }
    }
}

/// The output of a request, with what it took.
pub(crate) struct Completed<T> {
    pub(crate) output: T,
    attempts: u64,
    elapsed: Duration,
}

impl<T> Completed<T> {
    /// Adds the number of attempts and the duration of the call to an error that the output means.
    pub(crate) fn end(&self, error: Error) -> Error {
        error.with_attempts(self.attempts, self.elapsed)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("timeout", &self.timeout)
            .field("retry", &self.policy)
            .finish_non_exhaustive()
    }
}

/// Implements the settings that every request builder has, which holds its [`Call`] in the field `call`.
macro_rules! call_settings {
    () => {
        /// Sets the timeout of each request, with all its attempts and the delays between them. Default:
        /// the client's ([`ClientBuilder::timeout`](crate::ClientBuilder::timeout)).
        #[doc(alias = "deadline")]
        pub fn timeout(mut self, timeout: std::time::Duration) -> Self {
            self.call.timeout = timeout;
            self
        }

        /// Sets the policy that decides whether a failed attempt is retried. Default: the client's
        /// ([`ClientBuilder::retry`](crate::ClientBuilder::retry)).
        pub fn retry(mut self, policy: impl crate::retry::RetryPolicy) -> Self {
            self.call.policy = std::sync::Arc::new(policy);
            self
        }
    };
}

pub(super) use call_settings;
