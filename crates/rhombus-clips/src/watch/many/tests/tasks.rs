//! Each request is a task of the runtime.

use tokio::task::yield_now;

use super::*;
use crate::polling::PollState;

#[tokio::test(start_paused = true)]
async fn dropping_the_stream_cancels_its_requests() {
    let service = Service::new(complete_from(100)).latency(SEC);
    let mut updates = service.watch(20, 5);
    timeout(SEC / 2, updates.next()).await.unwrap_err();
    assert!(service.in_flight.load(Ordering::SeqCst) > 0);
    let handle = updates.handle();
    drop(updates);
    // The runtime drops aborted tasks when it next runs.
    yield_now().await;
    assert_eq!(service.in_flight.load(Ordering::SeqCst), 0);
    assert_eq!(handle.checkpoints().len(), 20);
    drop(handle);
    assert_eq!(Arc::strong_count(&service.respond), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_reader_requests_in_flight_complete_and_none_start() {
    let service = Service::new(complete_from(100)).latency(SEC);
    let mut updates = service.watch(20, 5);
    timeout(SEC / 2, updates.next()).await.unwrap_err();
    sleep(10 * SEC).await;
    assert_eq!(service.in_flight.load(Ordering::SeqCst), 0);
    assert_eq!(service.request_count(), 5);
    // The update is delivered late, with the time of the response.
    let Some(ClipUpdate::Changed { update, .. }) = updates.next().await else {
        panic!("it changed");
    };
    assert_eq!(update.elapsed(), SEC);
    assert_eq!(results(updates).await.len(), 20);
}

#[tokio::test(start_paused = true)]
async fn without_a_reader_only_admitted_polls_are_sent() {
    let service = Service::new(complete_from(100));
    *service.admits_from.lock().unwrap() = Some(service.created + 30 * SEC);
    let mut updates = service.watch(20, 5);
    timeout(SEC, updates.next()).await.unwrap_err();
    assert_eq!(service.request_count(), 0);
    sleep(100 * SEC).await;
    assert_eq!(service.request_count(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn responses_are_processed_on_the_threads_of_the_runtime() {
    let reader = std::thread::current().id();
    let service = Service::new(move |_, _| {
        assert_ne!(std::thread::current().id(), reader);
        with_status(ClipStatus::Complete)
    });
    assert_eq!(results(service.watch(100, 4)).await.len(), 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clips_are_added_and_removed_while_their_requests_complete() {
    let service = Service::new(|_, _| with_status(ClipStatus::Complete));
    let mut updates = service.watch(0, 8);
    let handle = updates.handle();
    let changing = tokio::spawn(async move {
        for clip in 0..2000 {
            handle.add(uuid(clip % 50));
            if let Some(checkpoint) = handle.remove(uuid(clip % 7)) {
                handle.resume(&checkpoint);
            }
            yield_now().await;
        }
        (0..50).for_each(|clip| _ = handle.add(uuid(clip)));
    });
    let mut ended = std::collections::HashSet::new();
    while let Some(update) = updates.next().await {
        ended.insert(update.uuid());
    }
    changing.await.unwrap();
    assert_eq!(ended.len(), 50);
    assert!(updates.is_empty());
}

#[test]
fn a_request_that_its_runtime_drops_is_sent_again() {
    let runtime = || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap()
    };
    let first = runtime();
    let mut updates = first.block_on(async {
        let service = Service::new(|_, _| with_status(ClipStatus::Complete)).latency(SEC);
        let mut updates = service.watch(2, 2);
        timeout(SEC / 2, updates.next()).await.unwrap_err();
        updates
    });
    drop(first);
    let ends = async {
        let mut ends = 0;
        while updates.next().await.is_some() {
            ends += 1;
        }
        ends
    };
    assert_eq!(runtime().block_on(ends), 2);
}

#[derive(Clone, Debug)]
struct PanickingPolicy;

impl PollPolicy for PanickingPolicy {
    fn next_delay(&mut self, _: &PollState<'_>) -> Duration {
        panic!("the caller's own")
    }
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "the caller's own")]
async fn a_panic_of_a_poll_policy_reaches_the_reader_of_the_stream() {
    let service = Service::new(|_, _| rendering(40));
    let defaults = WatchDefaults::new(Arc::new(MaxBackoff), |_| Box::new(PanickingPolicy));
    WatchAllStream::new(service, vec![WatchSource::New(uuid(0))], defaults, 1)
        .next()
        .await;
}
