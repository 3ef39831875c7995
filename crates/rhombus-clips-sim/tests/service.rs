//! The running service: time, canned answers, what it remembers, and how it stops.

mod common;

use common::{OPERATION, ask, post, request, status, told};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Clip, NewClip, Rendering, Request, RequestAssertions, ServiceBuilder};
use serde_json::{Value, json};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HALF_A_MINUTE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_life_begins_with_the_first_request_or_with_registration() {
    let service = Service::builder().speed(0.0).start().await.unwrap();
    let asked = service.add(Clip::renders_in(HALF_A_MINUTE));
    let registered = service.add(Clip::renders_in(HALF_A_MINUTE).from_registration());
    service.advance(HALF_A_MINUTE);
    assert_eq!(status(&service, &asked).await, "INITIATING");
    assert_eq!(status(&service, &registered).await, "COMPLETE");
    service.advance(HALF_A_MINUTE);
    assert_eq!(status(&service, &asked).await, "COMPLETE");
}

#[tokio::test]
async fn time_runs_as_fast_as_asked() {
    let service = Service::builder().speed(1e9).start().await.unwrap();
    let clip = service.add(Clip::renders_in(HALF_A_MINUTE));
    // At this speed 30 s of service time are 30 ns: over before a second request can arrive.
    status(&service, &clip).await;
    assert_eq!(status(&service, &clip).await, "COMPLETE");
    assert!(service.elapsed() > HALF_A_MINUTE);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_service() {
    let mut lives = Vec::new();
    for seed in [7, 7, 8] {
        let service = Service::builder()
            .seed(seed)
            .speed(0.0)
            .start()
            .await
            .unwrap();
        let mut life: Vec<Value> = vec![service.api_key().into()];
        for _ in 0..3 {
            let clip = service.add(Clip::renders_in(HALF_A_MINUTE));
            for _ in 0..10 {
                life.push(told(&service, &clip).await);
                service.advance(HALF_A_MINUTE / 9);
            }
        }
        lives.push(life);
    }
    assert_eq!(lives[0], lives[1]);
    assert_ne!(lives[0], lives[2]);
}

#[tokio::test]
async fn a_story_is_told_in_one_chain_and_a_clip_told_anew_is_replaced() {
    let service = Service::start()
        .await
        .unwrap()
        .with_clip("door", clip().stays(ClipStatus::Uploading))
        .with_clip(7, clip().renders_in(0.s()).then_fails("no footage"))
        .with_fault(fault(Response::status(503)).for_clip("door").on_request(1));
    assert_eq!(ask(&service, "door").await.status(), 503);
    assert_eq!(status(&service, "door").await, "UPLOADING");
    assert_eq!(status(&service, "7").await, "FAILED");
    let service = service.with_clip("door", clip().stays(ClipStatus::Deleted));
    assert_eq!(status(&service, "door").await, "DELETED");
    // A replaced clip counts, so that no two clips have the same dice.
    let fourth = service.add(clip().stays(ClipStatus::Offline));
    let other = Service::start().await.unwrap();
    let added = [0; 4].map(|_| other.add(clip().stays(ClipStatus::Offline)));
    assert_eq!(added[3], fourth);
}

#[tokio::test]
async fn the_log_knows_the_status_of_a_clip_that_the_caller_was_told() {
    let service = Service::start().await.unwrap();
    let steps = [Step::null(), Step::response(Response::status(502))];
    let invented = ClipStatus::from("MELTED");
    let complete = [ClipStatus::Complete, ClipStatus::Complete, invented].map(Step::new);
    let service = service
        .with_clip("door", clip().by_request(steps.into_iter().chain(complete)))
        .with_fault(Fault::change(|body| body["clip"]["status"] = "FAILED".into()).on_request(3));
    for _ in 0..5 {
        ask(&service, "door").await;
    }
    let told = |request: &Request| request.clip_status.clone();
    let told: Vec<_> = service.requests().iter().map(told).collect();
    assert_eq!(told, [None, None, None, Some(ClipStatus::Complete), None]);
    let elsewhere = reqwest::get(service.base_url()).await.unwrap();
    assert_eq!(elsewhere.status(), 404);
    assert!(
        service.requests()[5]
            .to_string()
            .ends_with(": GET /, clip none, scheme none, answered 404")
    );
}

#[test]
fn what_is_handed_out_can_be_sent_and_shared() {
    fn check<T: Send + Sync + 'static>() {}
    check::<(
        Service,
        ServiceBuilder,
        RequestAssertions,
        Request,
        UnknownClip,
    )>();
    check::<(NewClip, Rendering, Clip, Step, Fault, Response)>();
}

#[tokio::test]
async fn canned_answers_come_first_in_their_order_and_cost_the_clip_nothing() {
    let service = Service::start().await.unwrap();
    let steps = [
        Step::null(),
        Step::response(Response::status(502)),
        Step::new(ClipStatus::Failed),
    ];
    let clip = service.add(Clip::by_request(steps));
    service.respond_next_for(&clip, Response::status(500));
    service.respond_next(
        Response::status(503)
            .header("Retry-After", "2")
            .body("busy"),
    );
    service.respond_next(Response::status(99).header("a\nb", "c").header("ok", "yes"));

    let busy = ask(&service, "another").await;
    assert_eq!(
        (busy.status().as_u16(), &busy.headers()["retry-after"]),
        (503, &"2".parse().unwrap())
    );
    assert_eq!(busy.text().await.unwrap(), "busy");
    assert_eq!(ask(&service, &clip).await.status(), 500);
    let impossible = ask(&service, &clip).await;
    assert_eq!(
        (impossible.status().as_u16(), &impossible.headers()["ok"]),
        (500, &"yes".parse().unwrap())
    );

    assert_eq!(told(&service, &clip).await, json!({"clip": null}));
    assert_eq!(ask(&service, &clip).await.status(), 502);
    assert_eq!(status(&service, &clip).await, "FAILED");
    assert_eq!(status(&service, &clip).await, "FAILED");
}

#[tokio::test]
async fn remembers_requests_but_never_a_key() {
    let service = Service::builder()
        .speed(0.0)
        .api_key("secret")
        .start()
        .await
        .unwrap();
    let clip = service.add(Clip::by_request([Step::new(ClipStatus::Complete)]));
    ask(&service, &clip).await;
    service.advance(Duration::from_secs(5));
    let partner = post(&service, json!({"clipUuid": clip}).to_string())
        .header("x-auth-scheme", "partner-api-token")
        .header("x-auth-apikey", "secret")
        .header("x-auth-org", "client");
    partner.send().await.unwrap();
    let muddled = post(&service, r#"{"clipUuid":"secret"}"#)
        .header("x-auth-scheme", "my secret key")
        .header("x-auth-org", "secret");
    muddled.send().await.unwrap();

    let requests = service.requests();
    assert_eq!(requests[..2], service.requests_for(&clip));
    assert_eq!(
        [service.request_count(), service.request_count_for(&clip)],
        [3, 2]
    );
    let [own, partner, muddled] = requests.as_slice() else {
        panic!("{requests:?}");
    };
    assert_eq!(
        (own.sequence, own.at, own.status),
        (1, Duration::ZERO, Some(200))
    );
    assert_eq!(
        (own.method.as_str(), own.path.as_str()),
        ("POST", OPERATION)
    );
    assert_eq!(
        (own.scheme.as_deref(), own.org.as_deref()),
        (Some("api-token"), None)
    );
    assert_eq!((partner.sequence, partner.at), (2, Duration::from_secs(5)));
    assert_eq!(partner.scheme.as_deref(), Some("partner-api-token"));
    assert_eq!(partner.org.as_deref(), Some("client"));
    assert_eq!(muddled.status, Some(401));
    assert_eq!(muddled.scheme.as_deref(), Some("my [api key] key"));
    let builder = Service::builder().api_key("secret");
    let lines: Vec<_> = requests.iter().map(Request::to_string).collect();
    let printed = format!("{requests:?} {lines:?} {service:?} {builder:?}");
    assert!(!printed.contains("secret"), "{printed}");
}

/// What arrives on a plain connection before it ends.
async fn raw(service: &Service) -> io::Result<String> {
    let mut stream = TcpStream::connect(service.address()).await?;
    let head = format!("POST {OPERATION} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{{}}");
    stream.write_all(head.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test]
async fn an_answer_can_be_cut_short_or_not_come_at_all() {
    let service = Service::start().await.unwrap();
    service.respond_next(Response::status(200).body("0123456789").cut_after(4));
    let cut = raw(&service).await.unwrap().to_lowercase();
    assert!(cut.contains("content-length: 10\r\n"), "{cut}");
    assert!(cut.ends_with("\r\n\r\n0123"), "{cut}");

    service.respond_next(Response::close());
    assert_eq!(raw(&service).await.unwrap(), "");
    let statuses: Vec<_> = service
        .requests()
        .iter()
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses, [Some(200), None]);

    service.respond_next(Response::status(200).body("0123").cut_after(4));
    let whole = request(&service, "a").send().await.unwrap();
    assert_eq!(whole.text().await.unwrap(), "0123");
}

#[tokio::test]
async fn shutdown_ends_requests_that_hang_and_closes_the_port() {
    let service = Service::start().await.unwrap();
    service.respond_next(Response::hang());
    service.respond_next(Response::status(200).body("0123456789").stall_after(3));
    let hanging = tokio::spawn(request(&service, "a").send());
    service.wait_for_requests(1).await;
    let mut stalled = ask(&service, "a").await;
    assert_eq!(stalled.chunk().await.unwrap().unwrap(), "012");

    let address = service.address();
    service.shutdown().await;
    assert!(hanging.await.unwrap().is_err());
    assert!(stalled.chunk().await.is_err());
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn dropping_the_handle_stops_the_service() {
    let service = Service::start().await.unwrap();
    service.respond_next(Response::hang());
    let hanging = tokio::spawn(request(&service, "a").send());
    service.wait_for_requests(1).await;
    drop(service);
    assert!(hanging.await.unwrap().is_err());
}

#[tokio::test]
async fn settings_out_of_range_and_a_taken_port_are_errors() {
    let invalid = [
        Service::builder().speed(-1.0),
        Service::builder().speed(f64::NAN),
        Service::builder().speed(f64::INFINITY),
        Service::builder().rate_limit(0.0, 1),
        Service::builder().rate_limit(f64::NAN, 1),
        Service::builder().rate_limit(1.0, 0),
    ];
    for builder in invalid {
        let error = builder.start().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
    let service = Service::start().await.unwrap();
    let taken = Service::builder()
        .port(service.address().port())
        .start()
        .await;
    assert_eq!(taken.unwrap_err().kind(), io::ErrorKind::AddrInUse);
}
