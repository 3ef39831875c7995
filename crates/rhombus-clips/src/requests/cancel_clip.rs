//! The request builder of [`Client::cancel_clip`](crate::Client::cancel_clip).

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use rhombus_clips_api::types::CancelSpliceV2Request;

use super::write::{Written, read_after, write};
use super::{Call, call::call_settings};
use crate::error::Result;
use crate::transport::fetch_clip::FetchClip;
use crate::{Clip, ClipUuid};

/// Result of [`Client::cancel_clip`](crate::Client::cancel_clip): the known state of the clip after it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CancelResult {
    /// The clip is canceled: it failed, was deleted, or has no record any more. Which of them a canceled clip
    /// does is undocumented.
    Canceled(Option<Clip>),
    /// The service accepted the request, and no record shows it: with the clip as it was read last, if it had a
    /// record. Watch the clip to see its end.
    Accepted(Option<Clip>),
    /// The clip had failed or was deleted before. Nothing was sent.
    AlreadyEnded(Clip),
    /// The clip is complete, before or in spite of the request. A complete clip is not canceled, because what
    /// that does is undocumented; [`delete_clip`](crate::Client::delete_clip) ends it.
    AlreadyComplete(Clip),
}

impl CancelResult {
    /// The clip as it was read last, if it had a record.
    pub fn clip(&self) -> Option<&Clip> {
        match self {
            Self::Canceled(clip) | Self::Accepted(clip) => clip.as_ref(),
            Self::AlreadyEnded(clip) | Self::AlreadyComplete(clip) => Some(clip),
        }
    }
}

/// Request to cancel the rendering of a clip, from [`Client::cancel_clip`](crate::Client::cancel_clip).
/// Awaiting it sends it.
///
/// The record is read before, for the devices of the clip, which the service may require, and after. The
/// request is sent again only if it was certainly not processed.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(600.s()), {
/// use rhombus_clips::CancelResult;
///
/// match client.cancel_clip(uuid).await? {
///     CancelResult::Canceled(_) | CancelResult::AlreadyEnded(_) => println!("ended"),
///     CancelResult::AlreadyComplete(clip) => println!("too late: {:?}", clip.title()),
///     CancelResult::Accepted(_) => println!("watch it to see its end"),
///     result => println!("requested: {:?}", result.clip()),
/// }
/// # });
/// ```
///
/// # Errors
///
/// The error of the request, if the clip goes on: its state is in [`Error::clip`](crate::Error::clip).
///
/// # Cancellation
///
/// Nothing is sent before the first await. After that, dropping the future leaves it open whether the clip is
/// canceled; calling again is safe.
#[must_use = "a request is not sent until it is awaited"]
#[derive(Debug)]
pub struct CancelClip {
    call: Call,
    uuid: ClipUuid,
}

impl CancelClip {
    pub(crate) fn new(call: Call, uuid: ClipUuid) -> Self {
        Self { call, uuid }
    }

    call_settings!();

    async fn execute(self) -> Result<CancelResult> {
        let Self { call, uuid } = self;
        let fetch = FetchClip { uuid };
        let before = call.send(&fetch).await?;
        let had_record = before.is_some();
        let mut request = CancelSpliceV2Request::new().with_clip_uuid(uuid.to_string());
        if let Some(clip) = &before {
            if clip.is_failed() {
                return Ok(CancelResult::AlreadyEnded(clip.clone()));
            }
            if clip.is_complete() {
                return Ok(CancelResult::AlreadyComplete(clip.clone()));
            }
            let record = clip.record();
            let several = record.device_uuids.iter().flatten().flatten();
            let mut devices: Vec<String> = several.cloned().collect();
            if devices.is_empty() {
                devices.extend(record.device_uuid.clone());
            }
            if !devices.is_empty() {
                request = request.with_device_uuids(devices);
            }
        }
        match write(&call, &request).await? {
            Written::Accepted => Ok(match call.send(&fetch).await {
                Ok(Some(clip)) if clip.is_complete() => CancelResult::AlreadyComplete(clip),
                Ok(Some(clip)) if clip.is_failed() => CancelResult::Canceled(Some(clip)),
                Ok(Some(clip)) => CancelResult::Accepted(Some(clip)),
                Ok(None) if had_record => CancelResult::Canceled(None),
                // A new clip may have no record yet.
                Ok(None) => CancelResult::Accepted(None),
                // The error of a read would say that the request failed.
                Err(_) => CancelResult::Accepted(before),
            }),
            Written::Refused(error) | Written::Unknown(error) => {
                match read_after(&call, uuid, error).await? {
                    (Some(clip), _) if clip.is_complete() => {
                        Ok(CancelResult::AlreadyComplete(clip))
                    }
                    (Some(clip), _) if clip.is_failed() => Ok(CancelResult::Canceled(Some(clip))),
                    (None, _) if had_record => Ok(CancelResult::Canceled(None)),
                    (_, error) => Err(error),
                }
            }
        }
    }
}

impl IntoFuture for CancelClip {
    type Output = Result<CancelResult>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.execute())
    }
}
