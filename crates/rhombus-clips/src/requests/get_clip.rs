//! The request builder of [`Client::get_clip`](crate::Client::get_clip).

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use super::Call;
use super::call::call_settings;
use crate::error::{Error, ErrorKind, Hint, Result};
use crate::transport::fetch_clip::FetchClip;
use crate::{Clip, ClipUuid};

/// Request for the current state of a clip, from [`Client::get_clip`](crate::Client::get_clip). Awaiting it sends it.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// use std::time::Duration;
/// use rhombus_clips::retry::NoRetry;
///
/// let clip = client
///     .get_clip(uuid)
///     .timeout(Duration::from_secs(5))
///     .retry(NoRetry)
///     .await?;
/// println!("{} {:?} percent", clip.status(), clip.percent());
/// # });
/// ```
///
/// # Errors
///
/// [`ErrorKind::NotFound`] when there is no record: the clip is unknown, or was requested so recently
/// that its record does not exist yet. [`ErrorKind::RateLimited`] when the cooldown after a 429 to
/// another call of the client outlasts the timeout. Otherwise the error of the last attempt. Each has
/// the number of [attempts](Error::attempts) and the [duration](Error::elapsed).
///
/// # Cancellation
///
/// Nothing is sent before the first await. Dropping the future at any point cancels the request in
/// flight. The operation only reads, so cancelling it is safe.
#[must_use = "a request is not sent until it is awaited"]
#[derive(Debug)]
pub struct GetClip {
    call: Call,
    uuid: ClipUuid,
}

impl GetClip {
    pub(crate) fn new(call: Call, uuid: ClipUuid) -> Self {
        Self { call, uuid }
    }

    call_settings!();
}

impl IntoFuture for GetClip {
    type Output = Result<Clip>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { call, uuid } = self;
            let mut completed = call.send_counted(&FetchClip { uuid }).await?;
            let clip = completed.output.take();
            clip.ok_or_else(|| completed.end(not_found_error(uuid)))
        })
    }
}

pub(super) fn not_found_error(uuid: ClipUuid) -> Error {
    Error::new(ErrorKind::NotFound, format!("clip {uuid} not found"))
        .with_hint(Hint::CheckClipUuid)
        .with_hint(Hint::WatchClip)
}
