//! Watching any number of clips at once.
//!
//! A waiting watch is a small value in [`watch_set`], without a task or a future of its own, so that a
//! hundred thousand fit in memory. [`timer_queue`] orders them by their next poll, without a clock;
//! [`scheduler`] sends the polls that are due.

mod batch;
mod handle;
mod list_requests;
mod scheduler;
mod stream;
mod timer_queue;
mod watch_set;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use handle::WatchHandle;
pub use stream::WatchAllStream;

use super::WatchContext;
use super::checkpoint::Checkpoint;
use crate::ClipUuid;
use crate::polling::{self, Adaptive, Fixed, PollPolicy};
use crate::retry::RetryPolicy;
use crate::transport::Transport;
use watch_set::{WatchDefaults, WatchSource};

/// Watch of many clips until each is complete, from [`Client::watch_all`](crate::Client::watch_all), with a bounded number of
/// requests in flight.
///
/// [`stream`](Self::stream) yields every change and every result.
///
/// ```
/// # use rhombus_clips::ClipUuid;
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// # let clips: Vec<ClipUuid> = (1..=10).map(|n| ClipUuid::from_bytes([n; 16])).collect();
/// # let service = clips.iter().fold(service, |s, uuid| s.with_clip(uuid, clip().renders_in(60.s())));
/// use std::time::Duration;
/// use rhombus_clips::ClipUpdate;
///
/// let mut updates = client
///     .watch_all(clips)
///     .interval(Duration::from_secs(5))
///     .timeout(Duration::from_secs(600))
///     .concurrency(4)
///     .stream();
/// let mut completed = 0;
/// while let Some(update) = updates.next().await {
///     match update {
///         ClipUpdate::Ended { result: Ok(clip), .. } => completed += usize::from(clip.is_complete()),
///         ClipUpdate::Ended { uuid, result: Err(error), .. } => println!("{uuid}: {error}"),
///         ClipUpdate::Changed { uuid, update, .. } => {
///             println!("{uuid}: {:?} percent", update.clip().and_then(|clip| clip.percent()));
///         }
///         _ => {}
///     }
/// }
/// assert_eq!(completed, 10);
/// # });
/// ```
///
/// # Order
///
/// Of the clips that are polled by themselves, the most overdue is polled first. Polls that a cooldown or a
/// [`RateLimit`](crate::RateLimit) holds back count as in flight, so all others wait behind them. When
/// more polls are due than the service admits, polls are late. The final polls of all clips that share a
/// deadline share one round of at most 5 seconds after it; a clip that has no turn in it ends without a
/// final poll, and its error says so.
///
/// # Batching
///
/// One page of the list of saved clips answers for up to 200 clips, and the list of the clips in progress
/// tells which of them are not complete yet. Of several clips whose poll policy has a
/// [forecast](crate::polling::PollPolicy::forecast), as the default has, the stream therefore requests a
/// list as soon as the delay that it is expected to end, of all clips that it answers for, is worth a
/// request, and a clip by itself only where no list answers for it. For 1,000 clips in ten minutes, that is
/// about one request a clip.
///
/// The order of the lists is undocumented and is learned from the pages. A clip that is not on a page
/// is polled by itself: only a record tells that a clip has ended. A list that the API key may not
/// request costs one refused request; from then on, each clip is polled by itself. If lists were
/// received before, they are requested again after 10 minutes. A page that shows a clip counts as one
/// of its polls. A lone clip, a clip with a policy without a forecast, and a final poll have requests
/// of their own. The intervals, the jitter and the limits of the poll policy do not apply to a clip
/// that is batched. [`batching(false)`](Self::batching) turns it off.
///
/// # Memory
///
/// A waiting clip takes some 600 bytes with the default poll policy, and some 250 more while it is batched. It has
/// neither a task nor a future.
///
/// # Backpressure
///
/// New polls start only while the stream is being polled, so a slow reader slows them down and nothing
/// queues up. Polls in flight, at most [`concurrency`](Self::concurrency), are tasks of the `tokio`
/// runtime that the stream is polled in, and continue meanwhile, including those that wait for a
/// [limit](crate::guide::limits).
///
/// # Cancellation
///
/// Dropping the stream ends all watches and aborts the tasks of the polls in flight.
#[must_use = "watches do nothing until they are streamed"]
pub struct WatchAll {
    transport: Arc<Transport>,
    clips: Vec<WatchSource>,
    defaults: WatchDefaults,
    concurrency: usize,
    batching: bool,
}

impl WatchAll {
    /// Default of [`concurrency`](Self::concurrency): 8 requests in flight.
    ///
    /// The service's rate limit is unpublished; an old page gave 10 requests per second, and most
    /// responses take far less than a second.
    ///
    /// ```
    /// use rhombus_clips::WatchAll;
    ///
    /// assert_eq!(WatchAll::CONCURRENCY, 8);
    /// ```
    pub const CONCURRENCY: usize = 8;

    pub(crate) fn new(context: WatchContext, clips: impl IntoIterator<Item = ClipUuid>) -> Self {
        Self::with_sources(context, clips.into_iter().map(WatchSource::New).collect())
    }

    pub(crate) fn resume(
        context: WatchContext,
        checkpoints: impl IntoIterator<Item = Checkpoint>,
    ) -> Self {
        let checkpoints = checkpoints.into_iter().map(Box::new);
        Self::with_sources(context, checkpoints.map(WatchSource::Resumed).collect())
    }

    fn with_sources(context: WatchContext, clips: Vec<WatchSource>) -> Self {
        let limits = context.limits();
        let WatchContext {
            transport,
            retry,
            history,
        } = context;
        let adaptive = Adaptive::new(&history);
        let defaults = WatchDefaults::new(retry, limits, move |saved_policy| match saved_policy {
            Some(_) => polling::from_saved(saved_policy, &history),
            None => Box::new(adaptive.clone()),
        });
        Self {
            transport,
            clips,
            defaults,
            concurrency: Self::CONCURRENCY,
            batching: true,
        }
    }

    /// Sets the timeout of each watch, as [`Watch::timeout`](crate::Watch::timeout) does. Default: 30
    /// minutes, and for a resumed watch the rest of its own timeout. It counts from the creation of the
    /// stream, or from the addition of the clip, and every watch ends at most 5 seconds after it,
    /// however many there are.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// use std::time::Duration;
    ///
    /// let mut updates = client.watch_all([uuid]).timeout(Duration::from_secs(3600)).stream();
    /// # while updates.next().await.is_some() {}
    /// # });
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.defaults.timeout = Some(timeout);
        self
    }

    /// Sets the time without a record after which a clip counts as not found, as
    /// [`Watch::not_found_grace_period`](crate::Watch::not_found_grace_period) does. Default: 60 seconds,
    /// and for a resumed watch its own.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// use std::time::Duration;
    ///
    /// let mut updates = client.watch_all([uuid]).not_found_grace_period(Duration::from_secs(10)).stream();
    /// # while updates.next().await.is_some() {}
    /// # });
    /// ```
    pub fn not_found_grace_period(mut self, grace_period: Duration) -> Self {
        self.defaults.grace_period = Some(grace_period);
        self
    }

    /// Polls each clip at this fixed interval in place of the
    /// [adaptive poll policy](crate::polling::Adaptive). The minimum is one millisecond.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// use std::time::Duration;
    ///
    /// let mut updates = client.watch_all([uuid]).interval(Duration::from_secs(10)).stream();
    /// # while updates.next().await.is_some() {}
    /// # });
    /// ```
    pub fn interval(self, interval: Duration) -> Self {
        self.polling(Fixed::new(interval))
    }

    /// Sets the policy that schedules the polls; each watch has a copy of it. Default:
    /// [`Adaptive`](crate::polling::Adaptive) with the client's [history](crate::Client::history).
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// use std::time::Duration;
    /// use rhombus_clips::polling::Adaptive;
    ///
    /// let poll_policy = Adaptive::new(client.history()).min_interval(Duration::from_secs(2));
    /// let mut updates = client.watch_all([uuid]).polling(poll_policy).stream();
    /// # while updates.next().await.is_some() {}
    /// # });
    /// ```
    pub fn polling(mut self, poll_policy: impl PollPolicy + Clone) -> Self {
        self.defaults.poll_policy = Box::new(move |saved_policy| {
            let mut poll_policy = poll_policy.clone();
            if let Some(saved_policy) = saved_policy {
                poll_policy.restore(saved_policy);
            }
            Box::new(poll_policy)
        });
        self
    }

    /// Sets the policy that decides whether a watch continues after a failed poll, and when. Default:
    /// the client's ([`ClientBuilder::retry`](crate::ClientBuilder::retry)).
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// use rhombus_clips::retry::NoRetry;
    ///
    /// let mut updates = client.watch_all([uuid]).retry(NoRetry).stream();
    /// # while updates.next().await.is_some() {}
    /// # });
    /// ```
    pub fn retry(mut self, policy: impl RetryPolicy) -> Self {
        self.defaults.policy = Arc::new(policy);
        self
    }

    /// Limits the polls in flight, including those held back. Default:
    /// [`CONCURRENCY`](Self::CONCURRENCY); 0 counts as 1. HTTP/1.1 uses as many connections, or a few more
    /// while one is not yet reusable; HTTP/2 uses one for all.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut updates = client.watch_all([uuid]).concurrency(2).stream();
    /// # while updates.next().await.is_some() {}
    /// # });
    /// ```
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests.max(1);
        self
    }

    /// Sets whether one request may answer for [many clips](Self#batching). Default: `true`.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut updates = client.watch_all([uuid]).batching(false).stream();
    /// # while updates.next().await.is_some() {}
    /// # });
    /// ```
    pub fn batching(mut self, is_on: bool) -> Self {
        self.batching = is_on;
        self
    }

    /// Returns a stream of every change and every result. The watches start now; a clip given twice is
    /// watched once.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut updates = client.watch_all([uuid]).stream();
    /// # while updates.next().await.is_some() {}
    /// # });
    /// ```
    pub fn stream(self) -> WatchAllStream {
        let Self {
            transport,
            clips,
            defaults,
            concurrency,
            batching,
        } = self;
        WatchAllStream::new(transport, clips, defaults, concurrency, batching)
    }
}

impl fmt::Debug for WatchAll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchAll")
            .field("clips", &self.clips.len())
            .field("defaults", &self.defaults)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}
