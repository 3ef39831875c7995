//! The shell of many watches: asks for what is due, sleeps, hands on.

use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep, sleep_until};

use super::super::poll::{PollOutcome, poll_once};
use super::super::shared::{SharedWatch, WatchEvent};
use super::update::ClipUpdate;
use super::watch_set::WatchSet;
use crate::telemetry;
use crate::transport::Transport;

/// Nothing is asked unless it is polled: who reads slowly asks slowly. Each request is a task, so
/// that answers are read on all of the runtime's threads.
pub(super) struct Scheduler<L> {
    transport: Arc<L>,
    watches: Arc<WatchSet>,
    requests: JoinSet<(Arc<SharedWatch>, PollOutcome)>,
    concurrency: usize,
    timer: Option<Pin<Box<Sleep>>>,
}

impl<L: Transport> Scheduler<L> {
    pub(super) fn new(transport: L, watches: Arc<WatchSet>, concurrency: usize) -> Self {
        Self {
            transport: Arc::new(transport),
            watches,
            requests: JoinSet::new(),
            concurrency,
            timer: None,
        }
    }

    /// Asks for what is due, as far as the concurrency goes.
    fn spawn_due(&mut self) {
        // Outside of a runtime it panics: before the lock, and before anything is taken.
        let runtime = Handle::current();
        while self.requests.len() < self.concurrency {
            let mut watches = self.watches.lock();
            let Some((uuid, watch)) = watches.take_due(Instant::now()) else {
                return;
            };
            let transport = self.transport.clone();
            let request = async move {
                let outcome = poll_once(&*transport, &watch).await;
                (watch, outcome)
            };
            let request = telemetry::in_current_span(request);
            let request = self.requests.spawn_on(request, &runtime);
            watches.set_in_flight(uuid, request);
        }
    }

    /// A request ended.
    fn on_completed(
        &mut self,
        watch: &Arc<SharedWatch>,
        outcome: PollOutcome,
    ) -> Option<ClipUpdate> {
        let mut inner = watch.lock();
        let uuid = inner.uuid();
        let mut watches = self.watches.lock();
        if !watches.is_watched(uuid, watch) {
            return None;
        }
        let (clip, elapsed) = (outcome.clip.clone(), outcome.elapsed);
        let event = inner.report(outcome, clip.as_ref());
        let polls = inner.polls();
        let result = match event {
            WatchEvent::Complete(clip, _) => Ok(clip),
            WatchEvent::Failed(error) => Err(error),
            WatchEvent::Nothing | WatchEvent::Changed(_) => {
                let due = inner.due().unwrap_or_else(Instant::now);
                watches.schedule(uuid, due);
                return match event {
                    WatchEvent::Changed(update) => Some(ClipUpdate::Changed { uuid, update }),
                    _ => None,
                };
            }
        };
        watches.end(uuid);
        Some(ClipUpdate::Ended {
            uuid,
            result,
            polls,
            elapsed,
        })
    }

    /// Waits for what is due next, for what is added, or for the end.
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
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if timer.deadline() != due {
            timer.as_mut().reset(due);
        }
        timer.as_mut().poll(context).map(|()| Wake::Due)
    }
}

enum Wake {
    Due,
    Over,
}

impl<L: Transport> Stream for Scheduler<L> {
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
                // A poll policy or a policy of the caller's, who is to hear of it.
                Poll::Ready(Some(Err(ended))) if ended.is_panic() => {
                    resume_unwind(ended.into_panic());
                }
                // Its watch was removed, or else its runtime shut down.
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

impl<L> Drop for Scheduler<L> {
    fn drop(&mut self) {
        self.watches.lock().end_stream();
    }
}
