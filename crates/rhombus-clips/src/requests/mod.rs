//! Requests: a builder per call of the [`Client`](crate::Client).
//!
//! A builder holds its settings and a [`Call`], which sends its requests with the retries of
//! [`call_state`].

mod api_call;
mod call;
mod call_state;
mod cameras;
mod create_clip;
mod get_clip;
mod list_clips;
mod max_clip_duration;
mod operations;

pub use api_call::ApiCall;
pub(crate) use call::Call;
pub use cameras::ListCameras;
pub use create_clip::CreateClip;
pub use get_clip::GetClip;
pub use list_clips::{ListClips, ListClipsStream};
pub use max_clip_duration::GetMaxClipDuration;
pub(crate) use max_clip_duration::MaxClipDuration;
