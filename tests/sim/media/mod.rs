//! The media host: the files of complete clips, and what it refuses.

mod delivery;
mod http2;
mod ranges;
mod storage;
mod switches;

use std::collections::HashSet;

use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response as HttpResponse};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Behavior, Clip};
use rhombus_clips_tests::sha256_hex;
use serde_json::Value;

use crate::common::get_json;

/// A service with a complete clip.
struct Setup {
    service: Service,
    uuid: String,
    record: Value,
}

/// Length of the file: more than the server generates at a time.
const LENGTH: usize = 150_001;

impl Setup {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Behavior)) -> Self {
        let mut behavior = Behavior::default();
        change(&mut behavior);
        let service = Service::builder().behavior(behavior).start().await.unwrap();
        Self::of(service, large()).await
    }

    async fn of(service: Service, clip: Clip) -> Self {
        let uuid = service.add(clip);
        let record = get_json(&service, &uuid).await["clip"].clone();
        Self {
            service,
            uuid,
            record,
        }
    }

    /// The region of the file, which the thumbnail's location names whatever the behavior.
    fn region(&self) -> &str {
        self.record["thumbnailLocation"]["region"].as_str().unwrap()
    }

    /// Another region than that of the file.
    fn other_region(&self) -> &'static str {
        match self.region() {
            "us-west-2" => "us-east-2",
            _ => "us-west-2",
        }
    }

    fn path(&self, region: &str) -> String {
        format!("/media/metadata/{region}/{}.mp4", self.uuid)
    }

    fn url(&self) -> String {
        format!("{}{}", self.service.media_url(), self.path(self.region()))
    }

    /// Builds a valid request for the file.
    fn get(&self) -> RequestBuilder {
        self.authorized(Method::GET, self.url())
    }

    /// Builds a request with valid credentials, without redirects.
    fn authorized(&self, method: Method, url: String) -> RequestBuilder {
        without_redirects()
            .request(method, url)
            .header("x-auth-scheme", "api-token")
            .header("x-auth-apikey", self.service.api_key())
    }

    async fn bytes(&self) -> Vec<u8> {
        let response = self.get().send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.bytes().await.unwrap().to_vec()
    }

    async fn status_of(&self, path: &str) -> u16 {
        let url = format!("{}{path}", self.service.media_url());
        let response = self.authorized(Method::GET, url).send().await;
        response.unwrap().status().as_u16()
    }
}

fn large() -> Clip {
    clip().renders_in(0.s()).file_size(LENGTH as u64)
}

fn without_redirects() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

fn header<'r>(response: &'r HttpResponse, name: &str) -> Option<&'r str> {
    Some(response.headers().get(name)?.to_str().unwrap())
}

#[tokio::test]
async fn the_file_is_that_of_the_record() {
    let setup = Setup::new().await;
    let response = setup.get().send().await.unwrap();
    assert_eq!(response.status(), 200);
    for (name, expected) in [
        ("content-type", "video/mp4"),
        ("content-length", "150001"),
        ("accept-ranges", "bytes"),
        ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ] {
        assert_eq!(header(&response, name), Some(expected), "{name}");
    }
    let bytes = response.bytes().await.unwrap();
    assert_eq!(setup.record["byteCount"], LENGTH);
    assert_eq!(bytes.len(), LENGTH);
    assert_eq!(setup.record["sha256Hex"], *sha256_hex(&bytes));
    assert_eq!(&bytes[4..8], b"ftyp");

    let requests = setup.service.requests_for(&setup.uuid);
    let request = &requests[1];
    assert_eq!(request.operation.as_deref(), Some("media"));
    assert_eq!(request.path, setup.path(setup.region()));
    assert_eq!((request.status, request.has_api_key), (Some(200), true));
    assert_eq!(request.clip_status, None);
}

#[tokio::test]
async fn the_seed_and_the_clip_determine_the_bytes() {
    let mut hashes = Vec::new();
    for seed in [7, 7, 8] {
        for uuid in ["AAAAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBB"] {
            let service = Service::builder().seed(seed).start().await.unwrap();
            let service = service.with_clip(uuid, clip().renders_in(0.s()));
            let record = get_json(&service, uuid).await["clip"].clone();
            let setup = Setup {
                service,
                uuid: uuid.to_owned(),
                record,
            };
            let bytes = setup.bytes().await;
            // Short unless the test says otherwise, because the service hashes all of it.
            assert!((8_192..65_536).contains(&bytes.len()));
            hashes.push(sha256_hex(&bytes));
        }
    }
    assert_eq!(hashes[..2], hashes[2..4]);
    let distinct: HashSet<_> = hashes.iter().collect();
    assert_eq!(distinct.len(), 4);
}

#[tokio::test]
async fn a_thumbnail_is_a_jpeg_of_its_own() {
    let setup = Setup::new().await;
    let url = setup.url().replace(".mp4", ".jpeg");
    let response = setup.authorized(Method::GET, url).send().await.unwrap();
    assert_eq!(header(&response, "content-type"), Some("image/jpeg"));
    let tag = header(&response, "etag").unwrap().to_owned();
    let bytes = response.bytes().await.unwrap();
    assert!(bytes.starts_with(&[0xFF, 0xD8, 0xFF]) && bytes.ends_with(&[0xFF, 0xD9]));
    let video = setup.get().send().await.unwrap();
    assert_ne!(header(&video, "etag"), Some(&*tag));
}

#[tokio::test]
async fn a_request_needs_the_key_and_its_scheme() {
    let setup = Setup::new().await;
    let key = setup.service.api_key();
    for (headers, expected) in [
        (vec![], 401),
        (vec![("x-auth-apikey", key)], 401),
        (vec![("x-auth-scheme", "api-token")], 401),
        (
            vec![("x-auth-scheme", "api-token"), ("x-auth-apikey", "wrong")],
            403,
        ),
        (
            vec![("x-auth-scheme", "api-token"), ("x-auth-apikey", key)],
            200,
        ),
    ] {
        let request = Client::new().get(setup.url());
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), expected, "{}", headers.len());
        let logged = setup.service.requests().pop().unwrap();
        let sends_key = headers.iter().any(|(name, _)| *name == "x-auth-apikey");
        assert_eq!(logged.has_api_key, sends_key);
        assert_eq!(logged.status, Some(expected));
    }
}

#[tokio::test]
async fn each_host_has_its_own_paths() {
    let setup = Setup::new().await;
    let path = setup.path(setup.region());
    assert_eq!(setup.status_of(&path).await, 200);
    for other in [
        path.replace(".mp4", ".mov"),
        path.replace(".mp4", ""),
        path.replace(&setup.uuid, "AAAAAAAAAAAAAAAAAAAAAA"),
        path.replace("/metadata", ""),
        path.replace("/media/metadata", "/storage"),
        "/api/event/getClipWithProgress".to_owned(),
    ] {
        assert_eq!(setup.status_of(&other).await, 404, "{other}");
    }
    let url = format!("{}{path}", setup.service.base_url());
    let response = setup.authorized(Method::GET, url).send().await.unwrap();
    assert_eq!(response.status(), 404);
    let post = setup.authorized(Method::POST, setup.url());
    let response = post.send().await.unwrap();
    assert_eq!(response.status(), 405);
    assert_eq!(header(&response, "allow"), Some("GET, HEAD"));
}

#[tokio::test]
async fn a_head_is_that_of_the_file_without_its_bytes() {
    let setup = Setup::new().await;
    let get = setup.get().send().await.unwrap();
    // Twice on one connection: bytes after the first head would be taken for the second one.
    let client = without_redirects();
    for _ in 0..2 {
        let request = client.head(setup.url());
        let request = request.header("x-auth-scheme", "api-token");
        let request = request.header("x-auth-apikey", setup.service.api_key());
        let head = request.send().await.unwrap();
        assert_eq!(head.status(), 200);
        let headers = |response: &HttpResponse| {
            let mut headers = response.headers().clone();
            headers.remove("date");
            headers
        };
        assert_eq!(headers(&head), headers(&get));
        assert!(head.bytes().await.unwrap().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_complete_clip_has_a_file() {
    for (clip, expected) in [
        (clip().stays(ClipStatus::Complete), 200),
        (clip().stays(ClipStatus::Rendering), 404),
        (clip().stays(ClipStatus::Failed), 404),
        (clip().stays(ClipStatus::Deleted), 404),
        (Clip::by_request([]), 404),
    ] {
        let context = format!("{clip:?}");
        let service = Service::start().await.unwrap();
        let uuid = service.add(clip.with(
            "thumbnailLocation",
            serde_json::json!({"region": "us-west-2"}),
        ));
        let setup = Setup {
            record: Value::Null,
            service,
            uuid,
        };
        let path = setup.path("us-west-2");
        assert_eq!(setup.status_of(&path).await, expected, "{context}");
    }
    // From the moment on that its record says so.
    let rendering = clip().renders_in(30.s()).from_registration();
    let setup = Setup::of(Service::start().await.unwrap(), rendering).await;
    assert_ne!(setup.record["status"], "COMPLETE");
    tokio::time::sleep(30.s()).await;
    let record = get_json(&setup.service, &setup.uuid).await["clip"].clone();
    assert_eq!(record["status"], "COMPLETE");
    let setup = Setup { record, ..setup };
    assert_eq!(setup.record["sha256Hex"], *sha256_hex(&setup.bytes().await));
}

#[tokio::test(start_paused = true)]
async fn files_and_operations_have_separate_limits() {
    let service = Service::builder().rate_limit(1.0, 1).start().await.unwrap();
    let setup = Setup::of(service, large()).await;
    for _ in 0..20 {
        setup.bytes().await;
    }
    // One second gives one token, which no file has taken.
    tokio::time::sleep(1.s()).await;
    setup.bytes().await;
    let record = get_json(&setup.service, &setup.uuid).await["clip"].clone();
    assert_eq!(record, setup.record);
}

#[tokio::test]
async fn a_replaced_file_has_other_bytes_and_validators() {
    let setup = Setup::new().await;
    let first = setup.get().send().await.unwrap();
    setup.service.replace_file(&setup.uuid);
    let second = setup.get().send().await.unwrap();
    for name in ["etag", "last-modified"] {
        assert_ne!(header(&first, name), header(&second, name), "{name}");
    }
    let (first, second) = (first.bytes().await.unwrap(), second.bytes().await.unwrap());
    assert_eq!(first.len(), second.len());
    assert_ne!(first, second);
    let record = get_json(&setup.service, &setup.uuid).await["clip"].clone();
    assert_eq!(setup.record["sha256Hex"], *sha256_hex(&first));
    assert_eq!(record["sha256Hex"], *sha256_hex(&second));
    // And nothing else changes.
    let mut expected = setup.record.clone();
    expected["sha256Hex"] = record["sha256Hex"].clone();
    assert_eq!(record, expected);
    setup.service.replace_file("AAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(setup.bytes().await, second);
}
