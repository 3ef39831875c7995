//! Each row of the service's error table, over a real socket.
#![allow(clippy::unwrap_used)] // in helpers of tests

mod common;

use common::{OPERATION, ask, post, request, told};
use reqwest::{Client, RequestBuilder, Response};
use rhombus_clips_sim::{Clip, ClipStatus, Service, Step, UnknownClip};
use serde_json::{Value, json};

async fn answer(request: RequestBuilder) -> (u16, Response) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response)
}

async fn body(response: Response) -> Value {
    response.json().await.unwrap()
}

#[tokio::test]
async fn missing_credentials_are_401() {
    let service = Service::start().await.unwrap();
    let bare = || post(&service, r#"{"clipUuid":"a"}"#);
    let key = service.api_key();
    let cases = [
        bare(),
        bare().header("x-auth-apikey", key),
        bare().header("x-auth-scheme", "api-token"),
        // These need a client certificate.
        bare()
            .header("x-auth-apikey", key)
            .header("x-auth-scheme", "api"),
        bare()
            .header("x-auth-apikey", key)
            .header("x-auth-scheme", "partner-api"),
    ];
    for case in cases {
        let (status, response) = answer(case).await;
        assert_eq!(status, 401);
        let challenge = response.headers()["www-authenticate"].to_str().unwrap();
        assert!(challenge.starts_with("Bearer "), "{challenge}");
        assert_eq!(body(response).await, json!({"authenticationFailed": true}));
    }
}

#[tokio::test]
async fn a_wrong_key_is_403() {
    let service = Service::builder()
        .speed(0.0)
        .api_key("right")
        .start()
        .await
        .unwrap();
    let wrong = post(&service, "{}")
        .header("x-auth-scheme", "api-token")
        .header("x-auth-apikey", "wrong");
    let (status, response) = answer(wrong).await;
    assert_eq!(status, 403);
    let expected = json!({
        "status": 403,
        "error": "Forbidden",
        "timestamp": 1_767_225_600_000_i64,
        "msg": "Access Denied",
    });
    assert_eq!(body(response).await, expected);
}

#[tokio::test]
async fn a_body_of_another_form_is_400_and_one_without_the_parameter_is_500() {
    let service = Service::start().await.unwrap();
    let long = format!(r#"{{"clipUuid":"a","more":"{}"}}"#, "m".repeat(70_000));
    let cases = [
        ("", 400),
        ("{", 400),
        ("[]", 400),
        ("null", 400),
        ("\"clipUuid\"", 400),
        (r#"{"clipUuid":5}"#, 400),
        (long.as_str(), 400),
        ("{}", 500),
        (r#"{"clipUuid":null}"#, 500),
        (r#"{"clipUUID":"a"}"#, 500),
        (r#"{"clipUuid":"a","more":1}"#, 200),
    ];
    for (sent, expected) in cases {
        let (status, response) = answer(request(&service, "").body(sent.to_owned())).await;
        assert_eq!(status, expected, "{sent:.40}");
        if status == 400 {
            let msg = "JSON doesn't match expected object structure";
            assert_eq!(body(response).await, json!({"msg": msg}));
        }
    }
}

#[tokio::test]
async fn too_many_requests_are_429_until_the_bucket_fills_again() {
    let service = Service::builder()
        .speed(0.0)
        .rate_limit(0.4, 2)
        .start()
        .await
        .unwrap();
    for _ in 0..2 {
        assert_eq!(ask(&service, "a").await.status(), 200);
    }
    let response = ask(&service, "a").await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "3"); // 2.5 s
    assert_eq!(response.headers()["content-type"], "text/plain");
    let text = response.text().await.unwrap();
    assert_eq!(text, "Too many api requests. Enhance your calm.");

    service.advance(std::time::Duration::from_secs(3));
    assert_eq!(ask(&service, "a").await.status(), 200);
}

#[tokio::test]
async fn an_unknown_clip_is_null_or_a_failure_of_the_domain() {
    let service = Service::start().await.unwrap();
    assert_eq!(told(&service, "a").await, json!({"clip": null}));

    let failing = UnknownClip::Error("No such clip".to_owned());
    let service = Service::builder()
        .unknown_clip(failing)
        .start()
        .await
        .unwrap();
    let response = ask(&service, "a").await;
    assert_eq!(response.status(), 200);
    let expected = json!({"error": true, "errorMsg": "No such clip"});
    assert_eq!(body(response).await, expected);
}

#[tokio::test]
async fn other_paths_are_404_and_other_methods_405() {
    let service = Service::start().await.unwrap();
    let elsewhere = Client::new().post(format!("{}/api/event/getClip", service.base_url()));
    assert_eq!(answer(elsewhere).await.0, 404);
    let get = Client::new().get(format!("{}{OPERATION}", service.base_url()));
    let (status, response) = answer(get).await;
    assert_eq!(status, 405);
    assert_eq!(response.headers()["allow"], "POST");
}

#[tokio::test]
async fn a_warning_stands_beside_the_clip() {
    let service = Service::start().await.unwrap();
    let step = Step::new(ClipStatus::Complete).warning("Camera clock was off");
    let clip = service.add(Clip::by_request([step]));
    let answer = told(&service, &clip).await;
    assert_eq!(answer["warningMsg"], "Camera clock was off");
    assert_eq!(answer["clip"]["status"], "COMPLETE");
}
