//! Error responses of the service, mapped to errors of the library over a real socket.
//!
//! One test per row of the error table in the guide. Retries are disabled, so that each test sees
//! the result of a single request.

use std::time::Duration;

use rhombus_clips::retry::NoRetry;
use rhombus_clips::{Client, ClipUuid, Error, ErrorKind};
use rhombus_clips_sim::{Clip, Response, Service};
use rhombus_clips_tests::{add, client_for};
use serde_json::json;

/// Returns the error of a call that receives this response.
async fn error_for(response: Response) -> Error {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::renders_in(Duration::from_secs(1)));
    service.respond_next(response);
    let error = client_for(&service)
        .get_clip(uuid)
        .retry(NoRetry)
        .await
        .unwrap_err();
    assert_eq!(service.request_count(), 1, "one call is one request");
    error
}

fn sample_uuid() -> ClipUuid {
    "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap()
}

#[tokio::test]
async fn missing_credentials_are_an_authentication_error() {
    let error = error_for(Response::unauthenticated()).await;
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Authentication, Some(401))
    );
    assert!(!error.is_transient());
    assert_eq!(error.body(), Some(r#"{"authenticationFailed":true}"#));
}

#[tokio::test]
async fn an_invalid_key_is_an_authentication_error_with_possible_reasons() {
    let service = Service::start().await.unwrap();
    let client = Client::builder()
        .api_key("wrong")
        .base_url(service.base_url())
        .build()
        .unwrap();
    let error = client
        .get_clip(sample_uuid())
        .retry(NoRetry)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Authentication, Some(403))
    );
    assert!(error.body().unwrap().contains("Access Denied"));
    assert!(error.to_string().contains("another region"), "{error}");
}

#[tokio::test]
async fn a_403_may_have_no_body() {
    let error = error_for(Response::status(403)).await;
    assert_eq!(
        (error.kind(), error.body()),
        (ErrorKind::Authentication, Some(""))
    );
}

#[tokio::test]
async fn a_malformed_request_is_an_unexpected_status_with_the_body() {
    let error = error_for(Response::bad_request()).await;
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::UnexpectedStatus, Some(400))
    );
    assert!(error.body().unwrap().contains("expected object structure"));
    assert!(!error.is_transient());
}

#[tokio::test]
async fn rate_limiting_carries_the_retry_after() {
    let error = error_for(Response::too_many_requests(Duration::from_secs(7))).await;
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::RateLimited, Some(429))
    );
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert!(error.is_transient());
    assert_eq!(
        error.body(),
        Some("Too many api requests. Enhance your calm.")
    );
}

#[tokio::test]
async fn the_simulated_rate_limit_is_reported() {
    let service = Service::builder()
        .speed(0.0)
        .rate_limit(1.0, 2)
        .start()
        .await
        .unwrap();
    let uuid = add(&service, Clip::renders_in(Duration::from_secs(1)));
    let client = client_for(&service);
    client.get_clip(uuid).retry(NoRetry).await.unwrap();
    client.get_clip(uuid).retry(NoRetry).await.unwrap();
    assert!(
        client
            .get_clip(uuid)
            .retry(NoRetry)
            .await
            .unwrap_err()
            .is_rate_limited()
    );
    service.advance(Duration::from_secs(1));
    client.get_clip(uuid).retry(NoRetry).await.unwrap();
}

#[tokio::test]
async fn error_true_is_a_service_error_with_its_message() {
    let failure = Response::domain_failure("the footage is gone").header("x-request-id", "r-7");
    let error = error_for(failure).await;
    assert_eq!(error.request_id(), Some("r-7"));
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Service, Some(200))
    );
    assert_eq!(
        error.to_string(),
        "the service reported an error: the footage is gone"
    );
}

#[tokio::test]
async fn a_warning_is_returned_with_the_clip() {
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::renders_in(Duration::from_secs(1)));
    service.respond_next(Response::json(
        &json!({"clip": {"status": "COMPLETE"}, "warningMsg": "no audio"}),
    ));
    let clip = client_for(&service)
        .get_clip(uuid)
        .retry(NoRetry)
        .await
        .unwrap();
    assert_eq!(clip.warning(), Some("no audio"));
}

#[tokio::test]
async fn server_errors_are_transient() {
    for status in [500, 502, 503, 504] {
        let error = error_for(Response::status(status).body("<html>Bad day</html>")).await;
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::UnexpectedStatus, Some(status))
        );
        assert!(error.is_transient());
        assert_eq!(error.body(), Some("<html>Bad day</html>"));
    }
}

#[tokio::test]
async fn an_unknown_clip_is_not_found() {
    let service = Service::start().await.unwrap();
    let error = client_for(&service)
        .get_clip(sample_uuid())
        .retry(NoRetry)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("AAAAAAAAAAAAAAAAAAAAAA"));
}

#[tokio::test]
async fn a_long_body_is_truncated() {
    let error = error_for(Response::status(502).body("x".repeat(100_000))).await;
    assert_eq!(error.body().unwrap().len(), 1024);
}

#[tokio::test]
async fn a_response_that_is_not_json_is_a_decode_error() {
    let error = error_for(Response::status(200).body("<html>")).await;
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Decode, Some(200))
    );
    assert_eq!(error.body(), Some("<html>"));
    assert_eq!(
        error.to_string(),
        "the response is a page, not JSON; possibly from a proxy or another service"
    );
}

#[tokio::test]
async fn a_clip_that_is_not_an_object_is_a_decode_error_with_a_pointer() {
    let error = error_for(Response::json(&json!({"clip": "gone"}))).await;
    assert_eq!(
        (error.kind(), error.json_pointer()),
        (ErrorKind::Decode, Some("/clip"))
    );
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        source.starts_with("/clip: expected an object, found a string"),
        "{source}"
    );
}

#[tokio::test]
async fn an_invalid_property_does_not_fail_the_response() {
    let service = Service::start().await.unwrap();
    let invalid = json!({"clip": {"status": "COMPLETE", "title": {"en": "Door"}}});
    service.respond_next(Response::json(&invalid));
    let clip = client_for(&service)
        .get_clip(sample_uuid())
        .retry(NoRetry)
        .await
        .unwrap();
    assert!(clip.is_complete());
    assert_eq!(clip.title(), None);
    let decode_issues: Vec<String> = clip
        .decode_issues()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        decode_issues,
        ["/clip/title: expected a string, found an object"]
    );
}

#[tokio::test]
async fn an_unpaired_surrogate_does_not_fail_the_response() {
    let service = Service::start().await.unwrap();
    let cut = r#"{"clip": {"status": "COMPLETE", "title": "Door \ud83d"}}"#;
    service.respond_next(Response::status(200).body(cut));
    let clip = client_for(&service)
        .get_clip(sample_uuid())
        .retry(NoRetry)
        .await
        .unwrap();
    assert!(clip.is_complete());
    assert_eq!(clip.title(), Some("Door \u{fffd}"));
}

#[tokio::test]
async fn a_refused_connection_is_a_connection_error() {
    let service = Service::start().await.unwrap();
    service.pause_listening().await;
    let error = client_for(&service)
        .get_clip(sample_uuid())
        .retry(NoRetry)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Connection, None)
    );
    assert!(error.is_transient());
}

#[tokio::test]
async fn a_truncated_response_is_a_connection_error() {
    let error = error_for(Response::json(&json!({"clip": {"title": "Door"}})).cut_after(10)).await;
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert_eq!(
        error_for(Response::close()).await.kind(),
        ErrorKind::Connection
    );
}

#[tokio::test]
async fn a_missing_or_endless_response_is_a_timeout() {
    for response in [
        Response::hang(),
        Response::json(&json!({"clip": {}})).stall_after(5),
    ] {
        let service = Service::start().await.unwrap();
        service.respond_next(response);
        let client = Client::builder()
            .api_key(service.api_key())
            .base_url(service.base_url());
        let client = client
            .attempt_timeout(Duration::from_millis(50))
            .build()
            .unwrap();
        let error = client
            .get_clip(sample_uuid())
            .retry(NoRetry)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.is_transient());
    }
}

#[tokio::test]
async fn a_stalling_body_keeps_its_error_status() {
    let service = Service::start().await.unwrap();
    service.respond_next(Response::unauthenticated().stall_after(3));
    let client = Client::builder()
        .api_key(service.api_key())
        .base_url(service.base_url());
    let client = client
        .attempt_timeout(Duration::from_secs(1))
        .build()
        .unwrap();
    let error = client
        .get_clip(sample_uuid())
        .retry(NoRetry)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Authentication, Some(401))
    );
}
