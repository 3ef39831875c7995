//! Answers that arrive badly, as a caller without an HTTP library sees them.
#![allow(clippy::unwrap_used)] // in helpers of tests

mod common;

use common::raw::{Caller, Ended};
use rhombus_clips_sim::{Response, Service};
use std::time::Duration;
use tokio::time::{Instant, timeout};

const HEAD: &str = "HTTP/1.1 200 OK\r\n";

fn ten_bytes() -> Response {
    Response::status(200).body("0123456789")
}

/// What arrives of one answer on a connection of its own, and how that connection ends.
async fn arrives(answer: Response) -> (String, Ended) {
    let service = Service::start().await.unwrap();
    service.respond_next(answer);
    let mut caller = Caller::connect(&service).await;
    caller.ask().await;
    let (bytes, ended) = caller.rest().await;
    (String::from_utf8(bytes).unwrap(), ended)
}

#[tokio::test]
async fn a_reset_comes_before_any_byte_within_the_head_behind_it_or_within_the_body() {
    assert_eq!(
        arrives(Response::reset()).await,
        (String::new(), Ended::Reset)
    );

    let in_head = arrives(ten_bytes().reset_in_head(HEAD.len())).await;
    assert_eq!(in_head, (HEAD.to_owned(), Ended::Reset));

    let (head, ended) = arrives(Response::status(200).reset_in_head(usize::MAX)).await;
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    assert_eq!(ended, Ended::Reset);

    for (answer, body) in [
        (ten_bytes().reset_in_head(usize::MAX), ""),
        (ten_bytes().reset_after(0), ""),
        (ten_bytes().reset_after(5), "01234"),
    ] {
        let (arrived, ended) = arrives(answer).await;
        let (head, rest) = arrived.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("content-length: 10"), "{head}");
        assert_eq!((rest, ended), (body, Ended::Reset));
    }
}

#[tokio::test]
async fn a_close_is_no_reset() {
    assert_eq!(
        arrives(Response::close()).await,
        (String::new(), Ended::Closed)
    );
    let (arrived, ended) = arrives(ten_bytes().cut_after(5)).await;
    assert!(arrived.ends_with("\r\n\r\n01234"), "{arrived}");
    assert_eq!(ended, Ended::Closed);
}

#[tokio::test]
async fn a_stop_at_the_end_of_the_body_is_none() {
    let service = Service::start().await.unwrap();
    let mut caller = Caller::connect(&service).await;
    for answer in [
        ten_bytes().reset_after(10),
        ten_bytes().cut_after(11),
        ten_bytes().stall_after(10),
        Response::status(200).reset_after(0),
    ] {
        service.respond_next(answer);
        caller.ask().await;
        caller.head().await;
        caller.skip_body().await;
    }
}

#[tokio::test]
async fn a_content_length_goes_out_as_given_and_the_connection_stays_open() {
    let service = Service::start().await.unwrap();
    let mut caller = Caller::connect(&service).await;
    for declared in ["4", "12", "none", "10"] {
        service.respond_next(ten_bytes().header("Content-Length", declared));
        caller.ask().await;
        let head = caller.head().await.to_lowercase();
        let lengths: Vec<_> = head
            .lines()
            .filter_map(|line| line.strip_prefix("content-length: "))
            .collect();
        assert_eq!(lengths, [declared]);
        assert_eq!(caller.read(10).await, b"0123456789");
    }
    service.respond_next(
        Response::status(204)
            .header("content-length", "1")
            .header("content-length", "2"),
    );
    caller.ask().await;
    let head = caller.head().await;
    assert!(
        head.contains("content-length: 1\r\ncontent-length: 2\r\n\r\n"),
        "{head}"
    );

    service.respond_next(
        ten_bytes()
            .header("Content-Length", "1234567")
            .reset_after(3),
    );
    caller.ask().await;
    assert!(caller.head().await.contains(": 1234567\r\n"));
    assert_eq!(caller.rest().await, (b"012".to_vec(), Ended::Reset));
}

#[tokio::test(start_paused = true)]
async fn an_answer_can_trickle_byte_by_byte_and_the_next_one_need_not() {
    let hour = Duration::from_secs(3600);
    let service = Service::start().await.unwrap();
    let mut caller = Caller::connect(&service).await;
    service.respond_next(ten_bytes().header("Content-Length", "11").trickle(hour));
    service.respond_next(ten_bytes());

    let asked = Instant::now();
    caller.ask().await;
    let bytes = caller.head().await.len() + caller.read(10).await.len();
    assert!(asked.elapsed() >= hour * u32::try_from(bytes - 1).unwrap());

    let asked = Instant::now();
    caller.ask().await;
    caller.head().await;
    caller.skip_body().await;
    assert!(asked.elapsed() < hour);
}

#[tokio::test]
async fn a_long_body_arrives_in_full_and_a_gzip_bomb_is_small() {
    let service = Service::start().await.unwrap();
    let mut caller = Caller::connect(&service).await;
    service.respond_next(Response::status(200).repeated_body(b'[', 5_000_001));
    caller.ask().await;
    assert!(caller.head().await.contains("content-length: 5000001\r\n"));
    assert!(
        caller
            .read(5_000_001)
            .await
            .iter()
            .all(|byte| *byte == b'[')
    );

    service.respond_next(Response::status(200).gzip_bomb(100_000_000));
    caller.ask().await;
    assert!(caller.head().await.contains("content-encoding: gzip\r\n"));
    let packed = caller.skip_body().await;
    assert!(packed < 200_000, "{packed}");
}

#[tokio::test]
async fn a_caller_that_gives_up_is_noticed_and_costs_nothing_more() {
    let service = Service::start().await.unwrap();
    for answer in [
        Response::hang(),
        ten_bytes().stall_after(3),
        ten_bytes().trickle(Duration::MAX),
    ] {
        service.respond_next(answer);
        let mut caller = Caller::connect(&service).await;
        caller.ask().await;
        caller.finish().await;
        caller.rest().await;
    }
}

#[tokio::test]
async fn a_silent_connection_can_be_closed() {
    let minute = Duration::from_secs(60);
    let builder = Service::builder().close_idle_after(minute);
    let service = builder.start().await.unwrap();
    let mut caller = Caller::connect(&service).await;
    caller.ask().await;
    caller.head().await;
    caller.skip_body().await;

    // From here on the clock jumps to the next timer whenever there is nothing else to do.
    tokio::time::pause();
    tokio::time::advance(minute - Duration::from_secs(1)).await;
    service.respond_next(Response::hang());
    let asked = Instant::now();
    caller.ask().await;
    let rest = timeout(10 * minute, caller.rest()).await;
    assert_eq!(rest.unwrap(), (Vec::new(), Ended::Closed));
    assert!(asked.elapsed() >= minute);

    let mut caller = Caller::connect(&service).await;
    service.respond_next(ten_bytes().trickle(minute - Duration::from_secs(1)));
    caller.ask().await;
    caller.head().await;
    caller.skip_body().await;

    let never = Service::builder().close_idle_after(Duration::MAX);
    let service = never.start().await.unwrap();
    let mut caller = Caller::connect(&service).await;
    caller.ask().await;
    caller.head().await;
}

#[tokio::test]
async fn a_silent_connection_can_be_forgotten_until_its_next_request() {
    let minute = Duration::from_secs(60);
    let builder = Service::builder().reset_idle_after(minute);
    let service = builder.start().await.unwrap();
    let mut caller = Caller::connect(&service).await;
    caller.ask().await;
    caller.head().await;
    caller.skip_body().await;

    tokio::time::pause();
    for _ in 0..2 {
        tokio::time::advance(minute - Duration::from_secs(1)).await;
        caller.ask().await;
        caller.head().await;
        caller.skip_body().await;
    }

    tokio::time::advance(2 * minute).await;
    // Somebody else's request, so that the service has had time to close the connection.
    let mut other = Caller::connect(&service).await;
    other.ask().await;
    other.head().await;
    assert!(caller.is_open());
    caller.ask().await;
    assert_eq!(caller.rest().await, (Vec::new(), Ended::Reset));
    assert_eq!(service.request_count(), 4);
}
