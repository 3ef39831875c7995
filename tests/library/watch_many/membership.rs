//! Clips that are added to a running watch of many, and removed from it.

use super::*;

#[tokio::test(start_paused = true)]
async fn clips_are_added_and_removed_while_others_are_watched() {
    let service = start(3, |_| complete_from(9)).await;
    let mut updates = watch(&client_for(&service), 2).concurrency(4).stream();
    assert!(!updates.add(uuid(0)), "it is watched already");
    updates.next().await;
    updates.next().await;
    assert!(updates.add(uuid(2)));
    assert_eq!(updates.len(), 3);
    let checkpoint = updates.remove(uuid(1)).unwrap();
    assert_eq!((checkpoint.clip_uuid(), checkpoint.polls()), (uuid(1), 1));
    assert!(updates.remove(uuid(1)).is_none());
    assert_eq!(updates.checkpoints().len(), 2);
    let mut results: Vec<_> = results(updates).await.into_keys().collect();
    results.sort_unstable();
    assert_eq!(results, [0, 2]);
    assert_eq!(request_seconds(&service, 1), [0]);
}

#[tokio::test(start_paused = true)]
async fn adding_a_clip_through_a_handle_wakes_the_stream() {
    let service = start(10, complete).await;
    let mut updates = watch(&client_for(&service), 0).stream();
    let handle = updates.handle();
    let adding = tokio::spawn(async move {
        sleep(5 * SEC).await;
        assert!(handle.add(uuid(7)));
        sleep(5 * SEC).await;
        drop(handle);
        sleep(3600 * SEC).await;
    });
    assert_eq!(updates.next().await.unwrap().uuid(), uuid(7));
    assert_eq!(request_seconds(&service, 7), [5]);
    // Dropping the last handle ends the stream.
    assert!(updates.next().await.is_none());
    assert_eq!(service.elapsed(), 10 * SEC);
    adding.abort();
    let handle = updates.handle();
    drop(updates);
    assert!(!handle.add(uuid(8)), "the stream is dropped");
}

#[tokio::test(start_paused = true)]
async fn removing_a_clip_cancels_its_request_and_resume_adds_it_again() {
    let service = start(1, |_| complete_from(50)).await;
    let service = service.with_fault(fault(Response::hang()).on_request(1));
    let mut updates = watch(&client_for(&service), 1).stream();
    let handle = updates.handle();
    let removing = tokio::spawn(async move {
        sleep(SEC).await;
        let checkpoint = handle.remove(uuid(0)).unwrap();
        assert_eq!(checkpoint.polls(), 1);
        sleep(SEC).await;
        assert!(handle.resume(&checkpoint));
    });
    updates.next().await;
    removing.await.unwrap();
    assert_eq!(request_seconds(&service, 0), [0, 2]);
    let results = results(updates).await;
    assert!(results[&0].as_ref().unwrap().is_complete());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clips_are_added_and_removed_while_their_requests_complete() {
    let service = start(50, complete).await;
    let mut updates = watch(&client_for(&service), 0).concurrency(8).stream();
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
    let mut ended = HashSet::new();
    while let Some(update) = updates.next().await {
        ended.insert(update.uuid());
    }
    changing.await.unwrap();
    assert_eq!(ended.len(), 50);
    assert!(updates.is_empty());
}
