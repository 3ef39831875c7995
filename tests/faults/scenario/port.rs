//! A port that refuses connections, temporarily or permanently.

use std::time::Duration;

use rhombus_clips::{ClipStatus, ClipUuid, ErrorKind};
use rhombus_clips_sim::{Clip, Response, Service, Step};
use rhombus_clips_tests::{add, complete, rendering};

use super::{BoxedCase, for_each_entry_point};
use crate::call::{EntryPoint, call};
use crate::catalogue::Protocol;
use crate::expected::Expected;
use crate::expected::Outcome::{Complete, DeadlineExceeded, Failed};
use crate::expected::RequestCount::{Exactly, MostlyFailing, Polling};
use crate::row::Row;
use crate::test_config::TestConfig;

pub fn scenarios() -> Vec<BoxedCase> {
    let mut all = Vec::new();
    for protocol in Protocol::ALL {
        let scenario = move |entry_point| closed_temporarily(protocol, entry_point);
        all.extend(for_each_entry_point(&EntryPoint::ALL, scenario));
        let scenario = move |entry_point| closed(protocol, entry_point);
        all.extend(for_each_entry_point(&EntryPoint::ALL, scenario));
        let scenario = move |entry_point| restarted(protocol, entry_point);
        all.extend(for_each_entry_point(&EntryPoint::ALL, scenario));
    }
    all
}

/// Starts a service whose time stands still, with a clip that completes after one second.
async fn service(protocol: Protocol) -> (Service, ClipUuid) {
    let service = protocol.service().speed(0.0);
    let service = service.start().await.unwrap();
    let steps = [
        rendering(10),
        Step::at(Duration::from_secs(1), ClipStatus::Complete),
    ];
    let uuid = add(&service, Clip::scripted(steps));
    (service, uuid)
}

async fn closed_temporarily(protocol: Protocol, entry_point: EntryPoint) -> Row {
    let service = protocol.service().start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()]));
    service.pause_listening().await;
    let config = TestConfig::persistent();
    let policy = config.recording_policy();
    let client = config.client(&service, &policy);
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
        ("connection refused", protocol, "first", entry_point),
        (result, service.request_count()),
        (expected, &config),
    )
}

async fn closed(protocol: Protocol, entry_point: EntryPoint) -> Row {
    let (service, uuid) = service(protocol).await;
    service.pause_listening().await;
    let mut config = TestConfig::default();
    let expected: Expected = match entry_point {
        EntryPoint::Get => Expected::new(Failed(ErrorKind::Connection), Exactly(3)),
        EntryPoint::Watch | EntryPoint::Stream => {
            config.timeout = Duration::from_millis(400);
            Expected::new(DeadlineExceeded, MostlyFailing(2))
        }
    };
    let client = config.client(&service, &config.recording_policy());
    let result = call(&client, uuid, entry_point, &config).await;
    Row::evaluate(
        ("connection refused", protocol, "always", entry_point),
        (result, service.request_count()),
        (expected, &config),
    )
}

async fn restarted(protocol: Protocol, entry_point: EntryPoint) -> Row {
    let (service, uuid) = service(protocol).await;
    let config = TestConfig::persistent();
    let policy = config.recording_policy();
    let client = config.client(&service, &policy);
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
        (
            "service restarts on its port",
            protocol,
            "middle",
            entry_point,
        ),
        (result, service.request_count()),
        (expected, &config),
    )
}
