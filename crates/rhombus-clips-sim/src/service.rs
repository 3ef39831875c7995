//! The handle to a running service.

use crate::answer::Answer;
use crate::api_key::ApiKey;
use crate::builder::ServiceBuilder;
use crate::clip::Clip;
use crate::clock::Clock;
use crate::request_log::Request;
use crate::server;
use crate::simulation::{Call, Simulation};
use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

/// A running clip service on a port of 127.0.0.1.
///
/// Dropping it stops it; [`Service::shutdown`] also waits until it has stopped.
pub struct Service {
    address: SocketAddr,
    base_url: String,
    api_key: ApiKey,
    desk: Arc<Desk>,
    server: JoinHandle<()>,
    /// Nothing is ever sent: the server stops when this end is dropped, with the handle.
    running: oneshot::Sender<Infallible>,
}

/// Where the program and the connections meet.
pub(crate) struct Desk {
    state: Mutex<(Clock, Simulation)>,
    requests: watch::Sender<u64>,
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
        simulation: Simulation,
        clock: Clock,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let desk = Arc::new(Desk {
            state: Mutex::new((clock, simulation)),
            requests: watch::Sender::new(0),
        });
        let (running, stop) = oneshot::channel();
        Ok(Self {
            address,
            base_url: format!("http://{address}"),
            api_key,
            server: tokio::spawn(server::serve(listener, Arc::clone(&desk), stop)),
            running,
            desk,
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
        simulation.add(clock.now(), clip.into())
    }

    /// Answers the next request for any clip with this raw answer, whatever the request's
    /// credentials and body. Answers that wait are given in the order in which they were left;
    /// the clip asked for takes no notice.
    pub fn answer_next(&self, answer: Answer) {
        self.desk.lock().1.answer_next(None, answer);
    }

    /// Like [`Service::answer_next`], but for the next request with this clip's UUID.
    pub fn answer_next_for(&self, clip: &str, answer: Answer) {
        let mut state = self.desk.lock();
        state.1.answer_next(Some(clip.to_owned()), answer);
    }

    /// Service time since the service started.
    pub fn elapsed(&self) -> Duration {
        self.desk.lock().0.now()
    }

    /// Puts service time forward.
    pub fn advance(&self, by: Duration) {
        self.desk.lock().0.advance(by);
    }

    /// The requests so far in the order of their arrival, the newest 100,000 of them.
    pub fn requests(&self) -> Vec<Request> {
        self.desk.lock().1.log().newest().cloned().collect()
    }

    /// The requests of [`Service::requests`] that have this clip's UUID.
    pub fn requests_for(&self, clip: &str) -> Vec<Request> {
        let state = self.desk.lock();
        let log = state.1.log().newest();
        log.filter(|request| request.clip.as_deref() == Some(clip))
            .cloned()
            .collect()
    }

    /// How many requests there were since the service started.
    pub fn request_count(&self) -> u64 {
        self.desk.lock().1.log().total()
    }

    /// How many requests had this clip's UUID.
    pub fn request_count_for(&self, clip: &str) -> u64 {
        self.desk.lock().1.log().total_for(clip)
    }

    /// Waits until there were at least `count` requests since the service started.
    pub async fn wait_for_requests(&self, count: u64) {
        let mut requests = self.desk.requests.subscribe();
        // An error would mean that the sender is gone, and `self` keeps it.
        let _ = requests.wait_for(|total| *total >= count).await;
    }

    /// Stops the service: closes its port and all its connections, also those that hang.
    pub async fn shutdown(self) {
        drop(self.running);
        // An error would mean that the runtime itself is going down.
        let _ = self.server.await;
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

impl Desk {
    /// Answers a call now. The clock is read under the lock, so that the order of requests and
    /// the order of their times are one.
    pub(crate) fn answer(&self, call: &Call<'_>) -> Answer {
        let mut state = self.lock();
        let (clock, simulation) = &mut *state;
        let answer = simulation.answer(clock.now(), call);
        self.requests.send_replace(simulation.log().total());
        answer
    }

    /// A panic elsewhere leaves nothing half done in here, so a poisoned lock is still good.
    fn lock(&self) -> MutexGuard<'_, (Clock, Simulation)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
