//! Stream of the updates of many watches.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::super::checkpoint::Checkpoint;
use super::super::update::ClipUpdate;
use super::handle::WatchHandle;
use super::scheduler::Scheduler;
use super::watch_set::{WatchDefaults, WatchSet, WatchSource};
use crate::ClipUuid;
use crate::transport::Transport;

/// Stream of the changes and results of many clips, from [`WatchAll::stream`](crate::WatchAll::stream).
///
/// For each clip it yields the same changes as [`WatchStream`](crate::WatchStream), as
/// [`ClipUpdate::Changed`], and one result, as [`ClipUpdate::Ended`]. It ends when all clips have their
/// result and no [handle](Self::handle) is left.
///
/// Clips can be added and removed meanwhile:
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
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
/// // Resume the removed watch, in this process or another.
/// let mut updates = client.resume_all(checkpoint).stream();
/// # while let Some(update) = updates.next().await {
/// #     assert_eq!(update.uuid(), second);
/// # }
/// # });
/// ```
///
/// # Cancellation
///
/// [`next`](Self::next) is cancel safe: after its future is dropped, the next call continues the
/// same requests and delays. Dropping the stream ends all watches and cancels the requests in flight.
///
/// While the stream is not polled, polls in flight continue in the `tokio` runtime that it was polled in,
/// and no new poll starts.
///
/// # Panics
///
/// Polling panics outside of a `tokio` runtime. A [poll policy](crate::polling::PollPolicy) or
/// [retry policy](crate::retry::RetryPolicy) of the caller that panics ends its own watch with an error
/// of kind [`ErrorKind::Policy`](crate::ErrorKind::Policy), and no other.
#[must_use = "a stream does nothing until it is polled"]
pub struct WatchAllStream {
    scheduler: Pin<Box<dyn Stream<Item = ClipUpdate> + Send>>,
    watches: Arc<WatchSet>,
}

impl WatchAllStream {
    pub(super) fn new(
        transport: Arc<Transport>,
        clips: Vec<WatchSource>,
        mut defaults: WatchDefaults,
        concurrency: usize,
        batching: bool,
    ) -> Self {
        defaults.freeze();
        let watches = Arc::new(WatchSet::new(defaults));
        watches.lock().reserve(clips.len());
        for clip in clips {
            match clip {
                WatchSource::New(uuid) => watches.add(uuid),
                WatchSource::Resumed(checkpoint) => watches.resume(&checkpoint),
            };
        }
        Self {
            scheduler: Box::pin(Scheduler::new(
                transport,
                watches.clone(),
                concurrency,
                batching,
            )),
            watches,
        }
    }

    /// Returns the next update; `None` when all clips have their result and no handle is left.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut updates = client.watch_all([uuid]).stream();
    /// while let Some(update) = updates.next().await {
    ///     println!("{}: {update:?}", update.uuid());
    /// }
    /// assert!(updates.is_empty());
    /// # });
    /// ```
    pub async fn next(&mut self) -> Option<ClipUpdate> {
        poll_fn(|context| self.scheduler.as_mut().poll_next(context)).await
    }

    /// Returns a handle that adds and removes clips from other tasks or threads. The stream does not end
    /// while a handle exists.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut updates = client.watch_all([]).stream();
    /// let handle = updates.handle();
    /// std::thread::spawn(move || handle.add(uuid)).join().expect("no panic");
    /// assert!(updates.next().await.is_some());
    /// # });
    /// ```
    pub fn handle(&self) -> WatchHandle {
        WatchHandle::new(&self.watches)
    }

    /// Adds a clip, whose watch starts now; `false` when it is watched already. A clip that has its result
    /// can be added again.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut updates = client.watch_all([]).stream();
    /// assert!(updates.add(uuid));
    /// assert!(!updates.add(uuid));
    /// assert_eq!(updates.len(), 1);
    /// # });
    /// ```
    pub fn add(&mut self, uuid: ClipUuid) -> bool {
        self.watches.add(uuid)
    }

    /// Resumes a watch from its checkpoint, as [`Client::resume`](crate::Client::resume) does; `false`
    /// when the clip is watched already.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut updates = client.watch_all([uuid]).stream();
    /// let checkpoint = updates.remove(uuid).expect("it is watched");
    /// assert!(updates.is_empty());
    /// assert!(updates.resume(&checkpoint));
    /// # });
    /// ```
    pub fn resume(&mut self, checkpoint: &Checkpoint) -> bool {
        self.watches.resume(checkpoint)
    }

    /// Ends the watch of a clip without a result and returns its checkpoint; `None` when the clip is not
    /// watched, or no longer.
    ///
    /// Its poll in flight is aborted.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut updates = client.watch_all([uuid]).stream();
    /// assert!(updates.remove(uuid).is_some());
    /// assert!(updates.remove(uuid).is_none());
    /// # });
    /// ```
    pub fn remove(&mut self, uuid: ClipUuid) -> Option<Checkpoint> {
        self.watches.remove(uuid)
    }

    /// Takes the checkpoints of all watches without a result, in no particular order, to resume from with
    /// [`Client::resume_all`](crate::Client::resume_all).
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut updates = client.watch_all([uuid]).stream();
    /// while let Some(_update) = updates.next().await {
    ///     let saved: Vec<String> = updates.checkpoints().iter().map(ToString::to_string).collect();
    ///     println!("{saved:?}"); // Into a database, say.
    /// }
    /// # });
    /// ```
    pub fn checkpoints(&self) -> Vec<Checkpoint> {
        self.watches.checkpoints()
    }

    /// Ends all watches, cancels the requests in flight, and returns the checkpoints, in no particular
    /// order.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut updates = client.watch_all([uuid]).stream();
    /// updates.next().await;
    /// let checkpoints = updates.stop();
    /// assert_eq!(checkpoints[0].clip_uuid(), uuid);
    /// # });
    /// ```
    pub fn stop(self) -> Vec<Checkpoint> {
        let Self { scheduler, watches } = self;
        drop(scheduler);
        watches.checkpoints()
    }

    /// Number of requests that were sent so far: polls of single clips and lists that answer for many. A page
    /// counts once here, and in the [polls](crate::Update::polls) of each clip that it shows.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut updates = client.watch_all([uuid]).stream();
    /// while updates.next().await.is_some() {}
    /// println!("{} requests", updates.requests());
    /// # assert_eq!(updates.requests(), service.request_count());
    /// # });
    /// ```
    pub fn requests(&self) -> u64 {
        self.watches.requests()
    }

    /// Number of watched clips.
    pub fn len(&self) -> usize {
        self.watches.lock().len()
    }

    /// Returns whether no clip is watched.
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
