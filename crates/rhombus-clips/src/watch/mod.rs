//! Watches: polling a clip until it is complete.
//!
//! Decisions and I/O are apart. [`state`] is the state machine, without a clock or a socket. [`poll`]
//! places it in real time and runs one poll, [`stream`] drives one watch and [`many`] a set of them. [`step`] offers the state machine to other drivers, and [`checkpoint`] carries its state
//! between them.

mod change_detector;
mod checkpoint;
mod last_status;
mod many;
mod poll;
mod state;
mod step;
mod stream;
mod update;
mod wake;

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use checkpoint::Checkpoint;
pub(crate) use checkpoint::DEFAULT_NOT_FOUND_GRACE_PERIOD;
pub use many::{WatchAll, WatchAllStream, WatchHandle};
pub use step::{PollResult, Step, WatchPolicies};
pub use stream::WatchStream;
pub use update::{ClipUpdate, Update};

use tokio::time::Instant;

use crate::polling::{self, Fixed, History, PollPolicy};
use crate::retry::{RetryLimits, RetryPolicy};
use crate::transport::Transport;
use crate::{Clip, ClipUuid, Result};
use state::{WatchConfig, WatchLimits, WatchProgress, WatchState};

/// Parts of a client that its watches share.
pub(crate) struct WatchContext {
    pub(crate) transport: Arc<Transport>,
    pub(crate) retry: Arc<dyn RetryPolicy>,
    pub(crate) history: History,
}

impl WatchContext {
    fn limits(&self) -> WatchLimits {
        let retry = RetryLimits {
            has_cooldown: true,
            ..self.transport.limits()
        };
        WatchLimits::new(retry, self.transport.attempt_timeout())
    }
}

/// Watch of one clip until it is complete, from [`Client::watch`](crate::Client::watch).
///
/// Awaiting it returns the complete clip or an error; [`stream`](Self::stream) yields every change until
/// then.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(90.s()), {
/// use std::time::Duration;
///
/// let clip = client
///     .watch(uuid)
///     .interval(Duration::from_secs(5))
///     .timeout(Duration::from_secs(600))
///     .await?;
/// assert!(clip.is_complete());
/// # });
/// ```
///
/// # Ends
///
/// - The clip is complete: [`Clip::is_complete`].
/// - The clip failed or was deleted: [`Error::is_clip_failed`](crate::Error::is_clip_failed), with the
///   clip.
/// - The service had no record of the clip for the entire
///   [grace period](Self::not_found_grace_period):
///   [`Error::is_not_found`](crate::Error::is_not_found). After a poll that showed the record, its absence
///   is no proof that there is no clip: the error has a checkpoint.
/// - No connection to the service could be made for a minute, and the client never had a response from
///   it: [`Error::is_connect`](crate::Error::is_connect). The time is the client's
///   [`unreachable_grace_period`](crate::ClientBuilder::unreachable_grace_period).
/// - The [timeout](Self::timeout) elapsed:
///   [`Error::is_deadline_exceeded`](crate::Error::is_deadline_exceeded), with the last state of the
///   clip.
/// - A policy of the caller panicked: [`Error::is_policy`](crate::Error::is_policy).
/// - A poll failed permanently, such as with a wrong API key. A transient failure
///   ([`Error::is_transient`](crate::Error::is_transient)) does not end a watch, unless its
///   [retry policy](Self::retry) gives up.
///
/// Unless the clip failed, was deleted or was not found by any poll,
/// [`Error::checkpoint`](crate::Error::checkpoint) has the state of the watch, which
/// [`Client::resume`](crate::Client::resume) continues.
///
/// # Cancellation
///
/// Nothing is sent before the first await. Dropping the watch, its future or its stream at any point
/// ends it and cancels the request in flight; no task is left behind.
#[must_use = "a watch does nothing until it is awaited or streamed"]
pub struct Watch {
    transport: Arc<Transport>,
    /// Duration of the watch before it was resumed.
    offset: Duration,
    /// When it was resumed.
    resumed: Option<Instant>,
    /// State of the poll policy in the checkpoint.
    saved_policy: Option<String>,
    state: WatchState,
}

impl Watch {
    pub(crate) fn new(context: WatchContext, uuid: ClipUuid) -> Self {
        let limits = context.limits();
        let config = Arc::new(WatchConfig::new(context.retry, limits));
        let progress = WatchProgress::new(uuid);
        let poll_policy = polling::from_saved(None, &context.history);
        let state = WatchState::new(progress, poll_policy, config);
        Self {
            transport: context.transport,
            offset: Duration::ZERO,
            resumed: None,
            saved_policy: None,
            state,
        }
    }

    pub(crate) fn resume(context: WatchContext, checkpoint: Checkpoint) -> Self {
        let limits = context.limits();
        let config = WatchConfig::from_checkpoint(&checkpoint, context.retry, limits);
        let config = Arc::new(config);
        let poll_policy = polling::from_saved(checkpoint.poll_policy(), &context.history);
        let mut state = WatchState::restore(&checkpoint, poll_policy, config);
        // A stream's first update tells its reader the current state, whatever an earlier one saw.
        state.report_next_poll();
        state.resume_grace_period();
        Self {
            transport: context.transport,
            offset: checkpoint.elapsed_at(SystemTime::now()),
            resumed: Some(Instant::now()),
            saved_policy: checkpoint.poll_policy().map(str::to_owned),
            state,
        }
    }

    /// Duration of the watch before its first poll in this process.
    fn offset(&self) -> Duration {
        let since = self
            .resumed
            .map_or(Duration::ZERO, |resumed| resumed.elapsed());
        self.offset.saturating_add(since)
    }

    /// Sets the timeout of the watch. Default: 30 minutes, and for a resumed watch the rest of its
    /// timeout. Set on a resumed watch, it counts from the time of resuming.
    ///
    /// The last delay is cut to the deadline, and a final poll is sent then, or right after the one in
    /// flight, so that a clip that was complete in time is not missed. The poll in flight, the wait for
    /// the rate limiter and the final poll together take at most 5 seconds beyond the deadline, and at
    /// most the client's [attempt timeout](crate::ClientBuilder::attempt_timeout). A watch that cannot
    /// send its final poll in this time ends without it, and its error says so.
    ///
    /// The timeout counts the time that the machine is awake: on Linux and macOS, a suspended machine
    /// extends it.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// use std::time::Duration;
    ///
    /// let error = client.watch(uuid).timeout(Duration::from_secs(20)).await.unwrap_err();
    /// assert!(error.is_deadline_exceeded());
    /// assert!(error.elapsed() < Some(Duration::from_secs(30)));
    /// # });
    /// ```
    #[doc(alias = "deadline")]
    #[doc(alias = "max_wait")]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.state.config_mut().timeout = self.offset().saturating_add(timeout);
        self
    }

    /// Sets the grace period: the time without a record after which the clip counts as not found.
    /// Default: 60 seconds.
    ///
    /// The record of a clip may not exist right after the clip was requested; the delay is
    /// undocumented.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()).appears_after(90.s()), {
    /// use std::time::Duration;
    ///
    /// let error = client.watch(uuid).not_found_grace_period(Duration::from_secs(10)).await.unwrap_err();
    /// assert!(error.is_not_found());
    /// let clip = client.watch(uuid).not_found_grace_period(Duration::from_secs(120)).await?;
    /// assert!(clip.is_complete());
    /// # });
    /// ```
    pub fn not_found_grace_period(mut self, grace_period: Duration) -> Self {
        self.state.config_mut().grace_period = grace_period;
        self
    }

    /// Polls at this fixed interval in place of the
    /// [adaptive poll policy](crate::polling::Adaptive). The minimum is one millisecond.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// use std::time::Duration;
    ///
    /// client.watch(uuid).interval(Duration::from_secs(10)).await?;
    /// service.verify(uuid).at_most(5).min_interval(9.s());
    /// # });
    /// ```
    pub fn interval(self, interval: Duration) -> Self {
        self.polling(Fixed::new(interval))
    }

    /// Sets the policy that schedules the polls. Default: [`Adaptive`](crate::polling::Adaptive) with
    /// the client's [history](crate::Client::history). A resumed watch restores one of this crate's policies
    /// from its checkpoint; a policy set here restores the saved state of its own kind.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// use std::time::Duration;
    /// use rhombus_clips::polling::Exponential;
    ///
    /// let second = Duration::from_secs(1);
    /// client.watch(uuid).polling(Exponential::new(second, 2.0, 30 * second)).await?;
    /// # });
    /// ```
    #[doc(alias = "poll")]
    #[doc(alias = "poll_policy")]
    pub fn polling(mut self, mut poll_policy: impl PollPolicy) -> Self {
        if let Some(saved_policy) = &self.saved_policy {
            poll_policy.restore(saved_policy);
        }
        self.state.poll_policy = Box::new(poll_policy);
        self
    }

    /// Sets the policy that decides whether the watch continues after a failed poll, and when.
    /// Default: the client's ([`ClientBuilder::retry`](crate::ClientBuilder::retry)).
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::status(503)).on_request(2));
    /// use rhombus_clips::retry::NoRetry;
    ///
    /// let error = client.watch(uuid).retry(NoRetry).await.unwrap_err();
    /// assert_eq!(error.status(), Some(503));
    /// # });
    /// ```
    pub fn retry(mut self, policy: impl RetryPolicy) -> Self {
        self.state.config_mut().policy = Arc::new(policy);
        self
    }

    /// Takes the checkpoint before the first poll. Once saved, the watch survives the process being
    /// killed at any time. During the watch, [`WatchStream::checkpoint`] takes it.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let watch = client.watch(uuid);
    /// let saved = watch.checkpoint().to_string(); // Into a database, say.
    /// watch.await?;
    /// # });
    /// ```
    pub fn checkpoint(&self) -> Checkpoint {
        self.state.checkpoint(self.offset(), SystemTime::now())
    }

    /// Returns a stream of the changes: the first state at once, and each later one as it is seen.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut updates = client.watch(uuid).stream();
    /// let first = updates.next().await.expect("a first update")?;
    /// assert_eq!(first.polls(), 1);
    /// # });
    /// ```
    #[doc(alias = "progress")]
    pub fn stream(self) -> WatchStream {
        let offset = self.offset();
        WatchStream::new(self.transport, offset, self.state)
    }
}

impl IntoFuture for Watch {
    type Output = Result<Clip>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.stream().finish())
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("uuid", &self.state.uuid())
            .field("timeout", &self.state.config().timeout)
            .field("not_found_grace_period", &self.state.config().grace_period)
            .field("polling", &self.state.poll_policy)
            .field("retry", &self.state.config().policy)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use rhombus_clips_sim::ClipStatus;
    use rhombus_clips_sim::prelude::*;

    use super::*;
    use crate::Client;

    const SEC: Duration = Duration::from_secs(1);

    fn client() -> Client {
        let builder = Client::builder().base_url("http://127.0.0.1:1");
        builder.api_key("0123456789").build().unwrap()
    }

    fn poll_policy(watch: &Watch) -> String {
        watch.state.poll_policy.save().unwrap()
    }

    #[test]
    fn the_poll_policy_set_last_wins() {
        let uuid = ClipUuid::from_bytes([7; 16]);
        let watch = client().watch(uuid).interval(2 * SEC).interval(5 * SEC);
        assert_eq!(poll_policy(&watch), "fixed 5000");
        let resumed = client().resume(watch.checkpoint());
        assert_eq!(poll_policy(&resumed), "fixed 5000");
        assert_eq!(poll_policy(&resumed.interval(3 * SEC)), "fixed 3000");
    }

    #[test]
    fn a_poll_policy_restores_the_saved_state_of_its_kind() {
        use crate::polling::{Exponential, PollState};

        let uuid = ClipUuid::from_bytes([7; 16]);
        let mut waits = Exponential::new(SEC, 2.0, 60 * SEC);
        waits.next_delay(&PollState::new(Duration::ZERO));
        let checkpoint = client().watch(uuid).polling(waits).checkpoint();
        let resumed = client().resume(checkpoint.clone());
        assert_eq!(poll_policy(&resumed), "exponential 1000 2 60000 0 1");
        let slower = Exponential::new(3 * SEC, 2.0, 60 * SEC);
        let resumed = client().resume(checkpoint).polling(slower);
        assert_eq!(poll_policy(&resumed), "exponential 3000 2 60000 0 1");
    }

    #[tokio::test(start_paused = true)]
    async fn time_passes_for_a_resumed_watch_before_its_first_poll() {
        let watch = client().watch(ClipUuid::from_bytes([7; 16]));
        let resumed = client().resume(watch.checkpoint());
        tokio::time::advance(100 * SEC).await;
        assert!(resumed.checkpoint().elapsed() >= 100 * SEC);
    }

    /// A client whose clock of day runs ahead of the timers by what is added to it, as after a sleep.
    fn sleepy_client(service: &Service, slept: &Arc<AtomicU64>) -> crate::ClientBuilder {
        let (start, day) = (Instant::now(), SystemTime::now());
        let slept = slept.clone();
        let builder = Client::builder().base_url(service.base_url());
        builder.api_key(service.api_key()).wall_clock(move || {
            day + start.elapsed() + Duration::from_secs(slept.load(Ordering::Relaxed))
        })
    }

    async fn service() -> Service {
        let service = Service::start().await.unwrap();
        (0..20).fold(service, |service, n| {
            let rendering =
                clip().by_request([rhombus_clips_sim::Step::new(ClipStatus::Rendering)]);
            service.with_clip(ClipUuid::from_bytes([n; 16]), rendering)
        })
    }

    fn request_seconds(service: &Service) -> Vec<u64> {
        let requests = service.requests().into_iter();
        requests
            .map(|request| request.received_at.as_secs())
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_machine_that_slept_polls_early_once() {
        let (service, slept) = (service().await, Arc::default());
        let client = sleepy_client(&service, &slept).build().unwrap();
        let watch = client.watch(ClipUuid::from_bytes([7; 16]));
        let watch = watch.interval(300 * SEC).timeout(1000 * SEC);
        let sleeps = async {
            // Too short to matter to a poll that is due in 290 s.
            tokio::time::sleep(10 * SEC).await;
            slept.fetch_add(60, Ordering::Relaxed);
            tokio::time::sleep(25 * SEC).await;
            slept.fetch_add(3600, Ordering::Relaxed);
        };
        let (result, ()) = futures_util::future::join(watch.into_future(), sleeps).await;
        // The timeout counts the time awake.
        let error = result.unwrap_err();
        assert_eq!(error.elapsed(), Some(1000 * SEC));
        assert_eq!(request_seconds(&service), [0, 40, 340, 640, 940, 1000]);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_sleep_each_of_many_clips_is_polled_early_through_the_limiter() {
        let (service, slept) = (service().await, Arc::default());
        let limit = crate::RateLimit::per_second(1).burst(20);
        let client = sleepy_client(&service, &slept).rate_limit(limit);
        let clips = (0..20).map(|n| ClipUuid::from_bytes([n; 16]));
        let watches = client.build().unwrap().watch_all(clips);
        let mut updates = watches.interval(300 * SEC).timeout(400 * SEC).stream();
        let sleeps = async {
            tokio::time::sleep(35 * SEC).await;
            slept.fetch_add(3600, Ordering::Relaxed);
        };
        let finish = async { while updates.next().await.is_some() {} };
        futures_util::future::join(finish, sleeps).await;
        let early = request_seconds(&service)[20..40].to_vec();
        assert!(early[0] <= 46 && early[19] <= 66, "{early:?}");
        assert!(early.windows(2).all(|pair| pair[1] - pair[0] <= 1));
        // And the interval again.
        let next = request_seconds(&service)[40];
        assert!(next >= 335, "{next}");
    }
}
