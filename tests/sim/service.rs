//! The running service: time, predefined responses, request log and shutdown.

use crate::common::{OPERATION_PATH, clip_request, get_json, get_response, get_status, post};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Clip, NewClip, Rendering, Request, RequestAssertions, ServiceBuilder};
use serde_json::{Value, json};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const RENDER_TIME: Duration = Duration::from_secs(30);

#[tokio::test]
async fn timeline_starts_with_the_first_request_or_at_registration() {
    let service = Service::builder().speed(0.0).start().await.unwrap();
    let from_first_request = service.add(Clip::renders_in(RENDER_TIME));
    let from_registration = service.add(Clip::renders_in(RENDER_TIME).from_registration());
    service.advance(RENDER_TIME);
    assert_eq!(
        get_status(&service, &from_first_request).await,
        "INITIATING"
    );
    assert_eq!(get_status(&service, &from_registration).await, "COMPLETE");
    service.advance(RENDER_TIME);
    assert_eq!(get_status(&service, &from_first_request).await, "COMPLETE");
}

#[tokio::test]
async fn service_time_runs_at_the_configured_speed() {
    let service = Service::builder().speed(1e9).start().await.unwrap();
    let uuid = service.add(Clip::renders_in(RENDER_TIME));
    // At this speed the render time is 30 ns: it ends before a second request can arrive.
    get_status(&service, &uuid).await;
    assert_eq!(get_status(&service, &uuid).await, "COMPLETE");
    assert!(service.elapsed() > RENDER_TIME);
}

#[tokio::test]
async fn service_is_reproducible_from_its_seed() {
    let mut observations = Vec::new();
    for seed in [7, 7, 8] {
        let service = Service::builder()
            .seed(seed)
            .speed(0.0)
            .start()
            .await
            .unwrap();
        let mut observed: Vec<Value> = vec![service.api_key().into()];
        for _ in 0..3 {
            let uuid = service.add(Clip::renders_in(RENDER_TIME));
            for _ in 0..10 {
                observed.push(get_json(&service, &uuid).await);
                service.advance(RENDER_TIME / 9);
            }
        }
        observations.push(observed);
    }
    assert_eq!(observations[0], observations[1]);
    assert_ne!(observations[0], observations[2]);
}

#[tokio::test]
async fn service_is_set_up_in_one_chain_and_a_clip_can_be_replaced() {
    let service = Service::start()
        .await
        .unwrap()
        .with_clip("door", clip().stays(ClipStatus::Uploading))
        .with_clip(7, clip().renders_in(0.s()).then_fails("no footage"))
        .with_fault(fault(Response::status(503)).for_clip("door").on_request(1));
    assert_eq!(get_response(&service, "door").await.status(), 503);
    assert_eq!(get_status(&service, "door").await, "UPLOADING");
    assert_eq!(get_status(&service, "7").await, "FAILED");
    let service = service.with_clip("door", clip().stays(ClipStatus::Deleted));
    assert_eq!(get_status(&service, "door").await, "DELETED");
    // A replaced clip still counts, so that no two clips share a random stream.
    let fourth = service.add(clip().stays(ClipStatus::Offline));
    let other = Service::start().await.unwrap();
    let added = [0; 4].map(|_| other.add(clip().stays(ClipStatus::Offline)));
    assert_eq!(added[3], fourth);
}

#[tokio::test]
async fn log_contains_the_clip_status_of_regular_responses() {
    let service = Service::start().await.unwrap();
    let steps = [Step::null(), Step::response(Response::status(502))];
    let unknown = ClipStatus::from("MELTED");
    let complete = [ClipStatus::Complete, ClipStatus::Complete, unknown].map(Step::new);
    let service = service
        .with_clip("door", clip().by_request(steps.into_iter().chain(complete)))
        .with_fault(Fault::map_json(|body| body["clip"]["status"] = "FAILED".into()).on_request(3));
    for _ in 0..5 {
        get_response(&service, "door").await;
    }
    let clip_status = |request: &Request| request.clip_status.clone();
    let statuses: Vec<_> = service.requests().iter().map(clip_status).collect();
    assert_eq!(
        statuses,
        [None, None, None, Some(ClipStatus::Complete), None]
    );
    let unknown_path = reqwest::get(service.base_url()).await.unwrap();
    assert_eq!(unknown_path.status(), 404);
    assert!(
        service.requests()[5]
            .to_string()
            .ends_with(": GET /, clip none, scheme none, response 404")
    );
}

#[test]
fn public_types_are_send_and_sync() {
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
async fn predefined_responses_are_sent_in_order_and_do_not_advance_the_clip() {
    let service = Service::start().await.unwrap();
    let steps = [
        Step::null(),
        Step::response(Response::status(502)),
        Step::new(ClipStatus::Failed),
    ];
    let uuid = service.add(Clip::by_request(steps));
    service.respond_next_for(&uuid, Response::status(500));
    service.respond_next(
        Response::status(503)
            .header("Retry-After", "2")
            .body("busy"),
    );
    service.respond_next(Response::status(99).header("a\nb", "c").header("ok", "yes"));

    let unavailable = get_response(&service, "another").await;
    assert_eq!(
        (
            unavailable.status().as_u16(),
            &unavailable.headers()["retry-after"]
        ),
        (503, &"2".parse().unwrap())
    );
    assert_eq!(unavailable.text().await.unwrap(), "busy");
    assert_eq!(get_response(&service, &uuid).await.status(), 500);
    let invalid_status = get_response(&service, &uuid).await;
    assert_eq!(
        (
            invalid_status.status().as_u16(),
            &invalid_status.headers()["ok"]
        ),
        (500, &"yes".parse().unwrap())
    );

    assert_eq!(get_json(&service, &uuid).await, json!({"clip": null}));
    assert_eq!(get_response(&service, &uuid).await.status(), 502);
    assert_eq!(get_status(&service, &uuid).await, "FAILED");
    assert_eq!(get_status(&service, &uuid).await, "FAILED");
}

#[tokio::test]
async fn log_contains_requests_but_no_api_key() {
    let service = Service::builder()
        .speed(0.0)
        .api_key("secret")
        .start()
        .await
        .unwrap();
    let uuid = service.add(Clip::by_request([Step::new(ClipStatus::Complete)]));
    get_response(&service, &uuid).await;
    service.advance(Duration::from_secs(5));
    let partner = post(&service, json!({"clipUuid": uuid}).to_string())
        .header("x-auth-scheme", "partner-api-token")
        .header("x-auth-apikey", "secret")
        .header("x-auth-org", "client");
    partner.send().await.unwrap();
    let misplaced_key = post(&service, r#"{"clipUuid":"secret"}"#)
        .header("x-auth-scheme", "my secret key")
        .header("x-auth-org", "secret");
    misplaced_key.send().await.unwrap();

    let requests = service.requests();
    assert_eq!(requests[..2], service.requests_for(&uuid));
    assert_eq!(
        [service.request_count(), service.request_count_for(&uuid)],
        [3, 2]
    );
    let [own, partner, misplaced_key] = requests.as_slice() else {
        panic!("{requests:?}");
    };
    assert_eq!(
        (own.sequence, own.received_at, own.status),
        (1, Duration::ZERO, Some(200))
    );
    assert_eq!(
        (own.method.as_str(), own.path.as_str()),
        ("POST", OPERATION_PATH)
    );
    assert_eq!(
        (own.scheme.as_deref(), own.org.as_deref()),
        (Some("api-token"), None)
    );
    assert_eq!(
        (partner.sequence, partner.received_at),
        (2, Duration::from_secs(5))
    );
    assert_eq!(partner.scheme.as_deref(), Some("partner-api-token"));
    assert_eq!(partner.org.as_deref(), Some("client"));
    assert_eq!(misplaced_key.status, Some(401));
    assert_eq!(misplaced_key.scheme.as_deref(), Some("my [redacted] key"));
    let builder = Service::builder().api_key("secret");
    let lines: Vec<_> = requests.iter().map(Request::to_string).collect();
    let printed = format!("{requests:?} {lines:?} {service:?} {builder:?}");
    assert!(!printed.contains("secret"), "{printed}");
}

/// Sends a request on a raw connection and reads until it ends.
async fn read_raw(service: &Service) -> io::Result<String> {
    let mut stream = TcpStream::connect(service.address()).await?;
    let head =
        format!("POST {OPERATION_PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{{}}");
    stream.write_all(head.as_bytes()).await?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await?;
    Ok(String::from_utf8_lossy(&response).into_owned())
}

#[tokio::test]
async fn response_can_be_cut_or_omitted() {
    let service = Service::start().await.unwrap();
    service.respond_next(Response::status(200).body("0123456789").cut_after(4));
    let cut = read_raw(&service).await.unwrap().to_lowercase();
    assert!(cut.contains("content-length: 10\r\n"), "{cut}");
    assert!(cut.ends_with("\r\n\r\n0123"), "{cut}");

    service.respond_next(Response::close());
    assert_eq!(read_raw(&service).await.unwrap(), "");
    let statuses: Vec<_> = service
        .requests()
        .iter()
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses, [Some(200), None]);

    service.respond_next(Response::status(200).body("0123").cut_after(4));
    let complete = clip_request(&service, "a").send().await.unwrap();
    assert_eq!(complete.text().await.unwrap(), "0123");
}

#[tokio::test]
async fn shutdown_ends_hanging_requests() {
    let service = Service::start().await.unwrap();
    service.respond_next(Response::hang());
    service.respond_next(Response::status(200).body("0123456789").stall_after(3));
    let hanging = tokio::spawn(clip_request(&service, "a").send());
    service.wait_for_requests(1).await;
    let mut stalled = get_response(&service, "a").await;
    assert_eq!(stalled.chunk().await.unwrap().unwrap(), "012");

    service.shutdown().await;
    assert!(hanging.await.unwrap().is_err());
    assert!(stalled.chunk().await.is_err());
}

#[tokio::test]
async fn dropping_the_handle_stops_the_service() {
    let service = Service::start().await.unwrap();
    service.respond_next(Response::hang());
    let hanging = tokio::spawn(clip_request(&service, "a").send());
    service.wait_for_requests(1).await;
    drop(service);
    assert!(hanging.await.unwrap().is_err());
}

#[tokio::test]
async fn invalid_settings_and_a_port_in_use_are_errors() {
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
    let result = Service::builder()
        .port(service.address().port())
        .start()
        .await;
    assert_eq!(result.unwrap_err().kind(), io::ErrorKind::AddrInUse);
}
