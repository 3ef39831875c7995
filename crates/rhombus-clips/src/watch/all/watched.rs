//! Which clips are watched, shared by the stream and its handles.

use std::collections::HashMap;
use std::collections::hash_map;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use tokio::task::{self, AbortHandle};
use tokio::time::Instant;

use super::super::checkpoint::Checkpoint;
use super::super::course::Course;
use super::plan::Plan;
use super::schedule::{Schedule, Ticket};
use crate::ClipUuid;
use crate::deadline::after;

/// The clips that are watched.
pub(super) struct Watched(Mutex<State>);

pub(super) struct State {
    plan: Plan,
    watches: HashMap<ClipUuid, Watch>,
    schedule: Schedule<ClipUuid>,
    /// What the times of the schedule count from.
    epoch: Instant,
    /// Wakes who polls the stream.
    waker: Option<Waker>,
    /// How many can add clips besides the stream.
    handles: usize,
    /// Whether the stream is there.
    is_streamed: bool,
}

struct Watch {
    course: Arc<Course>,
    turn: Turn,
}

enum Turn {
    /// It waits until its next look is due.
    Waits(Ticket),
    /// A request for it is under way, or held back.
    UnderWay(AbortHandle),
}

impl Watched {
    pub(super) fn new(plan: Plan) -> Self {
        Self(Mutex::new(State {
            plan,
            watches: HashMap::new(),
            schedule: Schedule::new(),
            epoch: Instant::now(),
            waker: None,
            handles: 0,
            is_streamed: true,
        }))
    }

    /// Nothing panics under the lock.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where all stand. Nobody else is held up while it is written.
    pub(super) fn checkpoints(&self) -> Vec<Checkpoint> {
        let courses: Vec<_> = {
            let state = self.lock();
            let watches = state.watches.values();
            watches.map(|watch| watch.course.clone()).collect()
        };
        let stands = courses.into_iter();
        stands.map(|course| course.lock().checkpoint()).collect()
    }
}

impl State {
    /// Watches this clip too, if it is not watched already.
    pub(super) fn add(&mut self, uuid: ClipUuid) -> bool {
        self.insert(uuid, |plan| plan.begin(uuid))
    }

    /// Goes on with this watch too, if the clip is not watched already.
    pub(super) fn resume(&mut self, checkpoint: &Checkpoint) -> bool {
        self.insert(checkpoint.clip_uuid(), |plan| plan.resume(checkpoint))
    }

    fn insert(&mut self, uuid: ClipUuid, course: impl FnOnce(&mut Plan) -> Course) -> bool {
        if !self.is_streamed {
            return false;
        }
        let hash_map::Entry::Vacant(vacant) = self.watches.entry(uuid) else {
            return false;
        };
        let course = course(&mut self.plan);
        let due = course.lock().due().unwrap_or_else(Instant::now);
        let ticket = self.schedule.add(due - self.epoch, uuid);
        vacant.insert(Watch {
            course: Arc::new(course),
            turn: Turn::Waits(ticket),
        });
        self.wake();
        true
    }

    pub(super) fn reserve(&mut self, watches: usize) {
        self.watches.reserve(watches);
    }

    /// Ends a watch, and its request should one be under way.
    pub(super) fn remove(&mut self, uuid: ClipUuid) -> Option<Arc<Course>> {
        let Watch { course, turn } = self.watches.remove(&uuid)?;
        match turn {
            Turn::Waits(ticket) => _ = self.schedule.remove(ticket),
            Turn::UnderWay(request) => request.abort(),
        }
        self.wake();
        Some(course)
    }

    /// How many are watched.
    pub(super) fn len(&self) -> usize {
        self.watches.len()
    }

    /// The watch whose turn it is.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<(ClipUuid, Arc<Course>)> {
        let uuid = self.schedule.take_due(now - self.epoch)?;
        let watch = self.watches.get(&uuid)?;
        Some((uuid, watch.course.clone()))
    }

    /// A request for a watch whose turn it was is under way.
    pub(super) fn set_under_way(&mut self, uuid: ClipUuid, request: AbortHandle) {
        if let Some(watch) = self.watches.get_mut(&uuid) {
            watch.turn = Turn::UnderWay(request);
        }
    }

    /// A request ended without an answer: if its watch is still there, it is due at once.
    pub(super) fn ask_again(&mut self, request: task::Id) {
        let mut watches = self.watches.iter();
        let of_it = watches.find(
            |(_, watch)| matches!(&watch.turn, Turn::UnderWay(other) if other.id() == request),
        );
        if let Some(uuid) = of_it.map(|(uuid, _)| *uuid) {
            self.wait(uuid, Instant::now());
        }
    }

    /// When the next look is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        Some(after(self.epoch, self.schedule.next_due()?))
    }

    /// Whether a watch is still wanted: it may have been removed, and its clip added anew.
    pub(super) fn is_watched(&self, uuid: ClipUuid, course: &Arc<Course>) -> bool {
        let watch = self.watches.get(&uuid);
        watch.is_some_and(|watch| Arc::ptr_eq(&watch.course, course))
    }

    /// A watch waits for its next look.
    pub(super) fn wait(&mut self, uuid: ClipUuid, due: Instant) {
        if let Some(watch) = self.watches.get_mut(&uuid) {
            let ticket = self.schedule.add(due - self.epoch, uuid);
            watch.turn = Turn::Waits(ticket);
        }
    }

    /// A watch has its result.
    pub(super) fn end(&mut self, uuid: ClipUuid) {
        self.watches.remove(&uuid);
    }

    /// Whether nothing is watched, and nobody can add anything.
    pub(super) fn is_over(&self) -> bool {
        self.watches.is_empty() && self.handles == 0
    }

    /// Who polls the stream is to be woken by this.
    pub(super) fn wake_by(&mut self, waker: &Waker) {
        self.waker = Some(waker.clone());
    }

    pub(super) fn take_handle(&mut self) {
        self.handles += 1;
    }

    pub(super) fn give_handle_back(&mut self) {
        self.handles = self.handles.saturating_sub(1);
        self.wake();
    }

    /// Nobody polls the stream any more.
    pub(super) fn end_stream(&mut self) {
        self.is_streamed = false;
        self.waker = None;
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}
