//! Selection and effects of faults, and outages of the service.

use crate::common::raw_client::{ConnectionEnd, RawClient};
use crate::common::{clip_request, get_json, get_response, get_status, post};
use rhombus_clips_sim::{Clip, ClipStatus, Fault, Response, Service, Step};
use serde_json::json;
use std::io::ErrorKind;
use tokio::net::{TcpSocket, TcpStream};

const UUID: &str = "AAAAAAAAAAAAAAAAAAAAAA";
const OTHER_UUID: &str = "BBBBBBBBBBBBBBBBBBBBBB";

fn unavailable() -> Fault {
    Fault::respond(Response::status(503))
}

/// Sends this many requests for a clip and returns the response statuses.
async fn statuses(service: &Service, uuid: &str, requests: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..requests {
        statuses.push(get_response(service, uuid).await.status().as_u16());
    }
    statuses
}

#[tokio::test]
async fn request_numbers_count_from_the_injection() {
    let service = Service::start().await.unwrap();
    get_response(&service, UUID).await;
    let cases = [
        (unavailable(), [503, 503, 503, 503]),
        (unavailable().on_request(3), [200, 200, 503, 200]),
        (unavailable().on_requests(2..=3), [200, 503, 503, 200]),
        (unavailable().on_requests(3..), [200, 200, 503, 503]),
        (unavailable().on_requests(..2), [503, 200, 200, 200]),
        (unavailable().times(2), [503, 503, 200, 200]),
        (
            unavailable().on_requests(2..).times(1),
            [200, 503, 200, 200],
        ),
        (unavailable().times(0), [200, 200, 200, 200]),
        (unavailable().with_probability(0.0), [200, 200, 200, 200]),
        (
            unavailable().with_probability(f64::NAN),
            [200, 200, 200, 200],
        ),
        (unavailable().with_probability(1.0), [503, 503, 503, 503]),
        (Fault::one_of([]), [200, 200, 200, 200]),
    ];
    for (fault, expected) in cases {
        let name = format!("{fault:?}");
        service.inject(fault);
        assert_eq!(statuses(&service, UUID, 4).await, expected, "{name}");
        service.clear_faults();
    }
    assert_eq!(statuses(&service, UUID, 1).await, [200]);
}

#[tokio::test]
async fn fault_for_a_clip_counts_the_requests_for_that_clip() {
    let service = Service::start().await.unwrap();
    assert_eq!(statuses(&service, OTHER_UUID, 3).await, [200, 200, 200]);
    service.inject(unavailable().for_clip(UUID).on_request(2));
    assert_eq!(statuses(&service, OTHER_UUID, 2).await, [200, 200]);
    assert_eq!(statuses(&service, UUID, 3).await, [200, 503, 200]);

    service.inject(unavailable().on_request(2));
    assert_eq!(statuses(&service, UUID, 1).await, [200]);
    assert_eq!(statuses(&service, OTHER_UUID, 2).await, [503, 200]);
}

#[tokio::test]
async fn first_injected_fault_takes_precedence() {
    let service = Service::start().await.unwrap();
    let once = |status| Fault::respond(Response::status(status)).times(1);
    service.inject(once(501));
    service.inject(once(502).for_clip(UUID));
    service.inject(once(503));
    service.inject(once(504).for_clip(UUID));
    service.respond_next(Response::status(505));
    let expected = [501, 502, 503, 504, 505, 200];
    assert_eq!(statuses(&service, UUID, 6).await, expected);
}

#[tokio::test]
async fn fault_ignores_credentials_and_applies_only_to_the_operation() {
    let service = Service::start().await.unwrap();
    service.inject(unavailable());
    assert_eq!(
        post(&service, "no JSON").send().await.unwrap().status(),
        503
    );
    let unknown_path = reqwest::get(service.base_url()).await.unwrap();
    assert_eq!(unknown_path.status(), 404);
    assert_eq!([service.request_count(), service.fault_count()], [2, 1]);
}

#[tokio::test]
async fn replaced_response_does_not_advance_the_clip_and_is_logged_as_faulty() {
    let service = Service::start().await.unwrap();
    let steps = [ClipStatus::Rendering, ClipStatus::Complete].map(Step::new);
    let uuid = service.add(Clip::by_request(steps));
    service.inject(unavailable().on_requests(2..=3));
    assert_eq!(get_status(&service, &uuid).await, "RENDERING");
    assert_eq!(statuses(&service, &uuid, 2).await, [503, 503]);
    assert_eq!(get_status(&service, &uuid).await, "COMPLETE");

    let requests = service.requests();
    let faulty: Vec<_> = requests
        .iter()
        .map(|request| request.fault_injected)
        .collect();
    assert_eq!(faulty, [false, true, true, false]);
    assert_eq!(service.fault_count(), 2);
}

#[tokio::test]
async fn transformed_response_advances_the_clip() {
    let service = Service::start().await.unwrap();
    let steps = [ClipStatus::Rendering, ClipStatus::Complete].map(Step::new);
    let uuid = service.add(Clip::by_request(steps));
    let change = |body: &mut serde_json::Value| {
        body["clip"]["uuid"] = OTHER_UUID.into();
        body["error"] = true.into();
    };
    service.inject(Fault::map_json(change).on_request(1));
    service.inject(Fault::map_response(|response| {
        response.header("x-seen", "yes")
    }));
    let changed = get_json(&service, &uuid).await;
    assert_eq!(changed["clip"]["uuid"], OTHER_UUID);
    assert_eq!(changed["clip"]["status"], "RENDERING");
    assert_eq!(changed["error"], true);

    let marked = get_response(&service, &uuid).await;
    assert_eq!(marked.headers()["x-seen"], "yes");
    assert_eq!(
        marked.json::<serde_json::Value>().await.unwrap()["clip"]["status"],
        "COMPLETE"
    );
    assert_eq!(service.fault_count(), 2);
}

#[tokio::test]
async fn change_applies_to_json_error_responses_and_leaves_other_bodies_unchanged() {
    let builder = Service::builder().speed(0.0).rate_limit(1.0, 1);
    let service = builder.start().await.unwrap();
    service.inject(Fault::map_json(|body| *body = json!("changed")));
    let unauthenticated = post(&service, "").send().await.unwrap();
    assert_eq!(unauthenticated.status(), 401);
    assert_eq!(unauthenticated.text().await.unwrap(), "\"changed\"");
    assert_eq!(get_json(&service, UUID).await, "changed");
    let rate_limited = get_response(&service, UUID).await.text().await.unwrap();
    assert!(rate_limited.starts_with("Too many"), "{rate_limited}");
}

/// Sends requests for two clips in this order, with random faults; returns the statuses by clip.
async fn random_statuses(seed: u64, order: &[&str]) -> [Vec<u16>; 2] {
    let service = Service::builder().seed(seed).start().await.unwrap();
    let failures = Fault::one_of([500, 502, 503].map(Response::status));
    service.inject(failures.with_probability(0.5));
    let mut by_clip = [Vec::new(), Vec::new()];
    for uuid in order {
        let status = statuses(&service, uuid, 1).await;
        by_clip[usize::from(*uuid == OTHER_UUID)].extend(status);
    }
    by_clip
}

#[tokio::test]
async fn random_faults_are_reproducible_per_clip_in_any_order_of_requests() {
    let interleaved = [UUID, OTHER_UUID].repeat(100);
    let sequential = [[UUID; 100], [OTHER_UUID; 100]].concat();
    let first = random_statuses(1, &interleaved).await;
    assert_eq!(first, random_statuses(1, &sequential).await);
    assert_ne!(first, random_statuses(2, &interleaved).await);
    assert_ne!(first[0], first[1]);
    for status in [500, 502, 503] {
        let count = first.iter().flatten().filter(|it| **it == status).count();
        assert!((15..60).contains(&count), "{status}: {count} times");
    }
    let successful = first.iter().flatten().filter(|it| **it == 200).count();
    assert!(
        (70..130).contains(&successful),
        "{successful} of 200 requests successful"
    );
}

#[tokio::test]
async fn random_faults_are_independent() {
    let service = Service::start().await.unwrap();
    let random = |status| Fault::respond(Response::status(status)).with_probability(0.5);
    service.inject(random(501));
    service.inject(random(502));
    let received = statuses(&service, UUID, 50).await;
    for status in [501, 502, 200] {
        assert!(received.contains(&status), "{status} in {received:?}");
    }
}

#[tokio::test]
async fn paused_service_refuses_connections_and_retains_its_state() {
    let service = Service::start().await.unwrap();
    let steps = [ClipStatus::Rendering, ClipStatus::Complete].map(Step::new);
    let uuid = service.add(Clip::by_request(steps));
    assert_eq!(get_status(&service, &uuid).await, "RENDERING");
    let mut client = RawClient::connect(&service).await;
    client.send_request().await;
    client.skip_response().await;

    for _ in 0..2 {
        service.pause_listening().await;
        let refused = TcpStream::connect(service.address()).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    }
    assert_eq!(
        client.read_to_end().await,
        (Vec::new(), ConnectionEnd::Closed)
    );
    assert!(
        clip_request(&service, &uuid)
            .send()
            .await
            .unwrap_err()
            .is_connect()
    );

    for _ in 0..2 {
        service.resume_listening().await.unwrap();
        assert_eq!(get_status(&service, &uuid).await, "COMPLETE");
    }
    assert_eq!(service.request_count_for(&uuid), 3);
    service.pause_listening().await;
    service.shutdown().await;
}

#[tokio::test]
async fn paused_port_stays_reserved() {
    let service = Service::start().await.unwrap();
    service.pause_listening().await;
    let bound = TcpSocket::new_v4().unwrap().bind(service.address());
    assert_eq!(bound.unwrap_err().kind(), ErrorKind::AddrInUse);
    service.resume_listening().await.unwrap();
    assert_eq!(statuses(&service, UUID, 1).await, [200]);
}

/// Other systems have one socket per address, and reserve the port a moment after it was closed.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_port_is_reserved_without_a_gap() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    let service = Service::start().await.unwrap();
    let address = service.address();
    let is_over = Arc::new(AtomicBool::new(false));
    let thief = std::thread::spawn({
        let is_over = Arc::clone(&is_over);
        move || {
            let mut stolen = 0;
            while !is_over.load(Ordering::Relaxed) {
                stolen += u32::from(TcpSocket::new_v4().unwrap().bind(address).is_ok());
            }
            stolen
        }
    });
    for _ in 0..1_000 {
        service.pause_listening().await;
        service.resume_listening().await.unwrap();
    }
    is_over.store(true, Ordering::Relaxed);
    assert_eq!(thief.join().unwrap(), 0);
}
