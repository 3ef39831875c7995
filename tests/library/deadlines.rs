//! Limits on time: a timeout binds however many clips share it, and one response's word has a bound.

use std::time::{Duration, SystemTime};

use rhombus_clips::{Checkpoint, Client, ClipUpdate, ClipUuid, RateLimit, WatchAllStream};
use rhombus_clips_sim::ClipStatus;
use rhombus_clips_sim::prelude::*;
use rhombus_clips_tests::client_for;
use tokio::time::Instant;

const SEC: Duration = Duration::from_secs(1);

fn uuid(number: u64) -> ClipUuid {
    ClipUuid::from_bytes(u128::from(number).to_be_bytes())
}

/// Reads a stream to its end. Returns the messages of the clips that timed out, and the duration.
async fn timeouts(mut updates: WatchAllStream) -> (Vec<String>, Duration) {
    let started = Instant::now();
    let mut messages = Vec::new();
    while let Some(update) = updates.next().await {
        if let ClipUpdate::Ended { result, .. } = update {
            let error = result.unwrap_err();
            assert!(
                error.is_deadline_exceeded() && error.checkpoint().is_some(),
                "{error:?}"
            );
            messages.push(error.to_string());
        }
    }
    (messages, started.elapsed())
}

async fn hanging_service() -> Service {
    let service = Service::start().await.unwrap();
    service.with_fault(fault(Response::hang()))
}

#[tokio::test(start_paused = true)]
async fn many_clips_share_one_final_round_of_five_seconds() {
    let service = hanging_service().await;
    let watches = client_for(&service).watch_all((0..200).map(uuid));
    let watches = watches.batching(false);
    let (messages, elapsed) = timeouts(watches.timeout(3 * SEC).stream()).await;
    assert!((8 * SEC..9 * SEC).contains(&elapsed), "{elapsed:?}");
    assert_eq!(messages.len(), 200);
    let is_unpolled = |message: &&String| message.contains("without a final poll");
    let unpolled = messages.iter().filter(is_unpolled).count();
    // Eight clips had a turn in it.
    assert_eq!(unpolled, 192);
    assert!(
        messages
            .iter()
            .all(|message| message.contains("no response"))
    );
}

#[tokio::test(start_paused = true)]
async fn the_final_round_is_no_longer_than_an_attempt() {
    let service = hanging_service().await;
    let client = Client::builder()
        .api_key(service.api_key())
        .base_url(service.base_url())
        .attempt_timeout(SEC)
        .build()
        .unwrap();
    let watches = client.watch_all((0..200).map(uuid)).timeout(3 * SEC);
    let (messages, elapsed) = timeouts(watches.stream()).await;
    assert_eq!(messages.len(), 200);
    assert!(elapsed <= 4 * SEC + SEC / 10, "{elapsed:?}");
}

#[tokio::test(start_paused = true)]
async fn polls_that_are_held_back_extend_no_deadline() {
    let service = Service::start().await.unwrap();
    let service = service.with_fault(fault(Response::too_many_requests(600.s())));
    let watches = client_for(&service).watch_all((0..50).map(uuid));
    let (messages, elapsed) = timeouts(watches.timeout(30 * SEC).stream()).await;
    assert_eq!(messages.len(), 50);
    assert!(elapsed <= 36 * SEC, "{elapsed:?}");

    let service = hanging_service().await;
    let client = Client::builder()
        .api_key(service.api_key())
        .base_url(service.base_url())
        .rate_limit(RateLimit::per_minute(1))
        .build()
        .unwrap();
    let watches = client.watch_all((0..50).map(uuid)).timeout(30 * SEC);
    let (messages, elapsed) = timeouts(watches.stream()).await;
    assert_eq!(messages.len(), 50);
    assert!(elapsed <= 36 * SEC, "{elapsed:?}");
}

#[tokio::test(start_paused = true)]
async fn clips_with_a_later_deadline_do_not_keep_others_from_theirs() {
    let service = hanging_service().await;
    let client = client_for(&service);
    let late = (0..20).map(|n| client.watch(uuid(n)).timeout(3600 * SEC).checkpoint());
    let mut updates = client.resume_all(late).stream();
    // All slots are taken by clips that have an hour.
    let handle = updates.handle();
    tokio::spawn(async move {
        tokio::time::sleep(SEC).await;
        handle.add(uuid(99));
    });
    let started = Instant::now();
    let early = client.watch(uuid(98)).timeout(3 * SEC).checkpoint();
    updates.resume(&early);
    loop {
        if let Some(ClipUpdate::Ended { uuid: ended, .. }) = updates.next().await {
            assert_eq!(ended, uuid(98));
            break;
        }
    }
    assert!(started.elapsed() <= 14 * SEC, "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_is_resumed_after_its_deadline_has_its_final_poll() {
    let service = Service::start().await.unwrap();
    let complete = clip().by_request([Step::new(ClipStatus::Complete)]);
    let service = service.with_clip(uuid(1), complete);
    let client = client_for(&service);
    let day_ago = SystemTime::now() - 86_400 * SEC;
    let checkpoint = Checkpoint::new(uuid(1), day_ago).with_timeout(60 * SEC);
    let clip = client.resume(checkpoint.clone()).await.unwrap();
    assert!(clip.is_complete());
    let mut updates = client.resume_all([checkpoint]).stream();
    let ended = updates.next().await.unwrap();
    assert!(
        matches!(ended, ClipUpdate::Ended { result: Ok(_), .. }),
        "{ended:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_beyond_reason_shuts_nobody_out() {
    for word in ["99999999999", "60000", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let service = Service::start().await.unwrap();
        let clips = (0..20).map(uuid);
        let service = clips.clone().fold(service, |service, uuid| {
            service.with_clip(uuid, clip().renders_in(30.s()))
        });
        let limited = Response::status(429).header("Retry-After", word);
        let service = service.with_fault(fault(limited).on_requests(..=10));
        let client = client_for(&service);
        let watches = client.watch_all(clips).batching(false);
        let mut updates = watches.timeout(7200 * SEC).stream();
        let mut complete = 0;
        while let Some(update) = updates.next().await {
            if let ClipUpdate::Ended { result, .. } = update {
                complete += usize::from(result.unwrap().is_complete());
            }
        }
        assert_eq!(complete, 20);
        // Eight were in flight. After ten minutes one probes, then one a minute, and then all.
        let times: Vec<_> = service
            .requests()
            .iter()
            .map(|request| request.received_at.as_secs())
            .collect();
        assert!(
            times[7] == 0 && (600..=602).contains(&times[8]),
            "{word}: {times:?}"
        );
        assert!((660..=663).contains(&times[9]), "{times:?}");
        assert!((720..=725).contains(&times[10]), "{times:?}");
        assert!(times[29] <= 725, "{times:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_longest_retry_after_can_be_set() {
    let service = Service::start().await.unwrap();
    let service = service.with_clip(uuid(1), clip().renders_in(1.s()));
    let service = service.with_fault(fault(Response::too_many_requests(3600.s())).on_request(1));
    let builder = || {
        let builder = Client::builder().api_key(service.api_key());
        builder.base_url(service.base_url())
    };
    let client = builder().max_retry_after(7200 * SEC).build().unwrap();
    client.watch(uuid(1)).timeout(7200 * SEC).await.unwrap();
    let requests = service.requests();
    assert!(requests[1].received_at >= 3600 * SEC);
}

#[tokio::test(start_paused = true)]
async fn another_status_with_a_retry_after_beyond_reason_is_probed_too() {
    let service = Service::start().await.unwrap();
    let service = service.with_clip(uuid(1), clip().renders_in(1.s()));
    let busy = Response::status(503).header("Retry-After", "99999999999");
    let service = service.with_fault(fault(busy).on_requests(..=3));
    let client = client_for(&service);
    client.watch(uuid(1)).timeout(7200 * SEC).await.unwrap();
    let times = service.requests().into_iter();
    let times: Vec<_> = times.map(|request| request.received_at.as_secs()).collect();
    assert!((600..=602).contains(&times[1]), "{times:?}");
    assert!((660..=664).contains(&times[2]), "{times:?}");
}
