//! The state that the handle of a service and its connections share: clock and simulation behind one lock,
//! and a notification of each request.

use crate::clock::Clock;
use crate::engine::{IncomingRequest, Simulation};
use crate::response::Response;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Clock and simulation, and a notification of each request.
#[derive(Debug)]
pub(crate) struct ServiceState {
    inner: Mutex<LockedState>,
    request_count: watch::Sender<u64>,
    /// Number of connections that carried a request.
    connection_count: AtomicU64,
    /// Limit that new connections of HTTP/2 announce.
    #[cfg(feature = "http2")]
    max_concurrent_streams: Mutex<Option<u32>>,
}

/// State behind the lock.
#[derive(Debug)]
pub(crate) struct LockedState {
    pub(crate) clock: Clock,
    pub(crate) simulation: Simulation,
}

impl ServiceState {
    pub(crate) fn new(clock: Clock, simulation: Simulation) -> Self {
        Self {
            inner: Mutex::new(LockedState { clock, simulation }),
            request_count: watch::Sender::new(0),
            connection_count: AtomicU64::new(0),
            #[cfg(feature = "http2")]
            max_concurrent_streams: Mutex::new(None),
        }
    }

    /// Records the first request of a connection.
    pub(crate) fn count_connection(&self) {
        self.connection_count.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn connection_count(&self) -> u64 {
        self.connection_count.load(Ordering::Relaxed)
    }

    #[cfg(feature = "http2")]
    pub(crate) fn set_max_concurrent_streams(&self, streams: Option<u32>) {
        let limit = self.max_concurrent_streams.lock();
        *limit.unwrap_or_else(PoisonError::into_inner) = streams;
    }

    #[cfg(feature = "http2")]
    pub(crate) fn max_concurrent_streams(&self) -> Option<u32> {
        let limit = self.max_concurrent_streams.lock();
        *limit.unwrap_or_else(PoisonError::into_inner)
    }

    /// Handles a request now. The clock is read under the lock, so that requests are ordered by
    /// time.
    pub(crate) fn handle(&self, request: &IncomingRequest<'_>) -> Response {
        let mut guard = self.lock();
        let LockedState { clock, simulation } = &mut *guard;
        let response = simulation.handle(clock.now(), request);
        self.request_count.send_replace(simulation.log().total());
        response
    }

    /// Waits until the service has received at least `count` requests.
    pub(crate) async fn wait_for_requests(&self, count: u64) {
        let mut request_count = self.request_count.subscribe();
        // Fails only if the sender is dropped, and `self` owns it.
        let _ = request_count.wait_for(|total| *total >= count).await;
    }

    /// Locks the state. A poisoned lock is usable: no panic leaves the state inconsistent.
    pub(crate) fn lock(&self) -> MutexGuard<'_, LockedState> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
