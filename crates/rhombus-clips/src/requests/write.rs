//! The outcome of a write: its result, and the record of the clip after it.

use crate::error::{Error, Result};
use crate::requests::Call;
use crate::requests::operations::DatedResponse;
use crate::transport::Request;
use crate::transport::fetch_clip::FetchClip;
use crate::{Clip, ClipUuid};

/// Result of a write.
#[derive(Debug)]
pub(super) enum Written {
    /// The service reported success.
    Accepted,
    /// The service reported a failure.
    Refused(Error),
    /// The request may have taken effect.
    Unknown(Error),
}

/// Sends a write. Fails if it was certainly not processed, or the credentials were rejected.
pub(super) async fn write<R, T>(call: &Call, request: &R) -> Result<Written>
where
    R: Request<Output = DatedResponse<T>>,
{
    match call.send(request).await {
        Ok(_) => Ok(Written::Accepted),
        Err(error) if error.is_service() => Ok(Written::Refused(error)),
        Err(error) if error.may_have_taken_effect() => Ok(Written::Unknown(error)),
        Err(error) => Err(error),
    }
}

/// Reads the record of a clip after a write that failed. Returns the error of the write if that fails.
pub(super) async fn read_after(
    call: &Call,
    uuid: ClipUuid,
    error: Error,
) -> Result<(Option<Clip>, Error)> {
    match call.send(&FetchClip { uuid }).await {
        Ok(clip) => Ok((clip.clone(), error.with_clip(clip))),
        Err(_) => Err(error),
    }
}
