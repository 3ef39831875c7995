//! What many watches tell on their way.

use std::time::Duration;

use super::super::update::Update;
use crate::{Clip, ClipUuid, Result};

/// What one of [many watches](super::WatchAllStream) has to tell.
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
///         _ => {} // Later versions may tell more.
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum ClipUpdate {
    /// The clip changed, or a request for it failed in a way that may pass. Its watch goes on.
    ///
    /// It is the update of a single watch, but for one thing: of a clip that waits, only as much
    /// is kept as says whether it changed, so [`Update::clip`] is `None` after a request that
    /// failed or that found no record.
    #[non_exhaustive]
    Changed {
        /// The clip.
        uuid: ClipUuid,
        /// What there is to tell of it.
        update: Update,
    },
    /// The clip is complete, or its watch ended with an error. Nothing more comes of it.
    ///
    /// The error is that of a single watch, with the checkpoint to go on from;
    /// [`Error::clip`](crate::Error::clip) is there when the last request saw the clip.
    #[non_exhaustive]
    Ended {
        /// The clip.
        uuid: ClipUuid,
        /// The finished clip, or why there will be none.
        result: Result<Clip>,
        /// How many requests the watch has sent.
        polls: u64,
        /// How long the watch lasted, since its first start if it was resumed.
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
