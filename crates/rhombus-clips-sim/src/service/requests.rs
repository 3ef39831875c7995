//! The requests that a service has received.

use std::fmt::Display;

use super::Service;
use crate::assertions::RequestAssertions;
use crate::request_log::Request;

impl Service {
    /// Returns the received requests in the order of their arrival. Only the newest 100,000 are
    /// retained.
    pub fn requests(&self) -> Vec<Request> {
        self.state
            .lock()
            .simulation
            .log()
            .retained()
            .cloned()
            .collect()
    }

    /// Returns the requests for this clip, see [`Service::requests`].
    pub fn requests_for(&self, uuid: impl Display) -> Vec<Request> {
        let uuid = uuid.to_string();
        let state = self.state.lock();
        let requests = state.simulation.log().retained();
        requests
            .filter(|request| request.clip_uuid.as_ref() == Some(&uuid))
            .cloned()
            .collect()
    }

    /// Returns the number of requests since the service started.
    pub fn request_count(&self) -> u64 {
        self.state.lock().simulation.log().total()
    }

    /// Returns the number of connections that carried a request since the service started.
    pub fn connection_count(&self) -> u64 {
        self.state.connection_count()
    }

    /// Returns the number of requests for this clip since the service started.
    pub fn request_count_for(&self, uuid: impl Display) -> u64 {
        let uuid = uuid.to_string();
        self.state.lock().simulation.log().total_for(&uuid)
    }

    /// Returns assertions on the requests for this clip so far.
    #[must_use = "verify() alone asserts nothing"]
    pub fn verify(&self, uuid: impl Display) -> RequestAssertions {
        let uuid = self.api_key.redact(&uuid.to_string());
        let requests = self.requests_for(&uuid);
        let total = self.request_count_for(&uuid);
        RequestAssertions::for_clip(&uuid, total, requests)
    }

    /// Returns assertions on the requests for this operation so far, by its ID.
    ///
    /// ```
    /// use rhombus_clips_sim::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let service = Service::start().await?;
    /// service.verify_operation("spliceV3").count(0);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "verify_operation() alone asserts nothing"]
    pub fn verify_operation(&self, id: &str) -> RequestAssertions {
        let state = self.state.lock();
        let log = state.simulation.log();
        let requests = log
            .retained()
            .filter(|it| it.operation.as_deref() == Some(id));
        RequestAssertions::for_operation(id, log.total_of(id), requests.cloned().collect())
    }

    /// Returns assertions on all requests so far.
    #[must_use = "verify_all() alone asserts nothing"]
    pub fn verify_all(&self) -> RequestAssertions {
        RequestAssertions::for_service(self.request_count(), self.requests())
    }

    /// Returns the number of requests to which a fault was applied.
    pub fn fault_count(&self) -> u64 {
        self.state.lock().simulation.log().faulty_count()
    }

    /// Waits until the service has received at least `count` requests since it started.
    ///
    /// ```
    /// # use rhombus_clips::Client;
    /// use rhombus_clips_sim::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # const DOOR: rhombus_clips::ClipUuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// let service = Service::start().await?.with_fault(fault(Response::hang()));
    /// # let builder = Client::builder().base_url(service.base_url());
    /// # let client = builder.api_key(service.api_key()).build()?;
    /// tokio::select! {
    ///     _ = client.watch(DOOR) => unreachable!("the request hangs"),
    ///     () = service.wait_for_requests(1) => {} // cancels the watch with a request in flight
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait_for_requests(&self, count: u64) {
        self.state.wait_for_requests(count).await;
    }
}
