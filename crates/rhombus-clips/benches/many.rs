//! Memory, startup, throughput and scheduling delay of `watch_all` with a hundred thousand clips.
//!
//! Run it with `cargo bench -p rhombus-clips --bench many`. The simulated service runs in a separate
//! process, so that measurements cover the client only.

mod support;

use std::alloc::System;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cap::Cap;
use futures_util::stream::{StreamExt as _, iter};
use rhombus_clips::polling::{Adaptive, PollPolicy, PollState};
use rhombus_clips::types::GetClipWithProgressResponse;
use rhombus_clips::{ClipUpdate, ClipUuid, WatchAllStream};
use rhombus_clips_sim::ClipStatus;
use tokio::task::JoinSet;

use support::{BenchReport, BenchResult, SimulatedService, serve_if_requested};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Number of watched clips. Chosen, not tuned.
const CLIPS: usize = 100_000;

/// Requests per throughput measurement. Chosen, not tuned.
const REQUESTS: usize = 5_000;

/// Throughput measurements per variant; the result is their median. The variants alternate, so that
/// other load on the machine affects all of them. Chosen, not tuned.
const ROUNDS: usize = 15;

/// Requests in flight. Chosen, not tuned.
const CONCURRENCY: usize = 16;

/// Interval between the polls of a clip while the scheduling delay is measured. Chosen, not tuned.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

fn main() -> BenchResult<()> {
    if serve_if_requested()? {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let service = SimulatedService::start(CLIPS, ClipStatus::Rendering)?;
    let mut report = BenchReport::new();
    runtime.block_on(memory(&service, &mut report))?;
    let rate = runtime.block_on(throughput(&service, &mut report))?;
    runtime.block_on(scheduling_delay(&service, rate / 2.0, &mut report))?;
    report.finish();
    Ok(())
}

/// Measures the heap of waiting watches whose poll policy has a long history, and their startup.
async fn memory(service: &SimulatedService, report: &mut BenchReport) -> BenchResult<()> {
    let client = service.client()?;
    client.get_clip(service.uuids[0]).await?;
    // Opens the connections and allocates their buffers before the measurement.
    let _ = read_changes(
        client
            .watch_all(service.uuids[..1000].iter().copied())
            .concurrency(CONCURRENCY)
            .stream(),
        1000,
    )
    .await;
    let uuids = service.uuids.clone();
    let before = ALLOCATOR.allocated();
    let started_at = Instant::now();
    let updates = client
        .watch_all(uuids)
        .timeout(Duration::from_secs(3600))
        .polling(LongHistory(Adaptive::new(client.history())))
        .concurrency(CONCURRENCY)
        .stream();
    let startup = started_at.elapsed();
    let idle = ALLOCATOR.allocated();
    let updates = read_changes(updates, CLIPS).await;
    let waiting = ALLOCATOR.allocated();
    report.line(format!("startup of {CLIPS} watches: {startup:?}"));
    report.line(format!(
        "heap per watch before its first poll:  {} bytes",
        bytes_per_clip(before, idle)
    ));
    report.line(format!(
        "heap per watch with a long history:    {} bytes",
        bytes_per_clip(before, waiting)
    ));
    report.figure("many.start_ms", startup.as_secs_f64() * 1000.0);
    report.figure("many.waiting_bytes", bytes_per_clip(before, waiting) as f64);
    drop(updates);
    Ok(())
}

fn bytes_per_clip(before: usize, after: usize) -> usize {
    after.saturating_sub(before) / CLIPS
}

/// Like [`PollOnce`], after two phases and several polls of the second one.
#[derive(Clone, Debug)]
struct LongHistory(Adaptive);

impl PollPolicy for LongHistory {
    fn next_delay(&mut self, state: &PollState<'_>) -> Duration {
        let first_phase = PollState::new(state.elapsed()).with_status(&ClipStatus::Uploading);
        self.0.next_delay(&first_phase);
        for poll in 1..9 {
            let state = PollState::new(state.elapsed() + Duration::from_secs(u64::from(poll) * 9))
                .with_status(&ClipStatus::Rendering)
                .with_operation("Processing video")
                .with_footage_duration(Duration::from_secs(60))
                .with_percent(poll * 10);
            self.0.next_delay(&state);
        }
        Duration::from_secs(3600)
    }
}

/// The adaptive poll policy with such a long delay that every clip is polled once.
#[derive(Clone, Debug)]
struct PollOnce(Adaptive);

impl PollPolicy for PollOnce {
    fn next_delay(&mut self, state: &PollState<'_>) -> Duration {
        self.0.next_delay(state);
        Duration::from_secs(3600)
    }
}

/// Reads this number of changes.
async fn read_changes(mut updates: WatchAllStream, changes: usize) -> WatchAllStream {
    for _ in 0..changes {
        match updates.next().await {
            Some(ClipUpdate::Changed { update, .. }) if update.error().is_none() => {}
            other => println!("unexpected update: {other:?}"),
        }
    }
    updates
}

/// Measures the requests per second, relative to two loops that only send requests: in a single task,
/// the usual implementation, and with a task per request, the implementation of `watch_all`.
async fn throughput(service: &SimulatedService, report: &mut BenchReport) -> BenchResult<f64> {
    let client = service.client()?;
    let baseline = Baseline::new(service);
    let mut rates = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        for (variant, rates) in rates.iter_mut().enumerate() {
            let clips = service.uuids[..REQUESTS].iter().copied();
            let watches = client.watch_all(clips).concurrency(CONCURRENCY);
            let started_at = Instant::now();
            match variant {
                0 => baseline.run_in_one_task(service).await?,
                1 => baseline.run_in_tasks(service).await?,
                2 => {
                    let watches = watches.interval(Duration::from_secs(3600));
                    _ = read_changes(watches.stream(), REQUESTS).await;
                }
                _ => {
                    let watches = watches.polling(PollOnce(Adaptive::new(client.history())));
                    _ = read_changes(watches.stream(), REQUESTS).await;
                }
            }
            rates.push(REQUESTS as f64 / started_at.elapsed().as_secs_f64());
        }
    }
    let [one_task, tasks, fixed, adaptive] = &rates;
    report.line(format!(
        "requests per second, {CONCURRENCY} in flight, median of {ROUNDS}: {:.0} in one task, {:.0} with a task per request",
        median(one_task),
        median(tasks)
    ));
    for (name, rates) in [("fixed", fixed), ("adaptive", adaptive)] {
        let [ratio, ratio_to_tasks] = [one_task, tasks].map(|reference| {
            let ratios = rates.iter().zip(reference);
            let ratios = ratios.map(|(rate, reference)| rate / reference);
            median(&ratios.collect::<Vec<_>>())
        });
        report.line(format!(
            "  watch_all with the {name} poll policy: {:.0}, ratios {ratio:.2} and {ratio_to_tasks:.2}",
            median(rates)
        ));
        report.figure(&format!("many.{name}_part"), ratio);
        report.figure(&format!("many.{name}_part_of_tasks"), ratio_to_tasks);
    }
    Ok(median(adaptive))
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Sends requests with the same HTTP library and the same types, and does nothing else.
#[derive(Clone)]
struct Baseline {
    client: reqwest::Client,
    url: String,
    api_key: String,
}

impl Baseline {
    fn new(service: &SimulatedService) -> Self {
        Self {
            client: reqwest::Client::new(),
            url: service.operation_url(),
            api_key: service.api_key.clone(),
        }
    }

    async fn run_in_one_task(&self, service: &SimulatedService) -> BenchResult<()> {
        let requests = service.uuids[..REQUESTS].iter();
        let requests = requests.map(|uuid| self.send(*uuid));
        let mut responses = iter(requests).buffer_unordered(CONCURRENCY);
        while let Some(response) = responses.next().await {
            check(response)?;
        }
        Ok(())
    }

    async fn run_in_tasks(&self, service: &SimulatedService) -> BenchResult<()> {
        let mut tasks = JoinSet::new();
        for uuid in &service.uuids[..REQUESTS] {
            if tasks.len() == CONCURRENCY
                && let Some(response) = tasks.join_next().await
            {
                check(response?)?;
            }
            let (baseline, uuid) = (self.clone(), *uuid);
            tasks.spawn(async move { baseline.send(uuid).await });
        }
        while let Some(response) = tasks.join_next().await {
            check(response?)?;
        }
        Ok(())
    }

    async fn send(&self, uuid: ClipUuid) -> BenchResult<GetClipWithProgressResponse> {
        let request_body = format!(r#"{{"clipUuid": "{uuid}"}}"#);
        let body = self
            .client
            .post(&self.url)
            .header("x-auth-scheme", "api-token")
            .header("x-auth-apikey", &self.api_key)
            .header("content-type", "application/json")
            .body(request_body)
            .send()
            .await?
            .bytes()
            .await?;
        Ok(serde_json::from_slice(&body)?)
    }
}

fn check(response: BenchResult<GetClipWithProgressResponse>) -> BenchResult<()> {
    match response?.clip {
        Some(_) => Ok(()),
        None => Err("no clip".into()),
    }
}

/// Measures the scheduling delay of polls at this rate: actual minus scheduled time.
async fn scheduling_delay(
    service: &SimulatedService,
    rate: f64,
    report: &mut BenchReport,
) -> BenchResult<()> {
    let clips = ((rate * POLL_INTERVAL.as_secs_f64()) as usize).min(CLIPS);
    let delays = Arc::new(Mutex::new(HashMap::new()));
    let client = service.client()?;
    let poll_policy = DelayRecorder {
        delays: delays.clone(),
        due: None,
        polls: 0,
    };
    let mut updates = client
        .watch_all(service.uuids[..clips].iter().copied())
        .polling(poll_policy)
        .concurrency(CONCURRENCY)
        .stream();
    let _ = tokio::time::timeout(6 * POLL_INTERVAL, async {
        while updates.next().await.is_some() {}
    })
    .await;
    drop(updates);
    let delays = delays.lock().map_err(|_| "poisoned")?;
    let mut sorted: Vec<u64> = delays
        .iter()
        .flat_map(|(delay_ms, count)| std::iter::repeat_n(*delay_ms, *count))
        .collect();
    sorted.sort_unstable();
    let quantile = |part: f64| {
        let index = (sorted.len() as f64 * part) as usize;
        sorted.get(index).copied().unwrap_or_default()
    };
    let (median, p99) = (quantile(0.5), quantile(0.99));
    report.line(format!(
        "scheduling delay at {rate:.0} polls/s ({} polls): median {median} ms, p99 {p99} ms, including the response time",
        sorted.len()
    ));
    report.figure("many.late_rate", rate);
    report.figure("many.late_p99_ms", p99 as f64);
    Ok(())
}

/// A poll policy with a constant interval, evenly spread over the clips, that records the scheduling
/// delay of each poll.
#[derive(Clone, Debug)]
struct DelayRecorder {
    /// Number of polls by delay in milliseconds.
    delays: Arc<Mutex<HashMap<u64, usize>>>,
    due: Option<Instant>,
    polls: u32,
}

impl PollPolicy for DelayRecorder {
    fn next_delay(&mut self, state: &PollState<'_>) -> Duration {
        let now = Instant::now();
        // The first polls of all clips coincide; they are spread from the second poll on.
        if let Some(due) = self.due.filter(|_| self.polls > 1)
            && let Ok(mut delays) = self.delays.lock()
        {
            let delay_ms = now.saturating_duration_since(due).as_millis() as u64;
            *delays.entry(delay_ms).or_default() += 1;
        }
        self.polls += 1;
        let delay = match self.due {
            None => POLL_INTERVAL.mul_f64(1.0 + state.random()),
            Some(due) => (due + POLL_INTERVAL).saturating_duration_since(now),
        };
        self.due = Some(now + delay);
        delay
    }
}
