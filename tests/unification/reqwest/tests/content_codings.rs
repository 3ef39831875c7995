//! Content codings, cookies and redirects, whatever the HTTP library supports.
//!
//! The main workspace runs these tests as well, without the features that are enabled here.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use rhombus_clips::retry::NoRetry;
use rhombus_clips::{Client, ClipUuid, Error};
use rhombus_clips_sim::{Response, Service};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const UUID: ClipUuid = ClipUuid::from_bytes([7; 16]);
const COMPLETE: &[u8] = br#"{"clip": {"status": "COMPLETE"}}"#;

fn client(base_url: &str) -> Client {
    let builder = Client::builder().api_key("0123456789").base_url(base_url);
    builder.body_limit(100_000).build().unwrap()
}

async fn get(response: Response) -> Result<rhombus_clips::Clip, Error> {
    let service = Service::start().await.unwrap();
    service.respond_next(response);
    client(service.base_url())
        .get_clip(UUID)
        .retry(NoRetry)
        .await
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn encoded(coding: &str, body: impl Into<Vec<u8>>) -> Response {
    Response::status(200)
        .header("Content-Encoding", coding)
        .body(body)
}

#[tokio::test]
async fn a_request_accepts_gzip_alone_and_sends_no_cookies() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(&format!("http://{}", listener.local_addr().unwrap()));
    let server = async {
        let mut heads = Vec::new();
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            // Up to the end of the body, which is an object.
            while !head.ends_with(b"}") {
                head.push(stream.read_u8().await.unwrap());
            }
            let response =
                "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nConnection: close\r\n\r\n{\"clip\": {}}";
            stream.write_all(response.as_bytes()).await.unwrap();
            heads.push(String::from_utf8(head).unwrap().to_lowercase());
        }
        heads
    };
    let calls = async {
        for _ in 0..2 {
            client.get_clip(UUID).await.unwrap();
        }
    };
    let (heads, ()) = tokio::join!(server, calls);
    for head in heads {
        let codings = head
            .lines()
            .filter(|line| line.starts_with("accept-encoding"));
        assert_eq!(
            codings.collect::<Vec<_>>(),
            ["accept-encoding: gzip"],
            "{head}"
        );
        assert!(!head.contains("cookie"), "{head}");
    }
}

#[tokio::test]
async fn gzip_is_read_up_to_the_body_limit() {
    assert!(
        get(encoded("gzip", gzip(COMPLETE)))
            .await
            .unwrap()
            .is_complete()
    );
    assert!(
        get(encoded("X-GZIP", gzip(COMPLETE)))
            .await
            .unwrap()
            .is_complete()
    );
    let twice = gzip(&gzip(COMPLETE));
    assert!(
        get(encoded("gzip, gzip", twice))
            .await
            .unwrap()
            .is_complete()
    );
    let error = get(Response::status(200).gzip_bomb(100_001))
        .await
        .unwrap_err();
    assert!(error.is_body_too_large(), "{error:?}");
    let truncated = &gzip(COMPLETE)[..20];
    let error = get(encoded("gzip", truncated)).await.unwrap_err();
    assert!(error.is_connection() && error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn any_other_coding_is_named_and_not_printed() {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    deflate.write_all(COMPLETE).unwrap();
    for (coding, body) in [
        ("deflate", deflate.finish().unwrap()),
        ("br", COMPLETE.to_vec()),
        ("zstd", b"\x28\xb5\x2f\xfd\x04\x00".to_vec()),
        ("compress", COMPLETE.to_vec()),
        ("gzip, br", gzip(COMPLETE)),
    ] {
        let error = get(encoded(coding, body.clone())).await.unwrap_err();
        let name = coding.trim_start_matches("gzip, ");
        assert!(error.is_decode() && !error.is_transient(), "{error:?}");
        assert!(
            error
                .to_string()
                .contains(&format!("compressed with {name}")),
            "{error}"
        );
        assert_eq!(error.body(), None);
        let failed = Response::status(500)
            .header("Content-Encoding", coding)
            .body(body);
        let error = get(failed).await.unwrap_err();
        let expected = format!("[the content coding {name} is not supported]");
        assert_eq!(error.body(), Some(expected.as_str()));
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let target = Service::start().await.unwrap();
    let redirect = Response::status(307).header("Location", target.base_url());
    let error = get(redirect).await.unwrap_err();
    assert_eq!((error.status(), target.request_count()), (Some(307), 0));
}
