//! The request builder of [`Client::clips_in_progress`](crate::Client::clips_in_progress).

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use rhombus_clips_api::types::GetSplicedClipsInProgressRequest;

use super::{Call, call::call_settings};
use crate::ClipInProgress;
use crate::error::Result;

/// Request for the clips that are being rendered, from
/// [`Client::clips_in_progress`](crate::Client::clips_in_progress). Awaiting it sends it.
///
/// A record without a valid UUID is left out; [`Client::call`](crate::Client::call) returns all of them.
///
/// # Errors
///
/// The error of the last attempt, with the number of [attempts](crate::Error::attempts) and the
/// [duration](crate::Error::elapsed).
///
/// # Cancellation
///
/// The operation only reads, so dropping the future is safe.
#[must_use = "a request is not sent until it is awaited"]
#[derive(Debug)]
pub struct ListClipsInProgress {
    call: Call,
}

impl ListClipsInProgress {
    pub(crate) fn new(call: Call) -> Self {
        Self { call }
    }

    call_settings!();
}

impl IntoFuture for ListClipsInProgress {
    type Output = Result<Vec<ClipInProgress>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let request = GetSplicedClipsInProgressRequest::new();
            let received = self.call.send(&request).await?;
            let records = received.response.spliced_clips.into_iter().flatten();
            Ok(records
                .flatten()
                .filter_map(ClipInProgress::of_record)
                .collect())
        })
    }
}
