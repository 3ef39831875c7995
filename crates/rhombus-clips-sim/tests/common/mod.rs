//! A caller of the simulated service.
// Each test binary uses its own part; a helper of tests may unwrap like a test.
#![allow(dead_code, clippy::panic, clippy::unwrap_used)]

pub(crate) mod raw;

use reqwest::{Client, RequestBuilder, Response};
use rhombus_clips_sim::Service;
use serde_json::{Value, json};

pub(crate) const OPERATION: &str = "/api/event/getClipWithProgress";

/// A POST of this body to the operation, without credentials.
pub(crate) fn post(service: &Service, body: impl Into<reqwest::Body>) -> RequestBuilder {
    Client::new()
        .post(format!("{}{OPERATION}", service.base_url()))
        .body(body)
}

/// A proper request for this clip.
pub(crate) fn request(service: &Service, clip: &str) -> RequestBuilder {
    post(service, json!({"clipUuid": clip}).to_string())
        .header("x-auth-scheme", "api-token")
        .header("x-auth-apikey", service.api_key())
}

pub(crate) async fn ask(service: &Service, clip: &str) -> Response {
    request(service, clip).send().await.unwrap()
}

/// The body of the answer to a proper request.
pub(crate) async fn told(service: &Service, clip: &str) -> Value {
    ask(service, clip).await.json().await.unwrap()
}

/// The clip's status, or null.
pub(crate) async fn status(service: &Service, clip: &str) -> Value {
    told(service, clip).await["clip"]["status"].clone()
}
