//! Many clips that are followed by few requests, in virtual time, against the simulated service.
//!
//! The scheduler is unit-tested in the library and measured by `cargo xtask polling --together`; these
//! tests cover what lists may and may not tell.

use std::collections::HashMap;
use std::time::Duration;

use rhombus_clips::{Client, Clip, ClipUpdate, ClipUuid, Error, ErrorKind, Result, WatchAll};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Behavior, ClipStatus, ListOrder};
use rhombus_clips_tests::client_for;
use serde_json::json;

const PAGES: &str = "getClipsWithProgress";

fn uuid(number: u64) -> ClipUuid {
    ClipUuid::from_bytes(u128::from(number).to_be_bytes())
}

/// A service with clips that take 20 to 80 seconds.
async fn start(clips: u64, behavior: Behavior) -> Service {
    let service = Service::builder().behavior(behavior).start().await.unwrap();
    (0..clips).fold(service, |service, n| {
        service.with_clip(uuid(n), clip().renders_in((20 + n * 7 % 60).s()))
    })
}

fn watch(client: &Client, clips: u64) -> WatchAll {
    client.watch_all((0..clips).map(uuid))
}

async fn results(watches: WatchAll) -> HashMap<ClipUuid, Result<Clip>> {
    let mut updates = watches.stream();
    let mut results = HashMap::new();
    while let Some(update) = updates.next().await {
        if let ClipUpdate::Ended { uuid, result, .. } = update {
            assert!(results.insert(uuid, result).is_none());
        }
    }
    results
}

fn assert_complete(results: &HashMap<ClipUuid, Result<Clip>>, clips: u64) {
    assert_eq!(results.len() as u64, clips);
    for (uuid, result) in results {
        let clip = result.as_ref().unwrap();
        assert!(clip.is_complete() && clip.uuid() == *uuid);
    }
}

/// Number of requests for an operation.
fn requests(service: &Service, operation: &str) -> usize {
    let requests = service.requests().into_iter();
    requests
        .filter(|request| request.path.ends_with(operation))
        .count()
}

#[tokio::test(start_paused = true)]
async fn a_page_answers_for_all_clips_on_it() {
    for list_order in [
        ListOrder::NewestFirst,
        ListOrder::OldestFirst,
        ListOrder::Random,
    ] {
        let mut behavior = Behavior::default();
        behavior.list_order = list_order;
        let service = start(300, behavior).await;
        let results = results(watch(&client_for(&service), 300)).await;
        assert_complete(&results, 300);
        let count = service.request_count();
        assert!(count < 300, "{list_order:?}: {count}");
        // Most verdicts rest on a page.
        let unpolled = (0..300).filter(|n| service.request_count_for(uuid(*n)) == 0);
        assert!(unpolled.count() > 150, "{list_order:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_list_costs_one_request() {
    for response in [
        Response::status(403),
        Response::status(404),
        Response::json(&json!({"error": true, "errorMsg": "no"})),
        Response::json(&json!([])),
    ] {
        let service = start(20, Behavior::default()).await;
        // So long that a list would be requested again, if one had been received.
        let long = || clip().renders_in(900.s());
        let service = (20..30).fold(service, |service, n| service.with_clip(uuid(n), long()));
        let service = service.with_fault(fault(response).for_operation(PAGES));
        assert_complete(&results(watch(&client_for(&service), 30)).await, 30);
        assert_eq!(requests(&service, PAGES), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_was_received_before_is_tried_again_after_a_refusal() {
    let service = start(40, Behavior::default()).await;
    let refusal = fault(Response::status(403)).for_operation(PAGES);
    let service = service.with_fault(refusal.on_requests(3..=4));
    let mut updates = watch(&client_for(&service), 20).stream();
    let handle = updates.handle();
    tokio::spawn(async move {
        for period in 1..=2 {
            tokio::time::sleep(650.s()).await;
            (10 + period * 10..20 + period * 10).for_each(|n| _ = handle.add(uuid(n)));
        }
    });
    while updates.next().await.is_some() {}
    let requests = service.requests().into_iter();
    let pages = requests.filter(|request| request.path.ends_with(PAGES));
    let minutes: Vec<u64> = pages.map(|page| page.received_at.as_secs() / 60).collect();
    // The third is refused, then nothing for 10 minutes; the fourth is refused again.
    assert_eq!(minutes[..4], [0, 0, 0, 10]);
    assert!(
        minutes[4..].iter().all(|minute| *minute >= 21),
        "{minutes:?}"
    );
    assert!(minutes.len() > 4, "{minutes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_list_is_used_again_after_transient_failures() {
    let service = start(50, Behavior::default()).await;
    let outage = fault(Response::status(503)).for_operation(PAGES);
    let service = service.with_fault(outage.on_requests(..=3));
    assert_complete(&results(watch(&client_for(&service), 50)).await, 50);
    assert!(requests(&service, PAGES) > 10);
}

/// With one request at a time, a list without an answer would keep the clips from their final polls.
#[tokio::test(start_paused = true)]
async fn a_list_without_an_answer_gives_way_to_a_final_poll() {
    let service = Service::start().await.unwrap();
    let scripted = || {
        clip().scripted([
            Step::new(ClipStatus::Rendering),
            Step::at(50.s(), ClipStatus::Complete),
        ])
    };
    let service = (0..3).fold(service, |service, n| service.with_clip(uuid(n), scripted()));
    // One of them is in flight at the deadline, from 68 to 98 s, and the clips are complete at 80 s.
    let service = service.with_fault(fault(Response::hang()).for_operation(PAGES));
    let watches = watch(&client_for(&service), 3).concurrency(1);
    let results = results(watches.timeout(90.s())).await;
    assert_complete(&results, 3);
}

#[tokio::test(start_paused = true)]
async fn a_clip_that_no_page_shows_is_polled_by_itself() {
    let service = start(40, Behavior::default()).await;
    let hidden = Fault::map_json(|body| {
        let clips = body["savedClips"].as_array_mut().unwrap();
        for (number, clip) in clips.iter_mut().enumerate() {
            match number % 4 {
                0 => *clip = json!(null),
                1 => clip["uuid"] = json!("clip 7"),
                2 => clip["byteCount"] = json!("many"),
                _ => {}
            }
        }
    });
    let service = service.with_fault(hidden.for_operation(PAGES));
    assert_complete(&results(watch(&client_for(&service), 40)).await, 40);
    assert!(requests(&service, PAGES) > 1);
}

#[tokio::test(start_paused = true)]
async fn absence_from_a_page_is_no_verdict_and_a_failure_on_one_is() {
    let service = start(10, Behavior::default()).await;
    let failing = clip().scripted([
        Step::new(ClipStatus::Rendering),
        Step::at(30.s(), ClipStatus::Failed),
    ]);
    let service = service.with_clip(uuid(10), failing);
    // The last clip has no record.
    let results = results(watch(&client_for(&service), 12)).await;
    for (clip, expected) in [
        (9, None),
        (10, Some(ErrorKind::ClipFailed)),
        (11, Some(ErrorKind::NotFound)),
    ] {
        let error = results[&uuid(clip)].as_ref().err();
        assert_eq!(error.map(Error::kind), expected, "{clip}");
    }
    let polls = service.requests_for(uuid(11));
    let grace_period = Duration::from_secs(60);
    assert!(polls.last().unwrap().received_at >= grace_period);
}

#[tokio::test(start_paused = true)]
async fn without_batching_or_a_forecast_each_clip_is_polled_by_itself() {
    let service = start(5, Behavior::default()).await;
    let client = client_for(&service);
    assert_complete(&results(watch(&client, 5).batching(false)).await, 5);
    let interval = Duration::from_secs(5);
    assert_complete(&results(watch(&client, 5).interval(interval)).await, 5);
    // A lone clip as well.
    assert_complete(&results(watch(&client, 1)).await, 1);
    assert_eq!(requests(&service, PAGES), 0);
    assert!((0..5).all(|n| service.request_count_for(uuid(n)) > 1));
}

#[tokio::test(start_paused = true)]
async fn clips_come_and_go_while_lists_are_requested() {
    let service = start(30, Behavior::default()).await;
    let mut updates = watch(&client_for(&service), 20).stream();
    let handle = updates.handle();
    tokio::spawn(async move {
        for n in 20..30 {
            tokio::time::sleep(Duration::from_secs(2)).await;
            assert!(handle.add(uuid(n)));
            let checkpoint = handle.remove(uuid(n - 10)).unwrap();
            tokio::time::sleep(Duration::from_millis(300)).await;
            assert!(handle.resume(&checkpoint));
        }
    });
    let mut ended = 0;
    while let Some(update) = updates.next().await {
        if let ClipUpdate::Ended { result, .. } = update {
            assert!(result.unwrap().is_complete());
            ended += 1;
        }
    }
    assert_eq!(ended, 30);
}

/// The list shows the oldest clips first, so that the first page has none of those that are watched.
#[tokio::test(start_paused = true)]
async fn clips_that_are_complete_already_end_soon() {
    let mut behavior = Behavior::default();
    behavior.list_order = ListOrder::OldestFirst;
    let service = Service::builder().behavior(behavior).start().await.unwrap();
    let done = || clip().renders_in(0.s());
    let service = (0..400).fold(service, |service, n| service.with_clip(uuid(n), done()));
    let client = client_for(&service);
    let started = tokio::time::Instant::now();
    let mut updates = client.watch_all((390..400).map(uuid)).stream();
    let mut ended = 0;
    while let Some(update) = updates.next().await {
        ended += usize::from(matches!(update, ClipUpdate::Ended { result: Ok(_), .. }));
    }
    assert_eq!(ended, 10);
    let elapsed = started.elapsed();
    assert!(elapsed < 6.s(), "{elapsed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_stops_after_one_clip_of_a_page_loses_none_of_the_others() {
    let service = Service::start().await.unwrap();
    let done = || clip().renders_in(0.s());
    let service = (0..50).fold(service, |service, n| service.with_clip(uuid(n), done()));
    let mut updates = watch(&client_for(&service), 50).stream();
    let first = updates.next().await.unwrap();
    assert!(matches!(first, ClipUpdate::Ended { result: Ok(_), .. }));
    assert_eq!((updates.requests(), updates.len()), (1, 49));
    let open: Vec<ClipUuid> = updates
        .stop()
        .iter()
        .map(|saved| saved.clip_uuid())
        .collect();
    assert_eq!(open.len(), 49);
    assert!(!open.contains(&first.uuid()));
}
