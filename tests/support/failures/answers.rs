//! Answers that are no clip.

use std::time::Duration;

use rhombus_clips::retry::NoRetry;
use rhombus_clips::{Checkpoint, Client, RateLimit};
use rhombus_clips_sim::{Response, Service};
use serde_json::json;

use super::{Failure, some_clip};
use crate::canary::{KEY, decoded};

pub(super) async fn all(echo: &str) -> Vec<Failure> {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let client = Client::builder().base_url(service.base_url()).api_key(KEY);
    let client = client.body_limit(2048).build().unwrap();
    let mut failures = Vec::new();
    for (what, answer) in refusals(echo).into_iter().chain(oddities(echo)) {
        // Else the client would keep away from the service after a 429.
        let client = match what.starts_with("429") {
            true => crate::client_of(&service),
            false => client.clone(),
        };
        service.respond_next(answer.header("x-request-id", echo));
        let error = client
            .get_clip(some_clip())
            .retry(NoRetry)
            .await
            .unwrap_err();
        failures.push((what, error));
    }
    failures.push(("limit of the client's own", own_limit(&service).await));
    let unknown = client.get_clip(some_clip()).await.unwrap_err();
    failures.push(("no record of the clip", unknown));
    for (what, text) in [
        ("checkpoint that is none", KEY),
        ("checkpoint without its clip", r#"{"version": 2}"#),
        ("checkpoint of another version", r#"{"version": 7}"#),
    ] {
        failures.push((what, text.parse::<Checkpoint>().unwrap_err()));
    }
    failures
}

fn refusals(echo: &str) -> Vec<(&'static str, Response)> {
    let status = |status| Response::status(status).body(format!("no {echo}\n"));
    let elsewhere = format!("https://elsewhere.example/?{echo}");
    vec![
        ("401", status(401).header("www-authenticate", echo)),
        ("403", status(403)),
        (
            "403 Invalid api key",
            status(403).body(format!("Invalid api key: {echo}")),
        ),
        ("429", status(429)),
        (
            "429 with Retry-After",
            Response::too_many_requests(Duration::from_secs(7)),
        ),
        ("redirect", status(307).header("location", elsewhere)),
        ("300 without a location", status(300)),
        ("400", Response::bad_request()),
        ("404", status(404)),
        ("408", status(408)),
        ("418", status(418)),
        ("500", Response::server_error(0)),
        ("503", status(503)),
    ]
}

fn oddities(echo: &str) -> Vec<(&'static str, Response)> {
    let body = |body: String| Response::status(200).body(body);
    let other = json!({"clip": {"uuid": "BBBBBBBBBBBBBBBBBBBBBA", "title": decoded(echo)}});
    vec![
        (
            "failure with its reason",
            body(format!(
                r#"{{"error": true, "errorMsg": "no footage\nof {echo}"}}"#
            )),
        ),
        (
            "failure without a reason",
            Response::json(&json!({"error": true})),
        ),
        ("page", body(format!("<html>Sign in with {echo}</html>"))),
        ("text", body(format!("OK {echo}"))),
        ("array", body(format!(r#"["{echo}"]"#))),
        (
            "clip that is no object",
            body(format!(r#"{{"clip": "{echo}"}}"#)),
        ),
        (
            "no clip beside an odd property",
            body(format!(r#"{{"error": "{echo}"}}"#)),
        ),
        ("body over the limit", body(echo.repeat(2048))),
        ("another clip", Response::json(&other)),
    ]
}

async fn own_limit(service: &Service) -> rhombus_clips::Error {
    let client = Client::builder().base_url(service.base_url()).api_key(KEY);
    let client = client.rate_limit(RateLimit::per_minute(1)).build().unwrap();
    let look_up = async || {
        let look_up = client
            .get_clip(some_clip())
            .timeout(Duration::from_millis(50));
        look_up.await.unwrap_err()
    };
    look_up().await;
    look_up().await
}
