//! Handle that adds and removes clips while a stream watches them.

use std::fmt;
use std::sync::Arc;

use super::super::checkpoint::Checkpoint;
use super::watch_set::WatchSet;
use crate::ClipUuid;

/// Handle that adds clips to a [`WatchAllStream`](super::WatchAllStream) and removes them, from any task or
/// thread.
///
/// The stream does not end while a handle exists, because clips may still be added. Cloning is cheap.
///
/// A [policy](crate::polling) of the caller's may add clips and count them while it decides. It cannot
/// [remove](Self::remove) clips or take [checkpoints](Self::checkpoints), which would wait for the very
/// decision: such a call does nothing, and the clip that the policy decides for ends with an error of kind
/// [`ErrorKind::Policy`](crate::ErrorKind::Policy).
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// use rhombus_clips::ClipUpdate;
///
/// let mut updates = client.watch_all([]).stream();
/// let handle = updates.handle();
/// tokio::spawn(async move {
///     handle.add(uuid);
///     // The handle is dropped here, so the stream can end.
/// });
/// let mut ended = 0;
/// while let Some(update) = updates.next().await {
///     ended += usize::from(matches!(update, ClipUpdate::Ended { .. }));
/// }
/// assert_eq!(ended, 1);
/// # });
/// ```
pub struct WatchHandle {
    watches: Arc<WatchSet>,
}

impl WatchHandle {
    pub(super) fn new(watches: &Arc<WatchSet>) -> Self {
        watches.lock().add_handle();
        Self {
            watches: watches.clone(),
        }
    }

    /// Adds a clip, whose watch starts now.
    ///
    /// Returns `false` when it is watched already, or when the stream was dropped. A clip that has its
    /// result can be added again.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let updates = client.watch_all([]).stream();
    /// let handle = updates.handle();
    /// assert!(handle.add(uuid));
    /// drop(updates);
    /// assert!(!handle.add(uuid));
    /// # });
    /// ```
    pub fn add(&self, uuid: ClipUuid) -> bool {
        self.watches.add(uuid)
    }

    /// Resumes a watch from its checkpoint, as [`Client::resume`](crate::Client::resume) does.
    ///
    /// Returns `false` when the clip is watched already, or when the stream was dropped.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let updates = client.watch_all([]).stream();
    /// let handle = updates.handle();
    /// let saved = client.watch(uuid).checkpoint();
    /// assert!(handle.resume(&saved));
    /// assert!(!handle.resume(&saved));
    /// # });
    /// ```
    pub fn resume(&self, checkpoint: &Checkpoint) -> bool {
        self.watches.resume(checkpoint)
    }

    /// Ends the watch of a clip without a result and returns its checkpoint; `None` when the clip is not
    /// watched, or no longer.
    ///
    /// Its poll in flight is aborted.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let updates = client.watch_all([uuid]).stream();
    /// let handle = updates.handle();
    /// let checkpoint = handle.remove(uuid).expect("it is watched");
    /// assert_eq!(checkpoint.clip_uuid(), uuid);
    /// # });
    /// ```
    pub fn remove(&self, uuid: ClipUuid) -> Option<Checkpoint> {
        self.watches.remove(uuid)
    }

    /// Takes the checkpoints of all watches without a result, in no particular order, to resume from with
    /// [`Client::resume_all`](crate::Client::resume_all). After the stream was dropped, they have the state
    /// of that time.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let updates = client.watch_all([uuid]).stream();
    /// let handle = updates.handle();
    /// drop(updates);
    /// assert_eq!(handle.checkpoints().len(), 1);
    /// # });
    /// ```
    pub fn checkpoints(&self) -> Vec<Checkpoint> {
        self.watches.checkpoints()
    }

    /// Number of watched clips.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let updates = client.watch_all([uuid, uuid]).stream();
    /// let handle = updates.handle();
    /// assert_eq!(handle.len(), 1);
    /// assert!(!handle.is_empty());
    /// # });
    /// ```
    pub fn len(&self) -> usize {
        self.watches.lock().len()
    }

    /// Returns whether no clip is watched.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Clone for WatchHandle {
    fn clone(&self) -> Self {
        Self::new(&self.watches)
    }
}

impl Drop for WatchHandle {
    fn drop(&mut self) {
        self.watches.lock().remove_handle();
    }
}

impl fmt::Debug for WatchHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchHandle")
            .field("clips", &self.len())
            .finish_non_exhaustive()
    }
}
