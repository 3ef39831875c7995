//! What many watches tell, as a stream.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::super::checkpoint::Checkpoint;
use super::WatchSource;
use super::defaults::WatchDefaults;
use super::handle::{WatchHandle, remove};
use super::scheduler::Scheduler;
use super::update::ClipUpdate;
use super::watch_set::WatchSet;
use crate::ClipUuid;
use crate::transport::Transport;

/// Every change of many watches clips and the result of each, as a stream.
///
/// Of each clip it yields what [`WatchStream`](crate::WatchStream) yields, as
/// [`ClipUpdate::Changed`], and once its result, as [`ClipUpdate::Ended`]. It ends when all have
/// their result and no [handle](Self::handle) is left.
///
/// Clips can be added and removed on the way:
///
/// ```
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
/// # let [first, second, third] = [1, 2, 3].map(|n| rhombus_clips::ClipUuid::from_bytes([n; 16]));
/// # let service = service.with_clip(second, clip().renders_in(60.s())).with_clip(third, clip().renders_in(90.s()));
/// use rhombus_clips::ClipUpdate;
///
/// let mut updates = client.watch_all([first, second]).stream();
/// updates.add(third);
/// let checkpoint = updates.remove(second);
/// assert_eq!(updates.len(), 2);
///
/// while let Some(update) = updates.next().await {
///     if let ClipUpdate::Ended { uuid, result, .. } = update {
///         println!("{uuid}: {:?}", result?.byte_count());
///     }
/// }
/// // On with what was removed, here or in another process.
/// let mut updates = client.resume_all(checkpoint).stream();
/// # while let Some(update) = updates.next().await {
/// #     assert_eq!(update.uuid(), second);
/// # }
/// # Ok(())
/// # }
/// ```
///
/// # Cancellation
///
/// Dropping the future of [`next`](Self::next) loses nothing: the next call goes on with the same
/// requests and waits. Dropping the stream ends all watches and the requests under way.
///
/// While the stream is not polled, requests whose turn it was go on, as long as the `tokio` runtime
/// does that it was polled in, and no other clip has its turn.
///
/// # Panics
///
/// Polling panics outside of a `tokio` runtime, and where a [poll policy](crate::polling::PollPolicy) or a
/// [policy](crate::retry::RetryPolicy) of the caller's does.
#[must_use = "a stream does nothing until it is polled"]
pub struct WatchAllStream {
    scheduler: Pin<Box<dyn Stream<Item = ClipUpdate> + Send>>,
    watches: Arc<WatchSet>,
}

impl WatchAllStream {
    pub(super) fn new<L: Transport>(
        transport: L,
        clips: Vec<WatchSource>,
        mut defaults: WatchDefaults,
        concurrency: usize,
    ) -> Self {
        defaults.freeze();
        let watches = Arc::new(WatchSet::new(defaults));
        {
            let mut watches = watches.lock();
            watches.reserve(clips.len());
            for clip in clips {
                match clip {
                    WatchSource::New(uuid) => watches.add(uuid),
                    WatchSource::Resumed(checkpoint) => watches.resume(&checkpoint),
                };
            }
        }
        Self {
            scheduler: Box::pin(Scheduler::new(transport, watches.clone(), concurrency)),
            watches,
        }
    }

    /// The next update; `None` when all clips have their result and no handle is left.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let mut updates = client.watch_all([uuid]).stream();
    /// while let Some(update) = updates.next().await {
    ///     println!("{}: {update:?}", update.uuid());
    /// }
    /// assert!(updates.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn next(&mut self) -> Option<ClipUpdate> {
        poll_fn(|context| self.scheduler.as_mut().poll_next(context)).await
    }

    /// Adds and removes clips from elsewhere. As long as there is a handle, the stream does not
    /// end.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let mut updates = client.watch_all([]).stream();
    /// let handle = updates.handle();
    /// std::thread::spawn(move || handle.add(uuid)).join().expect("no panic");
    /// assert!(updates.next().await.is_some());
    /// # Ok(())
    /// # }
    /// ```
    pub fn handle(&self) -> WatchHandle {
        WatchHandle::new(&self.watches)
    }

    /// Watches this clip too, from now on; `false` when it is watches already, which changes
    /// nothing. A clip that has its result may be watches anew.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let mut updates = client.watch_all([]).stream();
    /// assert!(updates.add(uuid));
    /// assert!(!updates.add(uuid));
    /// assert_eq!(updates.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn add(&mut self, uuid: ClipUuid) -> bool {
        self.watches.lock().add(uuid)
    }

    /// Goes on with a watch from its checkpoint, as [`Client::resume`](crate::Client::resume)
    /// does; `false` when the clip is watches already, which changes nothing.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let mut updates = client.watch_all([uuid]).stream();
    /// let checkpoint = updates.remove(uuid).expect("it is watches");
    /// assert!(updates.is_empty());
    /// assert!(updates.resume(&checkpoint));
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume(&mut self, checkpoint: &Checkpoint) -> bool {
        self.watches.lock().resume(checkpoint)
    }

    /// Ends the watch of this clip without a result, and says where it stood; `None` when it is
    /// not watches, or not any more.
    ///
    /// A request for it that is under way is aborted.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let mut updates = client.watch_all([uuid]).stream();
    /// assert!(updates.remove(uuid).is_some());
    /// assert!(updates.remove(uuid).is_none());
    /// # Ok(())
    /// # }
    /// ```
    pub fn remove(&mut self, uuid: ClipUuid) -> Option<Checkpoint> {
        remove(&self.watches, uuid)
    }

    /// Where all watches stand that have no result yet, to go on from with
    /// [`Client::resume_all`](crate::Client::resume_all), in no order.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let mut updates = client.watch_all([uuid]).stream();
    /// while let Some(_update) = updates.next().await {
    ///     let kept: Vec<String> = updates.checkpoints().iter().map(ToString::to_string).collect();
    ///     println!("{kept:?}"); // Into a database, say.
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn checkpoints(&self) -> Vec<Checkpoint> {
        self.watches.checkpoints()
    }

    /// Ends all watches and the requests under way, and says where they stood, in no order.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let mut updates = client.watch_all([uuid]).stream();
    /// updates.next().await;
    /// let checkpoints = updates.stop();
    /// assert_eq!(checkpoints[0].clip_uuid(), uuid);
    /// # Ok(())
    /// # }
    /// ```
    pub fn stop(self) -> Vec<Checkpoint> {
        let Self { scheduler, watches } = self;
        drop(scheduler);
        watches.checkpoints()
    }

    /// How many clips are watches.
    pub fn len(&self) -> usize {
        self.watches.lock().len()
    }

    /// Whether no clip is watches.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Stream for WatchAllStream {
    type Item = ClipUpdate;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<ClipUpdate>> {
        self.scheduler.as_mut().poll_next(context)
    }
}

impl fmt::Debug for WatchAllStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchAllStream")
            .field("clips", &self.len())
            .finish_non_exhaustive()
    }
}
