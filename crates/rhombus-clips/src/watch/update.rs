//! Updates: the items of the streams of one watch and of many.

use std::time::Duration;

use crate::polling::Estimate;
use crate::{Clip, ClipUuid, Error, Result};

/// A change of a watched clip, or a transient failure of a poll.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// # let service = service.with_fault(fault(Response::status(503)).on_request(2));
/// let mut updates = client.watch(uuid).stream();
/// while let Some(update) = updates.next().await {
///     let update = update?;
///     println!("after {:?} and {} polls:", update.elapsed(), update.polls());
///     match (update.clip(), update.error()) {
///         // Transient: the watch continues.
///         (_, Some(error)) => println!("{error}, {} in a row", update.consecutive_failures()),
///         (Some(clip), None) => println!("{} {:?}", clip.status(), clip.percent()),
///         (None, None) => println!("no record yet"),
///     }
///     if let Some(estimate) = update.estimate() {
///         println!("{:?} to {:?} left", estimate.lower, estimate.upper);
///     }
///     assert_eq!(update.next_poll_in().is_none(), update.is_complete());
/// }
/// # });
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Update {
    pub(super) clip: Option<Clip>,
    pub(super) error: Option<Error>,
    pub(super) consecutive_failures: u32,
    pub(super) polls: u64,
    pub(super) elapsed: Duration,
    pub(super) next_poll_in: Option<Duration>,
    pub(super) estimate: Option<Estimate>,
}

impl Update {
    /// Last known state of the clip; `None` while there has been no record of it.
    pub fn clip(&self) -> Option<&Clip> {
        self.clip.as_ref()
    }

    /// Error of the latest poll, if it failed. The watch continues.
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// Number of consecutive failed polls, the latest included; 0 if it succeeded.
    pub fn consecutive_failures(&self) -> u32 {
        self.consecutive_failures
    }

    /// Number of polls that the watch has made since its first start.
    pub fn polls(&self) -> u64 {
        self.polls
    }

    /// Duration of the watch at this poll, since its first start.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Delay until the next poll, from [`elapsed`](Self::elapsed) on; `None` in the last update. A
    /// cooldown after a 429 or the client's rate limit can make it longer. For a clip that is
    /// [batched](crate::WatchAll#batching) it is the delay of the poll policy, and a list may come earlier
    /// or later.
    pub fn next_poll_in(&self) -> Option<Duration> {
        self.next_poll_in
    }

    /// Estimate of the time left, if the [poll policy](crate::polling) makes one.
    pub fn estimate(&self) -> Option<Estimate> {
        self.estimate
    }

    /// Returns whether the clip is complete, which makes this the last update.
    pub fn is_complete(&self) -> bool {
        self.error.is_none() && self.clip.as_ref().is_some_and(Clip::is_complete)
    }
}

/// Update of one clip of a [`WatchAllStream`](crate::WatchAllStream).
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
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
/// # });
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum ClipUpdate {
    /// The clip changed, or a poll of it failed transiently. Its watch continues.
    ///
    /// The update is that of a single watch with one exception: a waiting watch retains a hash of the clip,
    /// and not the clip, so [`Update::clip`] is `None` after a poll that failed or found no record.
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
