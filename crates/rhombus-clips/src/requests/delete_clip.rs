//! The request builder of [`Client::delete_clip`](crate::Client::delete_clip).

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use rhombus_clips_api::types::{ClipStatus, DeleteSavedClipRequest};

use super::write::{Written, read_after, write};
use super::{Call, call::call_settings};
use crate::error::Result;
use crate::{Clip, ClipUuid};

/// Result of [`Client::delete_clip`](crate::Client::delete_clip).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeleteResult {
    /// The service accepted the deletion, or the record was gone after a lost response.
    Deleted,
    /// The service refused the deletion, and there is no record of the clip: it was deleted before, or is
    /// unknown.
    AlreadyGone,
}

/// Request to delete a clip, from [`Client::delete_clip`](crate::Client::delete_clip). Awaiting it sends it.
///
/// A deleted clip cannot be restored. Its record is then absent, or has the status `DELETED`; which of them is
/// undocumented.
///
/// The request is sent again only if it was certainly not processed. After a lost response, and after a refusal,
/// the record is read.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().stays(ClipStatus::Complete), {
/// use rhombus_clips::DeleteResult;
///
/// let result = client.delete_clip(uuid).await?;
/// assert_eq!(result, DeleteResult::Deleted);
/// // To delete it again is no error.
/// client.delete_clip(uuid).await?;
/// # });
/// ```
///
/// # Errors
///
/// The error of the request, if the clip is still there: its state is in
/// [`Error::clip`](crate::Error::clip).
///
/// # Cancellation
///
/// Nothing is sent before the first await. After that, dropping the future leaves it open whether the clip is
/// deleted; calling again is safe.
#[must_use = "a request is not sent until it is awaited"]
#[derive(Debug)]
pub struct DeleteClip {
    call: Call,
    uuid: ClipUuid,
}

impl DeleteClip {
    pub(crate) fn new(call: Call, uuid: ClipUuid) -> Self {
        Self { call, uuid }
    }

    call_settings!();

    async fn execute(self) -> Result<DeleteResult> {
        let Self { call, uuid } = self;
        let request = DeleteSavedClipRequest::new().with_saved_clip_uuid(uuid.to_string());
        let (error, result) = match write(&call, &request).await? {
            Written::Accepted => return Ok(DeleteResult::Deleted),
            Written::Refused(error) => (error, DeleteResult::AlreadyGone),
            Written::Unknown(error) => (error, DeleteResult::Deleted),
        };
        match read_after(&call, uuid, error).await? {
            (clip, _) if is_gone(clip.as_ref()) => Ok(result),
            (_, error) => Err(error),
        }
    }
}

impl IntoFuture for DeleteClip {
    type Output = Result<DeleteResult>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.execute())
    }
}

/// Returns whether there is no clip any more.
pub(super) fn is_gone(clip: Option<&Clip>) -> bool {
    clip.is_none_or(|clip| *clip.status() == ClipStatus::Deleted)
}
