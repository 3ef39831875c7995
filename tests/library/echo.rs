//! Redaction of an API key that a service echoes in its response.
//!
//! Clips, errors and debug output end up in logs, so the key must be replaced in all of them, in
//! every common spelling, and text that merely resembles it must be preserved.

use rhombus_clips::retry::NoRetry;
use rhombus_clips::{Client, ClipUuid};
use rhombus_clips_api::types::GetClipWithProgressRequest;
use rhombus_clips_api::{Client as ApiClient, Credentials};
use rhombus_clips_sim::{Response, Service};
use rhombus_clips_tests::canary::{KEY, echoes};
use rhombus_clips_tests::error_text;
use serde_json::{Value, json};

async fn start_service() -> Service {
    Service::builder().api_key(KEY).start().await.unwrap()
}

fn client_with_key(service: &Service) -> Client {
    rhombus_clips_tests::client_for(service)
}

fn sample_uuid() -> ClipUuid {
    "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap()
}

fn assert_hidden(text: &str, context: &str) {
    // Digits of a longer number are not the key's: an elapsed time can contain any.
    let is_number = |before: &str| before.ends_with(|c: char| c.is_ascii_digit() || c == '.');
    for part in ["canary", "0123", "4567"] {
        let mut matches = text.match_indices(part);
        let is_exposed = matches.any(|(index, _)| !is_number(&text[..index]));
        assert!(!is_exposed, "{context}: {text}");
    }
    assert!(text.contains("[redacted]"), "{context}: {text}");
}

#[tokio::test]
async fn a_clip_does_not_expose_an_echoed_key() {
    let service = start_service().await;
    for echo in echoes() {
        for body in [
            format!(r#"{{"clip": {{"title": "for {echo}"}}}}"#),
            format!(r#"{{"clip": {{"status": "{echo}"}}}}"#),
            format!(r#"{{"clip": {{"anything": {{"deep": ["{echo}"]}}}}}}"#),
            format!(r#"{{"clip": {{"{echo}": 1}}}}"#),
            format!(r#"{{"clip": {{"createdAtMs": "{echo}"}}}}"#),
            format!(r#"{{"clip": {{}}, "warningMsg": "sent with {echo}"}}"#),
        ] {
            service.respond_next(Response::status(200).body(body.clone()));
            let clip = client_with_key(&service)
                .get_clip(sample_uuid())
                .retry(NoRetry)
                .await
                .unwrap();
            let record = serde_json::to_string(clip.record()).unwrap();
            let text = format!("{clip:?} {:?} {record} {:?}", clip.record(), clip.warning());
            assert_hidden(&text, &body);
        }
    }
}

#[tokio::test]
async fn an_error_does_not_expose_an_echoed_key() {
    let service = start_service().await;
    for echo in echoes() {
        let location = format!("https://elsewhere.example/?key={echo}");
        for response in [
            Response::status(200).body(format!(r#"{{"error": true, "errorMsg": "no {echo}"}}"#)),
            Response::status(200).body(format!(r#"{{"clip": "{echo}"}}"#)),
            Response::status(200).body(format!("<p>{echo}</p>")),
            Response::status(403).body(format!(r#"{{"msg": "Invalid api key {echo}"}}"#)),
            // Across the limit at which an error truncates the body.
            Response::status(500).body(format!("{}{echo}", "x".repeat(1013))),
            Response::status(307).header("location", location),
        ] {
            service.respond_next(response.clone());
            let error = client_with_key(&service)
                .get_clip(sample_uuid())
                .retry(NoRetry)
                .await
                .unwrap_err();
            assert_hidden(&error_text(&error), &format!("{response:?}"));
        }
    }
}

#[tokio::test]
async fn the_low_level_client_does_not_expose_an_echoed_key() {
    let service = start_service().await;
    let credentials = Credentials::api_token(KEY).unwrap();
    let client = ApiClient::new_with_client(
        service.base_url(),
        reqwest::Client::builder().no_proxy().build().unwrap(),
        credentials.into(),
    );
    let request = GetClipWithProgressRequest {
        clip_uuid: sample_uuid().to_string(),
    };
    let echo = json!({"clip": {"title": KEY}, "errorMsg": KEY, KEY: KEY});
    let response = Response::json(&echo).header("x-request", KEY);
    service.respond_next(response);
    let response = client.get_clip_with_progress(&request).await.unwrap();
    assert_hidden(
        &format!("{response:?} {:?}", response.headers()),
        "response",
    );
    assert_eq!(response.content_length(), None);
    let title = response.into_inner().clip.and_then(|clip| clip.title);
    assert_eq!(title.as_deref(), Some("[redacted]"));

    for response in [
        Response::status(403).header("www-authenticate", KEY),
        Response::status(200).body(format!("<p>{KEY}</p>")),
    ] {
        service.respond_next(response);
        let error = client.get_clip_with_progress(&request).await.unwrap_err();
        assert_hidden(&format!("{error} {error:?}"), "error");
    }
}

#[tokio::test]
async fn text_other_than_the_key_is_unchanged() {
    let service = start_service().await;
    let sent = json!({"title": "canary/0123+4567=", "description": "a\\u003d \u{fffd} %3D &amp;"});
    service.respond_next(Response::json(&json!({"clip": sent})));
    let clip = client_with_key(&service)
        .get_clip(sample_uuid())
        .retry(NoRetry)
        .await
        .unwrap();
    let record: Value = serde_json::to_value(clip.record()).unwrap();
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(record.get(name), Some(value));
    }
}
