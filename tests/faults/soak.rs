//! Thousands of watches of a service where a third of all requests goes wrong.
//!
//! Every clip gets one terminal answer, the right one, and in the end the process holds what it
//! held at the start. `cargo test -p rhombus-clips-tests --test faults -- --ignored`

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rhombus_clips::retry::Backoff;
use rhombus_clips::{Client, ClipUuid, Watch};
use rhombus_clips_sim::{Clip, ClipStatus, Fault, Response, Service, Step};
use rhombus_clips_tests::{add, complete, rendering};
use serde_json::json;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::ask::{Way, follow};
use crate::expected::Outcome;
use crate::process::{open_sockets, resident_mib};
use crate::terms::KEY;

const ROUNDS: u64 = 5;
const WATCHES_PER_ROUND: u64 = 1000;
const AT_ONCE: usize = 400;
const CLIENTS: usize = 4;
/// What the allocator may keep of a round: it gives pages back late, if at all.
const GROWTH_MIB: f64 = 24.0;

#[test]
#[ignore = "takes a minute or two"]
fn the_soak() {
    let _alone = crate::PROCESS.blocking_lock();
    let (here, there) = (runtime(), runtime());
    here.block_on(soak(there.handle().clone()));
    drop(there);
}

fn runtime() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
}

/// What is counted on the way.
#[derive(Debug, Default)]
struct Figures {
    requests: u64,
    struck: u64,
    done: AtomicU64,
    clip_failed: AtomicU64,
    not_found: AtomicU64,
    refused: AtomicU64,
    wrong: AtomicU64,
}

async fn soak(there: Handle) {
    let metrics = Handle::current().metrics();
    let (sockets, tasks) = (open_sockets(), metrics.num_alive_tasks());
    let there_before = there.metrics().num_alive_tasks();

    // The port is the same in every round, so that the clients are.
    let first = start(&there, 0, 0).await;
    let (port, base_url) = (first.address().port(), first.base_url().to_owned());
    let clients: Arc<[Client]> = (0..CLIENTS).map(|_| client(&base_url)).collect();

    let mut figures = Figures::default();
    round(&there, first, &clients, &mut figures).await;
    let warm = resident_mib();
    figures = Figures::default();
    let began = Instant::now();
    for seed in 1..=ROUNDS {
        let service = start(&there, port, seed).await;
        round(&there, service, &clients, &mut figures).await;
        println!("after round {seed}: {:.1} MiB", resident_mib());
    }
    let took = began.elapsed().as_secs_f64();
    let end = resident_mib();
    drop(clients);
    // A connection that its client has let go of ends in a task of its own.
    let mut left = (0, 0, 0);
    for _ in 0..1000 {
        left = (
            open_sockets().saturating_sub(sockets),
            metrics.num_alive_tasks().saturating_sub(tasks),
            there
                .metrics()
                .num_alive_tasks()
                .saturating_sub(there_before),
        );
        if left == (0, 0, 0) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    let Figures {
        requests, struck, ..
    } = figures;
    let count = |counter: &AtomicU64| counter.load(Relaxed);
    println!(
        "{} watches, {AT_ONCE} at a time, {CLIENTS} clients\n\
         {requests} requests, {struck} struck by a fault ({:.1} percent)\n\
         {} done, {} failed or deleted, {} not found, {} refused, {} wrong\n\
         {took:.1} s, {:.0} requests per second\n\
         resident: {warm:.1} MiB after the first round, {end:.1} MiB at the end\n\
         left: {} sockets, {} tasks here, {} tasks of the service",
        ROUNDS * WATCHES_PER_ROUND,
        100.0 * struck as f64 / requests as f64,
        count(&figures.done),
        count(&figures.clip_failed),
        count(&figures.not_found),
        count(&figures.refused),
        count(&figures.wrong),
        requests as f64 / took,
        left.0,
        left.1,
        left.2,
    );
    assert_eq!(count(&figures.wrong), 0);
    assert_eq!(left, (0, 0, 0));
    assert!(end - warm < GROWTH_MIB, "{warm} MiB became {end} MiB");
}

/// Starts a service in a runtime of its own.
async fn start(there: &Handle, port: u16, seed: u64) -> Service {
    let service = Service::builder().seed(seed).api_key(KEY).port(port);
    let service = there.spawn(service.start()).await.unwrap().unwrap();
    // A 429 holds back all calls of a client, for a second or two: they are few.
    service.inject(Fault::respond(Response::status(429)).with_probability(0.001));
    service.inject(Fault::respond(Response::hang()).with_probability(0.003));
    service.inject(Fault::one_of(passing()).with_probability(0.3));
    service.inject(Fault::in_transit(|answer| answer.reset_after(60)).with_probability(0.03));
    let slowly = |answer: Response| answer.trickle(Duration::ZERO);
    service.inject(Fault::in_transit(slowly).with_probability(0.01));
    service
}

/// Faults that pass.
fn passing() -> Vec<Response> {
    let answer = || Response::json(&json!({"clip": {"status": "COMPLETE", "title": "Door"}}));
    let another = json!({"clip": {"uuid": "BwcHBwcHBwcHBwcHBwcHBw", "status": "COMPLETE"}});
    let mut all: Vec<Response> = [408, 500, 502, 503, 504].map(Response::status).into();
    all.extend([
        Response::close(),
        Response::reset(),
        answer().reset_in_head(40),
        answer().reset_in_head(usize::MAX),
        answer().reset_after(20),
        answer().cut_after(20),
        answer().header("Content-Length", "20"),
        answer().header("Content-Length", "x"),
        Response::status(200),
        Response::status(502).body("<html><h1>Bad Gateway</h1></html>".repeat(1000)),
        Response::status(503).header("Retry-After", "0"),
        Response::json(&another),
    ]);
    all
}

fn client(base_url: &str) -> Client {
    // The retry budget is soon spent: a watch then waits for half to all of the longest wait.
    let backoff = Backoff::default()
        .initial(Duration::from_millis(4))
        .max(Duration::from_millis(100));
    let builder = Client::builder().api_key(KEY).base_url(base_url);
    let builder = builder.attempt_timeout(Duration::from_secs(2));
    builder.retry(backoff).build().unwrap()
}

/// Watches a thousand clips of a service to their ends.
async fn round(there: &Handle, service: Service, clients: &Arc<[Client]>, figures: &mut Figures) {
    let counted = Arc::new(std::mem::take(figures));
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for number in 0..WATCHES_PER_ROUND {
        let (uuid, expected) = clip(&service, number);
        let client = &clients[number as usize % CLIENTS];
        let watch = client
            .watch(uuid)
            .interval(Duration::from_millis(20))
            .timeout(Duration::from_secs(120))
            .not_found_grace_period(Duration::from_millis(200));
        let way = Way::WATCHES[number as usize / 2 % 2];
        let (permits, counted) = (permits.clone(), counted.clone());
        running.spawn(async move {
            let _permit = permits.acquire_owned().await.unwrap();
            one(watch, way, expected, &counted).await;
        });
    }
    running.join_all().await;
    *figures = Arc::try_unwrap(counted).unwrap();
    figures.requests += service.request_count();
    figures.struck += service.fault_count();
    there.spawn(service.shutdown()).await.unwrap();
}

async fn one(watch: Watch, way: Way, expected: Outcome, counted: &Figures) {
    use rhombus_clips::ErrorKind::{Authentication, ClipFailed, NotFound};
    let heard = follow(watch, way).await;
    let counter = match heard.outcome {
        outcome if outcome != expected => &counted.wrong,
        _ if !heard.flaws.is_empty() || heard.shown.contains(KEY) => &counted.wrong,
        Outcome::Done => &counted.done,
        Outcome::Failed(ClipFailed) => &counted.clip_failed,
        Outcome::Failed(NotFound) => &counted.not_found,
        Outcome::Failed(Authentication) => &counted.refused,
        _ => &counted.wrong,
    };
    if std::ptr::eq(counter, &counted.wrong) {
        println!(
            "{} in place of {expected}: {:?}",
            heard.outcome, heard.message
        );
    }
    counter.fetch_add(1, Relaxed);
}

/// The clip of this number, and what is to become of it: half of all complete.
fn clip(service: &Service, number: u64) -> (ClipUuid, Outcome) {
    use rhombus_clips::ErrorKind::{Authentication, ClipFailed, NotFound};
    let (last, outcome) = match number % 20 {
        0..10 => (complete(), Outcome::Done),
        10..14 => (Step::new(ClipStatus::Failed), Outcome::Failed(ClipFailed)),
        14..16 => (Step::new(ClipStatus::Deleted), Outcome::Failed(ClipFailed)),
        16 => (
            Step::response(Response::status(403)),
            Outcome::Failed(Authentication),
        ),
        _ => (Step::null(), Outcome::Failed(NotFound)),
    };
    let rendered = match outcome {
        // Some were never there, some are gone one day.
        Outcome::Failed(NotFound) if number % 20 > 17 => 0,
        _ => (number * 7 % 12) as i64,
    };
    let steps = (0..rendered).map(|step| rendering(step * 8)).chain([last]);
    (add(service, Clip::by_request(steps)), outcome)
}
