//! What many watches tell on their way.

use std::time::Duration;

use super::super::update::Update;
use crate::{Clip, ClipUuid, Result};

/// What one of [many watches](super::AllUpdates) has to tell.
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
