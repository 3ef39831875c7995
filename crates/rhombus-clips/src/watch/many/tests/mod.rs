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

type Answer = dyn Fn(usize, Duration) -> Result<Option<Clip>> + Send + Sync;

/// Answers by the number of the clip and the time since it was made, and remembers who asked when.
#[derive(Clone)]
struct Service {
    made: Instant,
    takes: Duration,
    answer: Arc<Answer>,
    opens: Arc<Mutex<Option<Instant>>>,
    asked: Arc<Mutex<Vec<(usize, Duration)>>>,
    under_way: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Service {
    fn new(
        answer: impl Fn(usize, Duration) -> Result<Option<Clip>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            made: Instant::now(),
            takes: Duration::ZERO,
            answer: Arc::new(answer),
            opens: Arc::default(),
            asked: Arc::default(),
            under_way: Arc::default(),
            most: Arc::default(),
        }
    }

    fn taking(mut self, takes: Duration) -> Self {
        self.takes = takes;
        self
    }

    /// The seconds at which the clip was asked for.
    fn asked(&self, clip: usize) -> Vec<u64> {
        let asked = self.asked.lock().unwrap();
        let those = asked.iter().filter(|(number, _)| *number == clip);
        those.map(|(_, at)| at.as_secs()).collect()
    }

    fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
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

struct Leaves(Arc<AtomicUsize>);

impl Drop for Leaves {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Transport for Service {
    async fn acquire(&self, deadlines: AdmissionDeadlines) -> Result<()> {
        let opens = *self.opens.lock().unwrap();
        sleep_until(opens.unwrap_or(self.made).min(deadlines.cooldown)).await;
        Ok(())
    }

    async fn fetch(&self, attempt: Attempt) -> Result<Option<Clip>> {
        let clip = number(attempt.uuid);
        self.asked.lock().unwrap().push((clip, self.made.elapsed()));
        let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(under_way, Ordering::SeqCst);
        let _leaves = Leaves(self.under_way.clone());
        if !self.takes.is_zero() {
            sleep(self.takes).await;
        }
        (self.answer)(clip, self.made.elapsed())
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

fn of(status: ClipStatus) -> Result<Option<Clip>> {
    Ok(Some(Clip::of_status(status)))
}

/// Complete at this second, and unchanged until then.
fn until(end: u64) -> impl Fn(usize, Duration) -> Result<Option<Clip>> {
    move |_, at| match at.as_secs() < end {
        true => rendering(0),
        false => of(ClipStatus::Complete),
    }
}

/// The results of all that is left.
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
async fn each_clip_has_its_changes_and_one_result() {
    let service = Service::new(|clip, at| match (clip, at.as_secs()) {
        (0, 0..3) => Ok(None),
        (0, 3..5) => rendering(10),
        (1, 4..7) => Err(Error::new(ErrorKind::Timeout, "late")),
        (2, 4..) => of(ClipStatus::Failed),
        (0 | 1, 9..) => of(ClipStatus::Complete),
        _ => rendering(50),
    });
    let mut updates = service.watch(3, 2);
    let mut told: HashMap<usize, Vec<String>> = HashMap::new();
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
        told.entry(number(update.uuid())).or_default().push(line);
    }
    assert_eq!(told[&0], ["none", "4 Some(10)", "6 Some(50)", "COMPLETE"]);
    assert_eq!(
        told[&1],
        [
            "0 Some(50)",
            "4 Timeout",
            "5 Timeout",
            "7 Some(50)",
            "COMPLETE"
        ]
    );
    assert_eq!(told[&2], ["0 Some(50)", "ClipFailed"]);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_random_lives_come_to_their_end() {
    let service = Service::new(|clip, at| {
        let mut life = fastrand::Rng::with_seed(clip as u64);
        let end = life.u64(0..40);
        match life.u8(0..10) {
            _ if at.as_secs() < end && life.bool() => rendering(at.as_secs() * 100 / end),
            _ if at.as_secs() < end => rendering(0),
            0 => of(ClipStatus::Failed),
            1 => Ok(None),
            2 => Err(Error::new(ErrorKind::Authentication, "denied")),
            _ => of(ClipStatus::Complete),
        }
    })
    .taking(SEC / 1000);
    let results = results(service.watch(10_000, 50)).await;
    assert_eq!(results.len(), 10_000);
    for (clip, result) in results {
        let mut life = fastrand::Rng::with_seed(clip as u64);
        life.u64(0..40);
        let expected = match life.u8(0..10) {
            0 => Some(ErrorKind::ClipFailed),
            1 => Some(ErrorKind::NotFound),
            2 => Some(ErrorKind::Authentication),
            _ => None,
        };
        assert_eq!(result.err().map(|error| error.kind()), expected);
    }
    assert!(service.most.load(Ordering::SeqCst) <= 50);
}

#[tokio::test(start_paused = true)]
async fn the_concurrency_is_used_and_never_exceeded() {
    let service = Service::new(until(20)).taking(SEC);
    assert_eq!(results(service.watch(30, 7)).await.len(), 30);
    assert_eq!(service.most.load(Ordering::SeqCst), 7);
}

#[tokio::test(start_paused = true)]
async fn nobody_starves_where_answers_are_slow() {
    // Two answers a second for a hundred clips that want one every two seconds each.
    let service = Service::new(until(1000)).taking(SEC);
    assert_eq!(results(service.watch(100, 2)).await.len(), 100);
    let turns: Vec<_> = (0..100).map(|clip| service.asked(clip)).collect();
    for asked in &turns {
        assert!((20..=22).contains(&asked.len()), "{asked:?}");
        assert!(
            asked.windows(2).all(|pair| pair[1] - pair[0] <= 51),
            "{asked:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_stops_the_requests() {
    let service = Service::new(|_, at| rendering(at.as_secs() % 100));
    let mut updates = service.watch(1000, 10);
    updates.next().await;
    let sent = service.requests();
    assert!(sent <= 10);
    sleep(100 * SEC).await;
    assert_eq!(service.requests(), sent);
    for read in 1..500 {
        updates.next().await;
        assert!(service.requests() <= read + 11);
    }
}

#[tokio::test(start_paused = true)]
async fn clips_come_and_go_while_others_are_watched() {
    let service = Service::new(until(9)).taking(SEC / 10);
    let mut updates = service.watch(2, 4);
    assert!(!updates.add(uuid(0)), "it is watched already");
    updates.next().await;
    updates.next().await;
    assert!(updates.add(uuid(2)));
    assert_eq!(updates.len(), 3);
    let gone = updates.remove(uuid(1)).unwrap();
    assert_eq!((gone.clip_uuid(), gone.polls()), (uuid(1), 1));
    assert!(updates.remove(uuid(1)).is_none());
    assert_eq!(updates.checkpoints().len(), 2);
    let mut results: Vec<_> = results(updates).await.into_keys().collect();
    results.sort_unstable();
    assert_eq!(results, [0, 2]);
    assert_eq!(service.asked(1), [0]);
}

#[tokio::test(start_paused = true)]
async fn a_clip_that_is_added_elsewhere_wakes_the_stream() {
    let service = Service::new(|_, _| of(ClipStatus::Complete));
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
    assert_eq!(service.asked(7), [5]);
    // The last handle that goes ends the stream.
    assert!(updates.next().await.is_none());
    assert_eq!(service.made.elapsed().as_secs(), 10);
    adding.abort();
    let handle = updates.handle();
    drop(updates);
    assert!(!handle.add(uuid(8)), "the stream is dropped");
}

#[tokio::test(start_paused = true)]
async fn a_request_of_what_is_removed_ends_and_the_clip_may_come_back() {
    let service = Service::new(until(50)).taking(20 * SEC);
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
    assert_eq!(service.asked(0), [0, 2]);
    assert_eq!(service.most.load(Ordering::SeqCst), 1);
    let results = results(updates).await;
    assert!(results[&0].as_ref().unwrap().is_complete());
}

#[tokio::test(start_paused = true)]
async fn a_closed_gate_holds_all_back_and_few_wait_at_it() {
    let service = Service::new(|_, _| of(ClipStatus::Complete));
    *service.opens.lock().unwrap() = Some(service.made + 30 * SEC);
    assert_eq!(results(service.watch(1000, 5)).await.len(), 1000);
    let asked = service.asked.lock().unwrap().clone();
    assert!(asked.iter().all(|(_, at)| *at >= 30 * SEC));
}

#[tokio::test(start_paused = true)]
async fn each_clip_has_a_deadline_of_its_own_and_a_checkpoint_after_it() {
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
            ends.push((number(uuid), service.made.elapsed().as_secs()));
        }
    }
    assert_eq!(ends, [(0, 5), (1, 8)]);
}

#[tokio::test(start_paused = true)]
async fn all_go_on_from_their_checkpoints_with_their_own_deadlines() {
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
        let asked = service.asked(clip);
        assert_eq!(asked[..3], [0, 2, 4]);
        assert_eq!(asked.last(), Some(&deadline));
        assert!(results[&clip].as_ref().unwrap_err().is_deadline_exceeded());
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_the_future_of_next_loses_nothing() {
    let answered = Arc::new(AtomicUsize::new(0));
    let (count, answer) = (answered.clone(), until(20));
    let service = Service::new(move |clip, at| {
        count.fetch_add(1, Ordering::SeqCst);
        answer(clip, at)
    })
    .taking(SEC);
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
    assert_eq!(answered.load(Ordering::SeqCst), service.requests());
}
