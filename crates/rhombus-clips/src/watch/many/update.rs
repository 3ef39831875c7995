//! Update of one of many watches.

use std::time::Duration;

use super::super::update::Update;
use crate::{Clip, ClipUuid, Result};

/// Update of one clip of a [`WatchAllStream`](super::WatchAllStream).
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
/// let mut updates = client.watch_all([uuid]).stream();
/// while let Some(update) = updates.next().await {
///     assert_eq!(update.uuid(), uuid);
///     match update {
///         ClipUpdate::Changed { update, .. } => println!("{:?}", update.clip()),
///         ClipUpdate::Ended { result, .. } => assert!(result?.is_complete()),
///         _ => {} // Variants may be added.
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum ClipUpdate {
    /// The clip changed, or a poll of it failed transiently. Its watch continues.
    ///
    /// The update is that of a single watch with one exception: a waiting watch retains a hash of the clip
    /// in place of the clip, so [`Update::clip`] is `None` after a poll that failed or found no record.
    #[non_exhaustive]
    Changed {
        /// The clip.
        uuid: ClipUuid,
        /// The change.
        update: Update,
    },
    /// The clip is complete, or its watch ended with an error. It is the last update of the clip.
    ///
    /// The error is that of a single watch, with the checkpoint to resume from.
    /// [`Error::clip`](crate::Error::clip) is `Some` when the last poll found the clip.
    #[non_exhaustive]
    Ended {
        /// The clip.
        uuid: ClipUuid,
        /// The complete clip, or the error that ended the watch.
        result: Result<Clip>,
        /// Number of polls that the watch made since its first start.
        polls: u64,
        /// Duration of the watch since its first start.
        elapsed: Duration,
    },
}

impl ClipUpdate {
    /// The clip.
    pub fn uuid(&self) -> ClipUuid {
        match self {
            Self::Changed { uuid, .. } | Self::Ended { uuid, .. } => *uuid,
        }
    }
}
