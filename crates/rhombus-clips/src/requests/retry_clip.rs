//! The request builder of [`Client::retry_clip`](crate::Client::retry_clip).

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use rhombus_clips_api::types::{ClipStatus, RetrySpliceRequest};

use super::get_clip::not_found_error;
use super::write::{Written, read_after, write};
use super::{Call, call::call_settings};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::fetch_clip::FetchClip;
use crate::{Clip, ClipUuid};

/// Result of [`Client::retry_clip`](crate::Client::retry_clip): the known state of the clip after it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RetryResult {
    /// The clip is rendered again: its record shows it.
    Restarted(Clip),
    /// The service accepted the request, and no record shows it: with the clip as it was read last.
    Accepted(Clip),
    /// The clip was being rendered before. Nothing was sent.
    AlreadyRunning(Clip),
    /// The clip is complete. Nothing was sent.
    AlreadyComplete(Clip),
}

impl RetryResult {
    /// The clip as it was read last.
    pub fn clip(&self) -> &Clip {
        match self {
            Self::Restarted(clip)
            | Self::Accepted(clip)
            | Self::AlreadyRunning(clip)
            | Self::AlreadyComplete(clip) => clip,
        }
    }
}

/// Request to render a failed clip again, from [`Client::retry_clip`](crate::Client::retry_clip). Awaiting it
/// sends it.
///
/// The clip presumably keeps its UUID; the service returns no other. From which statuses a clip can be rendered
/// again is undocumented: the request is sent for `FAILED` and `OFFLINE`. The record is read before and
/// after. The request is sent again only if it was certainly not processed.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()).then_fails("Camera gave no footage"), {
/// use rhombus_clips::RetryResult;
///
/// if client.watch(uuid).await.is_err_and(|error| error.is_clip_failed()) {
///     match client.retry_clip(uuid).await? {
///         RetryResult::Restarted(clip) | RetryResult::Accepted(clip) => println!("{}", clip.status()),
///         RetryResult::AlreadyRunning(_) | RetryResult::AlreadyComplete(_) => println!("nothing to do"),
///         result => println!("{}", result.clip().status()),
///     }
/// }
/// # });
/// ```
///
/// # Errors
///
/// [`ErrorKind::NotFound`] without a record, [`ErrorKind::InvalidRequest`] for a deleted clip, or the error of
/// the request, if the record does not show that the clip is rendered again.
///
/// # Cancellation
///
/// Nothing is sent before the first await. After that, dropping the future leaves it open whether the clip is
/// rendered again; calling again is safe.
#[must_use = "a request is not sent until it is awaited"]
#[derive(Debug)]
pub struct RetryClip {
    call: Call,
    uuid: ClipUuid,
}

impl RetryClip {
    pub(crate) fn new(call: Call, uuid: ClipUuid) -> Self {
        Self { call, uuid }
    }

    call_settings!();

    async fn execute(self) -> Result<RetryResult> {
        let Self { call, uuid } = self;
        let fetch = FetchClip { uuid };
        let before = call.send(&fetch).await?;
        let before = before.ok_or_else(|| not_found_error(uuid))?;
        let was_offline = *before.status() == ClipStatus::Offline;
        if before.is_complete() {
            return Ok(RetryResult::AlreadyComplete(before));
        }
        if *before.status() == ClipStatus::Deleted {
            let message = format!("clip {uuid} is deleted, and cannot be rendered again");
            let error = Error::new(ErrorKind::InvalidRequest, message);
            return Err(error.with_clip(Some(before)));
        }
        if !before.is_failed() && !was_offline {
            return Ok(RetryResult::AlreadyRunning(before));
        }
        let is_running = |clip: &Clip| {
            let is_offline = was_offline && *clip.status() == ClipStatus::Offline;
            !clip.is_failed() && !is_offline
        };
        let request = RetrySpliceRequest::new().with_clip_uuid(uuid.to_string());
        match write(&call, &request).await? {
            Written::Accepted => Ok(match call.send(&fetch).await {
                Ok(Some(clip)) if is_running(&clip) => RetryResult::Restarted(clip),
                Ok(Some(clip)) => RetryResult::Accepted(clip),
                // The error of a read would say that the request failed.
                Ok(None) | Err(_) => RetryResult::Accepted(before),
            }),
            Written::Refused(error) | Written::Unknown(error) => {
                match read_after(&call, uuid, error).await? {
                    (Some(clip), _) if is_running(&clip) => Ok(RetryResult::Restarted(clip)),
                    (_, error) => Err(error),
                }
            }
        }
    }
}

impl IntoFuture for RetryClip {
    type Output = Result<RetryResult>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.execute())
    }
}
