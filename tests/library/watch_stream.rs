//! The watch of one clip in virtual time, against the simulated service.
//!
//! The state machine is unit-tested in the library. These tests cover its driver: the times of the
//! requests, the updates that a reader sees, cancellation and resumption.

use std::time::Duration;

use rhombus_clips::retry::{FailedAttempt, RetryDecision, RetryPolicy};
use rhombus_clips::{Checkpoint, Clip, ClipUuid, RateLimit, Watch, WatchStream};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Clip as ScriptedClip, ClipStatus};
use rhombus_clips_tests::client_for;
use tokio::time::Instant;

const UUID: ClipUuid = ClipUuid::from_bytes([1; 16]);
const SEC: Duration = Duration::from_secs(1);

/// Exponential backoff without jitter.
#[derive(Debug)]
struct MaxBackoff;

impl RetryPolicy for MaxBackoff {
    fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
        match failed.error().is_transient() {
            true => RetryDecision::After(SEC * 2_u32.pow(failed.attempt() - 1)),
            false => RetryDecision::GiveUp,
        }
    }
}

async fn start(clip: impl Into<ScriptedClip>) -> Service {
    Service::start().await.unwrap().with_clip(UUID, clip)
}

/// A clip that is rendered after so many seconds, without progress until then.
fn complete_from(seconds: u64) -> ScriptedClip {
    clip().scripted([
        Step::new(ClipStatus::Rendering),
        Step::at(seconds.s(), ClipStatus::Complete),
    ])
}

fn watch(service: &Service, timeout: Duration) -> Watch {
    let watch = client_for(service).watch(UUID).interval(2 * SEC);
    watch.timeout(timeout).retry(MaxBackoff)
}

/// Returns the seconds at which the clip was requested.
fn request_seconds(service: &Service) -> Vec<u64> {
    let requests = service.requests();
    let times = requests.iter().map(|request| request.received_at);
    times.map(|at| at.as_secs_f64().round() as u64).collect()
}

#[tokio::test(start_paused = true)]
async fn it_polls_at_once_and_then_at_every_interval() {
    let service = start(complete_from(5)).await;
    assert!(watch(&service, 60 * SEC).await.unwrap().is_complete());
    assert_eq!(request_seconds(&service), [0, 2, 4, 6]);
}

#[tokio::test(start_paused = true)]
async fn only_changes_are_updates_and_each_precedes_the_delay() {
    let service = start(clip().scripted([
        Step::null(),
        Step::at(4.s(), ClipStatus::Rendering),
        Step::at(9.s(), ClipStatus::Complete),
    ]))
    .await;
    let mut updates = watch(&service, 60 * SEC).stream();
    let mut seen = Vec::new();
    let began = Instant::now();
    while let Some(update) = updates.next().await {
        let update = update.unwrap();
        assert_eq!(began.elapsed(), update.elapsed());
        let status = update.clip().map(|clip| clip.status().to_string());
        seen.push((update.polls(), status));
    }
    let status = |text: &str| Some(text.to_owned());
    assert_eq!(
        seen,
        [(1, None), (3, status("RENDERING")), (6, status("COMPLETE"))]
    );
    assert!(updates.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn the_last_delay_is_cut_to_the_deadline() {
    let service = start(clip().stays(ClipStatus::Rendering)).await;
    let error = watch(&service, 5 * SEC).await.unwrap_err();
    assert!(error.is_deadline_exceeded());
    assert_eq!(error.polls(), Some(4));
    assert_eq!(request_seconds(&service), [0, 2, 4, 5]);
}

#[tokio::test(start_paused = true)]
async fn an_error_has_the_last_state_of_the_clip() {
    let gone = clip().scripted([
        Step::new(ClipStatus::Rendering),
        Step::null().starting_at(4.s()),
    ]);
    let service = start(gone).await;
    let watch = watch(&service, 60 * SEC).not_found_grace_period(10 * SEC);
    let error = watch.await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.clip().map(Clip::status), Some(&ClipStatus::Rendering));
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_and_its_recovery_are_updates() {
    let service = start(complete_from(9))
        .await
        .with_fault(fault(Response::status(503)).on_requests(2..=3));
    let mut updates = watch(&service, 60 * SEC).stream();
    assert!(updates.next().await.unwrap().unwrap().error().is_none());
    let failed = updates.next().await.unwrap().unwrap();
    assert_eq!(failed.error().unwrap().status(), Some(503));
    assert!(failed.clip().is_some());
    assert_eq!(failed.next_poll_in(), Some(SEC));
    let failed = updates.next().await.unwrap().unwrap();
    assert_eq!(failed.consecutive_failures(), 2);
    let recovered = updates.next().await.unwrap().unwrap();
    assert!(recovered.error().is_none() && !recovered.is_complete());
    assert!(updates.next().await.unwrap().unwrap().is_complete());
}

#[tokio::test(start_paused = true)]
async fn next_is_cancellation_safe() {
    let service = start(complete_from(1)).await;
    let mut updates = watch(&service, 60 * SEC).stream();
    updates.next().await;
    assert!(tokio::time::timeout(SEC, updates.next()).await.is_err());
    assert!(updates.next().await.unwrap().unwrap().is_complete());
    assert_eq!(request_seconds(&service), [0, 2]);
}

#[tokio::test(start_paused = true)]
async fn it_resumes_from_a_checkpoint_when_the_next_poll_is_due() {
    let service = start(complete_from(5)).await;
    let mut first = watch(&service, 60 * SEC).stream();
    first.next().await;
    tokio::time::advance(SEC).await;
    let checkpoint: Checkpoint = first.stop().to_string().parse().unwrap();
    assert_eq!(checkpoint.elapsed(), SEC);
    assert_eq!(checkpoint.last_status(), Some("RENDERING"));
    let mut second: WatchStream = client_for(&service).resume(checkpoint).stream();
    let mut last = None;
    while let Some(update) = second.next().await {
        last = Some(update.unwrap());
    }
    let last = last.unwrap();
    assert!(last.is_complete());
    // The time between the checkpoint and the resumption is real.
    let seconds = last.elapsed().as_secs_f64().round();
    assert_eq!((last.polls(), seconds), (4, 6.0));
    assert_eq!(request_seconds(&service), [0, 2, 4, 6]);
}

#[tokio::test(start_paused = true)]
async fn an_error_has_a_checkpoint_unless_the_clip_is_terminal() {
    let ending = async |service: Service| watch(&service, 3 * SEC).await.unwrap_err();
    let rendering = || start(clip().stays(ClipStatus::Rendering));
    let missed = ending(rendering().await).await;
    assert!(missed.is_deadline_exceeded());
    assert_eq!(missed.checkpoint().unwrap().polls(), 3);
    let denied = rendering().await.with_fault(fault(Response::status(403)));
    assert!(ending(denied).await.checkpoint().is_some());
    let failed = start(clip().stays(ClipStatus::Failed)).await;
    assert!(ending(failed).await.checkpoint().is_none());
}

#[tokio::test(start_paused = true)]
async fn an_exhausted_rate_limiter_exceeds_the_deadline() {
    let service = start(clip().stays(ClipStatus::Rendering)).await;
    let client = rhombus_clips::Client::builder()
        .api_key(service.api_key())
        .base_url(service.base_url())
        .rate_limit(RateLimit::per_minute(1))
        .build()
        .unwrap();
    client.get_clip(UUID).await.unwrap();
    let watch = client.watch(UUID).timeout(20 * SEC);
    let error = watch.await.unwrap_err();
    assert!(error.is_deadline_exceeded());
    assert_eq!((error.polls(), error.elapsed()), (Some(0), Some(25 * SEC)));
    assert_eq!(service.request_count(), 1);
}
