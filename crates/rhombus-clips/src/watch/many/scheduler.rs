//! Drives many watches: sends due polls, sleeps until the next one, yields updates.
//!
//! It decides only which watch is next. Whether and when a watch polls again is the state machine's
//! decision.

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
use super::super::state::{Transition, WatchLimits};
use super::super::update::ClipUpdate;
use super::super::wake::{CHECK_INTERVAL, WakeDetector};
use super::watch_set::{UnmadeWatch, WatchSet};
use crate::time::saturating_add;
use crate::transport::Transport;
use crate::{policy_guard, telemetry};

/// Stream over the updates of a watch set.
///
/// Backpressure: requests start only while the stream is being polled, so a slow reader slows the polls
/// down. Each request is a task, so that responses are decoded on all of the runtime's threads.
pub(super) struct Scheduler {
    transport: Arc<Transport>,
    watches: Arc<WatchSet>,
    requests: JoinSet<(Arc<SharedWatch>, PollOutcome)>,
    concurrency: usize,
    timer: Option<Pin<Box<Sleep>>>,
    /// Watches that end without a final poll.
    over: VecDeque<Arc<SharedWatch>>,
    /// When to look for more of these, while no further poll may start.
    next_search: Option<Instant>,
    wake_detector: WakeDetector,
}

/// Shortest time between two searches for watches that are over. Chosen, not tuned: a search takes time for
/// every watch that is due, and no user notices an end that is late by a tenth of a second.
const MIN_SEARCH_INTERVAL: Duration = Duration::from_millis(100);

/// Longest time between two searches for watches that are over. A watch is never over sooner after its
/// poll was due.
fn search_interval(transport: &Transport) -> Duration {
    WatchLimits::new(transport.limits(), transport.attempt_timeout()).final_round()
}

impl Scheduler {
    pub(super) fn new(
        transport: Arc<Transport>,
        watches: Arc<WatchSet>,
        concurrency: usize,
    ) -> Self {
        let wake_detector = WakeDetector::new(Instant::now(), transport.wall_clock());
        Self {
            transport,
            watches,
            requests: JoinSet::new(),
            concurrency,
            timer: None,
            over: VecDeque::new(),
            next_search: None,
            wake_detector,
        }
    }

    /// Sends the due polls, up to the concurrency. A watch whose final poll is too late is over.
    fn spawn_due(&mut self) {
        // It panics outside of a runtime: before the lock, and before a watch is taken.
        let runtime = Handle::current();
        while self.requests.len() < self.concurrency {
            let now = Instant::now();
            let Some(watch) = self.watches.lock().take_due(now) else {
                return;
            };
            let (uuid, end) = {
                let inner = watch.lock();
                (inner.uuid(), inner.end())
            };
            if end <= now {
                self.over.push_back(watch);
                continue;
            }
            let transport = self.transport.clone();
            let polled = watch.clone();
            let request = async move {
                let outcome = poll_once(&transport, &polled, None).await;
                (polled, outcome)
            };
            let request = telemetry::in_current_span(request);
            let request = self.requests.spawn_on(request, &runtime);
            self.watches.lock().set_in_flight(uuid, &watch, request);
        }
    }

    /// Finds the watches that are over while no further poll may start.
    fn search_over(&mut self) {
        let now = Instant::now();
        let is_full = self.requests.len() >= self.concurrency;
        if !is_full || self.next_search.is_some_and(|next| now < next) {
            return;
        }
        let due = self.watches.lock().due_watches(now);
        let mut next_end = None;
        for watch in due {
            let (uuid, end) = {
                let inner = watch.lock();
                (inner.uuid(), inner.end())
            };
            if end <= now {
                self.watches.lock().unschedule(uuid, &watch);
                self.over.push_back(watch);
            } else {
                next_end = Some(next_end.map_or(end, |next: Instant| next.min(end)));
            }
        }
        let earliest = now + MIN_SEARCH_INTERVAL;
        let latest = saturating_add(now, search_interval(&self.transport));
        let next = next_end.map_or(latest, |end| end.min(latest));
        self.next_search = Some(next.max(earliest));
    }

    /// Makes polls due early if the machine slept.
    fn check_wake(&mut self) {
        let now = Instant::now();
        let time_of_day = self.transport.wall_clock();
        if let Some(sleep) = self.wake_detector.check(now, time_of_day) {
            self.transport.on_wake(sleep.since);
            self.watches.lock().advance(now, sleep.duration);
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
            Transition::PollAgain { update, .. } => {
                let due = inner.due().unwrap_or_else(Instant::now);
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
        // None if the watch was removed.
        let watch = self.watches.lock().in_flight(ended.id())?;
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
        let Some(due) = due else {
            return Poll::Pending;
        };
        let now = Instant::now();
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
            scheduler.spawn_due();
            scheduler.search_over();
            let unmade = scheduler.watches.lock().take_unmade();
            if let Some(unmade) = unmade {
                return Poll::Ready(Some(ended_unmade(unmade)));
            }
            if let Some(watch) = scheduler.over.pop_front() {
                let outcome = watch.exceed_deadline(None, None);
                match scheduler.on_completed(&watch, outcome) {
                    Some(update) => return Poll::Ready(Some(update)),
                    // It was removed meanwhile.
                    None => continue,
                }
            }
            match scheduler.requests.poll_join_next(context) {
                Poll::Ready(Some(Ok((watch, outcome)))) => {
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
