//! Set of watched clips, shared by the stream and its handles.
//!
//! Holds the watches and their timers behind one lock, so that handles can add and remove clips from any
//! thread. It sends nothing.

use std::collections::HashMap;
use std::collections::hash_map;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, SystemTime};

use tokio::task::{self, AbortHandle};
use tokio::time::Instant;

use super::super::checkpoint::Checkpoint;
use super::super::poll::SharedWatch;
use super::super::state::{WatchConfig, WatchProgress, WatchState};
use super::timer_queue::{Key, TimerQueue};
use crate::ClipUuid;
use crate::polling::PollPolicy;
use crate::retry::RetryPolicy;
use crate::time::saturating_add;

/// Set of watches behind a lock.
pub(super) struct WatchSet(Mutex<Inner>);

pub(super) struct Inner {
    defaults: WatchDefaults,
    entries: HashMap<ClipUuid, Entry>,
    timers: TimerQueue<ClipUuid>,
    /// Origin of the timer queue's times.
    epoch: Instant,
    /// Waker of the task that polls the stream.
    waker: Option<Waker>,
    /// Number of handles, which can add clips.
    handles: usize,
    /// Whether the stream exists.
    is_streamed: bool,
}

struct Entry {
    watch: Arc<SharedWatch>,
    state: EntryState,
}

enum EntryState {
    /// The next poll is scheduled.
    Scheduled(Key),
    /// A poll is in flight, or waits for admission.
    InFlight(AbortHandle),
}

impl WatchSet {
    pub(super) fn new(defaults: WatchDefaults) -> Self {
        Self(Mutex::new(Inner {
            defaults,
            entries: HashMap::new(),
            timers: TimerQueue::new(),
            epoch: Instant::now(),
            waker: None,
            handles: 0,
            is_streamed: true,
        }))
    }

    /// Locks the set. A poll policy of the caller's that panics while it is made or restored leaves the
    /// set as it was.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the checkpoints of all watches. The set is unlocked while they are serialized.
    pub(super) fn checkpoints(&self) -> Vec<Checkpoint> {
        let watches: Vec<_> = {
            let inner = self.lock();
            let entries = inner.entries.values();
            entries.map(|entry| entry.watch.clone()).collect()
        };
        let watches = watches.into_iter();
        watches.map(|watch| watch.lock().checkpoint()).collect()
    }
}

impl Inner {
    /// Adds a new watch; `false` if the clip is watched already.
    pub(super) fn add(&mut self, uuid: ClipUuid) -> bool {
        self.insert(uuid, |defaults| defaults.start(uuid))
    }

    /// Adds a resumed watch; `false` if the clip is watched already.
    pub(super) fn resume(&mut self, checkpoint: &Checkpoint) -> bool {
        self.insert(checkpoint.clip_uuid(), |defaults| {
            defaults.resume(checkpoint)
        })
    }

    fn insert(
        &mut self,
        uuid: ClipUuid,
        watch: impl FnOnce(&mut WatchDefaults) -> SharedWatch,
    ) -> bool {
        if !self.is_streamed {
            return false;
        }
        let hash_map::Entry::Vacant(vacant) = self.entries.entry(uuid) else {
            return false;
        };
        let watch = watch(&mut self.defaults);
        let due = watch.lock().due().unwrap_or_else(Instant::now);
        let key = self.timers.add(due - self.epoch, uuid);
        vacant.insert(Entry {
            watch: Arc::new(watch),
            state: EntryState::Scheduled(key),
        });
        self.wake();
        true
    }

    pub(super) fn reserve(&mut self, watches: usize) {
        self.entries.reserve(watches);
    }

    /// Removes a watch, and aborts its poll in flight.
    pub(super) fn remove(&mut self, uuid: ClipUuid) -> Option<Arc<SharedWatch>> {
        let Entry { watch, state } = self.entries.remove(&uuid)?;
        match state {
            EntryState::Scheduled(key) => _ = self.timers.remove(key),
            EntryState::InFlight(request) => request.abort(),
        }
        self.wake();
        Some(watch)
    }

    /// Number of watches.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Takes the watch whose poll is most overdue, if one is due.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<(ClipUuid, Arc<SharedWatch>)> {
        let uuid = self.timers.take_due(now - self.epoch)?;
        let entry = self.entries.get(&uuid)?;
        Some((uuid, entry.watch.clone()))
    }

    /// Marks a watch as in flight.
    pub(super) fn set_in_flight(&mut self, uuid: ClipUuid, request: AbortHandle) {
        if let Some(entry) = self.entries.get_mut(&uuid) {
            entry.state = EntryState::InFlight(request);
        }
    }

    /// Schedules the watch of a poll that was aborted without a result, right away.
    pub(super) fn reschedule(&mut self, request: task::Id) {
        let mut entries = self.entries.iter();
        let entry = entries.find(
            |(_, entry)| matches!(&entry.state, EntryState::InFlight(other) if other.id() == request),
        );
        if let Some(uuid) = entry.map(|(uuid, _)| *uuid) {
            self.schedule(uuid, Instant::now());
        }
    }

    /// Time of the next due poll.
    pub(super) fn next_due(&self) -> Option<Instant> {
        Some(saturating_add(self.epoch, self.timers.next_due()?))
    }

    /// Returns whether this very watch is in the set: it may have been removed and its clip added again.
    pub(super) fn is_watched(&self, uuid: ClipUuid, watch: &Arc<SharedWatch>) -> bool {
        let entry = self.entries.get(&uuid);
        entry.is_some_and(|entry| Arc::ptr_eq(&entry.watch, watch))
    }

    /// Schedules the next poll of a watch.
    pub(super) fn schedule(&mut self, uuid: ClipUuid, due: Instant) {
        if let Some(entry) = self.entries.get_mut(&uuid) {
            let key = self.timers.add(due - self.epoch, uuid);
            entry.state = EntryState::Scheduled(key);
        }
    }

    /// Removes a watch that has ended.
    pub(super) fn end(&mut self, uuid: ClipUuid) {
        self.entries.remove(&uuid);
    }

    /// Returns whether there is no watch and no handle that could add one.
    pub(super) fn is_over(&self) -> bool {
        self.entries.is_empty() && self.handles == 0
    }

    /// Stores the waker of the task that polls the stream.
    pub(super) fn set_waker(&mut self, waker: &Waker) {
        self.waker = Some(waker.clone());
    }

    pub(super) fn add_handle(&mut self) {
        self.handles += 1;
    }

    pub(super) fn remove_handle(&mut self) {
        self.handles = self.handles.saturating_sub(1);
        self.wake();
    }

    /// Rejects further watches, because the stream was dropped.
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

/// A clip to watch.
pub(super) enum WatchSource {
    New(ClipUuid),
    Resumed(Box<Checkpoint>),
}

/// Makes the poll policy of one watch, restored from its checkpoint if there is one.
pub(super) type PolicyFactory = Box<dyn Fn(Option<&str>) -> Box<dyn PollPolicy> + Send>;

/// Configuration and policies of new and resumed watches.
pub(super) struct WatchDefaults {
    /// Of a new watch.
    config: Arc<WatchConfig>,
    /// Of the watch that was resumed last. The next ones mostly share it, which saves memory.
    resumed: Arc<WatchConfig>,
    /// If set, it applies to resumed watches as well.
    pub(super) timeout: Option<Duration>,
    pub(super) grace_period: Option<Duration>,
    pub(super) policy: Arc<dyn RetryPolicy>,
    pub(super) poll_policy: PolicyFactory,
}

impl WatchDefaults {
    pub(super) fn new(
        policy: Arc<dyn RetryPolicy>,
        poll_policy: impl Fn(Option<&str>) -> Box<dyn PollPolicy> + Send + 'static,
    ) -> Self {
        let config = Arc::new(WatchConfig::new(policy.clone()));
        Self {
            resumed: config.clone(),
            config,
            timeout: None,
            grace_period: None,
            policy,
            poll_policy: Box::new(poll_policy),
        }
    }

    /// Ends configuration: builds the configuration that new watches share.
    pub(super) fn freeze(&mut self) {
        let defaults = WatchConfig::new(self.policy.clone());
        self.config = Arc::new(WatchConfig {
            timeout: self.timeout.unwrap_or(defaults.timeout),
            grace_period: self.grace_period.unwrap_or(defaults.grace_period),
            ..defaults
        });
        self.resumed = self.config.clone();
    }

    /// Starts a new watch.
    pub(super) fn start(&self, uuid: ClipUuid) -> SharedWatch {
        let progress = WatchProgress::new(uuid);
        let state = WatchState::new(progress, (self.poll_policy)(None), self.config.clone());
        started(SharedWatch::new(state, Duration::ZERO))
    }

    /// Resumes a watch.
    pub(super) fn resume(&mut self, checkpoint: &Checkpoint) -> SharedWatch {
        let offset = checkpoint.elapsed_at(SystemTime::now());
        let mut config = WatchConfig::from_checkpoint(checkpoint, self.policy.clone());
        if let Some(timeout) = self.timeout {
            config.timeout = offset.saturating_add(timeout);
        }
        config.grace_period = self.grace_period.unwrap_or(config.grace_period);
        let is_same = config.timeout == self.resumed.timeout
            && config.grace_period == self.resumed.grace_period;
        if !is_same {
            self.resumed = Arc::new(config);
        }
        let poll_policy = (self.poll_policy)(checkpoint.poll_policy());
        let mut state = WatchState::restore(checkpoint, poll_policy, self.resumed.clone());
        state.report_next_poll();
        started(SharedWatch::new(state, offset))
    }
}

fn started(watch: SharedWatch) -> SharedWatch {
    watch.lock().start();
    watch
}

impl fmt::Debug for WatchDefaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchDefaults")
            .field("timeout", &self.timeout)
            .field("not_found_grace_period", &self.grace_period)
            .field("retry", &self.policy)
            .finish_non_exhaustive()
    }
}
