//! Assertions on requests, and their failure messages.
// Test helpers may unwrap as tests do.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use crate::common::{clip_request, get_response, post};
use rhombus_clips_sim::RequestAssertions;
use rhombus_clips_sim::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Starts a service that has received four requests: for `door`, after 2 s for `door` from a
/// partner, immediately for `yard`, and after a minute for `door`.
async fn service_with_requests() -> Service {
    let builder = Service::builder().speed(0.0).api_key("secret");
    let complete = clip().by_request([Step::null(), Step::new(ClipStatus::Complete)]);
    let service = builder
        .start()
        .await
        .unwrap()
        .with_clip("door", complete)
        .with_fault(fault(Response::status(503)).for_clip("yard"));
    get_response(&service, "door").await;
    service.advance(2.s());
    let partner = post(&service, r#"{"clipUuid": "door"}"#)
        .header("x-auth-scheme", "partner-api-token")
        .header("x-auth-apikey", "secret")
        .header("x-auth-org", "client");
    partner.send().await.unwrap();
    get_response(&service, "yard").await;
    service.advance(60.s());
    get_response(&service, "door").await;
    service
}

/// Returns the panic message of a failed assertion.
fn failure_message(
    assertions: RequestAssertions,
    assert: impl FnOnce(RequestAssertions) -> RequestAssertions,
) -> String {
    let assert = AssertUnwindSafe(|| assert(assertions));
    let panic = catch_unwind(assert).expect_err("the assertion should fail");
    *panic.downcast::<String>().unwrap()
}

#[tokio::test]
async fn true_assertions_hold() {
    let service = service_with_requests().await;
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
async fn failure_messages_list_the_requests() {
    let service = service_with_requests().await;
    let door = || service.verify("door");
    assert_eq!(
        failure_message(door(), |it| it.count(2)),
        "expected 2 requests for clip door, got 3\n  \
         #1 at 0ns: clip door, scheme api-token, response 200\n  \
         #2 at 2s: clip door, scheme partner-api-token, organization client, \
         response 200 COMPLETE\n  \
         #4 at 62s: clip door, scheme api-token, response 200 COMPLETE"
    );
    assert_eq!(
        failure_message(service.verify_all(), |it| it.min_interval(1.s())),
        "expected requests to the service at least 1s apart; request #3 violates this\n  \
         #1 at 0ns: clip door, scheme api-token, response 200\n  \
         #2 at 2s: clip door, scheme partner-api-token, organization client, \
         response 200 COMPLETE\n> \
         #3 at 2s: clip yard, scheme api-token, response 503 (fault)\n  \
         #4 at 62s: clip door, scheme api-token, response 200 COMPLETE"
    );
    for message in [
        failure_message(service.verify("gate"), |it| it.with_scheme("api-token")),
        failure_message(service.verify("gate"), |it| it.for_org("client")),
    ] {
        assert!(
            message.starts_with("expected only requests for clip gate with ")
                && message.ends_with(", got none"),
            "{message}"
        );
    }
    let first_line = |text: String| text.lines().next().unwrap_or_default().to_owned();
    let messages = [
        failure_message(door(), |it| it.at_least(4)),
        failure_message(door(), |it| it.at_most(2)),
        failure_message(door(), |it| it.none()),
        failure_message(door(), |it| it.statuses([Some(200), None])),
        failure_message(door(), |it| it.in_order(["door", "yard"])),
    ];
    assert_eq!(
        messages.map(first_line),
        [
            "expected at least 4 requests for clip door, got 3",
            "expected at most 2 requests for clip door, got 3",
            "expected no requests for clip door, got 3",
            "expected requests for clip door with response statuses [200, none], got 3",
            "expected requests for clip door in the order [door, yard], got 3",
        ]
    );
    let first_line_and_mark = |text: String| {
        let mark = text.lines().position(|line| line.starts_with('>'));
        (first_line(text), mark.unwrap_or_default())
    };
    let messages = [
        failure_message(door(), |it| it.with_scheme("api-token")),
        failure_message(door(), |it| it.for_org("client")),
        failure_message(door(), |it| it.none_after_terminal()),
    ];
    let expected = |expectation: &str, sequence: u64, mark: usize| {
        let line = format!("expected {expectation}; request #{sequence} violates this");
        (line, mark)
    };
    assert_eq!(
        messages.map(first_line_and_mark),
        [
            expected("only requests for clip door with scheme api-token", 2, 2),
            expected("only requests for clip door with organization client", 1, 1),
            expected(
                "no requests for clip door after a terminal clip status",
                4,
                3
            ),
        ]
    );
}

#[tokio::test]
async fn long_request_lists_are_truncated_around_the_violation_and_redacted() {
    let service = Service::builder().speed(0.0).api_key("secret");
    let service = service.start().await.unwrap();
    let request = clip_request(&service, "secret");
    for number in 0..100 {
        request.try_clone().unwrap().send().await.unwrap();
        service.advance(if number == 9 { 500.ms() } else { 1.s() });
    }
    let verify = || service.verify("secret");
    let early = failure_message(verify(), |it| it.min_interval(1.s()));
    assert!(
        early.contains("\n> #11 at 9.5s: clip [redacted], "),
        "{early}"
    );
    assert!(early.ends_with("\n  (35 of 100 requests shown)"), "{early}");
    let late = failure_message(verify(), |it| it.count(3));
    assert!(
        late.contains("\n  #100 at ") && !late.contains("#50 "),
        "{late}"
    );
    let printed = format!("{early}{late}{:?}", verify());
    assert!(!printed.contains("secret"), "{printed}");
}
