//! Requests: a builder per call of the [`Client`](crate::Client).
//!
//! A builder holds its settings and a [`Call`], which sends its requests with the retries of
//! [`call_state`].

mod api_call;
mod call;
mod call_state;
mod cameras;
mod cancel_clip;
mod clips_in_progress;
mod create_clip;
mod delete_clip;
mod get_clip;
mod list_clips;
mod max_clip_duration;
mod operations;
mod retry_clip;
mod update_clip;
mod write;

pub use api_call::ApiCall;
pub(crate) use call::Call;
pub(crate) use cameras::KnownCameras;
pub use cameras::ListCameras;
pub use cancel_clip::{CancelClip, CancelResult};
pub use clips_in_progress::ListClipsInProgress;
pub use create_clip::CreateClip;
pub use delete_clip::{DeleteClip, DeleteResult};
pub use get_clip::GetClip;
pub use list_clips::{ListClips, ListClipsStream};
pub(crate) use list_clips::{PAGE_SIZE, clips_of_page};
pub use max_clip_duration::GetMaxClipDuration;
pub(crate) use max_clip_duration::MaxClipDuration;
pub use retry_clip::{RetryClip, RetryResult};
pub use update_clip::{UpdateClip, UpdateResult};

/// Facts that a client learned of its organization. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) max_duration: MaxClipDuration,
    pub(crate) cameras: KnownCameras,
}
