//! Which requests a fault strikes, what it makes of them, and a service that is down for a while.
#![allow(clippy::unwrap_used)] // in helpers of tests

mod common;

use common::raw::{Caller, Ended};
use common::{ask, post, request, status, told};
use rhombus_clips_sim::{Clip, ClipStatus, Fault, Response, Service, Step};
use serde_json::json;
use std::io::ErrorKind;
use tokio::net::{TcpSocket, TcpStream};

const CLIP: &str = "AAAAAAAAAAAAAAAAAAAAAA";
const OTHER: &str = "BBBBBBBBBBBBBBBBBBBBBB";

fn busy() -> Fault {
    Fault::respond(Response::status(503))
}

/// The statuses of this many requests for one clip.
async fn statuses(service: &Service, clip: &str, requests: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..requests {
        statuses.push(ask(service, clip).await.status().as_u16());
    }
    statuses
}

#[tokio::test]
async fn strikes_the_requests_it_is_for_by_their_number_since_it_was_injected() {
    let service = Service::start().await.unwrap();
    ask(&service, CLIP).await;
    let cases = [
        (busy(), [503, 503, 503, 503]),
        (busy().on_request(3), [200, 200, 503, 200]),
        (busy().on_requests(2..=3), [200, 503, 503, 200]),
        (busy().on_requests(3..), [200, 200, 503, 503]),
        (busy().on_requests(..2), [503, 200, 200, 200]),
        (busy().times(2), [503, 503, 200, 200]),
        (busy().on_requests(2..).times(1), [200, 503, 200, 200]),
        (busy().times(0), [200, 200, 200, 200]),
        (busy().with_probability(0.0), [200, 200, 200, 200]),
        (busy().with_probability(f64::NAN), [200, 200, 200, 200]),
        (busy().with_probability(1.0), [503, 503, 503, 503]),
        (Fault::one_of([]), [200, 200, 200, 200]),
    ];
    for (fault, expected) in cases {
        let name = format!("{fault:?}");
        service.inject(fault);
        assert_eq!(statuses(&service, CLIP, 4).await, expected, "{name}");
        service.clear_faults();
    }
    assert_eq!(statuses(&service, CLIP, 1).await, [200]);
}

#[tokio::test]
async fn a_fault_for_a_clip_counts_the_requests_for_that_clip() {
    let service = Service::start().await.unwrap();
    assert_eq!(statuses(&service, OTHER, 3).await, [200, 200, 200]);
    service.inject(busy().for_clip(CLIP).on_request(2));
    assert_eq!(statuses(&service, OTHER, 2).await, [200, 200]);
    assert_eq!(statuses(&service, CLIP, 3).await, [200, 503, 200]);

    service.inject(busy().on_request(2));
    assert_eq!(statuses(&service, CLIP, 1).await, [200]);
    assert_eq!(statuses(&service, OTHER, 2).await, [503, 200]);
}

#[tokio::test]
async fn of_several_faults_the_one_injected_first_strikes() {
    let service = Service::start().await.unwrap();
    let answer = |status| Fault::respond(Response::status(status)).times(1);
    service.inject(answer(501));
    service.inject(answer(502).for_clip(CLIP));
    service.inject(answer(503));
    service.inject(answer(504).for_clip(CLIP));
    service.respond_next(Response::status(505));
    let expected = [501, 502, 503, 504, 505, 200];
    assert_eq!(statuses(&service, CLIP, 6).await, expected);
}

#[tokio::test]
async fn strikes_whatever_the_credentials_and_only_the_operation() {
    let service = Service::start().await.unwrap();
    service.inject(busy());
    assert_eq!(
        post(&service, "no JSON").send().await.unwrap().status(),
        503
    );
    let elsewhere = reqwest::get(service.base_url()).await.unwrap();
    assert_eq!(elsewhere.status(), 404);
    assert_eq!([service.request_count(), service.fault_count()], [2, 1]);
}

#[tokio::test]
async fn a_clip_takes_no_notice_of_an_answer_in_its_place_and_the_log_tells_them_apart() {
    let service = Service::start().await.unwrap();
    let steps = [ClipStatus::Rendering, ClipStatus::Complete].map(Step::new);
    let clip = service.add(Clip::by_request(steps));
    service.inject(busy().on_requests(2..=3));
    assert_eq!(status(&service, &clip).await, "RENDERING");
    assert_eq!(statuses(&service, &clip, 2).await, [503, 503]);
    assert_eq!(status(&service, &clip).await, "COMPLETE");

    let requests = service.requests();
    let faulty: Vec<_> = requests.iter().map(|request| request.faulty).collect();
    assert_eq!(faulty, [false, true, true, false]);
    assert_eq!(service.fault_count(), 2);
}

#[tokio::test]
async fn changes_the_services_own_answer_and_the_clip_goes_on() {
    let service = Service::start().await.unwrap();
    let steps = [ClipStatus::Rendering, ClipStatus::Complete].map(Step::new);
    let clip = service.add(Clip::by_request(steps));
    let change = |body: &mut serde_json::Value| {
        body["clip"]["uuid"] = OTHER.into();
        body["error"] = true.into();
    };
    service.inject(Fault::change(change).on_request(1));
    service.inject(Fault::in_transit(|answer| answer.header("x-seen", "yes")));
    let changed = told(&service, &clip).await;
    assert_eq!(changed["clip"]["uuid"], OTHER);
    assert_eq!(changed["clip"]["status"], "RENDERING");
    assert_eq!(changed["error"], true);

    let marked = ask(&service, &clip).await;
    assert_eq!(marked.headers()["x-seen"], "yes");
    assert_eq!(
        marked.json::<serde_json::Value>().await.unwrap()["clip"]["status"],
        "COMPLETE"
    );
    assert_eq!(service.fault_count(), 2);
}

#[tokio::test]
async fn a_change_leaves_what_is_not_json_as_it_is_and_waits_for_the_answer_to_anybody() {
    let builder = Service::builder().speed(0.0).rate_limit(1.0, 1);
    let service = builder.start().await.unwrap();
    service.inject(Fault::change(|body| *body = json!("changed")));
    let refused = post(&service, "").send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.text().await.unwrap(), "\"changed\"");
    assert_eq!(told(&service, CLIP).await, "changed");
    let limited = ask(&service, CLIP).await.text().await.unwrap();
    assert!(limited.starts_with("Too many"), "{limited}");
}

/// The statuses of requests for two clips, by clip, when they are asked for in this order.
async fn bad_luck(seed: u64, order: &[&str]) -> [Vec<u16>; 2] {
    let service = Service::builder().seed(seed).start().await.unwrap();
    let trouble = Fault::one_of([500, 502, 503].map(Response::status));
    service.inject(trouble.with_probability(0.5));
    let mut seen = [Vec::new(), Vec::new()];
    for clip in order {
        let status = statuses(&service, clip, 1).await;
        seen[usize::from(*clip == OTHER)].extend(status);
    }
    seen
}

#[tokio::test]
async fn bad_luck_follows_from_the_seed_for_each_clip_in_whatever_order_they_are_asked_for() {
    let in_turn = [CLIP, OTHER].repeat(100);
    let one_by_one = [[CLIP; 100], [OTHER; 100]].concat();
    let first = bad_luck(1, &in_turn).await;
    assert_eq!(first, bad_luck(1, &one_by_one).await);
    assert_ne!(first, bad_luck(2, &in_turn).await);
    assert_ne!(first[0], first[1]);
    for status in [500, 502, 503] {
        let times = first
            .iter()
            .flatten()
            .filter(|seen| **seen == status)
            .count();
        assert!((15..60).contains(&times), "{status}: {times} times");
    }
    let fine = first.iter().flatten().filter(|seen| **seen == 200).count();
    assert!((70..130).contains(&fine), "{fine} of 200 fine");
}

#[tokio::test]
async fn a_second_fault_has_luck_of_its_own() {
    let service = Service::start().await.unwrap();
    let luck = |status| Fault::respond(Response::status(status)).with_probability(0.5);
    service.inject(luck(501));
    service.inject(luck(502));
    let seen = statuses(&service, CLIP, 50).await;
    for status in [501, 502, 200] {
        assert!(seen.contains(&status), "{status} in {seen:?}");
    }
}

#[tokio::test]
async fn a_service_that_stops_listening_refuses_until_it_listens_again_and_forgets_nothing() {
    let service = Service::start().await.unwrap();
    let steps = [ClipStatus::Rendering, ClipStatus::Complete].map(Step::new);
    let clip = service.add(Clip::by_request(steps));
    assert_eq!(status(&service, &clip).await, "RENDERING");
    let mut open = Caller::connect(&service).await;
    open.ask().await;
    open.head().await;
    open.skip_body().await;

    for _ in 0..2 {
        service.pause_listening().await;
        let refused = TcpStream::connect(service.address()).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    }
    assert_eq!(open.rest().await, (Vec::new(), Ended::Closed));
    assert!(
        request(&service, &clip)
            .send()
            .await
            .unwrap_err()
            .is_connect()
    );

    for _ in 0..2 {
        service.resume_listening().await.unwrap();
        assert_eq!(status(&service, &clip).await, "COMPLETE");
    }
    assert_eq!(service.request_count_for(&clip), 3);
    service.pause_listening().await;
    service.shutdown().await;
}

#[tokio::test]
async fn nobody_is_given_the_port_meanwhile() {
    let service = Service::start().await.unwrap();
    service.pause_listening().await;
    let taken = TcpSocket::new_v4().unwrap().bind(service.address());
    assert_eq!(taken.unwrap_err().kind(), ErrorKind::AddrInUse);
    service.resume_listening().await.unwrap();
    assert_eq!(statuses(&service, CLIP, 1).await, [200]);
}
