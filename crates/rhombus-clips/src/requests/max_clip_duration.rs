//! The longest clip of an organization, which a client asks for once.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rhombus_clips_api::types::GetMaxSpliceDurationRequest;

use super::{Call, call::call_settings};
use crate::error::{Error, ErrorKind, Result};

/// The longest clip, as soon as it is known. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct MaxClipDuration(Arc<OnceLock<Duration>>);

impl MaxClipDuration {
    /// Returns the longest clip, and asks for it if it is not known.
    pub(super) async fn get(&self, call: &Call) -> Result<Duration> {
        if let Some(duration) = self.0.get() {
            return Ok(*duration);
        }
        let received = call.send(&GetMaxSpliceDurationRequest::new()).await?;
        let seconds = received
            .response
            .max_duration
            .filter(|seconds| *seconds > 0);
        let seconds = seconds.and_then(|seconds| u64::try_from(seconds).ok());
        let duration = seconds.map(Duration::from_secs).ok_or_else(|| {
            let message = "the response has no maximum duration above zero";
            Error::new(ErrorKind::Decode, message).with_status(200)
        })?;
        Ok(*self.0.get_or_init(|| duration))
    }
}

/// Request for the longest clip of the organization, from
/// [`Client::max_clip_duration`](crate::Client::max_clip_duration). Awaiting it sends it, unless the client
/// knows the answer.
///
/// # Errors
///
/// The error of the last attempt, or [`ErrorKind::Decode`] if the response has no duration.
///
/// # Cancellation
///
/// The operation only reads, so dropping the future is safe.
#[must_use = "a request is not sent until it is awaited"]
#[derive(Debug)]
pub struct GetMaxClipDuration {
    call: Call,
    known: MaxClipDuration,
}

impl GetMaxClipDuration {
    pub(crate) fn new(call: Call, known: MaxClipDuration) -> Self {
        Self { call, known }
    }

    call_settings!();
}

impl IntoFuture for GetMaxClipDuration {
    type Output = Result<Duration>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.known.get(&self.call).await })
    }
}
