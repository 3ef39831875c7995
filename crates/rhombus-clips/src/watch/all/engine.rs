//! The shell of many watches: asks for what is due, sleeps, hands on.

use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep, sleep_until};

use super::super::course::{Course, Told};
use super::super::look::{Look, look};
use super::update::ClipUpdate;
use super::watched::Watched;
use crate::looker::Looker;
use crate::trace;

/// Nothing is asked unless it is polled: who reads slowly asks slowly. Each request is a task, so
/// that answers are read on all of the runtime's threads.
pub(super) struct Engine<L> {
    looker: Arc<L>,
    watched: Arc<Watched>,
    requests: JoinSet<(Arc<Course>, Look)>,
    concurrency: usize,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl<L: Looker> Engine<L> {
    pub(super) fn new(looker: L, watched: Arc<Watched>, concurrency: usize) -> Self {
        Self {
            looker: Arc::new(looker),
            watched,
            requests: JoinSet::new(),
            concurrency,
            alarm: None,
        }
    }

    /// Asks for what is due, as far as the concurrency goes.
    fn ask(&mut self) {
        // Outside of a runtime it panics: before the lock, and before anything is taken.
        let runtime = Handle::current();
        while self.requests.len() < self.concurrency {
            let mut watched = self.watched.lock();
            let Some((uuid, course)) = watched.take_due(Instant::now()) else {
                return;
            };
            let looker = self.looker.clone();
            let request = async move {
                let look = look(&*looker, &course).await;
                (course, look)
            };
            let request = trace::in_current_span(request);
            let request = self.requests.spawn_on(request, &runtime);
            watched.set_under_way(uuid, request);
        }
    }

    /// A request ended.
    fn hear(&mut self, course: &Arc<Course>, look: Look) -> Option<ClipUpdate> {
        let mut stand = course.lock();
        let uuid = stand.uuid();
        let mut watched = self.watched.lock();
        if !watched.is_watched(uuid, course) {
            return None;
        }
        let (clip, elapsed) = (look.clip.clone(), look.elapsed);
        let told = stand.tell(look, clip.as_ref());
        let polls = stand.polls();
        let result = match told {
            Told::Complete(clip, _) => Ok(clip),
            Told::Failed(error) => Err(error),
            Told::Nothing | Told::Changed(_) => {
                let due = stand.due().unwrap_or_else(Instant::now);
                watched.wait(uuid, due);
                return match told {
                    Told::Changed(update) => Some(ClipUpdate::Changed { uuid, update }),
                    _ => None,
                };
            }
        };
        watched.end(uuid);
        Some(ClipUpdate::Ended {
            uuid,
            result,
            polls,
            elapsed,
        })
    }

    /// Waits for what is due next, for what is added, or for the end.
    fn rest(&mut self, context: &mut Context<'_>) -> Poll<Rested> {
        let mut watched = self.watched.lock();
        if watched.is_over() {
            return Poll::Ready(Rested::Over);
        }
        watched.wake_by(context.waker());
        let is_free = self.requests.len() < self.concurrency;
        let due = watched.next_due().filter(|_| is_free);
        drop(watched);
        let Some(due) = due else {
            return Poll::Pending;
        };
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if alarm.deadline() != due {
            alarm.as_mut().reset(due);
        }
        alarm.as_mut().poll(context).map(|()| Rested::Due)
    }
}

enum Rested {
    Due,
    Over,
}

impl<L: Looker> Stream for Engine<L> {
    type Item = ClipUpdate;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<ClipUpdate>> {
        let engine = self.get_mut();
        loop {
            engine.ask();
            match engine.requests.poll_join_next(context) {
                Poll::Ready(Some(Ok((course, look)))) => {
                    if let Some(update) = engine.hear(&course, look) {
                        return Poll::Ready(Some(update));
                    }
                }
                // A poll policy or a policy of the caller's, who is to hear of it.
                Poll::Ready(Some(Err(ended))) if ended.is_panic() => {
                    resume_unwind(ended.into_panic());
                }
                // Its watch was removed, or else its runtime shut down.
                Poll::Ready(Some(Err(ended))) => engine.watched.lock().ask_again(ended.id()),
                Poll::Ready(None) | Poll::Pending => match engine.rest(context) {
                    Poll::Ready(Rested::Due) => {}
                    Poll::Ready(Rested::Over) => return Poll::Ready(None),
                    Poll::Pending => return Poll::Pending,
                },
            }
        }
    }
}

impl<L> Drop for Engine<L> {
    fn drop(&mut self) {
        self.watched.lock().end_stream();
    }
}
