//! Faulty delivery of responses, observed on raw TCP connections.

use crate::common::raw_client::{ConnectionEnd, RawClient};
use rhombus_clips_sim::{Response, Service};
use std::time::Duration;
use tokio::time::{Instant, timeout};

const STATUS_LINE: &str = "HTTP/1.1 200 OK\r\n";

fn ten_bytes() -> Response {
    Response::status(200).body("0123456789")
}

/// Sends one response on a new connection; returns the received text and the connection's end.
async fn receive(response: Response) -> (String, ConnectionEnd) {
    let service = Service::start().await.unwrap();
    service.respond_next(response);
    let mut client = RawClient::connect(&service).await;
    client.send_request().await;
    let (bytes, end) = client.read_to_end().await;
    (String::from_utf8(bytes).unwrap(), end)
}

#[tokio::test]
async fn response_is_reset_before_within_or_after_the_head_or_within_the_body() {
    assert_eq!(
        receive(Response::reset()).await,
        (String::new(), ConnectionEnd::Reset)
    );

    let reset_in_head = receive(ten_bytes().reset_in_head(STATUS_LINE.len())).await;
    assert_eq!(
        reset_in_head,
        (STATUS_LINE.to_owned(), ConnectionEnd::Reset)
    );

    let (head, end) = receive(Response::status(200).reset_in_head(usize::MAX)).await;
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    assert_eq!(end, ConnectionEnd::Reset);

    for (response, body) in [
        (ten_bytes().reset_in_head(usize::MAX), ""),
        (ten_bytes().reset_after(0), ""),
        (ten_bytes().reset_after(5), "01234"),
    ] {
        let (received, end) = receive(response).await;
        let (head, received_body) = received.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("content-length: 10"), "{head}");
        assert_eq!((received_body, end), (body, ConnectionEnd::Reset));
    }
}

#[tokio::test]
async fn close_is_not_a_reset() {
    assert_eq!(
        receive(Response::close()).await,
        (String::new(), ConnectionEnd::Closed)
    );
    let (received, end) = receive(ten_bytes().cut_after(5)).await;
    assert!(received.ends_with("\r\n\r\n01234"), "{received}");
    assert_eq!(end, ConnectionEnd::Closed);
}

#[tokio::test]
async fn stop_at_the_end_of_the_body_has_no_effect() {
    let service = Service::start().await.unwrap();
    let mut client = RawClient::connect(&service).await;
    for response in [
        ten_bytes().reset_after(10),
        ten_bytes().cut_after(11),
        ten_bytes().stall_after(10),
        Response::status(200).reset_after(0),
    ] {
        service.respond_next(response);
        client.send_request().await;
        client.skip_response().await;
    }
}

#[tokio::test]
async fn content_length_is_sent_as_given_and_the_connection_stays_open() {
    let service = Service::start().await.unwrap();
    let mut client = RawClient::connect(&service).await;
    for declared in ["4", "12", "none", "10"] {
        service.respond_next(ten_bytes().header("Content-Length", declared));
        client.send_request().await;
        let head = client.read_head().await.to_lowercase();
        let lengths: Vec<_> = head
            .lines()
            .filter_map(|line| line.strip_prefix("content-length: "))
            .collect();
        assert_eq!(lengths, [declared]);
        assert_eq!(client.read(10).await, b"0123456789");
    }
    service.respond_next(
        Response::status(204)
            .header("content-length", "1")
            .header("content-length", "2"),
    );
    client.send_request().await;
    let head = client.read_head().await;
    assert!(
        head.contains("content-length: 1\r\ncontent-length: 2\r\n\r\n"),
        "{head}"
    );

    service.respond_next(
        ten_bytes()
            .header("Content-Length", "1234567")
            .reset_after(3),
    );
    client.send_request().await;
    assert!(client.read_head().await.contains(": 1234567\r\n"));
    assert_eq!(
        client.read_to_end().await,
        (b"012".to_vec(), ConnectionEnd::Reset)
    );
}

#[tokio::test(start_paused = true)]
async fn trickle_applies_to_a_single_response() {
    let hour = Duration::from_secs(3600);
    let service = Service::start().await.unwrap();
    let mut client = RawClient::connect(&service).await;
    service.respond_next(ten_bytes().header("Content-Length", "11").trickle(hour));
    service.respond_next(ten_bytes());

    let sent_at = Instant::now();
    client.send_request().await;
    let bytes = client.read_head().await.len() + client.read(10).await.len();
    assert!(sent_at.elapsed() >= hour * u32::try_from(bytes - 1).unwrap());

    let sent_at = Instant::now();
    client.send_request().await;
    client.skip_response().await;
    assert!(sent_at.elapsed() < hour);
}

#[tokio::test]
async fn repeated_body_is_complete_and_gzip_bomb_is_small() {
    let service = Service::start().await.unwrap();
    let mut client = RawClient::connect(&service).await;
    service.respond_next(Response::status(200).repeated_body(b'[', 5_000_001));
    client.send_request().await;
    assert!(
        client
            .read_head()
            .await
            .contains("content-length: 5000001\r\n")
    );
    assert!(
        client
            .read(5_000_001)
            .await
            .iter()
            .all(|byte| *byte == b'[')
    );

    service.respond_next(Response::status(200).gzip_bomb(100_000_000));
    client.send_request().await;
    assert!(
        client
            .read_head()
            .await
            .contains("content-encoding: gzip\r\n")
    );
    let compressed = client.skip_body().await;
    assert!(compressed < 200_000, "{compressed}");
}

#[tokio::test]
async fn client_disconnect_ends_a_pending_response() {
    let service = Service::start().await.unwrap();
    for response in [
        Response::hang(),
        ten_bytes().stall_after(3),
        ten_bytes().trickle(Duration::MAX),
    ] {
        service.respond_next(response);
        let mut client = RawClient::connect(&service).await;
        client.send_request().await;
        client.shutdown().await;
        client.read_to_end().await;
    }
}

#[tokio::test]
async fn idle_connection_is_closed_after_the_timeout() {
    let minute = Duration::from_secs(60);
    let builder = Service::builder().close_idle_after(minute);
    let service = builder.start().await.unwrap();
    let mut client = RawClient::connect(&service).await;
    client.send_request().await;
    client.skip_response().await;

    // From here on the clock jumps to the next timer whenever all tasks are idle.
    tokio::time::pause();
    tokio::time::advance(minute - Duration::from_secs(1)).await;
    service.respond_next(Response::hang());
    let sent_at = Instant::now();
    client.send_request().await;
    let received = timeout(10 * minute, client.read_to_end()).await;
    assert_eq!(received.unwrap(), (Vec::new(), ConnectionEnd::Closed));
    assert!(sent_at.elapsed() >= minute);

    let mut client = RawClient::connect(&service).await;
    service.respond_next(ten_bytes().trickle(minute - Duration::from_secs(1)));
    client.send_request().await;
    client.skip_response().await;

    let builder = Service::builder().close_idle_after(Duration::MAX);
    let service = builder.start().await.unwrap();
    let mut client = RawClient::connect(&service).await;
    client.send_request().await;
    client.read_head().await;
}

#[tokio::test]
async fn idle_connection_is_reset_on_its_next_request() {
    let minute = Duration::from_secs(60);
    let builder = Service::builder().reset_idle_after(minute);
    let service = builder.start().await.unwrap();
    let mut client = RawClient::connect(&service).await;
    client.send_request().await;
    client.skip_response().await;

    tokio::time::pause();
    for _ in 0..2 {
        tokio::time::advance(minute - Duration::from_secs(1)).await;
        client.send_request().await;
        client.skip_response().await;
    }

    tokio::time::advance(2 * minute).await;
    // A request on another connection gives the service time to close the first one.
    let mut other = RawClient::connect(&service).await;
    other.send_request().await;
    other.read_head().await;
    assert!(client.is_open());
    client.send_request().await;
    assert_eq!(
        client.read_to_end().await,
        (Vec::new(), ConnectionEnd::Reset)
    );
    assert_eq!(service.request_count(), 4);
}
