//! `get_clip` and `watch` over a real socket, against the simulated service.
//!
//! These tests cover the documented behaviour of the entry points in the ordinary case. Faults are
//! covered systematically by the `faults` test.

use std::time::Duration;

use rhombus_clips::retry::NoRetry;
use rhombus_clips::{Client, ClipStatus, ClipUuid, Update, Watch};
use rhombus_clips_sim::{Clip, Response, Service, Step};
use rhombus_clips_tests::{add, client_for, complete, rendering};
use tokio::io::AsyncReadExt as _;

const INTERVAL: Duration = Duration::from_millis(1);

fn watch(service: &Service, uuid: ClipUuid) -> Watch {
    client_for(service).watch(uuid).interval(INTERVAL)
}

#[tokio::test]
async fn get_clip_returns_the_current_state() {
    let service = Service::start().await.unwrap();
    let uuid = add(
        &service,
        Clip::by_request([rendering(40).with("title", "Front door")]),
    );
    let clip = client_for(&service).get_clip(uuid).await.unwrap();
    assert_eq!(clip.uuid(), uuid);
    assert_eq!(clip.status(), &ClipStatus::Rendering);
    assert_eq!(
        (clip.percent(), clip.operation()),
        (Some(40), Some("Processing video"))
    );
    assert_eq!(clip.title(), Some("Front door"));
    assert!(!clip.is_terminal());
}

#[tokio::test]
async fn a_watch_returns_the_complete_clip_and_stops_polling() {
    let service = Service::start().await.unwrap();
    let uuid = add(
        &service,
        Clip::by_request([rendering(0), rendering(50), complete()]),
    );
    let clip = watch(&service, uuid).await.unwrap();
    assert!(clip.is_complete());
    service.verify(uuid).count(3);
}

#[tokio::test]
async fn a_simulated_rendering_is_watched_to_its_end() {
    let service = Service::builder()
        .seed(3)
        .speed(100.0)
        .start()
        .await
        .unwrap();
    let uuid = add(&service, Clip::renders_in(Duration::from_secs(20)));
    let mut updates = watch(&service, uuid).stream();
    let mut statuses = Vec::new();
    let mut last: Option<Update> = None;
    while let Some(update) = updates.next().await {
        let update = update.unwrap();
        let status = update.clip().unwrap().status().clone();
        if statuses.last() != Some(&status) {
            statuses.push(status);
        }
        last = Some(update);
    }
    // The number of observed states depends on the machine; their order does not.
    use ClipStatus::{Complete, Initiating, Rendering, Uploading};
    let order = [Initiating, Uploading, Rendering, Complete];
    let positions: Vec<_> = statuses
        .iter()
        .map(|observed| order.iter().position(|status| status == observed).unwrap())
        .collect();
    assert!(positions.is_sorted(), "{statuses:?}");
    assert_eq!(statuses.last(), Some(&Complete));
    let last = last.unwrap();
    assert!(last.is_complete());
    let clip = last.clip().unwrap();
    assert!(clip.byte_count().is_some() && clip.sha256_hex().is_some() && clip.region().is_some());
}

#[tokio::test]
async fn the_stream_yields_each_change_once() {
    let service = Service::start().await.unwrap();
    let uuid = add(
        &service,
        Clip::by_request([rendering(10), rendering(10), rendering(20), complete()]),
    );
    let mut updates = watch(&service, uuid).stream();
    let mut percents = Vec::new();
    while let Some(update) = updates.next().await {
        percents.push(update.unwrap().clip().unwrap().percent());
    }
    assert_eq!(percents, [Some(10), Some(20), Some(100)]);
}

#[tokio::test]
async fn a_failed_or_deleted_clip_ends_the_watch_with_an_error() {
    for status in [ClipStatus::Failed, ClipStatus::Deleted] {
        let service = Service::start().await.unwrap();
        let uuid = add(
            &service,
            Clip::by_request([rendering(10), Step::new(status.clone())]),
        );
        let error = watch(&service, uuid).await.unwrap_err();
        assert!(error.is_clip_failed());
        assert_eq!(error.clip().unwrap().status(), &status);
        assert_eq!(error.polls(), Some(2));
    }
}

#[tokio::test]
async fn offline_unknown_and_unrecognized_states_are_not_terminal() {
    let service = Service::start().await.unwrap();
    let steps = [
        ClipStatus::Offline,
        ClipStatus::Unknown,
        ClipStatus::from("PAUSED"),
        ClipStatus::Complete,
    ];
    let uuid = add(&service, Clip::by_request(steps.map(Step::new)));
    assert!(watch(&service, uuid).await.unwrap().is_complete());
}

#[tokio::test]
async fn one_hundred_percent_of_the_last_operation_is_complete() {
    let service = Service::start().await.unwrap();
    let done = Step::new(ClipStatus::Rendering)
        .percent(100)
        .operation("Complete");
    let uuid = add(&service, Clip::by_request([rendering(100), done]));
    assert!(watch(&service, uuid).await.unwrap().is_complete());
    assert_eq!(service.request_count(), 2);
}

#[tokio::test]
async fn a_watch_waits_for_a_missing_record() {
    let service = Service::start().await.unwrap();
    let uuid = add(
        &service,
        Clip::by_request([Step::null(), Step::null(), complete()]),
    );
    assert!(watch(&service, uuid).await.unwrap().is_complete());
}

#[tokio::test(start_paused = true)]
async fn a_record_missing_beyond_the_grace_period_is_not_found() {
    let service = Service::start().await.unwrap();
    let uuid: ClipUuid = "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
    let error = watch(&service, uuid)
        .not_found_grace_period(Duration::from_millis(20))
        .await
        .unwrap_err();
    assert!(error.is_not_found());
    assert!(error.polls() >= Some(2));
}

#[tokio::test(start_paused = true)]
async fn an_exceeded_deadline_reports_the_last_state() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([rendering(40)]));
    let error = watch(&service, uuid)
        .timeout(Duration::from_millis(50))
        .await
        .unwrap_err();
    assert!(error.is_deadline_exceeded());
    assert_eq!(error.clip().unwrap().percent(), Some(40));
    assert_eq!(error.polls(), Some(service.request_count()));
    assert_eq!(error.elapsed(), Some(Duration::from_millis(50)));
}

#[tokio::test]
async fn transient_failures_do_not_end_a_watch() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([rendering(40), complete()]));
    service.respond_next(Response::status(503));
    service.respond_next(Response::close());
    let mut updates = watch(&service, uuid).stream();
    let mut failures = Vec::new();
    while let Some(update) = updates.next().await {
        failures.extend(update.unwrap().error().map(|error| error.status()));
    }
    assert_eq!(failures, [Some(503), None]);
}

#[tokio::test]
async fn an_invalid_key_ends_a_watch_at_once() {
    let service = Service::start().await.unwrap();
    let client = Client::builder()
        .api_key("wrong")
        .base_url(service.base_url())
        .build()
        .unwrap();
    let uuid = add(&service, Clip::by_request([complete()]));
    assert!(client.watch(uuid).await.unwrap_err().is_authentication());
    assert_eq!(service.request_count(), 1);
}

#[tokio::test]
async fn a_partner_acts_for_a_client_organization() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()]));
    let client = Client::builder()
        .api_key(service.api_key())
        .base_url(service.base_url());
    let client = client
        .partner_for("AAAAAAAAAAAAAAAAAAAAAQ")
        .build()
        .unwrap();
    client.get_clip(uuid).await.unwrap();
    let request = service.requests().remove(0);
    assert_eq!(request.scheme.as_deref(), Some("partner-api-token"));
    assert_eq!(request.org.as_deref(), Some("AAAAAAAAAAAAAAAAAAAAAQ"));
}

#[tokio::test]
async fn dropping_a_watch_aborts_its_request() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::builder()
        .api_key("key")
        .base_url(base_url)
        .build()
        .unwrap();
    let uuid: ClipUuid = "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
    let watching = tokio::spawn(client.watch(uuid).into_future());
    let (mut connection, _) = listener.accept().await.unwrap();
    connection.read_u8().await.unwrap();
    watching.abort();
    // Returns only when the client closes the connection.
    let mut rest = Vec::new();
    let _ = connection.read_to_end(&mut rest).await;
    assert!(watching.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn retries_of_the_http_client_are_disabled() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()]));
    service.respond_next(Response::status(503));
    let http = || {
        let retries = reqwest::retry::for_host("127.0.0.1")
            .max_retries_per_request(3)
            .classify_fn(|response| match response.status() {
                Some(status) if status == 503 => response.retryable(),
                _ => response.success(),
            });
        reqwest::Client::builder().retry(retries)
    };
    let client = Client::builder()
        .api_key(service.api_key())
        .base_url(service.base_url())
        .http_client_builder(http)
        .build()
        .unwrap();
    let error = client.get_clip(uuid).retry(NoRetry).await.unwrap_err();
    assert_eq!(error.status(), Some(503));
    assert_eq!(service.request_count(), 1);
}
