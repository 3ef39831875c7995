//! Policies of the caller's that misbehave: they end their own clip with an error, and no other.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use rhombus_clips::polling::{Estimate, PollPolicy, PollState};
use rhombus_clips::retry::{FailedAttempt, RetryDecision, RetryPolicy};
use rhombus_clips::{Checkpoint, ClipUpdate, ClipUuid, ErrorKind, WatchAllStream, WatchHandle};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_tests::client_for;

const SEC: Duration = Duration::from_secs(1);

fn uuid(number: u8) -> ClipUuid {
    ClipUuid::from_bytes([number; 16])
}

/// Starts a service with four clips, of which the last is added later if at all.
async fn start() -> Service {
    let service = Service::start().await.unwrap();
    (0..4).fold(service, |service, n| {
        service.with_clip(uuid(n), clip().renders_in(20.s()))
    })
}

/// Reads a stream to its end and returns the kind of error that each clip ended with.
async fn ends(mut updates: WatchAllStream) -> HashMap<ClipUuid, Option<ErrorKind>> {
    let mut ends = HashMap::new();
    while let Some(update) = updates.next().await {
        if let ClipUpdate::Ended { uuid, result, .. } = update {
            let kind = result.err().map(|error| error.kind());
            assert_eq!(ends.insert(uuid, kind), None);
        }
    }
    ends
}

/// Misbehaves in the method that it is told, for the clip whose watch is the `number`th to poll.
#[derive(Clone)]
struct Misbehaving {
    method: Method,
    what: Arc<dyn Fn() + Send + Sync>,
    /// Watches that have polled.
    watches: Arc<Mutex<u32>>,
    is_target: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Method {
    NextDelay,
    Estimate,
    Save,
}

impl Misbehaving {
    fn new(method: Method, what: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            method,
            what: Arc::new(what),
            watches: Arc::default(),
            is_target: None,
        }
    }

    fn enter(&self, method: Method) {
        if self.is_target == Some(true) && self.method == method {
            (self.what)();
        }
    }
}

impl fmt::Debug for Misbehaving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Misbehaving")
    }
}

impl PollPolicy for Misbehaving {
    fn next_delay(&mut self, _: &PollState<'_>) -> Duration {
        let watches = &self.watches;
        self.is_target.get_or_insert_with(|| {
            let mut watches = watches.lock().unwrap();
            *watches += 1;
            *watches == 2
        });
        self.enter(Method::NextDelay);
        2 * SEC
    }

    fn estimate(&self) -> Option<Estimate> {
        self.enter(Method::Estimate);
        None
    }

    fn save(&self) -> Option<String> {
        self.enter(Method::Save);
        None
    }
}

fn assert_one_policy_error(ends: &HashMap<ClipUuid, Option<ErrorKind>>, what: &str) {
    let mut kinds: Vec<_> = ends.values().map(|kind| format!("{kind:?}")).collect();
    kinds.sort();
    assert_eq!(kinds, ["None", "None", "Some(Policy)"], "{what}");
}

#[tokio::test(start_paused = true)]
async fn a_poll_policy_that_panics_ends_its_own_clip() {
    for method in [Method::NextDelay, Method::Estimate] {
        let service = start().await;
        let policy = Misbehaving::new(method, || panic!("no idea"));
        let watches = client_for(&service).watch_all((0..3).map(uuid));
        let ends = ends(watches.polling(policy).stream()).await;
        assert_one_policy_error(&ends, &format!("{method:?}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_poll_policy_that_panics_when_it_is_saved_is_left_out_of_the_checkpoint() {
    let service = start().await;
    let policy = Misbehaving::new(Method::Save, || panic!("no idea"));
    let watches = client_for(&service).watch_all((0..3).map(uuid));
    let mut updates = watches.polling(policy).stream();
    for _ in 0..6 {
        updates.next().await;
    }
    assert_eq!(updates.checkpoints().len(), 3);
    assert!(ends(updates).await.values().all(Option::is_none));
}

#[derive(Debug)]
struct PanickingRetry;

impl RetryPolicy for PanickingRetry {
    fn decide(&self, _: &FailedAttempt<'_>) -> RetryDecision {
        panic!("no idea")
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_policy_that_panics_ends_its_own_call_or_clip() {
    let service = start().await;
    service.inject(fault(Response::status(503)).for_clip(uuid(1)));
    let client = client_for(&service);
    let watches = client.watch_all((0..3).map(uuid)).batching(false);
    let watches = watches.retry(PanickingRetry);
    assert_one_policy_error(&ends(watches.stream()).await, "retry policy");
    let error = client
        .get_clip(uuid(1))
        .retry(PanickingRetry)
        .await
        .unwrap_err();
    assert!(error.is_policy());
    let error = client
        .watch(uuid(1))
        .retry(PanickingRetry)
        .await
        .unwrap_err();
    assert!(error.is_policy() && error.checkpoint().is_some());
}

/// Handle of a stream that does not exist yet.
type LateHandle = Arc<Mutex<Option<WatchHandle>>>;

/// Watches three clips with a policy that uses the stream's handle.
async fn ends_with_handle(
    method: Method,
    what: impl Fn(&WatchHandle) + Send + Sync + 'static,
) -> HashMap<ClipUuid, Option<ErrorKind>> {
    let service = start().await;
    let late = LateHandle::default();
    let handle = late.clone();
    let policy = Misbehaving::new(method, move || {
        // Taken out, so that the test's own lock is not held while the policy waits.
        let taken = handle.lock().unwrap().take();
        taken.iter().for_each(&what);
    });
    let watches = client_for(&service).watch_all((0..3).map(uuid));
    let updates = watches.polling(policy).stream();
    *late.lock().unwrap() = Some(updates.handle());
    ends(updates).await
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_uses_the_handle_on_its_own_watch_ends_its_own_clip() {
    for method in [Method::NextDelay, Method::Estimate] {
        let ends = ends_with_handle(method, |handle| {
            assert!(handle.checkpoints().is_empty());
        });
        assert_one_policy_error(&ends.await, "checkpoints");
        let ends = ends_with_handle(method, |handle| {
            let removed = (0..3).filter_map(|n| handle.remove(uuid(n)));
            assert_eq!(removed.count(), 0);
        });
        assert_one_policy_error(&ends.await, "remove");
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_may_use_the_handle_otherwise() {
    let ends = ends_with_handle(Method::NextDelay, |handle| {
        assert_eq!(handle.len(), 3);
        assert!(!handle.add(uuid(0)));
        assert!(handle.clone().add(uuid(3)));
    });
    let ends = ends.await;
    assert!(
        ends.len() == 4 && ends.values().all(Option::is_none),
        "{ends:?}"
    );
}

/// A policy that uses the handle of its stream while it is cloned for a new watch.
#[derive(Debug)]
struct UsesHandleInClone(LateHandle);

impl Clone for UsesHandleInClone {
    fn clone(&self) -> Self {
        if let Some(handle) = self.0.lock().unwrap().take() {
            assert_eq!(handle.len(), 3);
            assert!(handle.checkpoints().is_empty());
            assert!(!handle.add(uuid(9)));
        }
        Self(self.0.clone())
    }
}

impl PollPolicy for UsesHandleInClone {
    fn next_delay(&mut self, _: &PollState<'_>) -> Duration {
        2 * SEC
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_uses_the_handle_while_it_is_cloned_ends_its_own_clip() {
    let service = start().await.with_clip(uuid(3), clip().renders_in(20.s()));
    let late = LateHandle::default();
    let watches = client_for(&service).watch_all((0..3).map(uuid));
    let mut updates = watches.polling(UsesHandleInClone(late.clone())).stream();
    *late.lock().unwrap() = Some(updates.handle());
    assert!(updates.add(uuid(3)));
    let ends = ends(updates).await;
    let failed = ends.iter().filter(|(_, kind)| kind.is_some());
    let failed: Vec<_> = failed.collect();
    assert_eq!(failed, [(&uuid(3), &Some(ErrorKind::Policy))]);
    assert_eq!(ends.len(), 4);
}

/// A policy that panics while it is cloned for the second watch.
#[derive(Debug)]
struct PanicsInClone(Arc<Mutex<u32>>);

impl Clone for PanicsInClone {
    fn clone(&self) -> Self {
        let clones = {
            let mut clones = self.0.lock().unwrap();
            *clones += 1;
            *clones
        };
        assert_ne!(clones, 2);
        Self(self.0.clone())
    }
}

impl PollPolicy for PanicsInClone {
    fn next_delay(&mut self, _: &PollState<'_>) -> Duration {
        2 * SEC
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_panics_while_it_is_cloned_ends_its_own_clip() {
    let service = start().await;
    let watches = client_for(&service).watch_all((0..3).map(uuid));
    let updates = watches.polling(PanicsInClone(Arc::default())).stream();
    assert_one_policy_error(&ends(updates).await, "clone");
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_could_not_be_made_ends_once_and_retains_its_checkpoint() {
    let service = start().await;
    let client = client_for(&service);
    let clips = [0, 1, 1].map(uuid);
    let watches = client.watch_all(clips).timeout(77 * SEC);
    let policy = PanicsInClone(Arc::default());
    let new = failed_checkpoint(watches.polling(policy).stream()).await;
    assert_eq!((new.polls(), new.timeout()), (0, 77 * SEC));

    let mut updates = client.watch(uuid(1)).stream();
    updates.next().await.unwrap().unwrap();
    let saved = [client.watch(uuid(0)).checkpoint(), updates.stop()];
    let policy = PanicsInClone(Arc::default());
    let resumed = client.resume_all(saved.clone()).polling(policy).stream();
    assert_eq!(failed_checkpoint(resumed).await, saved[1]);
}

/// Reads a stream to its end, and returns the checkpoint of the only watch that failed.
async fn failed_checkpoint(mut updates: WatchAllStream) -> Checkpoint {
    let mut checkpoints = Vec::new();
    while let Some(update) = updates.next().await {
        if let ClipUpdate::Ended { result, polls, .. } = update {
            let Err(error) = result else { continue };
            assert!(error.is_policy());
            let checkpoint = error.checkpoint().expect("it can go on").clone();
            assert_eq!(polls, checkpoint.polls());
            checkpoints.push(checkpoint);
        }
    }
    assert_eq!(checkpoints.len(), 1);
    checkpoints.remove(0)
}

/// A policy that takes checkpoints when its clip is complete.
#[derive(Clone)]
struct SavesAtEnd(LateHandle);

impl fmt::Debug for SavesAtEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SavesAtEnd")
    }
}

impl PollPolicy for SavesAtEnd {
    fn next_delay(&mut self, _: &PollState<'_>) -> Duration {
        2 * SEC
    }

    fn on_complete(&mut self, _: Duration) {
        let handle = self.0.lock().unwrap().take();
        handle.iter().for_each(|handle| _ = handle.checkpoints());
    }
}

#[tokio::test(start_paused = true)]
async fn a_complete_clip_is_the_result_whatever_its_policy_does() {
    let service = start().await;
    let late = LateHandle::default();
    let watches = client_for(&service).watch_all((0..3).map(uuid));
    let updates = watches.polling(SavesAtEnd(late.clone())).stream();
    *late.lock().unwrap() = Some(updates.handle());
    let ends = ends(updates).await;
    assert!(ends.len() == 3 && ends.values().all(Option::is_none));
    assert!(late.lock().unwrap().is_none());
}

/// A policy that adds a clip with each decision, while other threads add others.
#[derive(Clone)]
struct AddsClips {
    handle: LateHandle,
    next: Arc<AtomicU16>,
}

impl fmt::Debug for AddsClips {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddsClips")
    }
}

impl PollPolicy for AddsClips {
    fn next_delay(&mut self, _: &PollState<'_>) -> Duration {
        if let Some(handle) = &*self.handle.lock().unwrap() {
            let next = self.next.fetch_add(1, Ordering::SeqCst).to_be_bytes();
            let mut bytes = [1; 16];
            bytes[..2].copy_from_slice(&next);
            assert!(handle.add(ClipUuid::from_bytes(bytes)));
        }
        600 * SEC
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_policy_adds_clips_while_others_add_some() {
    let service = start().await;
    let late = LateHandle::default();
    let policy = AddsClips {
        handle: late.clone(),
        next: Arc::default(),
    };
    let watches = client_for(&service).watch_all([uuid(0)]);
    let mut updates = watches.polling(policy).stream();
    let handle = updates.handle();
    *late.lock().unwrap() = Some(updates.handle());
    let adding = std::thread::spawn(move || {
        for number in 0..20_000_u32 {
            let mut bytes = [2; 16];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            let uuid = ClipUuid::from_bytes(bytes);
            assert!(handle.add(uuid) && handle.remove(uuid).is_some());
        }
    });
    while !adding.is_finished() {
        if let Some(ClipUpdate::Ended { result, .. }) = updates.next().await {
            result.unwrap();
        }
    }
    adding.join().unwrap();
    // Its own lock is the test's.
    late.lock().unwrap().take();
}

/// Every policy uses the handle at once, on several threads: none waits for another.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn policies_that_use_the_handle_at_once_do_not_wait_for_each_other() {
    #[derive(Clone)]
    struct TakesCheckpoints(LateHandle, Arc<Barrier>);

    impl fmt::Debug for TakesCheckpoints {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("TakesCheckpoints")
        }
    }

    impl PollPolicy for TakesCheckpoints {
        fn next_delay(&mut self, _: &PollState<'_>) -> Duration {
            let handle = self.0.lock().unwrap().clone();
            // Both decide now. The other poll may be queued on this thread.
            tokio::task::block_in_place(|| self.1.wait());
            handle.iter().for_each(|handle| _ = handle.checkpoints());
            Duration::from_millis(1)
        }
    }

    let service = start().await;
    let late = LateHandle::default();
    let policy = TakesCheckpoints(late.clone(), Arc::new(Barrier::new(2)));
    let watches = client_for(&service).watch_all([uuid(0), uuid(1)]);
    let updates = watches.polling(policy).stream();
    *late.lock().unwrap() = Some(updates.handle());
    let mut updates = updates;
    for _ in 0..2 {
        let ended = updates.next().await.unwrap();
        assert!(
            matches!(&ended, ClipUpdate::Ended { result: Err(error), .. } if error.is_policy()),
            "{ended:?}"
        );
    }
}
