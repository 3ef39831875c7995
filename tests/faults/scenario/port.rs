//! A port that refuses connections, temporarily or permanently.

use std::time::Duration;

use rhombus_clips::{ClipStatus, ClipUuid, ErrorKind};
use rhombus_clips_sim::{Clip, Response, Service, Step};
use rhombus_clips_tests::{add, complete, rendering};

use super::{BoxedCase, for_each_entry_point};
use crate::call::{EntryPoint, call};
use crate::expected::Expected;
use crate::expected::Outcome::{Complete, DeadlineExceeded, Failed};
use crate::expected::RequestCount::{Exactly, MostlyFailing, Polling};
use crate::row::Row;
use crate::test_config::{KEY, TestConfig};

pub fn scenarios() -> Vec<BoxedCase> {
    let mut all = for_each_entry_point(&EntryPoint::ALL, closed_temporarily);
    all.extend(for_each_entry_point(&EntryPoint::ALL, closed));
    all.extend(for_each_entry_point(&EntryPoint::ALL, restarted));
    all
}

/// Starts a service whose time stands still, with a clip that completes after one second.
async fn service() -> (Service, ClipUuid) {
    let service = Service::builder().api_key(KEY).speed(0.0);
    let service = service.start().await.unwrap();
    let steps = [
        rendering(10),
        Step::at(Duration::from_secs(1), ClipStatus::Complete),
    ];
    let uuid = add(&service, Clip::scripted(steps));
    (service, uuid)
}

async fn closed_temporarily(entry_point: EntryPoint) -> Row {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()]));
    service.pause_listening().await;
    let config = TestConfig::persistent();
    let policy = config.recording_policy();
    let client = config.client(service.base_url(), &policy);
    let opening = async {
        policy.wait_for_failure().await;
        service.resume_listening().await.unwrap();
    };
    let (result, ()) = tokio::join!(call(&client, uuid, entry_point, &config), opening);
    // The service cannot count refused connections, and only a stream reports its number of polls.
    let expected = match entry_point {
        EntryPoint::Get | EntryPoint::Watch => Expected::new(Complete, Exactly(1)),
        EntryPoint::Stream => Expected::new(Complete, MostlyFailing(2)),
    };
    Row::evaluate(
        ("connection refused", "first", entry_point),
        (result, service.request_count()),
        (expected, &config),
    )
}

async fn closed(entry_point: EntryPoint) -> Row {
    let (service, uuid) = service().await;
    service.pause_listening().await;
    let mut config = TestConfig::default();
    let expected: Expected = match entry_point {
        EntryPoint::Get => Expected::new(Failed(ErrorKind::Connection), Exactly(3)),
        EntryPoint::Watch | EntryPoint::Stream => {
            config.timeout = Duration::from_millis(400);
            Expected::new(DeadlineExceeded, MostlyFailing(2))
        }
    };
    let client = config.client(service.base_url(), &config.recording_policy());
    let result = call(&client, uuid, entry_point, &config).await;
    Row::evaluate(
        ("connection refused", "always", entry_point),
        (result, service.request_count()),
        (expected, &config),
    )
}

async fn restarted(entry_point: EntryPoint) -> Row {
    let (service, uuid) = service().await;
    let config = TestConfig::persistent();
    let policy = config.recording_policy();
    let client = config.client(service.base_url(), &policy);
    if entry_point == EntryPoint::Get {
        // The get is in flight when the service shuts down.
        service.respond_next(Response::hang());
    }
    let restart = async {
        service
            .wait_for_requests(if entry_point == EntryPoint::Get { 1 } else { 2 })
            .await;
        service.pause_listening().await;
        policy.wait_for_failure().await;
        service.resume_listening().await.unwrap();
        service.advance(Duration::from_secs(1));
    };
    let (result, ()) = tokio::join!(call(&client, uuid, entry_point, &config), restart);
    let expected = match entry_point {
        EntryPoint::Get => Expected::new(Complete, Exactly(2)),
        EntryPoint::Watch | EntryPoint::Stream => Expected::new(Complete, Polling(3)),
    };
    Row::evaluate(
        ("service restarts on its port", "middle", entry_point),
        (result, service.request_count()),
        (expected, &config),
    )
}
