//! Soak test: thousands of watches of a service that fails a third of all requests.
//!
//! Every watch must end with the correct outcome, and the process must not leak sockets, tasks or
//! memory. Run it with `cargo test -p rhombus-clips-tests --test faults -- --ignored`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rhombus_clips::retry::Backoff;
use rhombus_clips::{Client, ClipUuid, Watch};
use rhombus_clips_sim::{Clip, ClipStatus, Fault, Http2Error, Response, Service, Step};
use rhombus_clips_tests::{add, complete, rendering};
use serde_json::json;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::call::{EntryPoint, run_watch};
use crate::catalogue::Protocol;
use crate::expected::Outcome;
use crate::process_stats::{open_sockets, resident_mib};
use crate::test_config::KEY;

// The size of the test is chosen, not tuned: it runs for a minute or two, and a leak per watch or
// per request is far larger than the permitted growth.
const ROUNDS: u64 = 5;
const WATCHES_PER_ROUND: u64 = 1000;
const CONCURRENT_WATCHES: usize = 400;
const CLIENTS: usize = 4;
/// Permitted growth of resident memory after the first round: the allocator returns pages to the
/// system late, if at all. Chosen, not tuned.
const GROWTH_MIB: f64 = 24.0;

#[test]
#[ignore = "takes a minute or two"]
fn every_watch_of_a_failing_service_ends_correctly() {
    soak(Protocol::Http1);
}

#[test]
#[ignore = "takes a minute or two"]
fn every_watch_of_a_failing_service_over_http2_ends_correctly() {
    soak(Protocol::Http2);
}

fn soak(protocol: Protocol) {
    let _exclusive = crate::EXCLUSIVE.blocking_lock();
    let (client_runtime, server_runtime) = (new_runtime(), new_runtime());
    client_runtime.block_on(run_soak(protocol, server_runtime.handle().clone()));
    drop(server_runtime);
}

fn new_runtime() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
}

/// Totals over several rounds.
#[derive(Debug, Default)]
struct Counters {
    requests: u64,
    faulty: u64,
    complete: AtomicU64,
    clip_failed: AtomicU64,
    not_found: AtomicU64,
    forbidden: AtomicU64,
    wrong: AtomicU64,
}

async fn run_soak(protocol: Protocol, server_runtime: Handle) {
    let metrics = Handle::current().metrics();
    let (sockets_before, client_tasks_before) = (open_sockets(), metrics.num_alive_tasks());
    let server_tasks_before = server_runtime.metrics().num_alive_tasks();

    // Every round uses the same port, so that it can use the same clients; with TLS, each service has a
    // certificate of its own.
    let mut port = 0;
    let mut clients: Arc<[Client]> = Arc::default();
    let mut counters = Counters::default();
    let mut round = async |seed, counters: &mut Counters| {
        let service = start_service(protocol, &server_runtime, port, seed).await;
        port = service.address().port();
        if clients.is_empty() || protocol == Protocol::Http2 {
            clients = (0..CLIENTS).map(|_| new_client(&service)).collect();
        }
        run_round(&server_runtime, service, &clients, counters).await;
    };
    round(0, &mut counters).await;
    let baseline_mib = resident_mib();
    counters = Counters::default();
    let start = Instant::now();
    for seed in 1..=ROUNDS {
        round(seed, &mut counters).await;
        println!("after round {seed}: {:.1} MiB", resident_mib());
    }
    let seconds = start.elapsed().as_secs_f64();
    let final_mib = resident_mib();
    drop(clients);
    // A dropped connection is closed by a task, which needs a moment.
    let mut leaks = (0, 0, 0);
    for _ in 0..1000 {
        leaks = (
            open_sockets().saturating_sub(sockets_before),
            metrics
                .num_alive_tasks()
                .saturating_sub(client_tasks_before),
            server_runtime
                .metrics()
                .num_alive_tasks()
                .saturating_sub(server_tasks_before),
        );
        if leaks == (0, 0, 0) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    let Counters {
        requests, faulty, ..
    } = counters;
    let count = |counter: &AtomicU64| counter.load(Relaxed);
    println!(
        "{protocol}: {} watches, {CONCURRENT_WATCHES} concurrently, {CLIENTS} clients\n\
         {requests} requests, {faulty} faulty ({:.1} percent)\n\
         {} complete, {} failed or deleted, {} not found, {} forbidden, {} wrong\n\
         {seconds:.1} s, {:.0} requests per second\n\
         resident: {baseline_mib:.1} MiB after the first round, {final_mib:.1} MiB at the end\n\
         leaked: {} sockets, {} client tasks, {} service tasks",
        ROUNDS * WATCHES_PER_ROUND,
        100.0 * faulty as f64 / requests as f64,
        count(&counters.complete),
        count(&counters.clip_failed),
        count(&counters.not_found),
        count(&counters.forbidden),
        count(&counters.wrong),
        requests as f64 / seconds,
        leaks.0,
        leaks.1,
        leaks.2,
    );
    assert_eq!(count(&counters.wrong), 0);
    assert_eq!(leaks, (0, 0, 0));
    assert!(
        final_mib - baseline_mib < GROWTH_MIB,
        "grew from {baseline_mib} to {final_mib} MiB"
    );
}

/// Starts the faulty service in its own runtime.
async fn start_service(
    protocol: Protocol,
    server_runtime: &Handle,
    port: u16,
    seed: u64,
) -> Service {
    let service = protocol.service().seed(seed).port(port);
    let service = server_runtime
        .spawn(service.start())
        .await
        .unwrap()
        .unwrap();
    // Rare, because each 429 delays all calls of its client for a second or two.
    service.inject(Fault::respond(Response::status(429)).with_probability(0.001));
    service.inject(Fault::respond(Response::hang()).with_probability(0.003));
    if protocol == Protocol::Http2 {
        // Rare, because each fails all requests of its connection.
        service.inject(Fault::respond(Response::freeze_connection()).with_probability(0.0005));
        service.inject(Fault::one_of(connection_failures()).with_probability(0.005));
    }
    service.inject(Fault::one_of(transient_responses(protocol)).with_probability(0.3));
    service.inject(Fault::map_response(|response| response.reset_after(60)).with_probability(0.03));
    let trickle = |response: Response| response.trickle(Duration::ZERO);
    service.inject(Fault::map_response(trickle).with_probability(0.01));
    service
}

/// The end of a connection of HTTP/2, with all of its streams.
fn connection_failures() -> Vec<Response> {
    let mut failures = vec![Response::close(), Response::reset()];
    let errors = [Http2Error::InternalError, Http2Error::EnhanceYourCalm];
    failures.extend(errors.map(Response::go_away));
    failures
}

/// Responses that the library treats as transient failures, and that end no other request.
fn transient_responses(protocol: Protocol) -> Vec<Response> {
    let response = || Response::json(&json!({"clip": {"status": "COMPLETE", "title": "Door"}}));
    let other_clip = json!({"clip": {"uuid": "BwcHBwcHBwcHBwcHBwcHBw", "status": "COMPLETE"}});
    let mut responses: Vec<Response> = [408, 500, 502, 503, 504].map(Response::status).into();
    responses.extend(match protocol {
        Protocol::Http1 => vec![
            Response::close(),
            Response::reset(),
            response().reset_in_head(40),
            response().reset_in_head(usize::MAX),
            response().reset_after(20),
            response().cut_after(20),
            response().header("Content-Length", "20"),
            response().header("Content-Length", "x"),
        ],
        Protocol::Http2 => vec![
            Response::reset_stream(Http2Error::RefusedStream),
            Response::reset_stream(Http2Error::InternalError),
            response().reset_stream_after(20, Http2Error::Cancel),
            Response::status(503).last_on_connection(),
        ],
    });
    responses.extend([
        Response::status(200),
        Response::status(502).body("<html><h1>Bad Gateway</h1></html>".repeat(1000)),
        Response::status(503).header("Retry-After", "0"),
        Response::json(&other_clip),
    ]);
    responses
}

fn new_client(service: &Service) -> Client {
    // With this many failures the retry budget is soon exhausted; a watch then waits for the
    // longest backoff, minus jitter.
    let backoff = Backoff::default()
        .initial(Duration::from_millis(4))
        .max(Duration::from_millis(100));
    let builder = Client::builder().api_key(KEY).base_url(service.base_url());
    let builder = match service.root_certificate() {
        Some(certificate) => builder.root_certificate(certificate),
        None => builder,
    };
    let builder = builder.attempt_timeout(Duration::from_secs(2));
    builder.retry(backoff).build().unwrap()
}

/// Watches one round of clips to their end, and shuts the service down.
async fn run_round(
    server_runtime: &Handle,
    service: Service,
    clients: &Arc<[Client]>,
    counters: &mut Counters,
) {
    let shared_counters = Arc::new(std::mem::take(counters));
    let permits = Arc::new(Semaphore::new(CONCURRENT_WATCHES));
    let mut running = JoinSet::new();
    for index in 0..WATCHES_PER_ROUND {
        let (uuid, expected) = add_clip(&service, index);
        let client = &clients[index as usize % CLIENTS];
        let watch = client
            .watch(uuid)
            .interval(Duration::from_millis(20))
            .timeout(Duration::from_secs(120))
            .not_found_grace_period(Duration::from_millis(200));
        let entry_point = EntryPoint::WATCHES[index as usize / 2 % 2];
        let (permits, shared_counters) = (permits.clone(), shared_counters.clone());
        running.spawn(async move {
            let _permit = permits.acquire_owned().await.unwrap();
            run_one(watch, entry_point, expected, &shared_counters).await;
        });
    }
    running.join_all().await;
    *counters = Arc::try_unwrap(shared_counters).unwrap();
    counters.requests += service.request_count();
    counters.faulty += service.fault_count();
    server_runtime.spawn(service.shutdown()).await.unwrap();
}

async fn run_one(
    watch: Watch,
    entry_point: EntryPoint,
    expected: Outcome,
    shared_counters: &Counters,
) {
    use rhombus_clips::ErrorKind::{Authentication, ClipFailed, NotFound};
    let result = run_watch(watch, entry_point).await;
    let counter = match result.outcome {
        outcome if outcome != expected => &shared_counters.wrong,
        _ if !result.violations.is_empty() || result.exposed_text.contains(KEY) => {
            &shared_counters.wrong
        }
        Outcome::Complete => &shared_counters.complete,
        Outcome::Failed(ClipFailed) => &shared_counters.clip_failed,
        Outcome::Failed(NotFound) => &shared_counters.not_found,
        Outcome::Failed(Authentication) => &shared_counters.forbidden,
        _ => &shared_counters.wrong,
    };
    if std::ptr::eq(counter, &shared_counters.wrong) {
        println!(
            "{}, expected {expected}: {:?}",
            result.outcome, result.message
        );
    }
    counter.fetch_add(1, Relaxed);
}

/// Registers the clip with this index and returns its expected outcome. Half of all clips complete.
fn add_clip(service: &Service, index: u64) -> (ClipUuid, Outcome) {
    use rhombus_clips::ErrorKind::{Authentication, ClipFailed, NotFound};
    let (last, outcome) = match index % 20 {
        0..10 => (complete(), Outcome::Complete),
        10..14 => (Step::new(ClipStatus::Failed), Outcome::Failed(ClipFailed)),
        14..16 => (Step::new(ClipStatus::Deleted), Outcome::Failed(ClipFailed)),
        16 => (
            Step::response(Response::status(403)),
            Outcome::Failed(Authentication),
        ),
        _ => (Step::null(), Outcome::Failed(NotFound)),
    };
    let rendered = match outcome {
        // Some clips never have a record, others lose it.
        Outcome::Failed(NotFound) if index % 20 > 17 => 0,
        _ => (index * 7 % 12) as i64,
    };
    let steps = (0..rendered).map(|step| rendering(step * 8)).chain([last]);
    (add(service, Clip::by_request(steps)), outcome)
}
