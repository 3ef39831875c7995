//! Requests: a builder per call of the [`Client`](crate::Client).
//!
//! A builder holds its settings and a [`Call`], which sends its requests with the retries of
//! [`call_state`].

mod api_call;
mod call;
mod call_state;
mod get_clip;
mod operations;

pub use api_call::ApiCall;
pub(crate) use call::Call;
pub use get_clip::GetClip;
