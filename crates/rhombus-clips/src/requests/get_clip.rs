//! The operation `getClipWithProgress`: its request builder, and the loop that sends its attempts.
//!
//! The loop only executes: [`CallState`] decides whether and when a failed attempt is retried.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::CallState;
use crate::error::{Error, ErrorKind, Hint, Result};
use crate::retry::{Attempt, CallKind, RetryPolicy};
use crate::time::saturating_add;
use crate::transport::Transport;
use crate::transport::throttle::AdmissionDeadlines;
use crate::{Clip, ClipUuid, telemetry};

/// Request for the current state of a clip, from [`Client::get_clip`](crate::Client::get_clip). Awaiting it sends it.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// use std::time::Duration;
/// use rhombus_clips::retry::NoRetry;
///
/// let clip = client
///     .get_clip(uuid)
///     .timeout(Duration::from_secs(5))
///     .retry(NoRetry)
///     .await?;
/// println!("{} {:?} percent", clip.status(), clip.percent());
/// # });
/// ```
///
/// # Errors
///
/// [`ErrorKind::NotFound`] when there is no record: the clip is unknown, or was requested so recently
/// that its record does not exist yet. [`ErrorKind::RateLimited`] when the cooldown after a 429 to
/// another call of the client outlasts the timeout. Otherwise the error of the last attempt. Each has
/// the number of [attempts](Error::attempts) and the [duration](Error::elapsed).
///
/// # Cancellation
///
/// Nothing is sent before the first await. Dropping the future at any point cancels the request in
/// flight. The operation only reads, so cancelling it is safe.
#[must_use = "a request is not sent until it is awaited"]
pub struct GetClip {
    transport: Arc<Transport>,
    uuid: ClipUuid,
    timeout: Duration,
    policy: Arc<dyn RetryPolicy>,
}

impl GetClip {
    pub(crate) fn new(
        transport: Arc<Transport>,
        uuid: ClipUuid,
        timeout: Duration,
        policy: Arc<dyn RetryPolicy>,
    ) -> Self {
        Self {
            transport,
            uuid,
            timeout,
            policy,
        }
    }

    /// Sets the timeout of the call, with all its attempts and the delays between them. Default: the
    /// client's ([`ClientBuilder::timeout`](crate::ClientBuilder::timeout)).
    #[doc(alias = "deadline")]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the policy that decides whether a failed attempt is retried. Default: the client's
    /// ([`ClientBuilder::retry`](crate::ClientBuilder::retry)).
    pub fn retry(mut self, policy: impl RetryPolicy) -> Self {
        self.policy = Arc::new(policy);
        self
    }
}

impl IntoFuture for GetClip {
    type Output = Result<Clip>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            get_with_retries(&self.transport, self.uuid, self.timeout, &*self.policy).await
        })
    }
}

impl fmt::Debug for GetClip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetClip")
            .field("uuid", &self.uuid)
            .field("timeout", &self.timeout)
            .field("retry", &self.policy)
            .finish_non_exhaustive()
    }
}

async fn get_with_retries(
    transport: &Transport,
    uuid: ClipUuid,
    timeout: Duration,
    policy: &dyn RetryPolicy,
) -> Result<Clip> {
    let call_kind = CallKind::GetClip;
    let started = Instant::now();
    let deadline = saturating_add(started, timeout);
    let deadlines = AdmissionDeadlines {
        cooldown: deadline,
        limiter: deadline,
    };
    let mut state = CallState::new(call_kind, timeout, policy, transport.limits());
    loop {
        let admission = transport.acquire(deadlines).await;
        let number = state.start_attempt(admission, started.elapsed())?;
        let attempt = Attempt {
            call_kind,
            uuid,
            number,
            deadline,
        };
        let error = match transport.fetch_clip(attempt).await {
            Ok(Some(clip)) => return Ok(clip),
            Ok(None) => return Err(state.end(not_found_error(uuid), started.elapsed())),
            Err(error) => error,
        };
        let withdraw = || transport.withdraw();
        let is_reached = transport.is_reached();
        let random = fastrand::f64();
        let delay = state.on_failure(error, started.elapsed(), is_reached, random, withdraw)?;
        telemetry::log_retry(attempt, delay);
        sleep(delay).await;
    }
}

fn not_found_error(uuid: ClipUuid) -> Error {
    Error::new(ErrorKind::NotFound, format!("clip {uuid} not found"))
        .with_hint(Hint::CheckClipUuid)
        .with_hint(Hint::WatchClip)
}
