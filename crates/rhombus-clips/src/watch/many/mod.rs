//! Watching any number of clips at once.
//!
//! [`schedule`] says whose turn it is, without a clock; [`scheduler`] asks for them, and is all there
//! is of futures: a watch that waits is a small value in [`watched`].

mod defaults;
mod handle;
mod scheduler;
mod stream;
mod timer_queue;
mod update;
mod watch_set;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use handle::WatchHandle;
pub use stream::WatchAllStream;
pub use update::ClipUpdate;

use super::checkpoint::Checkpoint;
use crate::polling::{self, Adaptive, Fixed, PollPolicy};
use crate::retry::RetryPolicy;
use crate::{Client, ClipUuid};
use defaults::WatchDefaults;

/// Many clips that are to be watched until each is done, with a bounded number of requests under
/// way.
///
/// [`stream`](Self::stream) gives every change of each and the result of each.
///
/// ```
/// # use rhombus_clips::ClipUuid;
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
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
/// let mut done = 0;
/// while let Some(update) = updates.next().await {
///     match update {
///         ClipUpdate::Ended { result: Ok(clip), .. } => done += usize::from(clip.is_complete()),
///         ClipUpdate::Ended { uuid, result: Err(error), .. } => println!("{uuid}: {error}"),
///         ClipUpdate::Changed { uuid, update, .. } => {
///             println!("{uuid}: {:?} percent", update.clip().and_then(|clip| clip.percent()));
///         }
///         _ => {}
///     }
/// }
/// assert_eq!(done, 10);
/// # Ok(())
/// # }
/// ```
///
/// # Order
///
/// Of the clips whose next request is due, the one that has been due for longest comes first.
/// Requests that the service or a [`RateLimit`](crate::RateLimit) holds back count as under way:
/// while they wait, so do all others. Where more is due than the service lets through, looks come
/// late, and so may the last look of a clip whose deadline passes meanwhile; none is left out.
///
/// # Memory
///
/// A clip that waits is some 600 bytes, with the default poll_policy; there is no task and no future for
/// it.
///
/// # Cancellation
///
/// No clip has its turn unless the stream is polled: whoever reads slowly asks slowly, and nothing
/// piles up. Requests whose turn it was, at most as many as the [concurrency](Self::concurrency), are
/// tasks of the `tokio` runtime that the stream is polled in: they go on meanwhile, also those that
/// wait for a [limit](crate::guide::limits). Dropping the stream ends all watches, and aborts those
/// tasks.
#[must_use = "watches do nothing until they are streamed"]
pub struct WatchAll {
    client: Client,
    clips: Vec<WatchSource>,
    defaults: WatchDefaults,
    concurrency: usize,
}

enum WatchSource {
    New(ClipUuid),
    Resumed(Box<Checkpoint>),
}

impl WatchAll {
    /// How many requests are under way at most, unless set: 8.
    ///
    /// The service's limit is unpublished; an old page said 10 requests in a second, and most
    /// answers take far less than a second.
    ///
    /// ```
    /// use rhombus_clips::WatchAll;
    ///
    /// assert_eq!(WatchAll::CONCURRENCY, 8);
    /// ```
    pub const CONCURRENCY: usize = 8;

    pub(crate) fn new(client: Client, clips: impl IntoIterator<Item = ClipUuid>) -> Self {
        Self::with_sources(client, clips.into_iter().map(WatchSource::New).collect())
    }

    pub(crate) fn resume(
        client: Client,
        checkpoints: impl IntoIterator<Item = Checkpoint>,
    ) -> Self {
        let checkpoints = checkpoints.into_iter().map(Box::new);
        Self::with_sources(client, checkpoints.map(WatchSource::Resumed).collect())
    }

    fn with_sources(client: Client, clips: Vec<WatchSource>) -> Self {
        let history = client.history().clone();
        // Copies share their settings.
        let adaptive = Adaptive::new(&history);
        let defaults = WatchDefaults::new(client.retry(), move |saved_policy| match saved_policy {
            Some(_) => polling::from_saved(saved_policy, &history),
            None => Box::new(adaptive.clone()),
        });
        Self {
            client,
            clips,
            defaults,
            concurrency: Self::CONCURRENCY,
        }
    }

    /// How long to watch each clip at most, as [`Watch::timeout`](crate::Watch::timeout): 30
    /// minutes unless set. It counts from when the stream is made, or from when the clip is added;
    /// a watch that was resumed has what is left of its own deadline unless this is set.
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
    /// let mut updates = client.watch_all([uuid]).timeout(Duration::from_secs(3600)).stream();
    /// # while updates.next().await.is_some() {}
    /// # Ok(())
    /// # }
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.defaults.timeout = Some(timeout);
        self
    }

    /// How long the service may be without a record of a clip before it counts as not found, as
    /// [`Watch::grace`](crate::Watch::grace): 60 seconds unless set; that of its own for a watch
    /// that was resumed.
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
    /// let mut updates = client.watch_all([uuid]).not_found_grace_period(Duration::from_secs(10)).stream();
    /// # while updates.next().await.is_some() {}
    /// # Ok(())
    /// # }
    /// ```
    pub fn not_found_grace_period(mut self, grace_period: Duration) -> Self {
        self.defaults.grace_period = Some(grace_period);
        self
    }

    /// Waits as long as this between two requests for the same clip that succeeded, in place of
    /// the [adaptive poll policy](crate::polling::Adaptive). Less than a millisecond is taken as one.
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
    /// let mut updates = client.watch_all([uuid]).interval(Duration::from_secs(10)).stream();
    /// # while updates.next().await.is_some() {}
    /// # Ok(())
    /// # }
    /// ```
    pub fn interval(self, interval: Duration) -> Self {
        self.polling(Fixed::new(interval))
    }

    /// Decides when to look next: each clip has a copy of this.
    /// [`Adaptive`](crate::polling::Adaptive) with the client's [history](Client::history) unless
    /// set.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// use std::time::Duration;
    /// use rhombus_clips::polling::Adaptive;
    ///
    /// let poll_policy = Adaptive::new(client.history()).min_interval(Duration::from_secs(2));
    /// let mut updates = client.watch_all([uuid]).polling(poll_policy).stream();
    /// # while updates.next().await.is_some() {}
    /// # Ok(())
    /// # }
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

    /// Decides whether a watch goes on after a request that failed, and how soon. The policy of
    /// the client ([`ClientBuilder::retry`](crate::ClientBuilder::retry)) unless set.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// use rhombus_clips::retry::NoRetry;
    ///
    /// let mut updates = client.watch_all([uuid]).retry(NoRetry).stream();
    /// # while updates.next().await.is_some() {}
    /// # Ok(())
    /// # }
    /// ```
    pub fn retry(mut self, policy: impl RetryPolicy) -> Self {
        self.defaults.policy = Arc::new(policy);
        self
    }

    /// How many requests are under way or held back at most: [`CONCURRENCY`](Self::CONCURRENCY)
    /// unless set. 0 counts as 1. Over HTTP/1.1 it takes as many connections, or a few more where
    /// one is free again a moment after its answer; over HTTP/2 one carries all.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let mut updates = client.watch_all([uuid]).concurrency(2).stream();
    /// # while updates.next().await.is_some() {}
    /// # Ok(())
    /// # }
    /// ```
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests.max(1);
        self
    }

    /// Every change of each clip, and the result of each. The clips count as watched from now on;
    /// one that is named twice is watched once.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let mut updates = client.watch_all([uuid]).stream();
    /// # while updates.next().await.is_some() {}
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self) -> WatchAllStream {
        let Self {
            client,
            clips,
            defaults,
            concurrency,
        } = self;
        WatchAllStream::new(client, clips, defaults, concurrency)
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
