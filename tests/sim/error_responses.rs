//! Error responses of the service, over a real socket.

use crate::common::{OPERATION_PATH, clip_request, get_json, get_response, post};
use reqwest::{Client, RequestBuilder, Response};
use rhombus_clips_sim::{Clip, ClipStatus, Service, Step, UnknownClip};
use serde_json::{Value, json};

async fn send(request: RequestBuilder) -> (u16, Response) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response)
}

async fn body(response: Response) -> Value {
    response.json().await.unwrap()
}

#[tokio::test]
async fn missing_credentials_are_401() {
    let service = Service::start().await.unwrap();
    let without_credentials = || post(&service, r#"{"clipUuid":"a"}"#);
    let key = service.api_key();
    let cases = [
        without_credentials(),
        without_credentials().header("x-auth-apikey", key),
        without_credentials().header("x-auth-scheme", "api-token"),
        // Schemes that need a client certificate.
        without_credentials()
            .header("x-auth-apikey", key)
            .header("x-auth-scheme", "api"),
        without_credentials()
            .header("x-auth-apikey", key)
            .header("x-auth-scheme", "partner-api"),
    ];
    for case in cases {
        let (status, response) = send(case).await;
        assert_eq!(status, 401);
        let challenge = response.headers()["www-authenticate"].to_str().unwrap();
        assert!(challenge.starts_with("Bearer "), "{challenge}");
        assert_eq!(body(response).await, json!({"authenticationFailed": true}));
    }
}

#[tokio::test]
async fn wrong_api_key_is_403() {
    let service = Service::builder()
        .speed(0.0)
        .api_key("right")
        .start()
        .await
        .unwrap();
    let wrong = post(&service, "{}")
        .header("x-auth-scheme", "api-token")
        .header("x-auth-apikey", "wrong");
    let (status, response) = send(wrong).await;
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
async fn malformed_body_is_400_and_missing_parameter_is_500() {
    let service = Service::start().await.unwrap();
    let too_long = format!(r#"{{"clipUuid":"a","more":"{}"}}"#, "m".repeat(70_000));
    let cases = [
        ("", 400),
        ("{", 400),
        ("[]", 400),
        ("null", 400),
        ("\"clipUuid\"", 400),
        (r#"{"clipUuid":5}"#, 400),
        (too_long.as_str(), 400),
        ("{}", 500),
        (r#"{"clipUuid":null}"#, 500),
        (r#"{"clipUUID":"a"}"#, 500),
        (r#"{"clipUuid":"a","more":1}"#, 200),
    ];
    for (request_body, expected) in cases {
        let (status, response) =
            send(clip_request(&service, "").body(request_body.to_owned())).await;
        assert_eq!(status, expected, "{request_body:.40}");
        if status == 400 {
            let msg = "JSON doesn't match expected object structure";
            assert_eq!(body(response).await, json!({"msg": msg}));
        }
    }
}

#[tokio::test]
async fn a_body_that_is_not_declared_as_json_is_415_unless_any_content_type_is_accepted() {
    let strict = Service::start().await.unwrap();
    let any = Service::builder().any_content_type().start().await.unwrap();
    let cases = [
        (Some("application/json"), 200),
        (Some("Application/JSON ; charset=utf-8"), 200),
        (Some("text/plain"), 415),
        (Some("application/jsonp"), 415),
        (Some("application/x-www-form-urlencoded"), 415),
        (Some(""), 415),
        (None, 415),
    ];
    for (content_type, expected) in cases {
        for (service, expected) in [(&strict, expected), (&any, 200)] {
            let mut request = clip_request(service, "a").build().unwrap();
            request.headers_mut().remove("content-type");
            if let Some(content_type) = content_type {
                let value = content_type.parse().unwrap();
                request.headers_mut().insert("content-type", value);
            }
            let response = Client::new().execute(request).await.unwrap();
            assert_eq!(response.status(), expected, "{content_type:?}");
        }
    }
}

#[tokio::test]
async fn too_many_requests_are_429_until_the_bucket_refills() {
    let service = Service::builder()
        .speed(0.0)
        .rate_limit(0.4, 2)
        .start()
        .await
        .unwrap();
    for _ in 0..2 {
        assert_eq!(get_response(&service, "a").await.status(), 200);
    }
    let response = get_response(&service, "a").await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "3"); // 2.5 s
    assert_eq!(response.headers()["content-type"], "text/plain");
    let text = response.text().await.unwrap();
    assert_eq!(text, "Too many api requests. Enhance your calm.");

    service.advance(std::time::Duration::from_secs(3));
    assert_eq!(get_response(&service, "a").await.status(), 200);
}

#[tokio::test]
async fn unknown_clip_is_null_or_a_domain_failure() {
    let service = Service::start().await.unwrap();
    assert_eq!(get_json(&service, "a").await, json!({"clip": null}));

    let failing = UnknownClip::Error("No such clip".to_owned());
    let service = Service::builder()
        .unknown_clip(failing)
        .start()
        .await
        .unwrap();
    let response = get_response(&service, "a").await;
    assert_eq!(response.status(), 200);
    let expected = json!({"error": true, "errorMsg": "No such clip"});
    assert_eq!(body(response).await, expected);
}

#[tokio::test]
async fn unknown_paths_are_404_and_other_methods_405() {
    let service = Service::start().await.unwrap();
    let unknown_path = Client::new().post(format!("{}/api/event/getClip", service.base_url()));
    assert_eq!(send(unknown_path).await.0, 404);
    let get = Client::new().get(format!("{}{OPERATION_PATH}", service.base_url()));
    let (status, response) = send(get).await;
    assert_eq!(status, 405);
    assert_eq!(response.headers()["allow"], "POST");
}

#[tokio::test]
async fn warning_is_returned_beside_the_clip() {
    let service = Service::start().await.unwrap();
    let step = Step::new(ClipStatus::Complete).warning("Camera clock was off");
    let uuid = service.add(Clip::by_request([step]));
    let body = get_json(&service, &uuid).await;
    assert_eq!(body["warningMsg"], "Camera clock was off");
    assert_eq!(body["clip"]["status"], "COMPLETE");
}
