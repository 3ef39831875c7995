//! Shared state of a service.
//!
//! The handle and the connections share the clock and the simulation behind one lock, so that the
//! simulation itself needs neither. Waiters are notified of each request through a channel.

use crate::clock::Clock;
use crate::response::Response;
use crate::simulation::{IncomingRequest, Simulation};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Clock and simulation, and a notification of each request.
#[derive(Debug)]
pub(crate) struct ServiceState {
    inner: Mutex<LockedState>,
    request_count: watch::Sender<u64>,
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
        }
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
