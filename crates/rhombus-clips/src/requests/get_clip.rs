//! The request builder of `get_clip`, and its retry loop.
//!
//! The loop only executes: the retry policy decides whether a failed attempt is retried, and when.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::error::{Error, ErrorKind, Hint, Result};
use crate::retry::{CallKind, FailedAttempt, RetryPolicy, retry_delay};
use crate::throttle::AdmissionDeadlines;
use crate::time::saturating_add;
use crate::transport::{Attempt, Transport};
use crate::{Client, Clip, ClipUuid, telemetry};

/// Request for the current state of a clip, from [`Client::get_clip`]. Awaiting it sends it.
///
/// ```
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
/// use std::time::Duration;
/// use rhombus_clips::retry::NoRetry;
///
/// let clip = client
///     .get_clip(uuid)
///     .timeout(Duration::from_secs(5))
///     .retry(NoRetry)
///     .await?;
/// println!("{} {:?} percent", clip.status(), clip.percent());
/// # Ok(())
/// # }
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
    client: Client,
    uuid: ClipUuid,
    timeout: Duration,
    policy: Arc<dyn RetryPolicy>,
}

impl GetClip {
    pub(crate) fn new(
        client: Client,
        uuid: ClipUuid,
        timeout: Duration,
        policy: Arc<dyn RetryPolicy>,
    ) -> Self {
        Self {
            client,
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
            get_with_retries(&self.client, self.uuid, self.timeout, &*self.policy).await
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

async fn get_with_retries<T: Transport>(
    transport: &T,
    uuid: ClipUuid,
    timeout: Duration,
    policy: &dyn RetryPolicy,
) -> Result<Clip> {
    let started = Instant::now();
    let deadline = saturating_add(started, timeout);
    let deadlines = AdmissionDeadlines {
        cooldown: deadline,
        limiter: deadline,
    };
    let mut number = 0;
    let mut last_error = None;
    loop {
        let admission = transport.acquire(deadlines).await;
        let elapsed = started.elapsed();
        if let Err(error) = admission {
            return Err(last_error.unwrap_or(error).with_attempts(number, elapsed));
        }
        if elapsed >= timeout && !timeout.is_zero() {
            // No time is left for a response.
            return Err(last_error
                .unwrap_or_else(cooldown_error)
                .with_attempts(number, elapsed));
        }
        number += 1;
        let attempt = Attempt {
            call_kind: CallKind::GetClip,
            uuid,
            number,
            deadline,
        };
        let error = match transport.fetch(attempt).await {
            Ok(Some(clip)) => return Ok(clip),
            Ok(None) => return Err(not_found_error(uuid).with_attempts(number, started.elapsed())),
            Err(error) => error,
        };
        let elapsed = started.elapsed();
        let failed = FailedAttempt {
            call_kind: CallKind::GetClip,
            attempt: u32::try_from(number).unwrap_or(u32::MAX),
            within_budget: true,
            error: &error,
            random: fastrand::f64(),
        };
        let left = timeout.saturating_sub(elapsed);
        match retry_delay(policy, failed, left, || transport.withdraw()) {
            Some(delay) => {
                telemetry::log_retry(attempt, delay);
                sleep(delay).await;
                last_error = Some(error);
            }
            None => return Err(error.with_attempts(number, elapsed)),
        }
    }
}

fn not_found_error(uuid: ClipUuid) -> Error {
    Error::new(ErrorKind::NotFound, format!("clip {uuid} not found"))
        .with_hint(Hint::CheckClipUuid)
        .with_hint(Hint::WatchClip)
}

fn cooldown_error() -> Error {
    let message = "the service requires a longer delay between requests than the timeout leaves";
    Error::new(ErrorKind::RateLimited, message)
        .with_hint(Hint::RetryLater)
        .with_hint(Hint::ExtendTimeout)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::NoRetry;
    use crate::transport::{FakeTransport, MaxBackoff};
    use rhombus_clips_api::types::ClipStatus;

    const SEC: Duration = Duration::from_secs(1);

    fn fails(_: u64) -> Result<Option<Clip>> {
        Err(Error::new(ErrorKind::Connection, "refused"))
    }

    async fn failure(
        transport: &FakeTransport,
        timeout: Duration,
        policy: impl RetryPolicy,
    ) -> Error {
        let uuid = ClipUuid::from_bytes([0; 16]);
        get_with_retries(transport, uuid, timeout, &policy)
            .await
            .unwrap_err()
    }

    #[tokio::test(start_paused = true)]
    async fn transient_failures_are_retried_with_growing_delays() {
        let transport = FakeTransport::new(|second| match second {
            0..7 => fails(second),
            _ => Ok(Some(Clip::of_status(ClipStatus::Complete))),
        });
        let uuid = ClipUuid::from_bytes([0; 16]);
        let clip = get_with_retries(&transport, uuid, 60 * SEC, &MaxBackoff).await;
        assert!(clip.unwrap().is_complete());
        assert_eq!(transport.requests(), [0, 1, 3, 7]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_failure_is_the_result_with_the_attempts() {
        let transport = FakeTransport::new(fails);
        let error = failure(&transport, 60 * SEC, MaxBackoff).await;
        assert!(error.is_connection());
        assert_eq!(
            (error.attempts(), error.elapsed()),
            (Some(5), Some(15 * SEC))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn no_delay_exceeds_the_timeout() {
        let transport = FakeTransport::new(fails);
        let error = failure(&transport, 6 * SEC, MaxBackoff).await;
        assert_eq!(
            (error.attempts(), error.elapsed()),
            (Some(3), Some(3 * SEC))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_longer_retry_after_is_obeyed() {
        let transport = FakeTransport::new(|second| match second {
            0 => Err(Error::new(ErrorKind::RateLimited, "").with_retry_after(Some(20 * SEC))),
            _ => Ok(None),
        });
        let uuid = ClipUuid::from_bytes([0; 16]);
        let error = get_with_retries(&transport, uuid, 60 * SEC, &MaxBackoff)
            .await
            .unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(error.attempts(), Some(2));
        assert_eq!(transport.requests(), [0, 20]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_retry_and_permanent_failures_mean_one_attempt() {
        assert_eq!(
            failure(&FakeTransport::new(fails), 60 * SEC, NoRetry)
                .await
                .attempts(),
            Some(1)
        );
        let denied = FakeTransport::new(|_| Err(Error::new(ErrorKind::Authentication, "denied")));
        let error = failure(&denied, 60 * SEC, MaxBackoff).await;
        assert!(error.is_authentication());
        assert_eq!(error.attempts(), Some(1));
    }

    #[tokio::test(start_paused = true)]
    async fn an_exhausted_retry_budget_ends_the_retries() {
        let transport = FakeTransport::new(fails).without_budget();
        assert_eq!(
            failure(&transport, 60 * SEC, MaxBackoff).await.attempts(),
            Some(1)
        );
    }

    /// Enters a cooldown of an hour after its first response.
    struct CoolingDown(FakeTransport);

    impl Transport for CoolingDown {
        async fn acquire(&self, timeouts: AdmissionDeadlines) -> Result<()> {
            if !self.0.requests().is_empty() {
                tokio::time::sleep_until(timeouts.cooldown).await;
            }
            Ok(())
        }

        fn fetch(&self, attempt: Attempt) -> impl Future<Output = Result<Option<Clip>>> + Send {
            self.0.fetch(attempt)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_cooldown_beyond_the_timeout_ends_the_call_with_the_rate_limit_error() {
        let limited =
            FakeTransport::new(|_| Err(Error::new(ErrorKind::RateLimited, "").with_status(429)));
        let cooling_down = CoolingDown(limited);
        let uuid = ClipUuid::from_bytes([0; 16]);
        for (attempts, status) in [(1, Some(429)), (0, None)] {
            let error = get_with_retries(&cooling_down, uuid, 6 * SEC, &MaxBackoff)
                .await
                .unwrap_err();
            assert!(error.is_rate_limited());
            assert_eq!((error.attempts(), error.status()), (Some(attempts), status));
            assert_eq!(cooling_down.0.requests(), [0]);
        }
    }
}
