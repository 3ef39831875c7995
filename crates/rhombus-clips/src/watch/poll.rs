//! One poll of a watch: admission, request, decision.
//!
//! The only place where the state machine meets the clock and the transport. The driver of one watch
//! and the scheduler of many both call it.

use std::time::Duration;

use super::shared::SharedWatch;
use super::state::Transition;
use crate::transport::Transport;
use crate::{Clip, telemetry};

/// Outcome of one poll.
pub(super) struct PollOutcome {
    pub(super) transition: Transition,
    /// Duration of the watch at the result, which may be delivered later.
    pub(super) elapsed: Duration,
    pub(super) polls: u64,
}

/// Waits for admission, sends one request, and returns the decision.
///
/// `known` is the clip as it was last seen, for updates that carry no new state.
pub(super) async fn poll_once<T: Transport>(
    transport: &T,
    watch: &SharedWatch,
    known: Option<&Clip>,
) -> PollOutcome {
    let deadlines = watch.lock().admission_deadlines();
    if let Err(error) = transport.acquire(deadlines).await {
        return watch.lock().exceed_deadline(error, known);
    }
    let attempt = watch.lock().start_poll();
    let result = transport.fetch(attempt).await;
    let withdraw = || transport.withdraw();
    let outcome = watch
        .lock()
        .finish_poll(result, known, fastrand::f64(), &withdraw);
    if let Transition::PollAgain {
        delay,
        has_failed: true,
        ..
    } = &outcome.transition
    {
        telemetry::log_retry(attempt, *delay);
    }
    outcome
}
