//! What a test may say of the requests that there were, and how it fails.
// A helper of tests may unwrap like a test.
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod common;

use common::{ask, post, request};
use rhombus_clips_sim::RequestAssertions;
use rhombus_clips_sim::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A service that was asked for `door`, 2 s later for it again by a partner, at once for `yard`,
/// and after a minute for `door` once more.
async fn service() -> Service {
    let builder = Service::builder().speed(0.0).api_key("secret");
    let complete = clip().by_request([Step::null(), Step::new(ClipStatus::Complete)]);
    let service = builder
        .start()
        .await
        .unwrap()
        .with_clip("door", complete)
        .with_fault(fault(Response::status(503)).for_clip("yard"));
    ask(&service, "door").await;
    service.advance(2.s());
    let partner = post(&service, r#"{"clipUuid": "door"}"#)
        .header("x-auth-scheme", "partner-api-token")
        .header("x-auth-apikey", "secret")
        .header("x-auth-org", "client");
    partner.send().await.unwrap();
    ask(&service, "yard").await;
    service.advance(60.s());
    ask(&service, "door").await;
    service
}

/// The message of an assertion that does not hold.
fn complaint(
    asked: RequestAssertions,
    assert: impl FnOnce(RequestAssertions) -> RequestAssertions,
) -> String {
    let assert = AssertUnwindSafe(|| assert(asked));
    let panic = catch_unwind(assert).expect_err("it should not hold");
    *panic.downcast::<String>().unwrap()
}

#[tokio::test]
async fn what_was_asked_holds() {
    let service = service().await;
    let door = || service.verify("door");
    door().count(3).at_least(3).at_most(3);
    door().statuses([200, 200, 200]).min_interval(2.s());
    service.verify("gate").none().min_interval(1.s());
    service.verify("yard").statuses([503]).none_after_terminal();
    service.verify("yard").with_scheme("api-token");
    service.verify_all().count(4);
    service
        .verify_all()
        .in_order(["door", "door", "yard", "door"]);
    assert_eq!(door().requests(), service.requests_for("door"));
}

#[tokio::test]
async fn what_was_not_asked_is_said_with_the_requests_that_there_were() {
    let service = service().await;
    let door = || service.verify("door");
    assert_eq!(
        complaint(door(), |asked| asked.count(2)),
        "clip door: expected 2 requests; got 3 requests\n  \
         #1 at 0ns: clip door, scheme api-token, answered 200\n  \
         #2 at 2s: clip door, scheme partner-api-token, organization client, \
         answered 200 COMPLETE\n  \
         #4 at 62s: clip door, scheme api-token, answered 200 COMPLETE"
    );
    assert_eq!(
        complaint(service.verify_all(), |asked| asked.min_interval(1.s())),
        "in all: expected each at least 1s after the last; got 4 requests\n  \
         #1 at 0ns: clip door, scheme api-token, answered 200\n  \
         #2 at 2s: clip door, scheme partner-api-token, organization client, \
         answered 200 COMPLETE\n> \
         #3 at 2s: clip yard, scheme api-token, answered 503 (fault)\n  \
         #4 at 62s: clip door, scheme api-token, answered 200 COMPLETE"
    );
    for nobody in [
        complaint(service.verify("gate"), |asked| {
            asked.with_scheme("api-token")
        }),
        complaint(service.verify("gate"), |asked| asked.for_org("client")),
    ] {
        assert!(nobody.ends_with(" alone; got no request"), "{nobody}");
    }
    let first_line = |text: String| text.lines().next().unwrap_or_default().to_owned();
    let expected = [
        complaint(door(), |asked| asked.at_least(4)),
        complaint(door(), |asked| asked.at_most(2)),
        complaint(door(), |asked| asked.none()),
        complaint(door(), |asked| asked.statuses([Some(200), None])),
        complaint(door(), |asked| asked.in_order(["door", "yard"])),
    ];
    assert_eq!(
        expected.map(first_line),
        [
            "clip door: expected at least 4 requests; got 3 requests",
            "clip door: expected at most 2 requests; got 3 requests",
            "clip door: expected no request; got 3 requests",
            "clip door: expected the answers 200, none; got 3 requests",
            "clip door: expected the clips door, yard; got 3 requests",
        ]
    );
    let marked = |text: String| {
        let at = text.lines().position(|line| line.starts_with('>'));
        (first_line(text), at.unwrap_or_default())
    };
    let expected = [
        complaint(door(), |asked| asked.with_scheme("api-token")),
        complaint(door(), |asked| asked.for_org("client")),
        complaint(door(), |asked| asked.none_after_terminal()),
    ];
    let line = |text: &str, at| (format!("clip door: expected {text}; got 3 requests"), at);
    assert_eq!(
        expected.map(marked),
        [
            line("the scheme api-token alone", 2),
            line("the organization client alone", 1),
            line("none after the clip's end", 3),
        ]
    );
}

#[tokio::test]
async fn a_long_list_is_cut_around_what_is_odd_and_shows_no_key() {
    let service = Service::builder().speed(0.0).api_key("secret");
    let service = service.start().await.unwrap();
    let request = request(&service, "secret");
    for number in 0..100 {
        request.try_clone().unwrap().send().await.unwrap();
        service.advance(if number == 9 { 500.ms() } else { 1.s() });
    }
    let asked = || service.verify("secret");
    let early = complaint(asked(), |asked| asked.min_interval(1.s()));
    assert!(
        early.contains("\n> #11 at 9.5s: clip [api key], "),
        "{early}"
    );
    assert!(early.ends_with("\n  (35 of 100 shown)"), "{early}");
    let late = complaint(asked(), |asked| asked.count(3));
    assert!(
        late.contains("\n  #100 at ") && !late.contains("#50 "),
        "{late}"
    );
    let printed = format!("{early}{late}{:?}", asked());
    assert!(!printed.contains("secret"), "{printed}");
}
