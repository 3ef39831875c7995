//! Where the program and the connections meet.

use crate::clock::Clock;
use crate::response::Response;
use crate::simulation::{Call, Simulation};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The service's state, and the news of each request.
#[derive(Debug)]
pub(crate) struct Desk {
    state: Mutex<(Clock, Simulation)>,
    requests: watch::Sender<u64>,
}

impl Desk {
    pub(crate) fn new(clock: Clock, simulation: Simulation) -> Self {
        Self {
            state: Mutex::new((clock, simulation)),
            requests: watch::Sender::new(0),
        }
    }

    /// Answers a call now. The clock is read under the lock, so that the order of requests and
    /// the order of their times are one.
    pub(crate) fn answer(&self, call: &Call<'_>) -> Response {
        let mut state = self.lock();
        let (clock, simulation) = &mut *state;
        let answer = simulation.answer(clock.now(), call);
        self.requests.send_replace(simulation.log().total());
        answer
    }

    /// Waits until there were at least `count` requests.
    pub(crate) async fn wait_for_requests(&self, count: u64) {
        let mut requests = self.requests.subscribe();
        // An error would mean that the sender is gone, and `self` keeps it.
        let _ = requests.wait_for(|total| *total >= count).await;
    }

    /// A panic elsewhere leaves nothing half done in here, so a poisoned lock is still good.
    pub(crate) fn lock(&self) -> MutexGuard<'_, (Clock, Simulation)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
