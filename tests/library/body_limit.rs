//! The limit on the length of a response body.
//!
//! A broken or hostile server must not exhaust the memory of the client: neither with a long body,
//! nor with a highly compressed one, nor with a large `Content-Length`.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use rhombus_clips::retry::NoRetry;
use rhombus_clips::{Client, Clip, Error, Result};
use rhombus_clips_api::BodyTooLarge;
use rhombus_clips_sim::{Response, Service};
use rhombus_clips_tests::causes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const MIB: usize = 1024 * 1024;

/// Default limit of a response with one clip.
const CLIP_LIMIT: usize = 256 * 1024;

async fn get_clip(base_url: &str, limit: Option<u64>) -> Result<Clip> {
    let client = Client::builder().api_key("0123456789").base_url(base_url);
    let client = match limit {
        Some(limit) => client.body_limit(limit),
        None => client,
    };
    let uuid = "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
    client.build().unwrap().get_clip(uuid).await
}

fn limit_of(error: &Error) -> Option<u64> {
    let too_large = causes(error).find_map(|cause| cause.downcast_ref::<BodyTooLarge>());
    assert_eq!(error.is_body_too_large(), too_large.is_some());
    too_large.map(|too_large| too_large.limit)
}

/// Returns a valid JSON response of this length in bytes.
fn json_of_length(length: usize) -> String {
    let json = r#"{"clip": {"status": "COMPLETE"}}"#;
    format!("{json}{}", " ".repeat(length - json.len()))
}

#[tokio::test]
async fn a_body_of_the_limit_is_accepted() {
    let service = Service::start().await.unwrap();
    for (limit, length) in [
        (Some(100), 100),
        (Some(MIB as u64), MIB),
        (None, CLIP_LIMIT),
    ] {
        service.respond_next(Response::status(200).body(json_of_length(length)));
        let clip = get_clip(service.base_url(), limit).await.unwrap();
        assert!(clip.is_complete());
    }
}

#[tokio::test]
async fn a_longer_body_is_an_error_with_the_limit() {
    let service = Service::start().await.unwrap();
    for (limit, length) in [(Some(100), 101), (None, CLIP_LIMIT + 1)] {
        service.respond_next(Response::status(200).body(json_of_length(length)));
        let error = get_clip(service.base_url(), limit).await.unwrap_err();
        let expected = limit.unwrap_or(CLIP_LIMIT as u64);
        assert_eq!(limit_of(&error), Some(expected), "{error:?}");
    }
}

#[tokio::test]
async fn a_content_length_above_the_limit_fails_without_waiting_for_the_body() {
    let service = Service::start().await.unwrap();
    // The body never arrives.
    service.respond_next(
        Response::status(200)
            .body(json_of_length(101))
            .stall_after(0),
    );
    let error = get_clip(service.base_url(), Some(100)).await.unwrap_err();
    assert_eq!(limit_of(&error), Some(100));
}

#[tokio::test]
async fn an_endless_body_is_aborted_at_the_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        let mut sent = 0;
        // Ends when the client closes the connection; without a limit it would read everything.
        while sent < 256 * MIB && stream.write_all(chunk.as_bytes()).await.is_ok() {
            sent += 0x10000;
        }
        sent
    });
    let error = get_clip(&base_url, Some(MIB as u64)).await.unwrap_err();
    assert_eq!(limit_of(&error), Some(MIB as u64));
    let sent = server.await.unwrap();
    // The socket buffers of both sides hold some of it.
    assert!(sent < 64 * MIB, "{sent}");
}

#[tokio::test]
async fn the_limit_applies_to_the_decompressed_body() {
    let service = Service::start().await.unwrap();
    let compressed = |length| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(json_of_length(length).as_bytes()).unwrap();
        let body = gzip.finish().unwrap();
        assert!(body.len() < MIB);
        Response::status(200)
            .header("content-encoding", "gzip")
            .body(body)
    };
    service.respond_next(compressed(MIB));
    let clip = get_clip(service.base_url(), Some(MIB as u64))
        .await
        .unwrap();
    assert!(clip.is_complete());
    service.respond_next(compressed(64 * MIB));
    let error = get_clip(service.base_url(), Some(MIB as u64))
        .await
        .unwrap_err();
    assert_eq!(limit_of(&error), Some(MIB as u64));
}

#[tokio::test]
async fn a_body_above_the_limit_keeps_its_error_status() {
    let service = Service::start().await.unwrap();
    service.respond_next(Response::status(403).body("x".repeat(MIB)));
    let error = get_clip(service.base_url(), Some(100)).await.unwrap_err();
    assert_eq!((error.status(), limit_of(&error)), (Some(403), None));
}

#[tokio::test]
async fn a_large_content_length_allocates_no_memory() {
    let service = Service::start().await.unwrap();
    let endless = Response::status(200)
        .header("Content-Length", "9223372036854775800")
        .body(json_of_length(100));
    service.respond_next(endless.trickle(Duration::from_millis(1)));
    let client = Client::builder()
        .api_key("0123456789")
        .base_url(service.base_url())
        .body_limit(u64::MAX)
        .attempt_timeout(Duration::from_secs(2))
        .build()
        .unwrap();
    let uuid = "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
    let error = client.get_clip(uuid).retry(NoRetry).await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
}
