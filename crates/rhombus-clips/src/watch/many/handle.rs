//! Adding and removing clips while they are watches.

use std::fmt;
use std::sync::Arc;

use super::super::checkpoint::Checkpoint;
use super::watch_set::WatchSet;
use crate::ClipUuid;

/// Adds clips to an [`WatchAllStream`](super::WatchAllStream) and removes them, from any task or thread.
///
/// As long as there is a handle, clips may come, and the stream does not end. Cloning is cheap.
///
/// ```
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
/// use rhombus_clips::ClipUpdate;
///
/// let mut updates = client.watch_all([]).stream();
/// let handle = updates.handle();
/// tokio::spawn(async move {
///     handle.add(uuid);
///     // The handle is dropped here: nothing more will come.
/// });
/// let mut ended = 0;
/// while let Some(update) = updates.next().await {
///     ended += usize::from(matches!(update, ClipUpdate::Ended { .. }));
/// }
/// assert_eq!(ended, 1);
/// # Ok(())
/// # }
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

    /// Watches this clip too, from now on.
    ///
    /// `false` when it is watches already, which changes nothing, or when the stream was dropped.
    /// A clip that has its result may be watches anew.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let updates = client.watch_all([]).stream();
    /// let handle = updates.handle();
    /// assert!(handle.add(uuid));
    /// drop(updates);
    /// assert!(!handle.add(uuid));
    /// # Ok(())
    /// # }
    /// ```
    pub fn add(&self, uuid: ClipUuid) -> bool {
        self.watches.lock().add(uuid)
    }

    /// Goes on with a watch from its checkpoint, as [`Client::resume`](crate::Client::resume)
    /// does.
    ///
    /// `false` when the clip is watches already, which changes nothing, or when the stream was
    /// dropped.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let updates = client.watch_all([]).stream();
    /// let handle = updates.handle();
    /// let kept = client.watch(uuid).checkpoint();
    /// assert!(handle.resume(&kept));
    /// assert!(!handle.resume(&kept));
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume(&self, checkpoint: &Checkpoint) -> bool {
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
    /// let updates = client.watch_all([uuid]).stream();
    /// let handle = updates.handle();
    /// let checkpoint = handle.remove(uuid).expect("it is watches");
    /// assert_eq!(checkpoint.clip_uuid(), uuid);
    /// # Ok(())
    /// # }
    /// ```
    pub fn remove(&self, uuid: ClipUuid) -> Option<Checkpoint> {
        remove(&self.watches, uuid)
    }

    /// Where all watches stand that have no result yet, to go on from with
    /// [`Client::resume_all`](crate::Client::resume_all), in no order. After the stream was
    /// dropped, where they stood then.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let updates = client.watch_all([uuid]).stream();
    /// let handle = updates.handle();
    /// drop(updates);
    /// assert_eq!(handle.checkpoints().len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn checkpoints(&self) -> Vec<Checkpoint> {
        self.watches.checkpoints()
    }

    /// How many clips are watches.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let updates = client.watch_all([uuid, uuid]).stream();
    /// let handle = updates.handle();
    /// assert_eq!(handle.len(), 1);
    /// assert!(!handle.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn len(&self) -> usize {
        self.watches.lock().len()
    }

    /// Whether no clip is watches.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

pub(super) fn remove(watches: &WatchSet, uuid: ClipUuid) -> Option<Checkpoint> {
    let watch = watches.lock().remove(uuid)?;
    let checkpoint = watch.lock().checkpoint();
    Some(checkpoint)
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
