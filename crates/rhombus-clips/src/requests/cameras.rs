//! The request builder of [`Client::cameras`](crate::Client::cameras).

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use rhombus_clips_api::types::GetMinimalCameraStateListRequest;

use super::{Call, call::call_settings};
use crate::Cameras;
use crate::error::Result;

/// Request for the cameras of the organization, from [`Client::cameras`](crate::Client::cameras). Awaiting it
/// sends it.
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
pub struct ListCameras {
    call: Call,
    request: GetMinimalCameraStateListRequest,
}

impl ListCameras {
    pub(crate) fn new(call: Call) -> Self {
        Self {
            call,
            request: GetMinimalCameraStateListRequest::new(),
        }
    }

    call_settings!();

    /// Includes cameras that are out of service: `includeMummified`, undocumented. By default they are left
    /// to the service.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let cameras = client.cameras().include_retired(true).await?;
    /// # assert!(cameras.is_empty());
    /// # });
    /// ```
    #[doc(alias = "includeMummified")]
    pub fn include_retired(mut self, include: bool) -> Self {
        self.request.include_mummified = Some(include);
        self
    }
}

impl IntoFuture for ListCameras {
    type Output = Result<Cameras>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let received = self.call.send(&self.request).await?;
            let records = received.response.camera_states.into_iter().flatten();
            Ok(Cameras::of_records(records.flatten()))
        })
    }
}
