//! Polls that are due while no further request may start.

use std::time::Duration;

use tokio::time::Instant;

use super::Scheduler;
use crate::time::saturating_add;
use crate::transport::Transport;
use crate::watch::state::WatchLimits;

/// Shortest time between two searches for watches that are over. Chosen, not tuned: a search takes time for
/// every watch that is due, and no user notices an end that is late by a tenth of a second.
const MIN_SEARCH_INTERVAL: Duration = Duration::from_millis(100);

/// Time that a final poll waits before a list is cancelled for it. Chosen, not tuned: most lists take less, and it
/// is well below the time for final polls.
const MAX_WAIT_FOR_LIST: Duration = Duration::from_secs(1);

/// Longest time between two searches for watches that are over, or whose final poll waits for a list. A watch is
/// never over sooner after its poll was due.
fn search_interval(transport: &Transport, has_list: bool) -> Duration {
    let limits = WatchLimits::new(transport.limits(), transport.attempt_timeout());
    match has_list {
        true => limits.final_round().min(MAX_WAIT_FOR_LIST),
        false => limits.final_round(),
    }
}

impl Scheduler {
    /// Finds the watches that are over while no further poll may start, and cancels a list if a final poll waits
    /// for it.
    pub(super) fn search_over(&mut self) {
        let now = Instant::now();
        let is_full = self.requests.len() >= self.concurrency;
        if !is_full || self.next_search.is_some_and(|next| now < next) {
            return;
        }
        let due = self.watches.lock().due_watches(now);
        let mut next_end = None;
        let mut is_final_poll_late = false;
        for watch in due {
            let (uuid, end, deadline) = {
                let inner = watch.lock();
                (inner.uuid(), inner.end(), inner.deadline())
            };
            if end <= now {
                self.watches.lock().unschedule(uuid, &watch);
                self.over.push_back(watch);
            } else {
                is_final_poll_late |= saturating_add(deadline, MAX_WAIT_FOR_LIST) <= now;
                next_end = Some(next_end.map_or(end, |next: Instant| next.min(end)));
            }
        }
        let batch = self.batch.as_ref().filter(|batch| batch.has_list());
        if let Some(batch) = batch.filter(|_| is_final_poll_late) {
            batch.abort_list();
        }
        let earliest = now + MIN_SEARCH_INTERVAL;
        let latest = saturating_add(now, search_interval(&self.transport, batch.is_some()));
        let next = next_end.map_or(latest, |end| end.min(latest));
        self.next_search = Some(next.max(earliest));
    }
}
