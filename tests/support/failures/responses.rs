//! Responses that do not contain the requested clip, and checkpoints that cannot be parsed.

use std::time::Duration;

use rhombus_clips::retry::NoRetry;
use rhombus_clips::{Checkpoint, Client, RateLimit};
use rhombus_clips_sim::{Response, Service};
use serde_json::json;

use super::{Failure, sample_uuid};
use crate::canary::{KEY, unescape_json};

pub(super) async fn all(echo: &str) -> Vec<Failure> {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let client = Client::builder().base_url(service.base_url()).api_key(KEY);
    let client = client.body_limit(2048).build().unwrap();
    let mut failures = Vec::new();
    for (label, response) in status_errors(echo)
        .into_iter()
        .chain(invalid_responses(echo))
    {
        // A client that received a 429 would delay its next requests.
        let client = match label.starts_with("429") {
            true => crate::client_for(&service),
            false => client.clone(),
        };
        service.respond_next(response.header("x-request-id", echo));
        let error = client
            .get_clip(sample_uuid())
            .retry(NoRetry)
            .await
            .unwrap_err();
        failures.push((label, error));
    }
    failures.push(("client rate limit", client_rate_limited(&service).await));
    let not_found = client.get_clip(sample_uuid()).await.unwrap_err();
    failures.push(("no record of the clip", not_found));
    for (label, text) in [
        ("checkpoint that is not JSON", KEY),
        ("checkpoint without clip UUID", r#"{"version": 2}"#),
        ("checkpoint of unknown version", r#"{"version": 7}"#),
    ] {
        failures.push((label, text.parse::<Checkpoint>().unwrap_err()));
    }
    failures
}

fn status_errors(echo: &str) -> Vec<(&'static str, Response)> {
    let with_status = |status| Response::status(status).body(format!("no {echo}\n"));
    let location = format!("https://elsewhere.example/?{echo}");
    vec![
        ("401", with_status(401).header("www-authenticate", echo)),
        ("403", with_status(403)),
        (
            "403 Invalid api key",
            with_status(403).body(format!("Invalid api key: {echo}")),
        ),
        ("429", with_status(429)),
        (
            "429 with Retry-After",
            Response::too_many_requests(Duration::from_secs(7)),
        ),
        ("redirect", with_status(307).header("location", location)),
        ("300 without location", with_status(300)),
        ("400", Response::bad_request()),
        ("404", with_status(404)),
        ("408", with_status(408)),
        ("418", with_status(418)),
        ("500", Response::server_error(0)),
        ("503", with_status(503)),
    ]
}

fn invalid_responses(echo: &str) -> Vec<(&'static str, Response)> {
    let body = |body: String| Response::status(200).body(body);
    let other_clip =
        json!({"clip": {"uuid": "BBBBBBBBBBBBBBBBBBBBBA", "title": unescape_json(echo)}});
    vec![
        (
            "service failure with message",
            body(format!(
                r#"{{"error": true, "errorMsg": "no footage\nof {echo}"}}"#
            )),
        ),
        (
            "service failure without message",
            Response::json(&json!({"error": true})),
        ),
        (
            "HTML page",
            body(format!("<html>Sign in with {echo}</html>")),
        ),
        ("plain text", body(format!("OK {echo}"))),
        ("array", body(format!(r#"["{echo}"]"#))),
        (
            "clip is not an object",
            body(format!(r#"{{"clip": "{echo}"}}"#)),
        ),
        (
            "no clip and an invalid property",
            body(format!(r#"{{"warningMsg": ["{echo}"]}}"#)),
        ),
        (
            "failure reported as a text",
            body(format!(r#"{{"error": "{echo}"}}"#)),
        ),
        ("body above the limit", body(echo.repeat(2048))),
        ("UUID of another clip", Response::json(&other_clip)),
    ]
}

async fn client_rate_limited(service: &Service) -> rhombus_clips::Error {
    let client = Client::builder().base_url(service.base_url()).api_key(KEY);
    let client = client.rate_limit(RateLimit::per_minute(1)).build().unwrap();
    let get_clip = async || {
        let call = client
            .get_clip(sample_uuid())
            .timeout(Duration::from_millis(50));
        call.await.unwrap_err()
    };
    get_clip().await;
    get_clip().await
}
