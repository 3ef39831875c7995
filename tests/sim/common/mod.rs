//! HTTP client for the simulated service.
//!
//! The tests of this crate use reqwest directly, so that they do not depend on `rhombus-clips`.

pub(crate) mod raw_client;

use reqwest::{Client, RequestBuilder, Response};
use rhombus_clips_sim::Service;
use serde_json::{Value, json};

pub(crate) const OPERATION_PATH: &str = "/api/event/getClipWithProgress";

/// Builds a POST request with this body, without credentials.
pub(crate) fn post(service: &Service, body: impl Into<reqwest::Body>) -> RequestBuilder {
    Client::new()
        .post(format!("{}{OPERATION_PATH}", service.base_url()))
        .header("content-type", "application/json")
        .body(body)
}

/// Builds a valid request for this clip.
pub(crate) fn clip_request(service: &Service, uuid: &str) -> RequestBuilder {
    post(service, json!({"clipUuid": uuid}).to_string())
        .header("x-auth-scheme", "api-token")
        .header("x-auth-apikey", service.api_key())
}

/// Sends a valid request for this clip.
pub(crate) async fn get_response(service: &Service, uuid: &str) -> Response {
    clip_request(service, uuid).send().await.unwrap()
}

/// Sends a valid request for this clip and parses the response body.
pub(crate) async fn get_json(service: &Service, uuid: &str) -> Value {
    get_response(service, uuid).await.json().await.unwrap()
}

/// Sends a valid request for this clip and returns its status, or null.
pub(crate) async fn get_status(service: &Service, uuid: &str) -> Value {
    get_json(service, uuid).await["clip"]["status"].clone()
}
