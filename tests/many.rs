//! Many clips at once over real sockets, against the simulated service.

use std::collections::HashMap;
use std::time::Duration;

use rhombus_clips::{Clip, ClipUpdate, ClipUuid, Result, WatchAllStream};
use rhombus_clips_sim::{Clip as Script, ClipStatus, Response, Service, Step};
use rhombus_clips_tests::{add, client_of, complete, rendering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const SOON: Duration = Duration::from_millis(1);

/// How many changes each clip had, and its result.
async fn read(mut updates: WatchAllStream) -> HashMap<ClipUuid, (usize, Result<Clip>)> {
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
async fn hundreds_of_clips_come_to_their_end() {
    let service = Service::start().await.unwrap();
    let life = || Script::by_request([Step::null(), rendering(10), rendering(60), complete()]);
    let failing = || Script::by_request([rendering(10), Step::new(ClipStatus::Failed)]);
    let good: Vec<_> = (0..250).map(|_| add(&service, life())).collect();
    let bad: Vec<_> = (0..50).map(|_| add(&service, failing())).collect();
    service.respond_next(Response::status(503));
    service.respond_next(Response::close());
    let watches = client_of(&service).watch_all(good.iter().chain(&bad).copied());
    let results = read(watches.interval(SOON).concurrency(16).stream()).await;
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
async fn what_was_stopped_goes_on_elsewhere() {
    let service = Service::start().await.unwrap();
    let life = || Script::by_request([rendering(10), complete()]);
    let clips: Vec<_> = (0..40).map(|_| add(&service, life())).collect();
    let long = Duration::from_millis(50);
    let mut updates = client_of(&service)
        .watch_all(clips.clone())
        .interval(long)
        .stream();
    for _ in 0..10 {
        updates.next().await.unwrap();
    }
    let kept: Vec<String> = updates.stop().iter().map(ToString::to_string).collect();
    let checkpoints = kept.iter().map(|text| text.parse().unwrap());
    let resumed = client_of(&service).resume_all(checkpoints).interval(long);
    let results = read(resumed.stream()).await;
    assert!(results.values().all(|(_, result)| result.is_ok()));
    assert!(results.len() >= 30 && results.keys().all(|uuid| clips.contains(uuid)));
}

/// Each connection that is open holds its first request back, until as many as can be are open.
#[tokio::test]
async fn no_more_connections_are_open_than_the_concurrency() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = rhombus_clips::Client::builder()
        .api_key("key")
        .base_url(format!("http://{}", listener.local_addr().unwrap()))
        .build()
        .unwrap();
    let clips: Vec<ClipUuid> = (0..60).map(|n| ClipUuid::from_bytes([n; 16])).collect();
    let reading = tokio::spawn(read(client.watch_all(clips).concurrency(6).stream()));
    let mut connections = Vec::new();
    for _ in 0..6 {
        connections.push(listener.accept().await.unwrap().0);
    }
    for mut connection in connections {
        tokio::spawn(async move {
            let mut seen = Vec::new();
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = connection.read(&mut bytes).await {
                seen.extend_from_slice(&bytes[..count]);
                // The body is the end of a request.
                if seen.ends_with(b"\"}") {
                    seen.clear();
                    let body = r#"{"clip": {"status": "COMPLETE"}}"#;
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    connection.write_all(answer.as_bytes()).await.unwrap();
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
