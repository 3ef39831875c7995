//! The request builder of [`Client::cameras`](crate::Client::cameras), and what a client knows of its cameras.

use std::collections::HashMap;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rhombus_clips_api::types::GetMinimalCameraStateListRequest;
use tokio::time::Instant;

use super::{Call, call::call_settings};
use crate::error::Result;
use crate::{CameraUuid, Cameras};

/// Age up to which a client takes a camera for online, or not, without asking again. Chosen, not tuned: many
/// clips that are requested at once share one request.
const MAX_AGE: Duration = Duration::from_secs(60);

/// The cameras that were online when the client asked last. Clones of a client share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownCameras(Arc<Mutex<Option<Known>>>);

#[derive(Debug)]
struct Known {
    asked: Instant,
    online: HashMap<CameraUuid, Option<bool>>,
}

impl KnownCameras {
    /// Returns whether each of these cameras is online, and asks for it if that is not known.
    pub(super) async fn are_online(
        &self,
        call: &Call,
        cameras: &[CameraUuid],
    ) -> Result<Vec<Option<bool>>> {
        let is_recent = |known: &Known| known.asked.elapsed() < MAX_AGE;
        if !self.lock().as_ref().is_some_and(is_recent) {
            list(call, &GetMinimalCameraStateListRequest::new(), self).await?;
        }
        let known = self.lock();
        let online = |camera| *known.as_ref()?.online.get(camera)?;
        Ok(cameras.iter().map(online).collect())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lists the cameras, and remembers which of them are online.
async fn list(
    call: &Call,
    request: &GetMinimalCameraStateListRequest,
    known: &KnownCameras,
) -> Result<Cameras> {
    let asked = Instant::now();
    let received = call.send(request).await?;
    let records = received.response.camera_states.into_iter().flatten();
    let cameras = Cameras::of_records(records.flatten());
    let online = cameras
        .iter()
        .map(|camera| (camera.uuid(), camera.is_online()));
    *known.lock() = Some(Known {
        asked,
        online: online.collect(),
    });
    Ok(cameras)
}

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
    known: KnownCameras,
}

impl ListCameras {
    pub(crate) fn new(call: Call, known: KnownCameras) -> Self {
        Self {
            call,
            known,
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
        Box::pin(async move { list(&self.call, &self.request, &self.known).await })
    }
}
