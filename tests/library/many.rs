//! Watches of many clips over real sockets, against the simulated service.
//!
//! Scheduling is unit-tested in the library with a simulated clock; these tests cover the
//! combination with a real HTTP client.

use std::collections::HashMap;
use std::time::Duration;

use rhombus_clips::{Clip, ClipUpdate, ClipUuid, Result, WatchAllStream};
use rhombus_clips_sim::{Clip as ScriptedClip, ClipStatus, Response, Service, Step};
use rhombus_clips_tests::{add, client_for, complete, rendering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const INTERVAL: Duration = Duration::from_millis(1);

/// Reads a stream to its end and returns the number of changes and the result of each clip.
async fn read_to_end(mut updates: WatchAllStream) -> HashMap<ClipUuid, (usize, Result<Clip>)> {
    let mut changes: HashMap<_, usize> = HashMap::new();
    let mut results = HashMap::new();
    while let Some(update) = updates.next().await {
        match update {
            ClipUpdate::Changed { uuid, .. } => *changes.entry(uuid).or_default() += 1,
            ClipUpdate::Ended { uuid, result, .. } => {
                let changes = changes.remove(&uuid).unwrap_or_default();
                assert!(results.insert(uuid, (changes, result)).is_none());
            }
            other => panic!("{other:?}"),
        }
    }
    results
}

#[tokio::test]
async fn hundreds_of_clips_are_watched_to_their_end() {
    let service = Service::start().await.unwrap();
    let completing =
        || ScriptedClip::by_request([Step::null(), rendering(10), rendering(60), complete()]);
    let failing = || ScriptedClip::by_request([rendering(10), Step::new(ClipStatus::Failed)]);
    let good: Vec<_> = (0..250).map(|_| add(&service, completing())).collect();
    let bad: Vec<_> = (0..50).map(|_| add(&service, failing())).collect();
    service.respond_next(Response::status(503));
    service.respond_next(Response::close());
    let watches = client_for(&service).watch_all(good.iter().chain(&bad).copied());
    let results = read_to_end(watches.interval(INTERVAL).concurrency(16).stream()).await;
    assert_eq!(results.len(), 300);
    for uuid in &good {
        let (changes, result) = &results[uuid];
        let clip = result.as_ref().unwrap();
        assert!(clip.is_complete() && clip.uuid() == *uuid);
        assert!((2..=5).contains(changes), "{changes}");
    }
    for uuid in &bad {
        assert!(results[uuid].1.as_ref().unwrap_err().is_clip_failed());
    }
}

#[tokio::test]
async fn stopped_watches_resume_in_another_client() {
    let service = Service::start().await.unwrap();
    let completing = || ScriptedClip::by_request([rendering(10), complete()]);
    let uuids: Vec<_> = (0..40).map(|_| add(&service, completing())).collect();
    let interval = Duration::from_millis(50);
    let mut updates = client_for(&service)
        .watch_all(uuids.clone())
        .interval(interval)
        .stream();
    for _ in 0..10 {
        updates.next().await.unwrap();
    }
    let saved: Vec<String> = updates.stop().iter().map(ToString::to_string).collect();
    let checkpoints = saved.iter().map(|text| text.parse().unwrap());
    let resumed = client_for(&service)
        .resume_all(checkpoints)
        .interval(interval);
    let results = read_to_end(resumed.stream()).await;
    assert!(results.values().all(|(_, result)| result.is_ok()));
    assert!(results.len() >= 30 && results.keys().all(|uuid| uuids.contains(uuid)));
}

/// The server delays the first request of each connection until the expected number is open.
#[tokio::test]
async fn open_connections_do_not_exceed_the_concurrency() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = rhombus_clips::Client::builder()
        .api_key("key")
        .base_url(format!("http://{}", listener.local_addr().unwrap()))
        .build()
        .unwrap();
    let uuids: Vec<ClipUuid> = (0..60).map(|n| ClipUuid::from_bytes([n; 16])).collect();
    let reading = tokio::spawn(read_to_end(
        client
            .watch_all(uuids)
            .batching(false)
            .concurrency(6)
            .stream(),
    ));
    let mut connections = Vec::new();
    for _ in 0..6 {
        connections.push(listener.accept().await.unwrap().0);
    }
    for mut connection in connections {
        tokio::spawn(async move {
            let mut received = Vec::new();
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = connection.read(&mut bytes).await {
                received.extend_from_slice(&bytes[..count]);
                // A request ends with its body.
                if received.ends_with(b"\"}") {
                    received.clear();
                    let body = r#"{"clip": {"status": "COMPLETE"}}"#;
                    let response = format!(
                        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    connection.write_all(response.as_bytes()).await.unwrap();
                }
            }
        });
    }
    tokio::select! {
        results = reading => {
            let results = results.unwrap();
            assert_eq!(results.len(), 60);
            assert!(results.values().all(|(_, result)| result.is_ok()));
        }
        _ = listener.accept() => panic!("a seventh connection"),
    }
}
