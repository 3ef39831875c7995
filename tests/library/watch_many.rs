//! The watch of many clips in virtual time, against the simulated service.
//!
//! These tests cover the scheduler: fairness, backpressure, clips that come and go, cancellation, and
//! its use of the runtime. `many` covers the combination with connections.

mod membership;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::thread::ThreadId;
use std::time::Duration;

use rhombus_clips::polling::{PollPolicy, PollState};
use rhombus_clips::retry::{FailedAttempt, RetryDecision, RetryPolicy};
use rhombus_clips::{
    Client, Clip, ClipUpdate, ClipUuid, Error, ErrorKind, RateLimit, Result, WatchAll,
    WatchAllStream,
};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Clip as ScriptedClip, ClipStatus};
use rhombus_clips_tests::client_for;
use tokio::io::AsyncReadExt as _;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

const SEC: Duration = Duration::from_secs(1);

/// Retries transient failures after a second.
#[derive(Debug)]
struct EverySecond;

impl RetryPolicy for EverySecond {
    fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
        match failed.error().is_transient() {
            true => RetryDecision::After(SEC),
            false => RetryDecision::GiveUp,
        }
    }
}

fn uuid(number: u64) -> ClipUuid {
    ClipUuid::from_bytes(u128::from(number).to_be_bytes())
}

fn number(uuid: ClipUuid) -> u64 {
    u128::from_be_bytes(*uuid.as_bytes()) as u64
}

/// Starts a service with `clips` clips, numbered from 0.
async fn start<C: Into<ScriptedClip>>(clips: u64, clip: impl Fn(u64) -> C) -> Service {
    let service = Service::start().await.unwrap();
    (0..clips).fold(service, |service, n| service.with_clip(uuid(n), clip(n)))
}

/// A clip that is rendered so many seconds after its first request, without progress until then.
fn complete_from(seconds: u64) -> ScriptedClip {
    clip().scripted([
        Step::new(ClipStatus::Rendering),
        Step::at(seconds.s(), ClipStatus::Complete),
    ])
}

fn complete(_: u64) -> ScriptedClip {
    clip().stays(ClipStatus::Complete)
}

fn rendering(_: u64) -> ScriptedClip {
    clip().stays(ClipStatus::Rendering)
}

fn watch(client: &Client, clips: u64) -> WatchAll {
    let watches = client.watch_all((0..clips).map(uuid)).interval(2 * SEC);
    watches.timeout(3600 * SEC).retry(EverySecond)
}

/// Reads the stream to its end and returns the results.
async fn results(mut updates: WatchAllStream) -> HashMap<u64, Result<Clip>> {
    let mut results = HashMap::new();
    while let Some(update) = updates.next().await {
        if let ClipUpdate::Ended { uuid, result, .. } = update {
            let before = results.insert(number(uuid), result);
            assert!(before.is_none(), "{uuid} has two results");
        }
    }
    assert!(updates.is_empty() && updates.next().await.is_none());
    results
}

/// Returns the seconds at which a clip was requested.
fn request_seconds(service: &Service, clip: u64) -> Vec<u64> {
    let requests = service.requests_for(uuid(clip));
    let times = requests.iter().map(|request| request.received_at);
    times.map(|at| at.as_secs_f64().round() as u64).collect()
}

#[tokio::test(start_paused = true)]
async fn each_clip_yields_its_changes_and_one_result() {
    let rendering = |percent| Step::new(ClipStatus::Rendering).percent(percent);
    let service = start(3, |clip| {
        ScriptedClip::scripted(match clip {
            0 => vec![
                Step::null(),
                rendering(10).starting_at(3.s()),
                rendering(50).starting_at(5.s()),
                Step::at(9.s(), ClipStatus::Complete),
            ],
            1 => vec![
                rendering(50),
                Step::response(Response::status(503)).starting_at(4.s()),
                rendering(50).starting_at(6500.ms()),
                Step::at(9.s(), ClipStatus::Complete),
            ],
            _ => vec![rendering(50), Step::at(4.s(), ClipStatus::Failed)],
        })
    })
    .await;
    let mut updates = watch(&client_for(&service), 3).concurrency(2).stream();
    let mut lines: HashMap<u64, Vec<String>> = HashMap::new();
    while let Some(update) = updates.next().await {
        let line = match &update {
            ClipUpdate::Changed { update, .. } => match (update.clip(), update.error()) {
                (Some(clip), None) => {
                    format!("{} {:?}", update.elapsed().as_secs(), clip.percent())
                }
                (None, None) => "none".to_owned(),
                (clip, Some(error)) => {
                    assert!(clip.is_none());
                    format!("{} {:?}", update.elapsed().as_secs(), error.kind())
                }
            },
            ClipUpdate::Ended { result, .. } => match result {
                Ok(clip) => clip.status().to_string(),
                Err(error) => format!("{:?}", error.kind()),
            },
            other => panic!("{other:?}"),
        };
        lines.entry(number(update.uuid())).or_default().push(line);
    }
    assert_eq!(lines[&0], ["none", "4 Some(10)", "6 Some(50)", "COMPLETE"]);
    assert_eq!(
        lines[&1],
        [
            "0 Some(50)",
            "4 UnexpectedStatus",
            "5 UnexpectedStatus",
            "6 UnexpectedStatus",
            "7 Some(50)",
            "COMPLETE"
        ]
    );
    assert_eq!(lines[&2], ["0 Some(50)", "ClipFailed"]);
}

#[tokio::test(start_paused = true)]
async fn five_hundred_timelines_end() {
    let service = start(500, |clip| {
        let end = (1 + clip * 7 % 40).s();
        let steps = [
            Step::new(ClipStatus::Rendering),
            Step::new(ClipStatus::Rendering)
                .percent(50)
                .starting_at(end / 2),
        ];
        let last = match clip % 10 {
            0 => Step::at(end, ClipStatus::Failed),
            1 => Step::null().starting_at(end),
            2 => Step::response(Response::status(403)).starting_at(end),
            _ => Step::at(end, ClipStatus::Complete),
        };
        ScriptedClip::scripted(steps.into_iter().chain([last]))
    })
    .await;
    let watches = watch(&client_for(&service), 500).concurrency(50);
    let results = results(watches.stream()).await;
    assert_eq!(results.len(), 500);
    for (clip, result) in results {
        let expected = match clip % 10 {
            0 => Some(ErrorKind::ClipFailed),
            1 => Some(ErrorKind::NotFound),
            2 => Some(ErrorKind::Authentication),
            _ => None,
        };
        let error = result.err();
        assert_eq!(error.as_ref().map(Error::kind), expected, "{clip}");
        // A clip that was seen once is not given up.
        let is_resumable = error.is_some_and(|error| error.checkpoint().is_some());
        assert_eq!(is_resumable, matches!(clip % 10, 1 | 2), "{clip}");
    }
}

#[tokio::test(start_paused = true)]
async fn late_polls_starve_no_clip() {
    // Two requests per second are admitted for twenty clips, each due every two seconds.
    let service = start(20, |_| complete_from(195)).await;
    let client = Client::builder()
        .api_key(service.api_key())
        .base_url(service.base_url())
        .rate_limit(RateLimit::per_second(2))
        .build()
        .unwrap();
    let watches = watch(&client, 20).concurrency(2);
    assert_eq!(results(watches.stream()).await.len(), 20);
    for clip in 0..20 {
        let seconds = request_seconds(&service, clip);
        assert!((20..=22).contains(&seconds.len()), "{seconds:?}");
        assert!(
            seconds.windows(2).all(|pair| pair[1] - pair[0] <= 11),
            "{seconds:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_applies_backpressure() {
    let service = start(200, rendering).await;
    let mut updates = watch(&client_for(&service), 200).concurrency(10).stream();
    updates.next().await;
    sleep(SEC).await;
    let sent = service.request_count();
    assert!(sent <= 10, "{sent}");
    sleep(100 * SEC).await;
    assert_eq!(service.request_count(), sent);
    for read in 1..100 {
        updates.next().await;
        assert!(service.request_count() <= read + 11);
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_reader_an_update_retains_the_time_of_its_response() {
    let service = start(20, |_| complete_from(100)).await;
    let mut updates = watch(&client_for(&service), 20).concurrency(5).stream();
    updates.next().await;
    sleep(10 * SEC).await;
    assert_eq!(service.request_count(), 5);
    let Some(ClipUpdate::Changed { update, .. }) = updates.next().await else {
        panic!("it changed");
    };
    assert_eq!(update.elapsed(), Duration::ZERO);
    assert_eq!(results(updates).await.len(), 20);
}

#[tokio::test(start_paused = true)]
async fn without_a_reader_only_admitted_polls_are_sent() {
    let service = start(20, rendering).await;
    service.respond_next(Response::too_many_requests(30.s()));
    let client = client_for(&service);
    client.get_clip(uuid(0)).timeout(SEC).await.unwrap_err();
    let mut updates = watch(&client, 20).concurrency(5).stream();
    timeout(SEC, updates.next()).await.unwrap_err();
    assert_eq!(service.request_count(), 1);
    sleep(100 * SEC).await;
    assert_eq!(service.request_count(), 1 + 5);
}

#[tokio::test(start_paused = true)]
async fn a_cooldown_delays_every_request() {
    let service = start(100, complete).await;
    service.respond_next(Response::too_many_requests(30.s()));
    let watches = watch(&client_for(&service), 100).concurrency(5);
    assert_eq!(results(watches.stream()).await.len(), 100);
    let requests = service.requests();
    let early = requests.iter().filter(|r| r.received_at < 30 * SEC);
    assert!(early.count() <= 5, "those in flight with the first");
}

#[tokio::test(start_paused = true)]
async fn each_clip_has_its_own_deadline_and_checkpoint() {
    let service = start(2, |_| {
        clip().by_request([Step::new(ClipStatus::Rendering).percent(40)])
    });
    let service = service.await;
    let watches = watch(&client_for(&service), 1).timeout(5 * SEC);
    let mut updates = watches.stream();
    let handle = updates.handle();
    tokio::spawn(async move {
        sleep(3 * SEC).await;
        handle.add(uuid(1));
    });
    let mut ends = Vec::new();
    while let Some(update) = updates.next().await {
        if let ClipUpdate::Ended {
            uuid,
            result,
            polls,
            elapsed,
            ..
        } = update
        {
            let error = result.unwrap_err();
            assert!(error.is_deadline_exceeded());
            assert_eq!((error.elapsed(), elapsed), (Some(5 * SEC), 5 * SEC));
            assert_eq!(error.polls(), Some(polls));
            assert_eq!(error.clip().and_then(Clip::percent), Some(40));
            assert_eq!(error.checkpoint().unwrap().polls(), 4);
            ends.push((number(uuid), service.elapsed().as_secs()));
        }
    }
    assert_eq!(ends, [(0, 5), (1, 8)]);
}

#[tokio::test(start_paused = true)]
async fn resumed_clips_keep_their_deadlines() {
    let service = start(2, rendering).await;
    let client = client_for(&service);
    let mut short = watch(&client, 1).timeout(10 * SEC).stream();
    short.next().await;
    let mut long = watch(&client, 2).timeout(20 * SEC).stream();
    long.remove(uuid(0));
    long.next().await;
    sleep(SEC).await;
    let checkpoints: Vec<_> = short.stop().into_iter().chain(long.stop()).collect();
    assert_eq!(checkpoints.len(), 2);
    let results = results(client.resume_all(checkpoints).stream()).await;
    for (clip, deadline) in [(0, 10), (1, 20)] {
        let seconds = request_seconds(&service, clip);
        assert_eq!(seconds[..3], [0, 2, 4]);
        assert_eq!(seconds.last(), Some(&deadline));
        assert!(results[&clip].as_ref().unwrap_err().is_deadline_exceeded());
    }
}

#[tokio::test(start_paused = true)]
async fn next_is_cancellation_safe() {
    let service = start(20, |_| complete_from(20)).await;
    let mut updates = watch(&client_for(&service), 20).concurrency(5).stream();
    let mut results = 0;
    loop {
        match timeout(SEC / 10, updates.next()).await {
            Ok(Some(update)) => {
                results += usize::from(matches!(update, ClipUpdate::Ended { .. }));
            }
            Ok(None) => break,
            Err(_) => {}
        }
    }
    assert_eq!(results, 20);
    service.verify_all().min_interval(Duration::ZERO);
    for clip in 0..20 {
        assert_eq!(request_seconds(&service, clip).len(), 11);
    }
}

#[tokio::test]
async fn dropping_the_stream_cancels_its_requests() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::builder()
        .api_key("key")
        .base_url(format!("http://{}", listener.local_addr().unwrap()))
        .build()
        .unwrap();
    let watches = client.watch_all((0..20).map(uuid)).batching(false);
    let mut updates = watches.concurrency(5).stream();
    let handle = updates.handle();
    let reading = tokio::spawn(async move { updates.next().await.is_some() });
    let mut connections = Vec::new();
    for _ in 0..5 {
        let (mut connection, _) = listener.accept().await.unwrap();
        connection.read_u8().await.unwrap();
        connections.push(connection);
    }
    reading.abort();
    assert!(reading.await.unwrap_err().is_cancelled());
    for mut connection in connections {
        // Returns only when the client closes the connection.
        let _ = connection.read_to_end(&mut Vec::new()).await;
    }
    assert_eq!(handle.checkpoints().len(), 20);
}

/// Records the threads that it decides on.
#[derive(Clone, Debug, Default)]
struct ThreadRecorder(Arc<Mutex<HashSet<ThreadId>>>);

impl PollPolicy for ThreadRecorder {
    fn next_delay(&mut self, _: &PollState<'_>) -> Duration {
        self.0.lock().unwrap().insert(std::thread::current().id());
        Duration::from_millis(1)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn responses_are_processed_on_the_threads_of_the_runtime() {
    let service = start(100, |_| {
        clip().by_request([
            Step::new(ClipStatus::Rendering),
            Step::new(ClipStatus::Complete),
        ])
    })
    .await;
    let threads = ThreadRecorder::default();
    let watches = client_for(&service).watch_all((0..100).map(uuid));
    let updates = watches.polling(threads.clone()).concurrency(4).stream();
    assert_eq!(results(updates).await.len(), 100);
    let threads = threads.0.lock().unwrap();
    assert!(!threads.is_empty() && !threads.contains(&std::thread::current().id()));
}

#[test]
fn a_request_that_its_runtime_drops_is_sent_again() {
    let runtime = || {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(1).enable_all().build().unwrap()
    };
    let server = runtime();
    let service = server.block_on(async {
        let service = start(2, complete).await;
        service.with_fault(fault(Response::hang()).on_requests(..=2))
    });
    let first = runtime();
    let mut updates = first.block_on(async {
        let mut updates = watch(&client_for(&service), 2).concurrency(2).stream();
        tokio::select! {
            update = updates.next() => panic!("{update:?}"),
            () = service.wait_for_requests(2) => {}
        }
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
    drop(service);
}
