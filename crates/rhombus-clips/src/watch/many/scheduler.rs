//! Drives many watches: sends due polls, sleeps until the next one, yields updates.
//!
//! It decides only which watch is next. Whether and when a watch polls again is the state machine's
//! decision.

use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep, sleep_until};

use super::super::poll::{PollOutcome, SharedWatch, poll_once};
use super::super::state::Transition;
use super::super::update::ClipUpdate;
use super::watch_set::WatchSet;
use crate::telemetry;
use crate::transport::Transport;

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
}

impl Scheduler {
    pub(super) fn new(
        transport: Arc<Transport>,
        watches: Arc<WatchSet>,
        concurrency: usize,
    ) -> Self {
        Self {
            transport,
            watches,
            requests: JoinSet::new(),
            concurrency,
            timer: None,
        }
    }

    /// Sends the due polls, up to the concurrency.
    fn spawn_due(&mut self) {
        // It panics outside of a runtime: before the lock, and before a watch is taken.
        let runtime = Handle::current();
        while self.requests.len() < self.concurrency {
            let mut watches = self.watches.lock();
            let Some((uuid, watch)) = watches.take_due(Instant::now()) else {
                return;
            };
            let transport = self.transport.clone();
            let request = async move {
                let outcome = poll_once(&transport, &watch, None).await;
                (watch, outcome)
            };
            let request = telemetry::in_current_span(request);
            let request = self.requests.spawn_on(request, &runtime);
            watches.set_in_flight(uuid, request);
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
        let mut watches = self.watches.lock();
        if !watches.is_watched(uuid, watch) {
            return None;
        }
        let PollOutcome {
            transition,
            elapsed,
            polls,
        } = outcome;
        let result = match transition {
            Transition::PollAgain { update, .. } => {
                let due = inner.due().unwrap_or_else(Instant::now);
                watches.schedule(uuid, due);
                return update.map(|update| ClipUpdate::Changed { uuid, update });
            }
            Transition::Complete(clip, _) => Ok(clip),
            Transition::Failed(error) => Err(error),
        };
        telemetry::log_watch_end(uuid, polls, elapsed, result.as_ref().err());
        watches.end(uuid);
        Some(ClipUpdate::Ended {
            uuid,
            result,
            polls,
            elapsed,
        })
    }

    /// Waits for the next due poll, a change of the watch set, or the end.
    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<Wake> {
        let mut watches = self.watches.lock();
        if watches.is_over() {
            return Poll::Ready(Wake::Over);
        }
        watches.set_waker(context.waker());
        let is_free = self.requests.len() < self.concurrency;
        let due = watches.next_due().filter(|_| is_free);
        drop(watches);
        let Some(due) = due else {
            return Poll::Pending;
        };
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

enum Wake {
    Due,
    Over,
}

impl Stream for Scheduler {
    type Item = ClipUpdate;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<ClipUpdate>> {
        let scheduler = self.get_mut();
        loop {
            scheduler.spawn_due();
            match scheduler.requests.poll_join_next(context) {
                Poll::Ready(Some(Ok((watch, outcome)))) => {
                    if let Some(update) = scheduler.on_completed(&watch, outcome) {
                        return Poll::Ready(Some(update));
                    }
                }
                // A poll policy or retry policy of the caller's panicked: propagate it.
                Poll::Ready(Some(Err(ended))) if ended.is_panic() => {
                    resume_unwind(ended.into_panic());
                }
                // The watch was removed, or the request's runtime shut down.
                Poll::Ready(Some(Err(ended))) => scheduler.watches.lock().reschedule(ended.id()),
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
