//! The stream of clips over all pages: their end, their order, their faults.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rhombus_clips::{CameraUuid, Client, Clip};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Behavior, LastToken, ListOrder};
use serde_json::json;

const START_MS: i64 = 1_767_000_000_000;

async fn start(behavior: Behavior) -> (Service, Client, CameraUuid) {
    let service = Service::builder().behavior(behavior).start().await.unwrap();
    let dock = service.add_camera(camera("Dock")).parse().unwrap();
    let client = Client::builder()
        .base_url(service.base_url())
        .api_key(service.api_key());
    (service, client.build().unwrap(), dock)
}

/// Makes clips a second apart, of footage that is a minute apart.
async fn make(service: &Service, camera: CameraUuid, count: i64) -> Vec<String> {
    for number in 0..count {
        service.splice_elsewhere(&json!({
            "deviceUuids": [camera.to_string()],
            "startTimeMillis": START_MS + number * 60_000,
            "durationSec": 60,
            "saveToConsole": true,
            "title": format!("Clip {number}"),
        }));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    service
        .created_clips()
        .into_iter()
        .map(|clip| clip.uuid)
        .collect()
}

fn uuids(clips: &[Clip]) -> Vec<String> {
    let mut uuids: Vec<String> = clips.iter().map(|clip| clip.uuid().to_string()).collect();
    uuids.sort();
    uuids
}

fn sorted(mut uuids: Vec<String>) -> Vec<String> {
    uuids.sort();
    uuids
}

#[tokio::test(start_paused = true)]
async fn every_clip_is_listed_once_whatever_the_pages_are() {
    for last_token in [LastToken::Null, LastToken::Absent, LastToken::Empty] {
        for last_page_is_empty in [false, true] {
            for list_order in [
                ListOrder::NewestFirst,
                ListOrder::OldestFirst,
                ListOrder::Random,
            ] {
                let mut behavior = Behavior::default();
                behavior.last_token = last_token;
                behavior.last_page_is_empty = last_page_is_empty;
                behavior.list_order = list_order;
                let (service, client, dock) = start(behavior).await;
                let made = sorted(make(&service, dock, 7).await);
                for (page_size, pages) in [(1, 7), (3, 3), (7, 1), (200, 1)] {
                    let before = service.request_count();
                    let clips = client
                        .list_clips()
                        .page_size(page_size)
                        .collect()
                        .await
                        .unwrap();
                    assert_eq!(uuids(&clips), made);
                    let requests = service.request_count() - before;
                    assert_eq!(requests, pages + u64::from(last_page_is_empty));
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn filters_hold_whatever_the_service_compares() {
    for filters_by_footage in [false, true] {
        for bounds_are_included in [false, true] {
            let mut behavior = Behavior::default();
            behavior.filters_by_footage = filters_by_footage;
            behavior.bounds_are_included = bounds_are_included;
            let (service, client, dock) = start(behavior).await;
            let made = make(&service, dock, 6).await;
            let other = service.add_camera(camera("Gate")).parse().unwrap();
            let others = make(&service, other, 2).await[6..].to_vec();
            let recorded =
                |number: u64| UNIX_EPOCH + Duration::from_millis(START_MS as u64 + number * 60_000);
            // The service started on 2026-01-01, and a clip was made every second.
            let created = |number: u64| UNIX_EPOCH + Duration::from_secs(1_767_225_600 + number);
            let list = || client.list_clips().device(dock);
            let cases = [
                (list(), &made[..]),
                (list().recorded_after(recorded(2)), &made[2..]),
                (list().recorded_before(recorded(2)), &made[..2]),
                (
                    list()
                        .recorded_after(recorded(1))
                        .recorded_before(recorded(4)),
                    &made[1..4],
                ),
                (list().created_after(created(4)), &made[4..]),
                (list().created_before(created(4)), &made[..4]),
                (
                    list().created_after(created(1)).created_before(created(3)),
                    &made[1..3],
                ),
                (
                    list()
                        .created_after(created(1))
                        .recorded_before(recorded(5)),
                    &made[1..5],
                ),
                (list().search("clip 3"), &made[3..4]),
                (client.list_clips().device(other), &others[..]),
            ];
            for (list, expected) in cases {
                let context = format!("{list:?}");
                let clips = list.collect().await.unwrap();
                assert_eq!(uuids(&clips), sorted(expected.to_vec()), "{context}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_is_requested_when_it_is_needed() {
    let (service, client, dock) = start(Behavior::default()).await;
    make(&service, dock, 6).await;
    let mut clips = client.list_clips().page_size(2).stream();
    assert_eq!(service.request_count(), 0);
    for (taken, requests) in [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3)] {
        clips.next().await.unwrap().unwrap();
        assert_eq!(service.request_count(), requests, "{taken}");
    }
    drop(clips);
    assert_eq!(service.request_count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_list_continues_at_the_page_that_failed() {
    let (service, client, dock) = start(Behavior::default()).await;
    let made = make(&service, dock, 6).await;
    let fault = fault(Response::access_denied(0)).on_request(3).times(1);
    service.inject(fault);
    let mut stream = client.list_clips().page_size(2).stream();
    let mut clips = Vec::new();
    let error = loop {
        match stream.next().await.unwrap() {
            Ok(clip) => clips.push(clip),
            Err(error) => break error,
        }
    };
    assert!(error.is_authentication());
    assert!(stream.next().await.is_none());
    assert_eq!(clips.len(), 4);
    let token = stream.page_token().unwrap();
    let rest = client
        .list_clips()
        .page_size(2)
        .page_token(token)
        .collect()
        .await
        .unwrap();
    clips.extend(rest);
    assert_eq!(uuids(&clips), sorted(made));
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_of_a_page_is_retried() {
    let (service, client, dock) = start(Behavior::default()).await;
    let made = make(&service, dock, 4).await;
    service.inject(fault(Response::status(503)).on_requests(2..=3));
    service.inject(Fault::map_response(|response| response.cut_after(100)).on_request(1));
    let clips = client.list_clips().page_size(2).collect().await.unwrap();
    assert_eq!(uuids(&clips), sorted(made));
    service.verify_all().count(5);
}

/// Responds to each page with a token of its own.
fn endless(clips: impl Fn(u64) -> serde_json::Value + Send + Sync + 'static) -> Fault {
    let count = std::sync::atomic::AtomicU64::new(0);
    Fault::map_json(move |body| {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        *body = json!({"savedClips": clips(number), "pageToken": format!("token {number}")});
    })
}

#[tokio::test(start_paused = true)]
async fn pages_without_end_are_an_error() {
    let record = |number: u64| {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        json!({"uuid": rhombus_clips::ClipUuid::from_bytes(bytes).to_string()})
    };
    let same_token = |body: &mut serde_json::Value| {
        *body = json!({"savedClips": [], "pageToken": "again"});
    };
    for (fault, problem, max_requests) in [
        (Fault::map_json(same_token), "a page token came again", 2),
        (
            endless(|_| json!([])),
            "too many pages in a row are empty",
            20,
        ),
        (
            endless(|_| json!(null)),
            "too many pages in a row are empty",
            20,
        ),
        (
            endless(move |number| json!([record(number % 3)])),
            "the same clips came again",
            64,
        ),
    ] {
        let (service, client, dock) = start(Behavior::default()).await;
        make(&service, dock, 2).await;
        service.inject(fault);
        let error = client.list_clips().collect().await.unwrap_err();
        assert!(
            error.is_decode() && error.to_string().contains(problem),
            "{error}"
        );
        service.verify_all().at_most(max_requests);
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_ends_after_its_error_with_all_clips_before_it() {
    let (service, client, dock) = start(Behavior::default()).await;
    let made = make(&service, dock, 4).await;
    let first_token = std::sync::OnceLock::new();
    service.inject(Fault::map_json(move |body| {
        let token = first_token
            .get_or_init(|| body["pageToken"].clone())
            .clone();
        body["pageToken"] = token;
    }));
    let mut stream = client.list_clips().page_size(2).stream();
    let mut clips = Vec::new();
    let error = loop {
        match stream.next().await.unwrap() {
            Ok(clip) => clips.push(clip),
            Err(error) => break error,
        }
    };
    assert!(error.is_decode(), "{error}");
    assert_eq!(uuids(&clips), sorted(made));
    assert!(stream.next().await.is_none());
    assert_eq!(stream.page_token(), None);
}

#[tokio::test(start_paused = true)]
async fn a_clip_that_is_made_meanwhile_shifts_the_list_and_repeats_none() {
    let (service, client, dock) = start(Behavior::default()).await;
    let made = make(&service, dock, 6).await;
    let mut stream = client.list_clips().page_size(2).stream();
    let mut clips = vec![stream.next().await.unwrap().unwrap()];
    make(&service, dock, 1).await;
    while let Some(clip) = stream.next().await {
        clips.push(clip.unwrap());
    }
    assert_eq!(uuids(&clips), sorted(made));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_clip_is_counted() {
    let (service, client, dock) = start(Behavior::default()).await;
    let made = make(&service, dock, 3).await;
    service.inject(Fault::map_json(|body| {
        body["savedClips"][1] = json!(null);
        let clips = body["savedClips"].as_array_mut().unwrap();
        clips.push(json!({"title": "without a UUID"}));
        clips.push(json!("no object"));
    }));
    let mut stream = client.list_clips().stream();
    let mut clips = Vec::new();
    while let Some(clip) = stream.next().await {
        clips.push(clip.unwrap());
    }
    assert_eq!(clips.len(), made.len() - 1);
    assert_eq!(stream.unidentified(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_impossible_page_size_is_an_error_and_no_request() {
    let (service, client, _) = start(Behavior::default()).await;
    for page_size in [0, 201, 255] {
        let error = client
            .list_clips()
            .page_size(page_size)
            .collect()
            .await
            .unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
    }
    service.verify_all().none();
}

#[tokio::test(start_paused = true)]
async fn a_list_is_not_cut_by_the_local_clock() {
    let (service, client, dock) = start(Behavior::default()).await;
    make(&service, dock, 1).await;
    let future = SystemTime::now() + Duration::from_secs(1 << 40);
    let clips = client
        .list_clips()
        .created_before(future)
        .recorded_after(UNIX_EPOCH);
    assert_eq!(clips.collect().await.unwrap().len(), 1);
}
