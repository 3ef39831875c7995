//! Watching a clip until it is done.
//!
//! [`state`] decides, without a clock and a socket; [`watch`] is one watch by the clock, and
//! [`look`] one of its looks. [`updates`] drives one watch, and [`all`] many: they sleep and hand
//! on. [`checkpoint`] is where a watch watches, to go on from.

mod change_detector;
mod checkpoint;
mod content_hash;
mod last_status;
mod many;
mod poll;
mod shared;
mod state;
mod stream;
mod update;

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use checkpoint::Checkpoint;
pub use many::{ClipUpdate, WatchAll, WatchAllStream, WatchHandle};
pub use stream::WatchStream;
pub use update::Update;

use tokio::time::Instant;

use crate::polling::{Fixed, PollPolicy};
use crate::retry::RetryPolicy;
use crate::{Client, Clip, ClipUuid, Result};
use state::{WatchConfig, WatchState};

/// A clip that is being watched until it is done.
///
/// Awaiting it gives the finished clip or a typed error; [`stream`](Self::stream) gives every
/// change on the way.
///
/// ```
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(90.s()));
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
/// use std::time::Duration;
///
/// let clip = client
///     .watch(uuid)
///     .interval(Duration::from_secs(5))
///     .timeout(Duration::from_secs(600))
///     .await?;
/// assert!(clip.is_complete());
/// # Ok(())
/// # }
/// ```
///
/// # How it ends
///
/// - The clip is complete: [`Clip::is_complete`].
/// - It failed or was deleted: [`Error::is_clip_failed`](crate::Error::is_clip_failed), with the
///   clip.
/// - The service had no record of it for the whole [grace period](Self::not_found_grace_period):
///   [`Error::is_not_found`](crate::Error::is_not_found).
/// - The [deadline](Self::timeout) passed:
///   [`Error::is_deadline_exceeded`](crate::Error::is_deadline_exceeded), with the clip as it was
///   last seen.
/// - A request failed in a way that will not pass, such as a wrong API key. A failure that may
///   pass ([`Error::is_transient`](crate::Error::is_transient)) does not end a watch, unless its
///   [retry policy](Self::retry) says so.
///
/// Except where the clip failed or was deleted, or there is no such clip,
/// [`Error::checkpoint`](crate::Error::checkpoint) is where the watch stood: [`Client::resume`] goes
/// on from it.
///
/// # Cancellation
///
/// Nothing is sent before the first await. Dropping the watch, its future or its stream at any
/// point ends it and the request under way; no task is left behind.
#[must_use = "a watch does nothing until it is awaited or streamed"]
pub struct Watch {
    client: Client,
    /// How long the watch had lasted when it was resumed.
    offset: Duration,
    /// When that was.
    resumed: Option<Instant>,
    /// What the checkpoint saved_policy of the poll_policy.
    saved_policy: Option<String>,
    state: WatchState,
}

impl Watch {
    pub(crate) fn new(client: Client, uuid: ClipUuid) -> Self {
        let config = Arc::new(WatchConfig::new(client.retry()));
        let state = WatchState::new(uuid, client.poll_policy(None), config);
        Self {
            client,
            offset: Duration::ZERO,
            resumed: None,
            saved_policy: None,
            state,
        }
    }

    pub(crate) fn resume(client: Client, checkpoint: Checkpoint) -> Self {
        let config = Arc::new(checkpoint.config(client.retry()));
        let saved_policy = checkpoint.data.poll_policy.clone();
        let poll_policy = client.poll_policy(saved_policy.as_deref());
        Self {
            client,
            offset: checkpoint.elapsed_at(SystemTime::now()),
            resumed: Some(Instant::now()),
            saved_policy,
            state: WatchState::resume(&checkpoint, poll_policy, config),
        }
    }

    /// How long the watch has lasted before its first look.
    fn offset(&self) -> Duration {
        let since = self
            .resumed
            .map_or(Duration::ZERO, |resumed| resumed.elapsed());
        self.offset.saturating_add(since)
    }

    /// How long to watch at most. 30 minutes unless set; for a watch that was resumed, what is
    /// left of its deadline unless set, and counted from there if set.
    ///
    /// The last wait is cut to the deadline and one last request is sent then, or right after the
    /// request that was under way, so that a clip which was done in time is not missed for want of
    /// a look. A request has 5 seconds beyond the deadline, so a watch ends at most 10 seconds
    /// after it.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// use std::time::Duration;
    ///
    /// let error = client.watch(uuid).timeout(Duration::from_secs(20)).await.unwrap_err();
    /// assert!(error.is_deadline_exceeded());
    /// assert!(error.elapsed() < Some(Duration::from_secs(30)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.state.config_mut().timeout = self.offset().saturating_add(timeout);
        self
    }

    /// How long the service may be without a record of the clip before it counts as not found.
    /// 60 seconds unless set.
    ///
    /// Right after a clip was requested its record may not exist yet; how long that lasts is
    /// undocumented.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()).appears_after(90.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// use std::time::Duration;
    ///
    /// let error = client.watch(uuid).not_found_grace_period(Duration::from_secs(10)).await.unwrap_err();
    /// assert!(error.is_not_found());
    /// let clip = client.watch(uuid).not_found_grace_period(Duration::from_secs(120)).await?;
    /// assert!(clip.is_complete());
    /// # Ok(())
    /// # }
    /// ```
    pub fn not_found_grace_period(mut self, grace_period: Duration) -> Self {
        self.state.config_mut().grace_period = grace_period;
        self
    }

    /// Waits as long as this between two requests that succeeded, in place of the
    /// [adaptive poll policy](crate::polling::Adaptive). Less than a millisecond is taken as one.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// use std::time::Duration;
    ///
    /// client.watch(uuid).interval(Duration::from_secs(10)).await?;
    /// service.verify(uuid).at_most(5).min_interval(9.s());
    /// # Ok(())
    /// # }
    /// ```
    pub fn interval(self, interval: Duration) -> Self {
        self.polling(Fixed::new(interval))
    }

    /// Decides when to look next: [`Adaptive`](crate::polling::Adaptive) with the client's
    /// [history](Client::history) unless set. A watch that was resumed goes on with the
    /// poll_policy that its checkpoint saved_policy, if it is one of this crate's; one that is set here takes
    /// up what was saved_policy of its kind.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// use std::time::Duration;
    /// use rhombus_clips::polling::Exponential;
    ///
    /// let second = Duration::from_secs(1);
    /// client.watch(uuid).polling(Exponential::new(second, 2.0, 30 * second)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn polling(mut self, mut poll_policy: impl PollPolicy) -> Self {
        if let Some(saved_policy) = &self.saved_policy {
            poll_policy.restore(saved_policy);
        }
        self.state.poll_policy = Box::new(poll_policy);
        self
    }

    /// Decides whether the watch goes on after a request that failed, and how soon. The policy of
    /// the client ([`ClientBuilder::retry`](crate::ClientBuilder::retry)) unless set.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s())).with_fault(fault(Response::status(503)).on_request(2));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// use rhombus_clips::retry::NoRetry;
    ///
    /// let error = client.watch(uuid).retry(NoRetry).await.unwrap_err();
    /// assert_eq!(error.status(), Some(503));
    /// # Ok(())
    /// # }
    /// ```
    pub fn retry(mut self, policy: impl RetryPolicy) -> Self {
        self.state.config_mut().policy = Arc::new(policy);
        self
    }

    /// Where the watch watches before its first request: saved_policy in time, it survives a process that
    /// is killed at any moment. [`WatchStream::checkpoint`] says it during the watch.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let watch = client.watch(uuid);
    /// let saved_policy = watch.checkpoint().to_string(); // Into a database, say.
    /// watch.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn checkpoint(&self) -> Checkpoint {
        self.state.checkpoint(self.offset(), SystemTime::now())
    }

    /// Every change on the way: the first state at once, and each later one as it is seen.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let mut updates = client.watch(uuid).stream();
    /// let first = updates.next().await.expect("a first update")?;
    /// assert_eq!(first.polls(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self) -> WatchStream {
        let offset = self.offset();
        WatchStream::new(self.client, offset, self.state)
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
    use super::*;

    const SEC: Duration = Duration::from_secs(1);

    fn client() -> Client {
        let builder = Client::builder().base_url("http://127.0.0.1:1");
        builder.api_key("0123456789").build().unwrap()
    }

    fn poll_policy(watch: &Watch) -> String {
        watch.state.poll_policy.save().unwrap()
    }

    #[test]
    fn the_poll_policy_that_was_set_last_holds() {
        let uuid = ClipUuid::from_bytes([7; 16]);
        let watch = client().watch(uuid).interval(2 * SEC).interval(5 * SEC);
        assert_eq!(poll_policy(&watch), "fixed 5000");
        let resumed = client().resume(watch.checkpoint());
        assert_eq!(poll_policy(&resumed), "fixed 5000");
        assert_eq!(poll_policy(&resumed.interval(3 * SEC)), "fixed 3000");
    }

    #[test]
    fn a_poll_policy_that_is_set_takes_up_what_was_kept_of_its_kind() {
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
    async fn time_passes_for_a_watch_that_was_resumed_and_not_begun() {
        let watch = client().watch(ClipUuid::from_bytes([7; 16]));
        let resumed = client().resume(watch.checkpoint());
        tokio::time::advance(100 * SEC).await;
        assert!(resumed.checkpoint().elapsed() >= 100 * SEC);
    }
}
