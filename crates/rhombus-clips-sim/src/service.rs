//! The handle to a running service.

use crate::api_key::ApiKey;
use crate::assertions::RequestAssertions;
use crate::builder::ServiceBuilder;
use crate::clip::Clip;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::idle::IdleLimit;
use crate::port::Port;
use crate::request_log::Request;
use crate::response::Response;
use std::fmt::{self, Display};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// A running clip service on a port of 127.0.0.1.
///
/// Dropping it stops it; [`Service::shutdown`] also waits until it has stopped.
pub struct Service {
    address: SocketAddr,
    base_url: String,
    api_key: ApiKey,
    desk: Arc<Desk>,
    port: Mutex<Port>,
}

impl Service {
    /// Starts a service with seed 0 on any free port, in real time.
    ///
    /// # Errors
    ///
    /// What the system says if no port can be opened.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Sets up a service before it starts.
    pub fn builder() -> ServiceBuilder {
        ServiceBuilder::new()
    }

    pub(crate) async fn launch(
        port: u16,
        api_key: ApiKey,
        desk: Desk,
        idle: Option<IdleLimit>,
    ) -> io::Result<Self> {
        let desk = Arc::new(desk);
        let address = (Ipv4Addr::LOCALHOST, port).into();
        let port = Port::open(address, Arc::clone(&desk), idle).await?;
        let address = port.address();
        Ok(Self {
            address,
            base_url: format!("http://{address}"),
            api_key,
            desk,
            port: Mutex::new(port),
        })
    }

    /// Where the service listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL for a client, such as `http://127.0.0.1:49152`, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The only API key that the service accepts.
    pub fn api_key(&self) -> &str {
        self.api_key.as_str()
    }

    /// Registers a clip and returns its UUID: an RUUID of 22 characters that follows from the
    /// seed and the number of clips registered before.
    pub fn add(&self, clip: impl Into<Clip>) -> String {
        let mut state = self.desk.lock();
        let (clock, simulation) = &mut *state;
        simulation.add(clock.now(), None, clip.into())
    }

    /// Registers a clip under a UUID of one's own choice, for a story to be told in one chain: any
    /// text, or a type that displays as one, such as the client's. A clip that was registered
    /// under it before is replaced.
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
    #[must_use = "it is the service, and dropping it stops it"]
    pub fn with_clip(self, uuid: impl Display, clip: impl Into<Clip>) -> Self {
        let uuid = uuid.to_string();
        {
            let mut state = self.desk.lock();
            let (clock, simulation) = &mut *state;
            simulation.add(clock.now(), Some(uuid), clip.into());
        }
        self
    }

    /// Like [`Service::inject`], for a story to be told in one chain.
    #[must_use = "it is the service, and dropping it stops it"]
    pub fn with_fault(self, fault: Fault) -> Self {
        self.inject(fault);
        self
    }

    /// Answers the next request for any clip with this raw answer, whatever the request's
    /// credentials and body; the clip asked for takes no notice. It is a [`Fault`] that strikes
    /// once. Of answers that wait, and other faults, the one left first comes first.
    pub fn respond_next(&self, answer: Response) {
        self.inject(Fault::respond(answer).times(1));
    }

    /// Like [`Service::respond_next`], but for the next request with this clip's UUID.
    pub fn respond_next_for(&self, clip: impl Display, answer: Response) {
        self.inject(Fault::respond(answer).for_clip(clip).times(1));
    }

    /// Lets something go wrong with requests from now on. Of several faults that would strike the
    /// same request, the one injected first does.
    pub fn inject(&self, fault: Fault) {
        self.desk.lock().1.inject(fault);
    }

    /// Takes all faults back, and answers that wait for their request.
    pub fn clear_faults(&self) {
        self.desk.lock().1.clear_faults();
    }

    /// Closes the port and all connections, also those that hang: connections are refused from
    /// now on. The port stays reserved, and what the service knows stays known.
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
    ///     service.pause_listening().await;
    ///     tokio::time::sleep(5.minutes()).await;
    ///     service.resume_listening().await
    /// };
    /// let (clip, back) = tokio::join!(client.watch(DOOR), outage);
    /// back?;
    /// assert!(clip?.is_complete());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn pause_listening(&self) {
        self.port.lock().await.close().await;
    }

    /// Opens the port again after [`Service::pause_listening`]. With that it is a restart; without,
    /// nothing happens.
    ///
    /// # Errors
    ///
    /// What the system says if the port cannot be opened.
    pub async fn resume_listening(&self) -> io::Result<()> {
        self.port.lock().await.reopen()
    }

    /// Service time since the service started.
    pub fn elapsed(&self) -> Duration {
        self.desk.lock().0.now()
    }

    /// Puts service time forward.
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
    pub fn advance(&self, by: Duration) {
        self.desk.lock().0.advance(by);
    }

    /// The requests so far in the order of their arrival, the newest 100,000 of them.
    pub fn requests(&self) -> Vec<Request> {
        self.desk.lock().1.log().newest().cloned().collect()
    }

    /// The requests of [`Service::requests`] that have this clip's UUID.
    pub fn requests_for(&self, clip: impl Display) -> Vec<Request> {
        let clip = clip.to_string();
        let state = self.desk.lock();
        let log = state.1.log().newest();
        log.filter(|request| request.clip.as_ref() == Some(&clip))
            .cloned()
            .collect()
    }

    /// How many requests there were since the service started.
    pub fn request_count(&self) -> u64 {
        self.desk.lock().1.log().total()
    }

    /// How many requests had this clip's UUID.
    pub fn request_count_for(&self, clip: impl Display) -> u64 {
        let clip = clip.to_string();
        self.desk.lock().1.log().total_for(&clip)
    }

    /// What the service was asked about a clip so far, for a test to say what it should have been.
    #[must_use = "without an assertion it says nothing"]
    pub fn verify(&self, clip: impl Display) -> RequestAssertions {
        let clip = self.api_key.strike_out(&clip.to_string());
        let requests = self.requests_for(&clip);
        let total = self.request_count_for(&clip);
        RequestAssertions::new(format!("clip {clip}"), total, requests)
    }

    /// Like [`Service::verify`], of all that the service was asked.
    #[must_use = "without an assertion it says nothing"]
    pub fn verify_all(&self) -> RequestAssertions {
        let (total, requests) = (self.request_count(), self.requests());
        RequestAssertions::new("in all".to_owned(), total, requests)
    }

    /// How many requests a fault struck.
    pub fn fault_count(&self) -> u64 {
        self.desk.lock().1.log().faulty()
    }

    /// Waits until there were at least `count` requests since the service started.
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
    ///     _ = client.watch(DOOR) => unreachable!("nobody answers"),
    ///     () = service.wait_for_requests(1) => {} // somebody presses Ctrl-C, say
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait_for_requests(&self, count: u64) {
        self.desk.wait_for_requests(count).await;
    }

    /// Stops the service: closes its port and all its connections, also those that hang.
    pub async fn shutdown(self) {
        self.port.into_inner().close().await;
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}
