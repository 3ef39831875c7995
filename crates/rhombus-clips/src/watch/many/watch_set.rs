//! Set of watched clips, shared by the stream and its handles.
//!
//! Holds the watches and their timers behind one lock, so that handles can add and remove clips from any
//! thread. It sends nothing.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, SystemTime};

use tokio::task::{self, AbortHandle};
use tokio::time::Instant;

use super::super::checkpoint::Checkpoint;
use super::super::poll::SharedWatch;
use super::super::state::{WatchConfig, WatchLimits, WatchProgress, WatchState};
use super::timer_queue::{Key, TimerQueue};
use crate::polling::PollPolicy;
use crate::retry::RetryPolicy;
use crate::time::saturating_add;
use crate::{ClipUuid, Error, policy_guard};

/// Set of watches behind a lock.
pub(super) struct WatchSet {
    /// Behind a lock of its own, because making a watch runs code of the caller's policies.
    defaults: Mutex<WatchDefaults>,
    inner: Mutex<Inner>,
    /// Number of requests that were sent.
    requests: AtomicU64,
}

pub(super) struct Inner {
    entries: HashMap<ClipUuid, Entry>,
    /// Watches that could not be made, because the caller's policy panicked.
    unmade: Vec<UnmadeWatch>,
    timers: TimerQueue<ClipUuid>,
    /// Clips that handles have removed since these were taken.
    removed: Vec<ClipUuid>,
    /// Origin of the timer queue's times.
    epoch: Instant,
    /// Waker of the task that polls the stream.
    waker: Option<Waker>,
    /// Number of handles, which can add clips.
    handles: usize,
    /// Whether the stream exists.
    is_streamed: bool,
}

/// A watch that could not be made.
pub(super) struct UnmadeWatch {
    pub(super) checkpoint: Checkpoint,
    pub(super) error: Error,
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
        Self {
            defaults: Mutex::new(defaults),
            inner: Mutex::new(Inner {
                entries: HashMap::new(),
                unmade: Vec::new(),
                timers: TimerQueue::new(),
                removed: Vec::new(),
                epoch: Instant::now(),
                waker: None,
                handles: 0,
                is_streamed: true,
            }),
            requests: AtomicU64::new(0),
        }
    }

    pub(super) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of requests that were sent.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Locks the set. No code of a caller's runs under the lock: not a policy's, not the destructor of
    /// one, and no subscriber of events.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a new watch; `false` if the clip is watched already.
    pub(super) fn add(&self, uuid: ClipUuid) -> bool {
        self.insert(uuid, None)
    }

    /// Adds a resumed watch; `false` if the clip is watched already.
    pub(super) fn resume(&self, checkpoint: &Checkpoint) -> bool {
        self.insert(checkpoint.clip_uuid(), Some(checkpoint))
    }

    fn insert(&self, uuid: ClipUuid, checkpoint: Option<&Checkpoint>) -> bool {
        // The defaults are locked while a policy is made, which may not add another clip.
        if policy_guard::refuses_watch() || !self.lock().accepts(uuid) {
            return false;
        }
        let mut defaults = self.defaults.lock().unwrap_or_else(PoisonError::into_inner);
        let watch = policy_guard::making(|| match checkpoint {
            Some(checkpoint) => defaults.resume(checkpoint),
            None => defaults.start(uuid),
        });
        let watch = match watch {
            Ok(watch) => Arc::new(watch),
            Err(error) => {
                let new = || defaults.checkpoint(uuid);
                let checkpoint = checkpoint.cloned().unwrap_or_else(new);
                let mut inner = self.lock();
                let is_accepted = inner.accepts(uuid);
                if is_accepted {
                    inner.unmade.push(UnmadeWatch { checkpoint, error });
                    inner.wake();
                }
                return is_accepted;
            }
        };
        drop(defaults);
        // A watch that is not inserted is dropped after the lock.
        self.lock().insert(uuid, &watch)
    }

    /// Removes a watch, aborts its poll in flight, and returns its checkpoint. A policy cannot remove any.
    pub(super) fn remove(&self, uuid: ClipUuid) -> Option<Checkpoint> {
        if policy_guard::refuses() {
            return None;
        }
        let watch = self.lock().remove(uuid)?;
        Some(watch.checkpoint())
    }

    /// Takes the checkpoints of all watches. The set is unlocked while they are serialized. A policy gets
    /// none.
    pub(super) fn checkpoints(&self) -> Vec<Checkpoint> {
        if policy_guard::refuses() {
            return Vec::new();
        }
        let watches: Vec<_> = {
            let inner = self.lock();
            let entries = inner.entries.values();
            entries.map(|entry| entry.watch.clone()).collect()
        };
        let watches = watches.into_iter();
        watches.map(|watch| watch.checkpoint()).collect()
    }
}

impl Inner {
    /// Returns whether a clip can be added.
    fn accepts(&self, uuid: ClipUuid) -> bool {
        let is_unmade = |unmade: &UnmadeWatch| unmade.checkpoint.clip_uuid() == uuid;
        self.is_streamed && !self.entries.contains_key(&uuid) && !self.unmade.iter().any(is_unmade)
    }

    fn insert(&mut self, uuid: ClipUuid, watch: &Arc<SharedWatch>) -> bool {
        if !self.accepts(uuid) {
            return false;
        }
        let due = watch.lock().due().unwrap_or_else(Instant::now);
        let key = self.timers.add(due - self.epoch, uuid);
        let entry = Entry {
            watch: watch.clone(),
            state: EntryState::Scheduled(key),
        };
        self.entries.insert(uuid, entry);
        self.wake();
        true
    }

    pub(super) fn reserve(&mut self, watches: usize) {
        self.entries.reserve(watches);
    }

    /// Removes a watch, and aborts its poll in flight.
    fn remove(&mut self, uuid: ClipUuid) -> Option<Arc<SharedWatch>> {
        let Entry { watch, state } = self.entries.remove(&uuid)?;
        match state {
            EntryState::Scheduled(key) => _ = self.timers.remove(key),
            EntryState::InFlight(request) => request.abort(),
        }
        self.removed.push(uuid);
        self.wake();
        Some(watch)
    }

    /// Takes a watch that could not be made.
    pub(super) fn take_unmade(&mut self) -> Option<UnmadeWatch> {
        self.unmade.pop()
    }

    /// Number of watches.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Takes the watch whose poll is most overdue, if one is due.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<Arc<SharedWatch>> {
        let uuid = self.timers.take_due(now - self.epoch)?;
        Some(self.entries.get(&uuid)?.watch.clone())
    }

    /// Marks a watch as in flight, or aborts its poll if it was removed meanwhile.
    pub(super) fn set_in_flight(
        &mut self,
        uuid: ClipUuid,
        watch: &Arc<SharedWatch>,
        request: AbortHandle,
    ) {
        let entry = self.entries.get_mut(&uuid);
        match entry.filter(|entry| Arc::ptr_eq(&entry.watch, watch)) {
            Some(entry) => entry.state = EntryState::InFlight(request),
            None => request.abort(),
        }
    }

    /// Returns the watches whose poll is due. Their locks are not to be waited for under this one: a
    /// policy may use a handle while it holds its watch.
    pub(super) fn due_watches(&self, now: Instant) -> Vec<Arc<SharedWatch>> {
        let due = self.timers.due(now - self.epoch);
        let entries = due.filter_map(|uuid| self.entries.get(uuid));
        entries.map(|entry| entry.watch.clone()).collect()
    }

    /// Removes the scheduled poll of a watch.
    pub(super) fn unschedule(&mut self, uuid: ClipUuid, watch: &Arc<SharedWatch>) {
        let entry = self.entries.get(&uuid);
        let entry = entry.filter(|entry| Arc::ptr_eq(&entry.watch, watch));
        if let Some(EntryState::Scheduled(key)) = entry.map(|entry| &entry.state) {
            self.timers.remove(*key);
        }
    }

    /// Makes the polls due that become due within this time.
    pub(super) fn advance(&mut self, now: Instant, time: Duration) {
        let early = self
            .timers
            .take_until(saturating_add(now, time) - self.epoch);
        for uuid in early {
            self.schedule(uuid, now);
        }
    }

    /// Returns the watch of a poll in flight.
    pub(super) fn in_flight(&self, request: task::Id) -> Option<Arc<SharedWatch>> {
        let mut entries = self.entries.values();
        let entry = entries.find(
            |entry| matches!(&entry.state, EntryState::InFlight(other) if other.id() == request),
        )?;
        Some(entry.watch.clone())
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

    /// Takes the clips that were removed since the last call.
    pub(super) fn take_removed(&mut self) -> Vec<ClipUuid> {
        std::mem::take(&mut self.removed)
    }

    /// Returns a watch without a poll in flight.
    pub(super) fn scheduled(&self, uuid: ClipUuid) -> Option<Arc<SharedWatch>> {
        let entry = self.entries.get(&uuid)?;
        matches!(entry.state, EntryState::Scheduled(_)).then(|| entry.watch.clone())
    }

    /// Schedules the next poll of a watch.
    pub(super) fn schedule(&mut self, uuid: ClipUuid, due: Instant) {
        if let Some(entry) = self.entries.get_mut(&uuid) {
            if let EntryState::Scheduled(key) = entry.state {
                self.timers.remove(key);
            }
            let key = self.timers.add(due - self.epoch, uuid);
            entry.state = EntryState::Scheduled(key);
        }
    }

    /// Removes a watch that has ended. Returns whether it was in the set.
    pub(super) fn end(&mut self, uuid: ClipUuid, watch: &Arc<SharedWatch>) -> bool {
        let is_watched = self.is_watched(uuid, watch);
        if is_watched {
            // The caller has the watch, so it is not dropped here.
            self.entries.remove(&uuid);
        }
        is_watched
    }

    /// Returns whether there is no watch and no handle that could add one.
    pub(super) fn is_over(&self) -> bool {
        self.entries.is_empty() && self.unmade.is_empty() && self.handles == 0
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
    limits: WatchLimits,
    /// If set, it applies to resumed watches as well.
    pub(super) timeout: Option<Duration>,
    pub(super) grace_period: Option<Duration>,
    pub(super) policy: Arc<dyn RetryPolicy>,
    pub(super) poll_policy: PolicyFactory,
}

impl WatchDefaults {
    pub(super) fn new(
        policy: Arc<dyn RetryPolicy>,
        limits: WatchLimits,
        poll_policy: impl Fn(Option<&str>) -> Box<dyn PollPolicy> + Send + 'static,
    ) -> Self {
        let config = Arc::new(WatchConfig::new(policy.clone(), limits));
        Self {
            limits,
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
        let defaults = WatchConfig::new(self.policy.clone(), self.limits);
        self.config = Arc::new(WatchConfig {
            timeout: self.timeout.unwrap_or(defaults.timeout),
            grace_period: self.grace_period.unwrap_or(defaults.grace_period),
            ..defaults
        });
        self.resumed = self.config.clone();
    }

    /// Returns the checkpoint of a new watch.
    fn checkpoint(&self, uuid: ClipUuid) -> Checkpoint {
        let WatchConfig {
            timeout,
            grace_period,
            ..
        } = &*self.config;
        Checkpoint::new(uuid, SystemTime::now())
            .with_timeout(*timeout)
            .with_not_found_grace_period(*grace_period)
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
        let mut config = WatchConfig::from_checkpoint(checkpoint, self.policy.clone(), self.limits);
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
        state.resume_grace_period();
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
