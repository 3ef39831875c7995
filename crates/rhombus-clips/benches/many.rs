//! A hundred thousand watches: their memory, their start, their throughput and their lateness.
//!
//! `cargo bench -p rhombus-clips --bench many` prints them. The service is the simulated one in a
//! process of its own, so that what is counted is the client's.

mod support;

use std::alloc::System;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use cap::Cap;
use futures_util::stream::{StreamExt as _, iter};
use rhombus_clips::polling::{Adaptive, PollPolicy, PollState};
use rhombus_clips::types::GetClipWithProgressResponse;
use rhombus_clips::{ClipUpdate, ClipUuid, WatchAllStream};
use rhombus_clips_sim::ClipStatus;
use tokio::task::JoinSet;

use support::{Outcome, Report, Simulated, serve_if_asked};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// How many clips wait.
const CLIPS: usize = 100_000;

/// How many requests the throughput is measured with, each time.
const REQUESTS: usize = 5_000;

/// How often it is measured each way, one after the other: what disturbs the machine disturbs all.
const ROUNDS: usize = 15;

const CONCURRENCY: usize = 16;

fn main() -> Outcome<()> {
    if serve_if_asked()? {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let service = Simulated::start(CLIPS, ClipStatus::Rendering)?;
    let mut report = Report::new();
    runtime.block_on(memory(&service, &mut report))?;
    let rate = runtime.block_on(throughput(&service, &mut report))?;
    runtime.block_on(lateness(&service, rate / 2.0, &mut report))?;
    report.end();
    Ok(())
}

/// What so many watches need that have seen much, and how long it takes to start them.
async fn memory(service: &Simulated, report: &mut Report) -> Outcome<()> {
    let client = service.client()?;
    client.get_clip(service.clips[0]).await?;
    // The connections are there before, and their buffers.
    let _ = read(
        client
            .watch_all(service.clips[..1000].iter().copied())
            .concurrency(CONCURRENCY)
            .stream(),
        1000,
    )
    .await;
    let clips = service.clips.clone();
    let before = ALLOCATOR.allocated();
    let begun = Instant::now();
    let updates = client
        .watch_all(clips)
        .timeout(Duration::from_secs(3600))
        .polling(Seasoned(Adaptive::new(client.history())))
        .concurrency(CONCURRENCY)
        .stream();
    let started = begun.elapsed();
    let idle = ALLOCATOR.allocated();
    let updates = read(updates, CLIPS).await;
    let waiting = ALLOCATOR.allocated();
    report.line(format!("start of {CLIPS} watches: {started:?}"));
    report.line(format!(
        "heap per watch before its first look: {} bytes",
        per_clip(before, idle)
    ));
    report.line(format!(
        "heap per watch that has seen much:     {} bytes",
        per_clip(before, waiting)
    ));
    report.figure("many.start_ms", started.as_secs_f64() * 1000.0);
    report.figure("many.waiting_bytes", per_clip(before, waiting) as f64);
    drop(updates);
    Ok(())
}

fn per_clip(before: usize, after: usize) -> usize {
    after.saturating_sub(before) / CLIPS
}

/// As [`Once`], but has seen two phases, and many looks of the second.
#[derive(Clone, Debug)]
struct Seasoned(Adaptive);

impl PollPolicy for Seasoned {
    fn next_delay(&mut self, seen: &PollState<'_>) -> Duration {
        let begun = PollState::new(seen.elapsed()).with_status(&ClipStatus::Uploading);
        self.0.next_delay(&begun);
        for look in 1..9 {
            let seen = PollState::new(seen.elapsed() + Duration::from_secs(u64::from(look) * 9))
                .with_status(&ClipStatus::Rendering)
                .with_operation("Processing video")
                .with_clip_length(Duration::from_secs(60))
                .with_percent(look * 10);
            self.0.next_delay(&seen);
        }
        Duration::from_secs(3600)
    }
}

/// The adaptive poll policy, but waits for so long that everything is looked at once.
#[derive(Clone, Debug)]
struct Once(Adaptive);

impl PollPolicy for Once {
    fn next_delay(&mut self, seen: &PollState<'_>) -> Duration {
        self.0.next_delay(seen);
        Duration::from_secs(3600)
    }
}

/// Reads so many changes.
async fn read(mut updates: WatchAllStream, changes: usize) -> WatchAllStream {
    for _ in 0..changes {
        match updates.next().await {
            Some(ClipUpdate::Changed { update, .. }) if update.error().is_none() => {}
            other => println!("not a change: {other:?}"),
        }
    }
    updates
}

/// Requests in a second, beside those of loops that do nothing else: one in one task, as most would
/// write it, and one with a task for each request, as `watch_all` has them.
async fn throughput(service: &Simulated, report: &mut Report) -> Outcome<f64> {
    let client = service.client()?;
    let bare = Bare::new(service);
    let mut rates = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        for (way, rates) in rates.iter_mut().enumerate() {
            let clips = service.clips[..REQUESTS].iter().copied();
            let watches = client.watch_all(clips).concurrency(CONCURRENCY);
            let begun = Instant::now();
            match way {
                0 => bare.in_one_task(service).await?,
                1 => bare.in_tasks(service).await?,
                2 => {
                    let watches = watches.interval(Duration::from_secs(3600));
                    _ = read(watches.stream(), REQUESTS).await;
                }
                _ => {
                    let watches = watches.polling(Once(Adaptive::new(client.history())));
                    _ = read(watches.stream(), REQUESTS).await;
                }
            }
            rates.push(REQUESTS as f64 / begun.elapsed().as_secs_f64());
        }
    }
    let [bare, tasks, fixed, adaptive] = &rates;
    report.line(format!(
        "requests in a second, {CONCURRENCY} at once, median of {ROUNDS}: {:.0} by a bare loop, {:.0} with a task each",
        median(bare),
        median(tasks)
    ));
    for (name, poll_policy, rates) in [
        ("fixed", "a fixed", fixed),
        ("adaptive", "the adaptive", adaptive),
    ] {
        let [part, part_of_tasks] = [bare, tasks].map(|whole| {
            let parts = rates.iter().zip(whole).map(|(rate, whole)| rate / whole);
            median(&parts.collect::<Vec<_>>())
        });
        report.line(format!(
            "  by watch_all with {poll_policy} polling: {:.0}, {part:.2} and {part_of_tasks:.2} of that",
            median(rates)
        ));
        report.figure(&format!("many.{name}_part"), part);
        report.figure(&format!("many.{name}_part_of_tasks"), part_of_tasks);
    }
    Ok(median(adaptive))
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Requests with the same library and the same types, and nothing around them.
#[derive(Clone)]
struct Bare {
    client: reqwest::Client,
    url: String,
    api_key: String,
}

impl Bare {
    fn new(service: &Simulated) -> Self {
        Self {
            client: reqwest::Client::new(),
            url: service.url(),
            api_key: service.api_key.clone(),
        }
    }

    async fn in_one_task(&self, service: &Simulated) -> Outcome<()> {
        let requests = service.clips[..REQUESTS].iter().map(|uuid| self.ask(*uuid));
        let mut answers = iter(requests).buffer_unordered(CONCURRENCY);
        while let Some(answer) = answers.next().await {
            check(answer)?;
        }
        Ok(())
    }

    async fn in_tasks(&self, service: &Simulated) -> Outcome<()> {
        let mut tasks = JoinSet::new();
        for uuid in &service.clips[..REQUESTS] {
            if tasks.len() == CONCURRENCY
                && let Some(answer) = tasks.join_next().await
            {
                check(answer?)?;
            }
            let (bare, uuid) = (self.clone(), *uuid);
            tasks.spawn(async move { bare.ask(uuid).await });
        }
        while let Some(answer) = tasks.join_next().await {
            check(answer?)?;
        }
        Ok(())
    }

    async fn ask(&self, uuid: ClipUuid) -> Outcome<GetClipWithProgressResponse> {
        let body = format!(r#"{{"clipUuid": "{uuid}"}}"#);
        let answer = self
            .client
            .post(&self.url)
            .header("x-auth-scheme", "api-token")
            .header("x-auth-apikey", &self.api_key)
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await?
            .bytes()
            .await?;
        Ok(serde_json::from_slice(&answer)?)
    }
}

fn check(answer: Outcome<GetClipWithProgressResponse>) -> Outcome<()> {
    match answer?.clip {
        Some(_) => Ok(()),
        None => Err("no clip".into()),
    }
}

/// How late looks come at a rate, against the times that were asked for.
async fn lateness(service: &Simulated, rate: f64, report: &mut Report) -> Outcome<()> {
    const INTERVAL: Duration = Duration::from_secs(2);
    let clips = ((rate * INTERVAL.as_secs_f64()) as usize).min(CLIPS);
    let asked = std::sync::Arc::new(std::sync::Mutex::new(HashMap::new()));
    let client = service.client()?;
    let poll_policy = Punctual {
        asked: asked.clone(),
        due: None,
        looks: 0,
    };
    let mut updates = client
        .watch_all(service.clips[..clips].iter().copied())
        .polling(poll_policy)
        .concurrency(CONCURRENCY)
        .stream();
    let _ = tokio::time::timeout(6 * INTERVAL, async {
        while updates.next().await.is_some() {}
    })
    .await;
    drop(updates);
    let late = asked.lock().map_err(|_| "poisoned")?;
    let mut all: Vec<u64> = late
        .iter()
        .flat_map(|(late, count)| std::iter::repeat_n(*late, *count))
        .collect();
    all.sort_unstable();
    let at = |part: f64| {
        all.get((all.len() as f64 * part) as usize)
            .copied()
            .unwrap_or_default()
    };
    let (half, most) = (at(0.5), at(0.99));
    report.line(format!(
        "lateness at {rate:.0} requests in a second ({} looks): median {half} ms, 99th percentile {most} ms, with the time that an answer takes",
        all.len()
    ));
    report.figure("many.late_rate", rate);
    report.figure("many.late_p99_ms", most as f64);
    Ok(())
}

/// Looks spread evenly, and notes by how many milliseconds each was late.
#[derive(Clone, Debug)]
struct Punctual {
    asked: std::sync::Arc<std::sync::Mutex<HashMap<u64, usize>>>,
    due: Option<Instant>,
    looks: u32,
}

impl PollPolicy for Punctual {
    fn next_delay(&mut self, seen: &PollState<'_>) -> Duration {
        let now = Instant::now();
        // The first looks come all at once, and are spread from then on.
        if let Some(due) = self.due.filter(|_| self.looks > 1)
            && let Ok(mut asked) = self.asked.lock()
        {
            let late = now.saturating_duration_since(due).as_millis() as u64;
            *asked.entry(late).or_default() += 1;
        }
        self.looks += 1;
        let wait = match self.due {
            None => Duration::from_secs(2).mul_f64(1.0 + seen.random()),
            Some(due) => (due + Duration::from_secs(2)).saturating_duration_since(now),
        };
        self.due = Some(now + wait);
        wait
    }
}
