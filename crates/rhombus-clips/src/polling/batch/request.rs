//! The requests that a batch chooses from.

use crate::ClipUuid;

/// A request of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchRequest {
    /// The first page of the list of saved clips.
    FirstPage,
    /// The page after the one that was received last.
    NextPage,
    /// The list of all clips in progress.
    InProgress,
    /// One clip.
    Clip(ClipUuid),
}
