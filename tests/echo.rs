//! A service that echoes the API key, met in every place: nothing that comes out of it shows it.

use rhombus_clips::retry::NoRetry;
use rhombus_clips::{Client, ClipUuid};
use rhombus_clips_api::types::GetClipWithProgressRequest;
use rhombus_clips_api::{Client as ApiClient, Credentials};
use rhombus_clips_sim::{Response, Service};
use rhombus_clips_tests::canary::{KEY, echoes};
use rhombus_clips_tests::shown;
use serde_json::{Value, json};

async fn service() -> Service {
    Service::builder().api_key(KEY).start().await.unwrap()
}

fn client(service: &Service) -> Client {
    rhombus_clips_tests::client_of(service)
}

fn some_clip() -> ClipUuid {
    "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap()
}

fn assert_hidden(shown: &str, why: &str) {
    for part in ["canary", "0123", "4567"] {
        assert!(!shown.contains(part), "{why}: {shown}");
    }
    assert!(shown.contains("[hidden]"), "{why}: {shown}");
}

#[tokio::test]
async fn a_clip_does_not_show_an_echoed_key() {
    let service = service().await;
    for echo in echoes() {
        for body in [
            format!(r#"{{"clip": {{"title": "for {echo}"}}}}"#),
            format!(r#"{{"clip": {{"status": "{echo}"}}}}"#),
            format!(r#"{{"clip": {{"anything": {{"deep": ["{echo}"]}}}}}}"#),
            format!(r#"{{"clip": {{"{echo}": 1}}}}"#),
            format!(r#"{{"clip": {{"createdAtMs": "{echo}"}}}}"#),
            format!(r#"{{"clip": {{}}, "warningMsg": "asked with {echo}"}}"#),
        ] {
            service.respond_next(Response::status(200).body(body.clone()));
            let clip = client(&service)
                .get_clip(some_clip())
                .retry(NoRetry)
                .await
                .unwrap();
            let record = serde_json::to_string(clip.record()).unwrap();
            let shown = format!("{clip:?} {:?} {record} {:?}", clip.record(), clip.warning());
            assert_hidden(&shown, &body);
        }
    }
}

#[tokio::test]
async fn an_error_does_not_show_an_echoed_key() {
    let service = service().await;
    for echo in echoes() {
        let elsewhere = format!("https://elsewhere.example/?key={echo}");
        for answer in [
            Response::status(200).body(format!(r#"{{"error": true, "errorMsg": "no {echo}"}}"#)),
            Response::status(200).body(format!(r#"{{"clip": "{echo}"}}"#)),
            Response::status(200).body(format!("<p>{echo}</p>")),
            Response::status(403).body(format!(r#"{{"msg": "Invalid api key {echo}"}}"#)),
            // Across the end of what an error keeps of a body.
            Response::status(500).body(format!("{}{echo}", "x".repeat(1015))),
            Response::status(307).header("location", elsewhere),
        ] {
            service.respond_next(answer.clone());
            let error = client(&service)
                .get_clip(some_clip())
                .retry(NoRetry)
                .await
                .unwrap_err();
            assert_hidden(&shown(&error), &format!("{answer:?}"));
        }
    }
}

#[tokio::test]
async fn the_low_level_client_does_not_show_an_echoed_key() {
    let service = service().await;
    let credentials = Credentials::api_token(KEY).unwrap();
    let client = ApiClient::new_with_client(
        service.base_url(),
        reqwest::Client::builder().no_proxy().build().unwrap(),
        credentials.into(),
    );
    let request = GetClipWithProgressRequest {
        clip_uuid: some_clip().to_string(),
    };
    let echo = json!({"clip": {"title": KEY}, "errorMsg": KEY, KEY: KEY});
    let answer = Response::json(&echo).header("x-request", KEY);
    service.respond_next(answer);
    let answer = client.get_clip_with_progress(&request).await.unwrap();
    assert_hidden(&format!("{answer:?} {:?}", answer.headers()), "an answer");
    assert_eq!(answer.content_length(), None);
    let title = answer.into_inner().clip.and_then(|clip| clip.title);
    assert_eq!(title.as_deref(), Some("[hidden]"));

    for answer in [
        Response::status(403).header("www-authenticate", KEY),
        Response::status(200).body(format!("<p>{KEY}</p>")),
    ] {
        service.respond_next(answer);
        let error = client.get_clip_with_progress(&request).await.unwrap_err();
        assert_hidden(&format!("{error} {error:?}"), "an error");
    }
}

#[tokio::test]
async fn what_is_not_the_key_comes_as_it_was_sent() {
    let service = service().await;
    let sent = json!({"title": "canary/0123+4567=", "description": "a\\u003d \u{fffd} %3D &amp;"});
    service.respond_next(Response::json(&json!({"clip": sent})));
    let clip = client(&service)
        .get_clip(some_clip())
        .retry(NoRetry)
        .await
        .unwrap();
    let record: Value = serde_json::to_value(clip.record()).unwrap();
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(record.get(name), Some(value));
    }
}
