//! Handle of a running service.
//!
//! [`Service`] is the control interface for tests: it registers clips, injects faults, moves
//! service time and reads the request log. It holds no state of its own beyond the port; all else
//! is in [`ServiceState`], shared with the connections.

mod requests;

use crate::auth::ApiKey;
use crate::camera::Camera;
use crate::clip::Clip;
use crate::engine::{CreatedClip, Host, Urls};
use crate::fault::Fault;
use crate::response::Response;
use crate::server::{Port, Protocol};
use crate::service_state::{LockedState, ServiceState};
use serde_json::Value;
use std::fmt::{self, Display};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// Simulated clip service, running on a port of 127.0.0.1.
///
/// The service stops when the handle is dropped; [`Service::shutdown`] also waits for its end.
pub struct Service {
    address: SocketAddr,
    base_url: String,
    #[cfg(feature = "http2")]
    root_certificate: Option<String>,
    api_key: ApiKey,
    state: Arc<ServiceState>,
    port: Mutex<Port>,
    media_url: String,
    media_port: Mutex<Port>,
    storage_url: String,
    storage_port: Port,
}

impl Service {
    pub(crate) async fn launch(
        [port, media_port]: [u16; 2],
        api_key: ApiKey,
        state: ServiceState,
        protocol: Protocol,
    ) -> io::Result<Self> {
        let state = Arc::new(state);
        let open = async |host, port| {
            let address = (Ipv4Addr::LOCALHOST, port).into();
            let port = Port::open(address, host, Arc::clone(&state), protocol.clone()).await?;
            let url = format!("{}://{}", protocol.scheme(), port.address());
            io::Result::Ok((port, url))
        };
        let (port, base_url) = open(Host::Api, port).await?;
        let (media_port, media_url) = open(Host::Media, media_port).await?;
        let (storage_port, storage_url) = open(Host::Storage, 0).await?;
        state.lock().simulation.set_urls(Urls {
            media: media_url.clone(),
            storage: storage_url.clone(),
        });
        Ok(Self {
            address: port.address(),
            base_url,
            #[cfg(feature = "http2")]
            root_certificate: port.protocol().root_certificate().map(str::to_owned),
            api_key,
            state,
            port: Mutex::new(port),
            media_url,
            media_port: Mutex::new(media_port),
            storage_url,
            storage_port,
        })
    }

    /// Returns the address that the service listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the base URL for a client, such as `http://127.0.0.1:49152`, without a trailing
    /// slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the URL of the media host, which has the files of complete clips, without a trailing slash. It
    /// takes the same credentials, on a port of its own. Its requests are in the log as the operation `media`.
    ///
    /// ```
    /// # use rhombus_clips::Client;
    /// use rhombus_clips_sim::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = Service::start().await?;
    /// let client = Client::builder()
    ///     .api_key(service.api_key())
    ///     .base_url(service.base_url())
    ///     .media_url(service.media_url())
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn media_url(&self) -> &str {
        &self.media_url
    }

    /// Returns the URL of the storage host, which serves presigned URLs that the media host redirects to
    /// ([`Behavior::media_redirects`](crate::Behavior::media_redirects)). It refuses a request with an API key.
    /// Its requests are in the log as the operation `storage`.
    ///
    /// ```
    /// use rhombus_clips_sim::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let service = Service::start().await?;
    /// assert_ne!(service.storage_url(), service.media_url());
    /// service.verify_operation("storage").count(0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn storage_url(&self) -> &str {
        &self.storage_url
    }

    /// Replaces the file of a clip by another version: other bytes of the same length, with other validators. The
    /// record states the new hash from now on.
    ///
    /// ```
    /// use rhombus_clips_sim::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let service = Service::start().await?;
    /// let uuid = service.add(clip().renders_in(30.s()));
    /// service.replace_file(uuid);
    /// # Ok(())
    /// # }
    /// ```
    pub fn replace_file(&self, uuid: impl Display) {
        let uuid = uuid.to_string();
        self.state.lock().simulation.replace_file(&uuid);
    }

    /// Closes the port of the media host, as [`Service::pause_listening`] does for that of the service.
    ///
    /// ```
    /// use rhombus_clips_sim::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let service = Service::start().await?;
    /// service.pause_media().await;
    /// service.resume_media().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn pause_media(&self) {
        self.media_port.lock().await.close().await;
    }

    /// Reopens the port of the media host; no effect if it is open.
    ///
    /// # Errors
    ///
    /// Returns the system's error if the port cannot be opened.
    pub async fn resume_media(&self) -> io::Result<()> {
        self.media_port.lock().await.reopen()
    }

    /// Returns the certificate that a client has to trust, as PEM; `None` for a service without TLS.
    #[cfg(feature = "http2")]
    pub fn root_certificate(&self) -> Option<&str> {
        self.root_certificate.as_deref()
    }

    /// Limits the streams that new connections of HTTP/2 announce to take at a time; at 0, they take no
    /// request. By default there is no limit.
    #[cfg(feature = "http2")]
    pub fn set_max_concurrent_streams(&self, streams: impl Into<Option<u32>>) {
        self.state.set_max_concurrent_streams(streams.into());
    }

    /// Returns the only API key that the service accepts.
    pub fn api_key(&self) -> &str {
        self.api_key.as_str()
    }

    /// Registers a clip and returns its UUID: an RUUID of 22 characters, derived from the seed and
    /// the number of clips registered before.
    pub fn add(&self, clip: impl Into<Clip>) -> String {
        self.register(None, clip.into())
    }

    /// Registers a clip under a given UUID and returns the service, for use in a builder chain.
    /// The UUID is any value that implements [`Display`], such as a client's UUID type. A clip
    /// that is already registered under it is replaced.
    ///
    /// ```
    /// use rhombus_clips_sim::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// const DOOR: &str = "AAAAAAAAAAAAAAAAAAAAAA";
    ///
    /// let service = Service::start()
    ///     .await?
    ///     .with_clip(DOOR, clip().renders_in(30.s()).then_fails("Camera gave no footage"))
    ///     .with_fault(fault(Response::status(503)).on_requests(..=2));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "the service stops when it is dropped"]
    pub fn with_clip(self, uuid: impl Display, clip: impl Into<Clip>) -> Self {
        self.register(Some(uuid.to_string()), clip.into());
        self
    }

    fn register(&self, uuid: Option<String>, clip: Clip) -> String {
        let mut guard = self.state.lock();
        let LockedState { clock, simulation } = &mut *guard;
        simulation.register(clock.now(), uuid, clip)
    }

    /// Adds a camera and returns its UUID, derived from the seed and the number of cameras before.
    ///
    /// ```
    /// use rhombus_clips_sim::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let service = Service::start().await?;
    /// let dock = service.add_camera(camera("Loading dock"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn add_camera(&self, camera: Camera) -> String {
        self.state.lock().simulation.add_camera(None, camera)
    }

    /// Adds a camera with this UUID and returns the service, for use in a builder chain. A camera that has it
    /// already is replaced.
    #[must_use = "the service stops when it is dropped"]
    pub fn with_camera(self, uuid: impl Display, camera: Camera) -> Self {
        let uuid = Some(uuid.to_string());
        self.state.lock().simulation.add_camera(uuid, camera);
        self
    }

    /// Defines the clip that the next request for one creates; of several calls, each defines one more. A parent
    /// and its parts have the same definition.
    ///
    /// ```
    /// use rhombus_clips_sim::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let service = Service::start().await?;
    /// service.prepare_clip(clip().renders_in(20.s()).then_fails("Camera gave no footage"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn prepare_clip(&self, clip: impl Into<Clip>) {
        self.state.lock().simulation.prepare_clip(clip.into());
    }

    /// Returns the clips that were requested of the service, in order: what a test counts that must not make two.
    pub fn created_clips(&self) -> Vec<CreatedClip> {
        self.state.lock().simulation.created_clips()
    }

    /// Makes a clip as if another client had requested it: without a request in the log. `body` is that of
    /// `spliceV3`; an invalid one has no effect.
    ///
    /// ```
    /// use rhombus_clips_sim::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let service = Service::start().await?;
    /// let dock = service.add_camera(camera("Loading dock"));
    /// service.splice_elsewhere(&serde_json::json!({
    ///     "deviceUuids": [dock],
    ///     "startTimeMillis": 1_767_000_000_000_i64,
    ///     "durationSec": 60,
    ///     "saveToConsole": true,
    /// }));
    /// assert_eq!(service.created_clips().len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn splice_elsewhere(&self, body: &Value) {
        let mut guard = self.state.lock();
        let LockedState { clock, simulation } = &mut *guard;
        simulation.splice_elsewhere(clock.now(), body);
    }

    /// Injects a fault, as [`Service::inject`] does, and returns the service, for use in a builder
    /// chain.
    #[must_use = "the service stops when it is dropped"]
    pub fn with_fault(self, fault: Fault) -> Self {
        self.inject(fault);
        self
    }

    /// Sends this response to the next request for any clip, regardless of its credentials and
    /// body. It is a shorthand for [`Fault::respond`] with [`Fault::times`] 1, and subject to the
    /// same order as other faults.
    pub fn respond_next(&self, response: Response) {
        self.inject(Fault::respond(response).times(1));
    }

    /// Sends this response to the next request for this clip, see [`Service::respond_next`].
    pub fn respond_next_for(&self, uuid: impl Display, response: Response) {
        self.inject(Fault::respond(response).for_clip(uuid).times(1));
    }

    /// Injects a fault into future requests. Of several faults that match a request, the one
    /// injected first is applied.
    pub fn inject(&self, fault: Fault) {
        self.state.lock().simulation.inject(fault);
    }

    /// Removes all faults, including responses of [`Service::respond_next`] that were not sent.
    pub fn clear_faults(&self) {
        self.state.lock().simulation.clear_faults();
    }

    /// Closes the port and all connections, including those that hang, to simulate an outage: new
    /// connections are refused. The port remains reserved, and the state of the service is
    /// retained. A client may be less patient if it never had a response.
    ///
    /// ```
    /// # use rhombus_clips::Client;
    /// use rhombus_clips_sim::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # const DOOR: rhombus_clips::ClipUuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// let service = Service::start().await?.with_clip(DOOR, clip().renders_in(30.s()));
    /// # let builder = Client::builder().base_url(service.base_url());
    /// # let client = builder.api_key(service.api_key()).build()?;
    /// let outage = async {
    ///     service.wait_for_requests(1).await;
    ///     service.pause_listening().await;
    ///     tokio::time::sleep(5.minutes()).await;
    ///     service.resume_listening().await
    /// };
    /// let (clip, resumed) = tokio::join!(client.watch(DOOR), outage);
    /// resumed?;
    /// assert!(clip?.is_complete());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn pause_listening(&self) {
        self.port.lock().await.close().await;
    }

    /// Reopens the port after [`Service::pause_listening`]; no effect if it is open.
    ///
    /// # Errors
    ///
    /// Returns the system's error if the port cannot be opened.
    pub async fn resume_listening(&self) -> io::Result<()> {
        self.port.lock().await.reopen()
    }

    /// Returns the service time since the service started.
    pub fn elapsed(&self) -> Duration {
        self.state.lock().clock.now()
    }

    /// Advances service time.
    ///
    /// ```
    /// # use rhombus_clips::Client;
    /// use rhombus_clips_sim::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # const DOOR: rhombus_clips::ClipUuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// let builder = Service::builder().speed(0.0);
    /// let service = builder.start().await?.with_clip(DOOR, clip().renders_in(30.s()));
    /// # let builder = Client::builder().base_url(service.base_url());
    /// # let client = builder.api_key(service.api_key()).build()?;
    /// assert!(!client.get_clip(DOOR).await?.is_complete());
    /// service.advance(30.s());
    /// assert!(client.get_clip(DOOR).await?.is_complete());
    /// # Ok(())
    /// # }
    /// ```
    pub fn advance(&self, duration: Duration) {
        self.state.lock().clock.advance(duration);
    }

    /// Stops the service: closes its ports and all connections, including those that hang.
    pub async fn shutdown(self) {
        let Self {
            port,
            media_port,
            mut storage_port,
            ..
        } = self;
        port.into_inner().close().await;
        media_port.into_inner().close().await;
        storage_port.close().await;
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}
