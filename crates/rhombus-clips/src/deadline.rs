//! Moments to come.

use std::time::Duration;

use tokio::time::Instant;

/// 30 years: there is no moment after the end of time.
const FOR_EVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// The moment this long after another.
pub(crate) fn after(moment: Instant, wait: Duration) -> Instant {
    moment + wait.min(FOR_EVER)
}
