//! The connections to the service, and their replacement.
//!
//! All requests of a client share one HTTP client, until [`Generation`] decides that its connections
//! are to be replaced. Requests in flight then continue on the old one, which is dropped, with its
//! connections, after the last of them.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rhombus_clips_api::{Client as ApiClient, ClientInfo as _, Credentials, Settings};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::generation::{AttemptEnd, Generation};
use super::http_client::HttpClientFactory;
use super::tls::HttpVersions;
use crate::client::endpoint::Endpoint;
use crate::error::{Error, RequestFailure, Result};

/// Longest wait for another attempt to show which version of HTTP the server speaks. Chosen, not tuned: a
/// handshake and a response take less, and a server that does not respond is slow for one attempt only.
const MAX_OPENING: Duration = Duration::from_secs(1);

/// The connections of a client.
pub(crate) struct Connections {
    factory: HttpClientFactory,
    base_url: String,
    settings: Settings,
    /// Whether the server chooses between HTTP/2 and HTTP/1.1, which takes TLS.
    is_negotiated: bool,
    current: Mutex<Current>,
    /// Whether the endpoint has sent any response to this client.
    is_reached: AtomicBool,
}

struct Current {
    api: Arc<ApiClient>,
    generation: Generation,
    /// The permit to open the first connection.
    ///
    /// Before the first response, the HTTP library opens a connection for every request, because it
    /// does not know that one of HTTP/2 would do for all.
    opening: Arc<Semaphore>,
}

impl Current {
    fn new(api: ApiClient, generation: Generation) -> Self {
        Self {
            api: Arc::new(api),
            generation,
            opening: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Connections {
    pub(crate) fn new(
        factory: HttpClientFactory,
        endpoint: &Endpoint,
        settings: Settings,
        attempt_timeout: Duration,
    ) -> Result<Self> {
        let http = factory.build(HttpVersions::All)?;
        let base_url = endpoint.base_url().to_owned();
        let api = ApiClient::new_with_client(&base_url, http, settings.clone());
        let generation = Generation::new(attempt_timeout);
        Ok(Self {
            factory,
            base_url,
            settings,
            is_negotiated: endpoint.is_https(),
            current: Mutex::new(Current::new(api, generation)),
            is_reached: AtomicBool::new(false),
        })
    }

    fn credentials(&self) -> &Credentials {
        self.settings.credentials()
    }

    /// Returns whether the endpoint has sent any response to this client.
    pub(crate) fn is_reached(&self) -> bool {
        self.is_reached.load(Ordering::Relaxed)
    }

    /// Replaces the connections before the next attempt, if they may be older than this.
    pub(super) fn distrust(&self, since: Instant) {
        self.current().generation.distrust(since);
    }

    /// Returns the connection for one attempt with this timeout, of new connections if the ones in use are
    /// suspect.
    pub(super) async fn checkout(&self, timeout: Duration) -> Connection<'_> {
        let latest = Instant::now() + MAX_OPENING.min(timeout / 4);
        loop {
            let (connection, opening) = self.connection();
            let Some(opening) = opening else {
                return connection;
            };
            let generation = connection.generation;
            connection.cancel();
            let Ok(Ok(permit)) = timeout_at(latest, opening.acquire_owned()).await else {
                return self.connection().0;
            };
            let (mut connection, opening) = self.connection();
            if opening.is_none() {
                return connection;
            }
            if connection.generation == generation {
                connection.opening = Some(permit);
                return connection;
            }
            connection.cancel();
        }
    }

    /// Returns the connection, and the permit that it takes to open it, if none is open.
    fn connection(&self) -> (Connection<'_>, Option<Arc<Semaphore>>) {
        let mut current = self.current();
        let now = Instant::now();
        if let Some(versions) = current.generation.due_replacement(now) {
            // It fails only when the system is out of resources, such as threads or files.
            match self.factory.build(versions) {
                Ok(http) => {
                    let settings = self.settings.clone();
                    let api = ApiClient::new_with_client(&self.base_url, http, settings);
                    let generation = current.generation.next(now);
                    *current = Current::new(api, generation);
                }
                Err(_) => current.generation.keep(),
            }
        }
        let is_opened = !self.is_negotiated || current.generation.is_answered();
        let connection = Connection {
            connections: self,
            api: current.api.clone(),
            generation: current.generation.number(),
            sent: now,
            has_ended: false,
            opening: None,
        };
        (connection, (!is_opened).then(|| current.opening.clone()))
    }

    /// Locks the HTTP client in use. Only a caller's HTTP client builder can panic under the lock, before
    /// anything is changed.
    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections")
            .field("base_url", &self.base_url)
            .field("credentials", self.credentials())
            .finish_non_exhaustive()
    }
}

/// A connection for one attempt. Dropped without a result, the attempt counts as unanswered.
pub(super) struct Connection<'a> {
    connections: &'a Connections,
    api: Arc<ApiClient>,
    generation: u64,
    sent: Instant,
    has_ended: bool,
    /// Held while the connection is being opened.
    opening: Option<OwnedSemaphorePermit>,
}

impl Connection<'_> {
    pub(super) fn api(&self) -> &ApiClient {
        &self.api
    }

    /// Drops the connection without an attempt.
    fn cancel(mut self) {
        self.has_ended = true;
    }

    /// Records the result of the attempt. Returns it, or a permanent error if it is the last of several
    /// that show that another service is at the endpoint.
    pub(super) fn finish<T>(mut self, result: Result<T>) -> Result<T> {
        self.has_ended = true;
        let error = result.as_ref().err();
        let failure = match error {
            None => None,
            Some(error) if error.status().is_some() => None,
            // A request that could not be built was not sent.
            Some(error) => error
                .request_failure()
                .or(Some(RequestFailure::NotConnected)),
        };
        let is_wrong_service = self.record(match failure {
            None if error.and_then(Error::status) == Some(421) => AttemptEnd::Misdirected,
            None => AttemptEnd::Answered {
                is_http2: self.api.inner().is_http2(),
            },
            Some(RequestFailure::NotConnected) => AttemptEnd::NotConnected,
            Some(RequestFailure::Lost | RequestFailure::Refused) => AttemptEnd::Lost,
            Some(RequestFailure::NotHttp) => AttemptEnd::NotHttp,
            Some(RequestFailure::Unanswered) => AttemptEnd::Unanswered,
            Some(RequestFailure::Http1Required) => AttemptEnd::Http1Required,
        });
        let is_reached = &self.connections.is_reached;
        match failure {
            None => is_reached.store(true, Ordering::Relaxed),
            Some(RequestFailure::NotHttp)
                if is_wrong_service && !is_reached.load(Ordering::Relaxed) =>
            {
                return result.map_err(Error::into_wrong_service);
            }
            Some(_) => {}
        }
        result
    }

    /// Records the end of the attempt. Returns whether the last ones show that another service is at the
    /// endpoint.
    fn record(&self, end: AttemptEnd) -> bool {
        let mut current = self.connections.current();
        let generation = &mut current.generation;
        generation.on_end(self.generation, self.sent, Instant::now(), end);
        generation.is_wrong_service()
    }
}

impl Drop for Connection<'_> {
    fn drop(&mut self) {
        if !self.has_ended {
            self.record(AttemptEnd::Unanswered);
        }
    }
}
