//! One look of a watch.

use std::time::Duration;

use super::shared::SharedWatch;
use super::state::{Decision, RetryContext};
use crate::transport::Transport;
use crate::{Clip, telemetry};

/// What came of a outcome.
pub(super) struct PollOutcome {
    pub(super) decision: Decision,
    /// The clip that it saw.
    pub(super) clip: Option<Clip>,
    /// How long the watch had lasted then: it may be told later.
    pub(super) elapsed: Duration,
}

/// Waits until a request may be sent, looks, and judges.
pub(super) async fn poll_once<L: Transport>(transport: &L, watch: &SharedWatch) -> PollOutcome {
    let deadlines = watch.lock().admission_deadlines();
    if let Err(error) = transport.acquire(deadlines).await {
        return watch.lock().on_deadline(error);
    }
    let attempt = watch.lock().start_poll();
    let result = transport.fetch(attempt).await;
    let retry_context = RetryContext {
        random: fastrand::f64(),
        withdraw: &|| transport.withdraw(),
    };
    let outcome = watch.lock().on_result(result, retry_context);
    if let Decision::PollAgain {
        wait,
        failure: Some(_),
    } = &outcome.decision
    {
        telemetry::log_retry(attempt, *wait);
    }
    outcome
}
