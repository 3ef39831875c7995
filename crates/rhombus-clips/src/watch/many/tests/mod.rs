mod tasks;

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rhombus_clips_api::types::{ClipStatus, SavedClip};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::*;
use crate::Clip;
use crate::error::{Error, ErrorKind, Result};
use crate::throttle::AdmissionDeadlines;
use crate::transport::{Attempt, MaxBackoff, Transport};

const SEC: Duration = Duration::from_secs(1);

type Respond = dyn Fn(usize, Duration) -> Result<Option<Clip>> + Send + Sync;

/// Responds by the number of the clip and the time since its creation, and records its requests.
#[derive(Clone)]
struct Service {
    created: Instant,
    latency: Duration,
    respond: Arc<Respond>,
    admits_from: Arc<Mutex<Option<Instant>>>,
    requests: Arc<Mutex<Vec<(usize, Duration)>>>,
    in_flight: Arc<AtomicUsize>,
    max_in_flight: Arc<AtomicUsize>,
}

impl Service {
    fn new(
        respond: impl Fn(usize, Duration) -> Result<Option<Clip>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            created: Instant::now(),
            latency: Duration::ZERO,
            respond: Arc::new(respond),
            admits_from: Arc::default(),
            requests: Arc::default(),
            in_flight: Arc::default(),
            max_in_flight: Arc::default(),
        }
    }

    fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Returns the seconds at which the clip was requested.
    fn request_seconds(&self, clip: usize) -> Vec<u64> {
        let requests = self.requests.lock().unwrap();
        let of_clip = requests.iter().filter(|(number, _)| *number == clip);
        of_clip.map(|(_, at)| at.as_secs()).collect()
    }

    fn request_count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    fn watch(&self, clips: usize, concurrency: usize) -> WatchAllStream {
        self.watch_for(clips, concurrency, 3600 * SEC)
    }

    fn watch_for(&self, clips: usize, concurrency: usize, timeout: Duration) -> WatchAllStream {
        let clips = (0..clips)
            .map(|clip| WatchSource::New(uuid(clip)))
            .collect();
        self.start(clips, concurrency, Some(timeout))
    }

    fn start(
        &self,
        clips: Vec<WatchSource>,
        concurrency: usize,
        timeout: Option<Duration>,
    ) -> WatchAllStream {
        let mut defaults =
            WatchDefaults::new(Arc::new(MaxBackoff), |_| Box::new(Fixed::new(2 * SEC)));
        defaults.timeout = timeout;
        WatchAllStream::new(self.clone(), clips, defaults, concurrency)
    }
}

struct InFlightGuard(Arc<AtomicUsize>);

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Transport for Service {
    async fn acquire(&self, deadlines: AdmissionDeadlines) -> Result<()> {
        let admits_from = *self.admits_from.lock().unwrap();
        sleep_until(admits_from.unwrap_or(self.created).min(deadlines.cooldown)).await;
        Ok(())
    }

    async fn fetch(&self, attempt: Attempt) -> Result<Option<Clip>> {
        let clip = number(attempt.uuid);
        self.requests
            .lock()
            .unwrap()
            .push((clip, self.created.elapsed()));
        let in_flight = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.max_in_flight.fetch_max(in_flight, Ordering::SeqCst);
        let _guard = InFlightGuard(self.in_flight.clone());
        if !self.latency.is_zero() {
            sleep(self.latency).await;
        }
        (self.respond)(clip, self.created.elapsed())
    }
}

fn uuid(clip: usize) -> ClipUuid {
    ClipUuid::from_bytes((clip as u128).to_be_bytes())
}

fn number(uuid: ClipUuid) -> usize {
    u128::from_be_bytes(*uuid.as_bytes()) as usize
}

fn rendering(percent: u64) -> Result<Option<Clip>> {
    let mut record = SavedClip::default();
    record.status = Some(ClipStatus::Rendering);
    record.percent_complete = Some(percent as i64);
    Ok(Some(Clip::new(uuid(0), record, None, Vec::new())))
}

fn with_status(status: ClipStatus) -> Result<Option<Clip>> {
    Ok(Some(Clip::of_status(status)))
}

/// Responds with a complete clip from this second on, and with an unchanged one before.
fn complete_from(second: u64) -> impl Fn(usize, Duration) -> Result<Option<Clip>> {
    move |_, at| match at.as_secs() < second {
        true => rendering(0),
        false => with_status(ClipStatus::Complete),
    }
}

/// Reads the stream to its end and returns the results.
async fn results(mut updates: WatchAllStream) -> HashMap<usize, Result<Clip>> {
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

#[tokio::test(start_paused = true)]
async fn each_clip_yields_its_changes_and_one_result() {
    let service = Service::new(|clip, at| match (clip, at.as_secs()) {
        (0, 0..3) => Ok(None),
        (0, 3..5) => rendering(10),
        (1, 4..7) => Err(Error::new(ErrorKind::Timeout, "late")),
        (2, 4..) => with_status(ClipStatus::Failed),
        (0 | 1, 9..) => with_status(ClipStatus::Complete),
        _ => rendering(50),
    });
    let mut updates = service.watch(3, 2);
    let mut lines: HashMap<usize, Vec<String>> = HashMap::new();
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
        };
        lines.entry(number(update.uuid())).or_default().push(line);
    }
    assert_eq!(lines[&0], ["none", "4 Some(10)", "6 Some(50)", "COMPLETE"]);
    assert_eq!(
        lines[&1],
        [
            "0 Some(50)",
            "4 Timeout",
            "5 Timeout",
            "7 Some(50)",
            "COMPLETE"
        ]
    );
    assert_eq!(lines[&2], ["0 Some(50)", "ClipFailed"]);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_random_timelines_end() {
    let service = Service::new(|clip, at| {
        let mut rng = fastrand::Rng::with_seed(clip as u64);
        let end = rng.u64(0..40);
        match rng.u8(0..10) {
            _ if at.as_secs() < end && rng.bool() => rendering(at.as_secs() * 100 / end),
            _ if at.as_secs() < end => rendering(0),
            0 => with_status(ClipStatus::Failed),
            1 => Ok(None),
            2 => Err(Error::new(ErrorKind::Authentication, "denied")),
            _ => with_status(ClipStatus::Complete),
        }
    })
    .latency(SEC / 1000);
    let results = results(service.watch(10_000, 50)).await;
    assert_eq!(results.len(), 10_000);
    for (clip, result) in results {
        let mut rng = fastrand::Rng::with_seed(clip as u64);
        rng.u64(0..40);
        let expected = match rng.u8(0..10) {
            0 => Some(ErrorKind::ClipFailed),
            1 => Some(ErrorKind::NotFound),
            2 => Some(ErrorKind::Authentication),
            _ => None,
        };
        assert_eq!(result.err().map(|error| error.kind()), expected);
    }
    assert!(service.max_in_flight.load(Ordering::SeqCst) <= 50);
}

#[tokio::test(start_paused = true)]
async fn concurrency_is_fully_used_and_never_exceeded() {
    let service = Service::new(complete_from(20)).latency(SEC);
    assert_eq!(results(service.watch(30, 7)).await.len(), 30);
    assert_eq!(service.max_in_flight.load(Ordering::SeqCst), 7);
}

#[tokio::test(start_paused = true)]
async fn slow_responses_starve_no_clip() {
    // Two responses per second for a hundred clips, each due every two seconds.
    let service = Service::new(complete_from(1000)).latency(SEC);
    assert_eq!(results(service.watch(100, 2)).await.len(), 100);
    let requests: Vec<_> = (0..100).map(|clip| service.request_seconds(clip)).collect();
    for seconds in &requests {
        assert!((20..=22).contains(&seconds.len()), "{seconds:?}");
        assert!(
            seconds.windows(2).all(|pair| pair[1] - pair[0] <= 51),
            "{seconds:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_applies_backpressure() {
    let service = Service::new(|_, at| rendering(at.as_secs() % 100));
    let mut updates = service.watch(1000, 10);
    updates.next().await;
    let sent = service.request_count();
    assert!(sent <= 10);
    sleep(100 * SEC).await;
    assert_eq!(service.request_count(), sent);
    for read in 1..500 {
        updates.next().await;
        assert!(service.request_count() <= read + 11);
    }
}

#[tokio::test(start_paused = true)]
async fn clips_are_added_and_removed_while_others_are_watched() {
    let service = Service::new(complete_from(9)).latency(SEC / 10);
    let mut updates = service.watch(2, 4);
    assert!(!updates.add(uuid(0)), "it is watched already");
    updates.next().await;
    updates.next().await;
    assert!(updates.add(uuid(2)));
    assert_eq!(updates.len(), 3);
    let checkpoint = updates.remove(uuid(1)).unwrap();
    assert_eq!((checkpoint.clip_uuid(), checkpoint.polls()), (uuid(1), 1));
    assert!(updates.remove(uuid(1)).is_none());
    assert_eq!(updates.checkpoints().len(), 2);
    let mut results: Vec<_> = results(updates).await.into_keys().collect();
    results.sort_unstable();
    assert_eq!(results, [0, 2]);
    assert_eq!(service.request_seconds(1), [0]);
}

#[tokio::test(start_paused = true)]
async fn adding_a_clip_through_a_handle_wakes_the_stream() {
    let service = Service::new(|_, _| with_status(ClipStatus::Complete));
    let mut updates = service.watch(0, 4);
    let handle = updates.handle();
    let adding = tokio::spawn(async move {
        sleep(5 * SEC).await;
        assert!(handle.add(uuid(7)));
        sleep(5 * SEC).await;
        drop(handle);
        sleep(3600 * SEC).await;
    });
    assert_eq!(updates.next().await.unwrap().uuid(), uuid(7));
    assert_eq!(service.request_seconds(7), [5]);
    // Dropping the last handle ends the stream.
    assert!(updates.next().await.is_none());
    assert_eq!(service.created.elapsed().as_secs(), 10);
    adding.abort();
    let handle = updates.handle();
    drop(updates);
    assert!(!handle.add(uuid(8)), "the stream is dropped");
}

#[tokio::test(start_paused = true)]
async fn removing_a_clip_cancels_its_request_and_resume_adds_it_again() {
    let service = Service::new(complete_from(50)).latency(20 * SEC);
    let mut updates = service.watch(1, 4);
    let handle = updates.handle();
    let removing = tokio::spawn(async move {
        sleep(SEC).await;
        let checkpoint = handle.remove(uuid(0)).unwrap();
        assert_eq!(checkpoint.polls(), 1);
        sleep(SEC).await;
        assert!(handle.resume(&checkpoint));
    });
    updates.next().await;
    removing.await.unwrap();
    assert_eq!(service.request_seconds(0), [0, 2]);
    assert_eq!(service.max_in_flight.load(Ordering::SeqCst), 1);
    let results = results(updates).await;
    assert!(results[&0].as_ref().unwrap().is_complete());
}

#[tokio::test(start_paused = true)]
async fn a_cooldown_delays_every_request() {
    let service = Service::new(|_, _| with_status(ClipStatus::Complete));
    *service.admits_from.lock().unwrap() = Some(service.created + 30 * SEC);
    assert_eq!(results(service.watch(1000, 5)).await.len(), 1000);
    let requests = service.requests.lock().unwrap().clone();
    assert!(requests.iter().all(|(_, at)| *at >= 30 * SEC));
}

#[tokio::test(start_paused = true)]
async fn each_clip_has_its_own_deadline_and_checkpoint() {
    let service = Service::new(|_, _| rendering(40));
    let mut updates = service.watch_for(1, 2, 5 * SEC);
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
        } = update
        {
            let error = result.unwrap_err();
            assert!(error.is_deadline_exceeded());
            assert_eq!((error.elapsed(), elapsed), (Some(5 * SEC), 5 * SEC));
            assert_eq!(error.polls(), Some(polls));
            assert_eq!(error.clip().and_then(Clip::percent), Some(40));
            assert_eq!(error.checkpoint().unwrap().polls(), 4);
            ends.push((number(uuid), service.created.elapsed().as_secs()));
        }
    }
    assert_eq!(ends, [(0, 5), (1, 8)]);
}

#[tokio::test(start_paused = true)]
async fn resumed_clips_keep_their_deadlines() {
    let service = Service::new(|_, _| rendering(40));
    let mut short = service.watch_for(1, 2, 10 * SEC);
    short.next().await;
    let mut long = service.watch_for(2, 2, 20 * SEC);
    long.remove(uuid(0));
    long.next().await;
    sleep(SEC).await;
    let checkpoints = short.stop().into_iter().chain(long.stop());
    let clips: Vec<_> = checkpoints
        .map(|c| WatchSource::Resumed(Box::new(c)))
        .collect();
    assert_eq!(clips.len(), 2);
    let results = results(service.start(clips, 2, None)).await;
    for (clip, deadline) in [(0, 10), (1, 20)] {
        let seconds = service.request_seconds(clip);
        assert_eq!(seconds[..3], [0, 2, 4]);
        assert_eq!(seconds.last(), Some(&deadline));
        assert!(results[&clip].as_ref().unwrap_err().is_deadline_exceeded());
    }
}

#[tokio::test(start_paused = true)]
async fn next_is_cancellation_safe() {
    let responses = Arc::new(AtomicUsize::new(0));
    let (count, respond) = (responses.clone(), complete_from(20));
    let service = Service::new(move |clip, at| {
        count.fetch_add(1, Ordering::SeqCst);
        respond(clip, at)
    })
    .latency(SEC);
    let mut updates = service.watch(20, 5);
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
    assert_eq!(responses.load(Ordering::SeqCst), service.request_count());
}
