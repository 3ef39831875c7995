//! What the tests of somebody's program look like: its own handling of errors, against the
//! simulated service and in virtual time.
// A helper of tests may unwrap like a test.
#![allow(clippy::unwrap_used)]

use rhombus_clips::{Client, ClipUuid};
use rhombus_clips_sim::prelude::*;
use tokio::time::{Instant, sleep};

const DOOR: ClipUuid = ClipUuid::from_bytes([1; 16]);
const YARD: ClipUuid = ClipUuid::from_bytes([2; 16]);

/// The program under test: what it tells its user.
async fn report(client: Client, clip: ClipUuid) -> String {
    match client.watch(clip).timeout(10.minutes()).await {
        Ok(clip) => format!("{} bytes", clip.byte_count().unwrap_or_default()),
        Err(error) if error.is_clip_failed() => {
            let reason = error.clip().and_then(|clip| clip.operation());
            format!("will never be: {}", reason.unwrap_or("no reason given"))
        }
        Err(error) if error.is_not_found() => "no such clip".to_owned(),
        Err(error) if error.is_authentication() => "check the API key".to_owned(),
        Err(error) if error.is_deadline_exceeded() => "not in time".to_owned(),
        Err(error) => format!("{:?}", error.kind()),
    }
}

fn client(service: &Service) -> Client {
    let builder = Client::builder().base_url(service.base_url());
    builder.api_key(service.api_key()).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_clip_is_done() {
    let film = clip().renders_in(90.s()).with("byteCount", 4_000);
    let service = Service::start().await.unwrap().with_clip(DOOR, film);
    assert_eq!(report(client(&service), DOOR).await, "4000 bytes");
    let asked = service.verify(DOOR).with_scheme("api-token").at_least(2);
    asked.min_interval(250.ms()).none_after_terminal();
    assert!(service.elapsed() >= 90.s());
}

#[tokio::test(start_paused = true)]
async fn a_clip_fails() {
    let lost = clip()
        .renders_in(30.s())
        .then_fails("Camera gave no footage");
    let service = Service::start().await.unwrap().with_clip(DOOR, lost);
    let told = report(client(&service), DOOR).await;
    assert_eq!(told, "will never be: Camera gave no footage");
    service.verify(DOOR).none_after_terminal();
}

#[tokio::test(start_paused = true)]
async fn too_many_requests() {
    let storm = fault(Response::too_many_requests(7.s())).on_requests(..=4);
    let film = clip().by_request([Step::new(ClipStatus::Complete).with("byteCount", 1)]);
    let service = Service::start().await.unwrap();
    let service = service.with_clip(DOOR, film).with_fault(storm);
    assert_eq!(report(client(&service), DOOR).await, "1 bytes");
    let asked = service.verify(DOOR).statuses([429, 429, 429, 429, 200]);
    asked.min_interval(7.s());
}

#[tokio::test(start_paused = true)]
async fn a_wrong_key() {
    let service = Service::start().await.unwrap();
    let service = service.with_clip(DOOR, clip().renders_in(30.s()));
    let builder = Client::builder().base_url(service.base_url());
    let stranger = builder.api_key("not-the-key").build().unwrap();
    assert_eq!(report(stranger, DOOR).await, "check the API key");
    service.verify(DOOR).count(1).statuses([403]);
}

#[tokio::test(start_paused = true)]
async fn the_service_goes_away_and_returns() {
    let film = clip().renders_in(60.s()).with("byteCount", 7);
    let service = Service::start().await.unwrap().with_clip(DOOR, film);
    let outage = async {
        sleep(10.s()).await;
        service.pause_listening().await;
        sleep(120.s()).await;
        service.resume_listening().await.unwrap();
    };
    let (told, ()) = tokio::join!(report(client(&service), DOOR), outage);
    assert_eq!(told, "7 bytes");
}

#[tokio::test(start_paused = true)]
async fn a_deadline() {
    let stuck = clip().stays(ClipStatus::Uploading);
    let service = Service::start().await.unwrap().with_clip(DOOR, stuck);
    let begun = Instant::now();
    assert_eq!(report(client(&service), DOOR).await, "not in time");
    assert_eq!(begun.elapsed().as_secs(), 600);
    service.verify(DOOR).at_most(300);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_cannot_be_read() {
    let page = Response::status(200).body("<html>Please sign in</html>");
    let service = Service::start().await.unwrap().with_fault(fault(page));
    assert_eq!(report(client(&service), DOOR).await, "Decode");
    service.verify_all().count(1);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_hangs() {
    let film = clip().by_request([Step::new(ClipStatus::Complete).with("byteCount", 7)]);
    let service = Service::start().await.unwrap().with_clip(DOOR, film);
    let service = service.with_fault(fault(Response::hang()).on_request(1));
    assert_eq!(report(client(&service), DOOR).await, "7 bytes");
    let asked = service.verify(DOOR).statuses([None, Some(200)]);
    asked.min_interval(30.s());
}

#[tokio::test(start_paused = true)]
async fn a_clip_that_nobody_made() {
    let service = Service::start().await.unwrap();
    assert_eq!(report(client(&service), YARD).await, "no such clip");
    service.verify(DOOR).none();
}

#[tokio::test(start_paused = true)]
async fn bad_luck_of_all_kinds() {
    let trouble = [Response::status(502), Response::reset(), Response::hang()];
    let film = clip().renders_in(60.s()).with("byteCount", 7);
    let service = Service::start().await.unwrap().with_clip(DOOR, film);
    let service = service.with_fault(Fault::one_of(trouble).with_probability(0.4));
    assert_eq!(report(client(&service), DOOR).await, "7 bytes");
    service.verify(DOOR).at_most(60).none_after_terminal();
}
