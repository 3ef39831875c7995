//! One look-up of a clip: an answer, with as many attempts as it is worth.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::deadline::after;
use crate::error::{Error, ErrorKind, Result};
use crate::looker::{Attempt, Looker};
use crate::retry::{FailedAttempt, Operation, RetryPolicy, next_wait};
use crate::throttle::Patience;
use crate::{Client, Clip, ClipUuid, trace};

/// A look-up of one clip, from [`Client::clip`]. Awaiting it gives the clip as it is now.
///
/// ```
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
/// use std::time::Duration;
/// use rhombus_clips::retry::Never;
///
/// let clip = client
///     .clip(uuid)
///     .deadline(Duration::from_secs(5))
///     .retry(Never)
///     .await?;
/// println!("{} {:?} percent", clip.status(), clip.percent());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`ErrorKind::NotFound`] when the service answers without a clip: it may be unknown, or
/// requested so recently that there is no record yet. [`ErrorKind::RateLimited`] when a 429 to
/// another call of the client held the look-up back to its deadline. Otherwise the failure of the
/// last attempt. All with the number of [attempts](Error::attempts) and the time that they took.
///
/// # Cancellation
///
/// Nothing is sent before the first await. Dropping the look-up or its future at any point ends
/// it and the request under way. The operation only reads.
#[must_use = "a look-up does nothing until it is awaited"]
pub struct Lookup {
    client: Client,
    uuid: ClipUuid,
    deadline: Duration,
    policy: Arc<dyn RetryPolicy>,
}

impl Lookup {
    pub(crate) fn new(
        client: Client,
        uuid: ClipUuid,
        deadline: Duration,
        policy: Arc<dyn RetryPolicy>,
    ) -> Self {
        Self {
            client,
            uuid,
            deadline,
            policy,
        }
    }

    /// How long all attempts may take together, with the waits between them. That of the client
    /// ([`ClientBuilder::lookup_deadline`](crate::ClientBuilder::lookup_deadline)) unless set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Decides whether another attempt is worth it. The policy of the client
    /// ([`ClientBuilder::retry`](crate::ClientBuilder::retry)) unless set.
    pub fn retry(mut self, policy: impl RetryPolicy) -> Self {
        self.policy = Arc::new(policy);
        self
    }
}

impl IntoFuture for Lookup {
    type Output = Result<Clip>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(
            async move { look_up(&self.client, self.uuid, self.deadline, &*self.policy).await },
        )
    }
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup")
            .field("uuid", &self.uuid)
            .field("deadline", &self.deadline)
            .field("retry", &self.policy)
            .finish_non_exhaustive()
    }
}

async fn look_up<L: Looker>(
    looker: &L,
    uuid: ClipUuid,
    deadline: Duration,
    policy: &dyn RetryPolicy,
) -> Result<Clip> {
    let started = Instant::now();
    let until = after(started, deadline);
    let patience = Patience {
        gate: until,
        limiter: until,
    };
    let mut number = 0;
    let mut last = None;
    loop {
        let admitted = looker.admit(patience).await;
        let elapsed = started.elapsed();
        if let Err(error) = admitted {
            return Err(last.unwrap_or(error).with_effort(number, elapsed));
        }
        if elapsed >= deadline && !deadline.is_zero() {
            // There is no time left for an answer.
            return Err(last.unwrap_or_else(held_back).with_effort(number, elapsed));
        }
        number += 1;
        let attempt = Attempt {
            operation: Operation::Lookup,
            uuid,
            number,
            until,
        };
        let error = match looker.look(attempt).await {
            Ok(Some(clip)) => return Ok(clip),
            Ok(None) => return Err(not_found(uuid).with_effort(number, started.elapsed())),
            Err(error) => error,
        };
        let elapsed = started.elapsed();
        let failed = FailedAttempt {
            operation: Operation::Lookup,
            attempt: u32::try_from(number).unwrap_or(u32::MAX),
            within_budget: true,
            error: &error,
            random: fastrand::f64(),
        };
        let left = deadline.saturating_sub(elapsed);
        match next_wait(policy, failed, left, || looker.withdraw()) {
            Some(wait) => {
                trace::waits(attempt, wait);
                sleep(wait).await;
                last = Some(error);
            }
            None => return Err(error.with_effort(number, elapsed)),
        }
    }
}

fn not_found(uuid: ClipUuid) -> Error {
    let message = format!(
        "the service has no clip {uuid}: check the identifier, or watch the clip if it is new (its record may come late)"
    );
    Error::new(ErrorKind::NotFound, message)
}

fn held_back() -> Error {
    Error::new(
        ErrorKind::RateLimited,
        "the service asked this client to wait, for longer than the look-up had time: try again later, or give it a later deadline",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::looker::{Script, WithoutJitter};
    use crate::retry::Never;
    use rhombus_clips_api::types::ClipStatus;

    const SEC: Duration = Duration::from_secs(1);

    fn fails(_: u64) -> Result<Option<Clip>> {
        Err(Error::new(ErrorKind::Connection, "refused"))
    }

    async fn failure(script: &Script, deadline: Duration, policy: impl RetryPolicy) -> Error {
        let uuid = ClipUuid::from_bytes([0; 16]);
        look_up(script, uuid, deadline, &policy).await.unwrap_err()
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_pass_is_tried_again_with_growing_waits() {
        let script = Script::new(|second| match second {
            0..7 => fails(second),
            _ => Ok(Some(Clip::of_status(ClipStatus::Complete))),
        });
        let uuid = ClipUuid::from_bytes([0; 16]);
        let clip = look_up(&script, uuid, 60 * SEC, &WithoutJitter).await;
        assert!(clip.unwrap().is_complete());
        assert_eq!(script.asked(), [0, 1, 3, 7]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_failure_is_the_result_and_counts_the_attempts() {
        let script = Script::new(fails);
        let error = failure(&script, 60 * SEC, WithoutJitter).await;
        assert!(error.is_connection());
        assert_eq!(
            (error.attempts(), error.elapsed()),
            (Some(5), Some(15 * SEC))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn no_wait_reaches_beyond_the_deadline() {
        let script = Script::new(fails);
        let error = failure(&script, 6 * SEC, WithoutJitter).await;
        assert_eq!(
            (error.attempts(), error.elapsed()),
            (Some(3), Some(3 * SEC))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_longer_retry_after_is_waited_for() {
        let script = Script::new(|second| match second {
            0 => Err(Error::new(ErrorKind::RateLimited, "").with_retry_after(Some(20 * SEC))),
            _ => Ok(None),
        });
        let uuid = ClipUuid::from_bytes([0; 16]);
        let error = look_up(&script, uuid, 60 * SEC, &WithoutJitter)
            .await
            .unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(error.attempts(), Some(2));
        assert_eq!(script.asked(), [0, 20]);
    }

    #[tokio::test(start_paused = true)]
    async fn never_means_one_attempt_and_so_does_what_will_not_pass() {
        assert_eq!(
            failure(&Script::new(fails), 60 * SEC, Never)
                .await
                .attempts(),
            Some(1)
        );
        let denied = Script::new(|_| Err(Error::new(ErrorKind::Authentication, "denied")));
        let error = failure(&denied, 60 * SEC, WithoutJitter).await;
        assert!(error.is_auth());
        assert_eq!(error.attempts(), Some(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_spent_budget_ends_the_tries() {
        let script = Script::new(fails).without_budget();
        assert_eq!(
            failure(&script, 60 * SEC, WithoutJitter).await.attempts(),
            Some(1)
        );
    }

    /// Closes after its first answer, for an hour.
    struct Closing(Script);

    impl Looker for Closing {
        async fn admit(&self, patience: Patience) -> Result<()> {
            if !self.0.asked().is_empty() {
                tokio::time::sleep_until(patience.gate).await;
            }
            Ok(())
        }

        fn look(&self, attempt: Attempt) -> impl Future<Output = Result<Option<Clip>>> + Send {
            self.0.look(attempt)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn held_back_to_the_deadline_it_ends_with_what_the_service_said() {
        let limited = Script::new(|_| Err(Error::new(ErrorKind::RateLimited, "").with_status(429)));
        let closing = Closing(limited);
        let uuid = ClipUuid::from_bytes([0; 16]);
        for (attempts, status) in [(1, Some(429)), (0, None)] {
            let error = look_up(&closing, uuid, 6 * SEC, &WithoutJitter)
                .await
                .unwrap_err();
            assert!(error.is_rate_limited());
            assert_eq!((error.attempts(), error.status()), (Some(attempts), status));
            assert_eq!(closing.0.asked(), [0]);
        }
    }
}
