//! Tests as a user of the crate writes them.
//!
//! They check the error handling of an example program, with `rhombus-clips` against the simulated
//! service in virtual time.

use rhombus_clips::{Client, ClipUuid};
use rhombus_clips_sim::prelude::*;
use tokio::time::{Instant, sleep};

const DOOR: ClipUuid = ClipUuid::from_bytes([1; 16]);
const YARD: ClipUuid = ClipUuid::from_bytes([2; 16]);

/// The program under test: returns the message for its user.
async fn report(client: Client, uuid: ClipUuid) -> String {
    match client.watch(uuid).timeout(10.minutes()).await {
        Ok(clip) => format!("{} bytes", clip.byte_count().unwrap_or_default()),
        Err(error) if error.is_clip_failed() => {
            let reason = error.clip().and_then(|clip| clip.operation());
            format!("clip failed: {}", reason.unwrap_or("no reason given"))
        }
        Err(error) if error.is_not_found() => "no such clip".to_owned(),
        Err(error) if error.is_authentication() => "check the API key".to_owned(),
        Err(error) if error.is_deadline_exceeded() => "timed out".to_owned(),
        Err(error) => format!("{:?}", error.kind()),
    }
}

fn client(service: &Service) -> Client {
    let builder = Client::builder().base_url(service.base_url());
    builder.api_key(service.api_key()).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn complete_clip() {
    let complete = clip().renders_in(90.s()).with("byteCount", 4_000);
    let service = Service::start().await.unwrap().with_clip(DOOR, complete);
    assert_eq!(report(client(&service), DOOR).await, "4000 bytes");
    let requests = service.verify(DOOR).with_scheme("api-token").at_least(2);
    requests.min_interval(250.ms()).none_after_terminal();
    assert!(service.elapsed() >= 90.s());
}

#[tokio::test(start_paused = true)]
async fn failed_clip() {
    let failed = clip()
        .renders_in(30.s())
        .then_fails("Camera gave no footage");
    let service = Service::start().await.unwrap().with_clip(DOOR, failed);
    let message = report(client(&service), DOOR).await;
    assert_eq!(message, "clip failed: Camera gave no footage");
    service.verify(DOOR).none_after_terminal();
}

#[tokio::test(start_paused = true)]
async fn too_many_requests() {
    let throttling = fault(Response::too_many_requests(7.s())).on_requests(..=4);
    let complete = clip().by_request([Step::new(ClipStatus::Complete).with("byteCount", 1)]);
    let service = Service::start().await.unwrap();
    let service = service.with_clip(DOOR, complete).with_fault(throttling);
    assert_eq!(report(client(&service), DOOR).await, "1 bytes");
    let requests = service.verify(DOOR).statuses([429, 429, 429, 429, 200]);
    requests.min_interval(7.s());
}

#[tokio::test(start_paused = true)]
async fn wrong_api_key() {
    let service = Service::start().await.unwrap();
    let service = service.with_clip(DOOR, clip().renders_in(30.s()));
    let builder = Client::builder().base_url(service.base_url());
    let unauthorized = builder.api_key("not-the-key").build().unwrap();
    assert_eq!(report(unauthorized, DOOR).await, "check the API key");
    service.verify(DOOR).count(1).statuses([403]);
}

#[tokio::test(start_paused = true)]
async fn service_outage() {
    let complete = clip().renders_in(60.s()).with("byteCount", 7);
    let service = Service::start().await.unwrap().with_clip(DOOR, complete);
    let outage = async {
        sleep(10.s()).await;
        service.pause_listening().await;
        sleep(120.s()).await;
        service.resume_listening().await.unwrap();
    };
    let (message, ()) = tokio::join!(report(client(&service), DOOR), outage);
    assert_eq!(message, "7 bytes");
}

#[tokio::test(start_paused = true)]
async fn watch_timeout() {
    let stuck = clip().stays(ClipStatus::Uploading);
    let service = Service::start().await.unwrap().with_clip(DOOR, stuck);
    let started = Instant::now();
    assert_eq!(report(client(&service), DOOR).await, "timed out");
    assert_eq!(started.elapsed().as_secs(), 600);
    service.verify(DOOR).at_most(300);
}

#[tokio::test(start_paused = true)]
async fn undecodable_body() {
    let page = Response::status(200).body("<html>Please sign in</html>");
    let service = Service::start().await.unwrap().with_fault(fault(page));
    assert_eq!(report(client(&service), DOOR).await, "Decode");
    service.verify_all().count(1);
}

#[tokio::test(start_paused = true)]
async fn hanging_request() {
    let complete = clip().by_request([Step::new(ClipStatus::Complete).with("byteCount", 7)]);
    let service = Service::start().await.unwrap().with_clip(DOOR, complete);
    let service = service.with_fault(fault(Response::hang()).on_request(1));
    assert_eq!(report(client(&service), DOOR).await, "7 bytes");
    let requests = service.verify(DOOR).statuses([None, Some(200)]);
    requests.min_interval(30.s());
}

#[tokio::test(start_paused = true)]
async fn unknown_clip() {
    let service = Service::start().await.unwrap();
    assert_eq!(report(client(&service), YARD).await, "no such clip");
    service.verify(DOOR).none();
}

#[tokio::test(start_paused = true)]
async fn random_failures() {
    let failures = [Response::status(502), Response::reset(), Response::hang()];
    let complete = clip().renders_in(60.s()).with("byteCount", 7);
    let service = Service::start().await.unwrap().with_clip(DOOR, complete);
    let service = service.with_fault(Fault::one_of(failures).with_probability(0.4));
    assert_eq!(report(client(&service), DOOR).await, "7 bytes");
    service.verify(DOOR).at_most(60).none_after_terminal();
}
