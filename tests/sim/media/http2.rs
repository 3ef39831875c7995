//! The media host over HTTP/2, with TLS.

use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response as HttpResponse, Version};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Behavior, Http2Error};
use rhombus_clips_tests::sha256_hex;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{LENGTH, header, large};

/// A service with a complete clip, and a client that trusts it.
struct Setup {
    service: Service,
    http: Client,
    uuid: String,
    record: Value,
}

impl Setup {
    async fn with(behavior: Behavior) -> Self {
        let service = Service::builder().http2().behavior(behavior);
        let service = service.start().await.unwrap();
        let certificate = service.root_certificate().unwrap();
        let certificate = reqwest::Certificate::from_pem(certificate.as_bytes()).unwrap();
        let http = Client::builder().tls_certs_only([certificate]);
        let http = http.retry(reqwest::retry::never()).redirect(Policy::none());
        let mut setup = Self {
            http: http.build().unwrap(),
            uuid: service.add(large()),
            service,
            record: Value::Null,
        };
        let url = format!("{}/api/event/getClipWithProgress", setup.service.base_url());
        let request = setup.request(Method::POST, url);
        let request = request.json(&json!({"clipUuid": setup.uuid}));
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        setup.record = body["clip"].clone();
        setup
    }

    async fn new() -> Self {
        Self::with(Behavior::default()).await
    }

    fn request(&self, method: Method, url: String) -> reqwest::RequestBuilder {
        self.http
            .request(method, url)
            .header("x-auth-scheme", "api-token")
            .header("x-auth-apikey", self.service.api_key())
    }

    fn url(&self) -> String {
        let region = self.record["clipLocation"]["region"].as_str().unwrap();
        let media_url = self.service.media_url();
        format!("{media_url}/media/metadata/{region}/{}.mp4", self.uuid)
    }

    async fn send(&self, method: Method, range: Option<&str>) -> HttpResponse {
        let request = self.request(method, self.url());
        let request = match range {
            Some(range) => request.header("range", range),
            None => request,
        };
        let response = request.send().await.unwrap();
        assert_eq!(response.version(), Version::HTTP_2);
        response
    }
}

#[tokio::test]
async fn a_file_and_its_ranges_arrive() {
    let setup = Setup::new().await;
    assert!(setup.url().starts_with("https://127.0.0.1:"));
    let whole = setup.send(Method::GET, None).await;
    assert_eq!(whole.status(), 200);
    let whole = whole.bytes().await.unwrap();
    assert_eq!(whole.len(), LENGTH);
    assert_eq!(setup.record["sha256Hex"], *sha256_hex(&whole));
    let part = setup.send(Method::GET, Some("bytes=100000-")).await;
    assert_eq!(part.status(), 206);
    assert_eq!(part.bytes().await.unwrap(), whole[100_000..]);
    let beyond = setup.send(Method::GET, Some("bytes=150001-")).await;
    assert_eq!(beyond.status(), 416);
    assert!(beyond.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_head_has_no_body() {
    let setup = Setup::new().await;
    for _ in 0..2 {
        let head = setup.send(Method::HEAD, None).await;
        assert_eq!(head.status(), 200);
        assert_eq!(header(&head, "content-length"), Some("150001"));
        // A body would be a violation of the protocol.
        assert!(head.bytes().await.unwrap().is_empty());
    }
    // One of the API, one of the media host.
    assert_eq!(setup.service.connection_count(), 2);
}

#[tokio::test]
async fn a_redirect_leads_to_the_storage_host() {
    let mut behavior = Behavior::default();
    behavior.media_redirects = true;
    let setup = Setup::with(behavior).await;
    let redirect = setup.send(Method::GET, None).await;
    assert_eq!(redirect.status(), 302);
    let url = header(&redirect, "location").unwrap();
    assert!(url.starts_with(setup.service.storage_url()));
    assert!(url.starts_with("https://"));
    let response = setup.http.get(url).send().await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    let bytes = response.bytes().await.unwrap();
    assert_eq!(setup.record["sha256Hex"], *sha256_hex(&bytes));
}

#[tokio::test(start_paused = true)]
async fn a_stream_can_be_slow_or_reset() {
    let setup = Setup::new().await;
    let inject = |fault: Fault| setup.service.inject(fault.for_operation("media").times(1));
    inject(Fault::map_response(|it| it.at_rate(10_000)));
    let started = Instant::now();
    let slow = setup.send(Method::GET, None).await;
    assert_eq!(slow.bytes().await.unwrap().len(), LENGTH);
    let elapsed = started.elapsed();
    assert!((14_900.ms()..15_200.ms()).contains(&elapsed), "{elapsed:?}");

    inject(Fault::map_response(|it| {
        it.reset_stream_after(99_999, Http2Error::InternalError)
    }));
    let mut reset = setup.send(Method::GET, None).await;
    let mut length = 0;
    while let Ok(Some(chunk)) = reset.chunk().await {
        length += chunk.len();
    }
    assert_eq!(length, 99_999);
    let whole = setup.send(Method::GET, None).await;
    assert_eq!(whole.bytes().await.unwrap().len(), LENGTH);
}
