//! Drives many watches: sends due polls, sleeps until the next one, yields updates.
//!
//! It decides only which watch is next. Whether and when a watch polls again is the state machine's
//! decision.

mod late_polls;
mod lists;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, Sleep, sleep_until};

use super::super::poll::{PollOutcome, SharedWatch, poll_once};
use super::super::state::Transition;
use super::super::update::ClipUpdate;
use super::super::wake::{CHECK_INTERVAL, WakeDetector};
use super::batch::Batch;
use super::list_requests::ListResponse;
use super::watch_set::{UnmadeWatch, WatchSet};
use crate::transport::Transport;
use crate::{Clip, ClipUuid, policy_guard, telemetry};

/// Stream over the updates of a watch set.
///
/// Backpressure: requests start only while the stream is being polled, so a slow reader slows the polls
/// down. Each request is a task, so that responses are decoded on all of the runtime's threads.
pub(super) struct Scheduler {
    transport: Arc<Transport>,
    watches: Arc<WatchSet>,
    requests: JoinSet<Completed>,
    /// Clips that are followed by requests for many; `None` where each is polled by itself.
    batch: Option<Batch>,
    /// Whether a list was ever received.
    has_listed: bool,
    /// When lists are requested again after a refusal.
    batch_retry_at: Option<Instant>,
    /// Records of a page that are not processed yet, and when the page was requested.
    records: VecDeque<(Clip, Duration)>,
    concurrency: usize,
    timer: Option<Pin<Box<Sleep>>>,
    /// Watches that end without a final poll.
    over: VecDeque<Arc<SharedWatch>>,
    /// When to look for more of these, while no further poll may start.
    next_search: Option<Instant>,
    wake_detector: WakeDetector,
}

/// A request that has completed.
enum Completed {
    Poll(Arc<SharedWatch>, PollOutcome),
    List(crate::Result<ListResponse>),
}

impl Scheduler {
    pub(super) fn new(
        transport: Arc<Transport>,
        watches: Arc<WatchSet>,
        concurrency: usize,
        batching: bool,
    ) -> Self {
        let wake_detector = WakeDetector::new(Instant::now(), transport.wall_clock());
        Self {
            transport,
            watches,
            requests: JoinSet::new(),
            batch: batching.then(Batch::new),
            has_listed: false,
            batch_retry_at: None,
            records: VecDeque::new(),
            concurrency,
            timer: None,
            over: VecDeque::new(),
            next_search: None,
            wake_detector,
        }
    }

    /// Sends the due requests, up to the concurrency. A watch whose final poll is too late is over.
    fn spawn_due(&mut self) {
        // It panics outside of a runtime: before the lock, and before a watch is taken.
        let runtime = Handle::current();
        self.retry_batch();
        let removed = self.watches.lock().take_removed();
        if let Some(batch) = &mut self.batch {
            for uuid in removed {
                batch.remove(uuid);
                let mut watches = self.watches.lock();
                // It may have been added again meanwhile, and joins as a new watch.
                if let Some(watch) = watches.scheduled(uuid) {
                    watches.unschedule(uuid, &watch);
                    watches.schedule(uuid, Instant::now());
                }
            }
        }
        while self.requests.len() < self.concurrency {
            let now = Instant::now();
            let due = self.watches.lock().take_due(now);
            match due {
                Some(watch) => self.start_due(watch, now, &runtime),
                None if self.start_batch(now, &runtime) => {}
                None => return,
            }
        }
    }

    /// Polls a watch that is due, or makes it part of the batch.
    fn start_due(&mut self, watch: Arc<SharedWatch>, now: Instant, runtime: &Handle) {
        let (uuid, end, deadline) = {
            let inner = watch.lock();
            (inner.uuid(), inner.end(), inner.deadline())
        };
        if end <= now {
            if let Some(batch) = &mut self.batch {
                batch.remove(uuid);
            }
            self.over.push_back(watch);
            return;
        }
        let mut batch = self.batch.as_mut();
        let joins = now < deadline
            && batch
                .as_mut()
                .is_some_and(|batch| !batch.contains(uuid) && batch.observe(uuid, &watch));
        match joins {
            true => self.watches.lock().schedule(uuid, deadline),
            false => self.spawn_poll(uuid, watch, runtime),
        }
    }

    fn spawn_poll(&mut self, uuid: ClipUuid, watch: Arc<SharedWatch>, runtime: &Handle) {
        if let Some(batch) = self.batch.as_mut().filter(|batch| batch.contains(uuid)) {
            batch.poll(uuid);
        }
        let transport = self.transport.clone();
        let (polled, watches) = (watch.clone(), self.watches.clone());
        let request = async move {
            let outcome = poll_once(&transport, &polled, None, || watches.count_request()).await;
            Completed::Poll(polled, outcome)
        };
        let request = telemetry::in_current_span(request);
        let request = self.requests.spawn_on(request, runtime);
        self.watches.lock().set_in_flight(uuid, &watch, request);
    }

    /// Makes polls due early if the machine slept.
    fn check_wake(&mut self) {
        let now = Instant::now();
        let time_of_day = self.transport.wall_clock();
        if let Some(sleep) = self.wake_detector.check(now, time_of_day) {
            self.transport.on_wake(sleep.since);
            self.watches.lock().advance(now, sleep.duration);
            if let Some(batch) = &mut self.batch {
                batch.advance(sleep.duration);
            }
        }
    }

    /// Returns the update for a completed poll, if there is one, and schedules the next poll.
    fn on_completed(
        &mut self,
        watch: &Arc<SharedWatch>,
        outcome: PollOutcome,
    ) -> Option<ClipUpdate> {
        let inner = watch.lock();
        let uuid = inner.uuid();
        let PollOutcome {
            transition,
            elapsed,
            polls,
        } = outcome;
        let result = match transition {
            Transition::PollAgain {
                update, has_failed, ..
            } => {
                let (due, deadline) = (inner.due().unwrap_or_else(Instant::now), inner.deadline());
                drop(inner);
                if !self.watches.lock().is_watched(uuid, watch) {
                    return None;
                }
                let batch = self.batch.as_mut();
                let batch = batch.filter(|batch| !has_failed && batch.contains(uuid));
                let due = match batch.is_some_and(|batch| batch.observe(uuid, watch)) {
                    true => deadline,
                    false => due,
                };
                let mut watches = self.watches.lock();
                if !watches.is_watched(uuid, watch) {
                    return None;
                }
                watches.schedule(uuid, due);
                return update.map(|update| ClipUpdate::Changed { uuid, update });
            }
            Transition::Complete(clip, _) => Ok(clip),
            Transition::Failed(error) => Err(error),
        };
        // A subscriber may use a handle, so no lock is held while it is told.
        drop(inner);
        if !self.watches.lock().end(uuid, watch) {
            return None;
        }
        if let Some(batch) = &mut self.batch {
            match &result {
                Ok(_) => batch.complete(uuid),
                Err(_) => batch.remove(uuid),
            }
        }
        telemetry::log_watch_end(uuid, polls, elapsed, result.as_ref().err());
        Some(ClipUpdate::Ended {
            uuid,
            result,
            polls,
            elapsed,
        })
    }

    /// Schedules or ends the watch of a poll without an outcome.
    fn on_aborted(&mut self, ended: JoinError) -> Option<ClipUpdate> {
        let id = ended.id();
        if self.batch.as_ref().is_some_and(|batch| batch.is_list(id)) {
            self.on_listed(id, Err(None));
            return None;
        }
        // None if the watch was removed.
        let watch = self.watches.lock().in_flight(id)?;
        match ended.try_into_panic() {
            // Code of the caller's below the request, such as a resolver.
            Ok(panic) => {
                let outcome = watch.fail(policy_guard::panic_error(&*panic), None);
                self.on_completed(&watch, outcome)
            }
            // The request's runtime shut down.
            Err(_) => {
                let uuid = watch.lock().uuid();
                self.watches.lock().schedule(uuid, Instant::now());
                None
            }
        }
    }

    /// Waits for the next due poll, a change of the watch set, or the end.
    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<Wake> {
        let mut watches = self.watches.lock();
        if watches.is_over() {
            return Poll::Ready(Wake::Over);
        }
        watches.set_waker(context.waker());
        let due = watches.next_due();
        drop(watches);
        let now = Instant::now();
        let batch_due = match &mut self.batch {
            Some(batch) if self.requests.len() < self.concurrency => batch.next(now),
            _ => None,
        };
        let due = due.into_iter().chain(batch_due.map(|(due, _)| due)).min();
        let Some(due) = due else {
            return Poll::Pending;
        };
        let is_full = self.requests.len() >= self.concurrency;
        let due = match (is_full, self.next_search) {
            (true, Some(next_search)) => due.max(next_search),
            _ => due,
        };
        let due = due.min(now + CHECK_INTERVAL);
        // A timer belongs to the runtime that it was created in, which may have shut down since.
        let timer = match &mut self.timer {
            Some(timer) => {
                timer.set(sleep_until(due));
                timer
            }
            None => self.timer.insert(Box::pin(sleep_until(due))),
        };
        timer.as_mut().poll(context).map(|()| Wake::Due)
    }
}

/// Returns the end of a watch that could not be made.
fn ended_unmade(unmade: UnmadeWatch) -> ClipUpdate {
    let UnmadeWatch { checkpoint, error } = unmade;
    let uuid = checkpoint.clip_uuid();
    let (polls, elapsed) = (checkpoint.polls(), checkpoint.elapsed());
    telemetry::log_watch_end(uuid, polls, elapsed, Some(&error));
    let error = error.with_polls(polls, elapsed).with_checkpoint(checkpoint);
    ClipUpdate::Ended {
        uuid,
        result: Err(error),
        polls,
        elapsed,
    }
}

enum Wake {
    Due,
    Over,
}

impl Stream for Scheduler {
    type Item = ClipUpdate;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<ClipUpdate>> {
        let scheduler = self.get_mut();
        loop {
            scheduler.check_wake();
            if scheduler.records.is_empty() {
                // What a page tells comes before the next request.
                scheduler.spawn_due();
            }
            scheduler.search_over();
            let unmade = scheduler.watches.lock().take_unmade();
            if let Some(unmade) = unmade {
                return Poll::Ready(Some(ended_unmade(unmade)));
            }
            if let Some((clip, sent_at)) = scheduler.records.pop_front() {
                match scheduler.on_record(clip, sent_at) {
                    Some(update) => return Poll::Ready(Some(update)),
                    None => continue,
                }
            }
            if let Some(watch) = scheduler.over.pop_front() {
                let outcome = watch.exceed_deadline(None, None);
                match scheduler.on_completed(&watch, outcome) {
                    Some(update) => return Poll::Ready(Some(update)),
                    // It was removed meanwhile.
                    None => continue,
                }
            }
            match scheduler.requests.poll_join_next_with_id(context) {
                Poll::Ready(Some(Ok((task, Completed::List(result))))) => {
                    scheduler.on_listed(task, result.map_err(Some));
                }
                Poll::Ready(Some(Ok((_, Completed::Poll(watch, outcome))))) => {
                    if let Some(update) = scheduler.on_completed(&watch, outcome) {
                        return Poll::Ready(Some(update));
                    }
                }
                Poll::Ready(Some(Err(ended))) => {
                    if let Some(update) = scheduler.on_aborted(ended) {
                        return Poll::Ready(Some(update));
                    }
                }
                Poll::Ready(None) | Poll::Pending => match scheduler.poll_timer(context) {
                    Poll::Ready(Wake::Due) => {}
                    Poll::Ready(Wake::Over) => return Poll::Ready(None),
                    Poll::Pending => return Poll::Pending,
                },
            }
        }
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        self.watches.lock().end_stream();
    }
}
