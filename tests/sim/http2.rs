//! HTTP/2 over TLS: the same service, and the faults that only HTTP/2 has.

use reqwest::Version;
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Http2Error, Request, Service};
use serde_json::{Value, json};

async fn start() -> Service {
    Service::builder().http2().start().await.unwrap()
}

fn http(service: &Service) -> reqwest::Client {
    let certificate = service.root_certificate().unwrap();
    let certificate = reqwest::Certificate::from_pem(certificate.as_bytes()).unwrap();
    let http = reqwest::Client::builder().tls_certs_only([certificate]);
    http.retry(reqwest::retry::never()).build().unwrap()
}

async fn send(http: &reqwest::Client, service: &Service) -> reqwest::Result<reqwest::Response> {
    let url = format!("{}/api/event/getClipWithProgress", service.base_url());
    let request = http
        .post(url)
        .json(&json!({"clipUuid": "AAAAAAAAAAAAAAAAAAAAAA"}));
    let request = request.header("x-auth-scheme", "api-token");
    request
        .header("x-auth-apikey", service.api_key())
        .send()
        .await
}

async fn read(http: &reqwest::Client, service: &Service) -> reqwest::Result<Value> {
    send(http, service).await?.json().await
}

/// Returns whether an error is the reset of a stream or connection with this code.
fn has_reason(error: &reqwest::Error, reason: h2::Reason) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            return error.reason() == Some(reason);
        }
        cause = error.source();
    }
    false
}

#[tokio::test]
async fn a_response_arrives_over_http2_and_the_request_is_logged() {
    let service = start().await;
    let http = http(&service);
    for _ in 0..3 {
        let response = send(&http, &service).await.unwrap();
        assert_eq!(
            (response.version(), response.status().as_u16()),
            (Version::HTTP_2, 200)
        );
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["clip"], Value::Null);
    }
    assert_eq!(
        (service.request_count(), service.connection_count()),
        (3, 1)
    );
    let requests = service.requests();
    let Request { path, scheme, .. } = &requests[0];
    assert_eq!(path, "/api/event/getClipWithProgress");
    assert_eq!(scheme.as_deref(), Some("api-token"));
}

#[tokio::test]
async fn large_and_slow_bodies_arrive() {
    let service = start().await;
    let http = http(&service);
    service.respond_next(Response::status(200).repeated_body(b'x', 3_000_000));
    let body = send(&http, &service).await.unwrap().bytes().await.unwrap();
    assert_eq!(body.len(), 3_000_000);
    service.respond_next(Response::json(&json!({"a": 1})).trickle(1.ms()));
    assert_eq!(read(&http, &service).await.unwrap(), json!({"a": 1}));
}

#[tokio::test]
async fn a_response_can_end_early_with_its_connection() {
    let service = start().await;
    let response = || Response::json(&json!({"clip": {"title": "Door"}}));
    for stopped in [
        Response::close(),
        Response::reset(),
        response().cut_after(7),
        response().reset_after(7),
        response().reset_in_head(5),
        response().header("Content-Length", "5"),
    ] {
        service.respond_next(stopped);
        // A client that reuses connections might not have seen the end of this one yet.
        read(&http(&service), &service).await.unwrap_err();
        read(&http(&service), &service).await.unwrap();
    }
}

#[tokio::test]
async fn a_stream_can_be_reset_while_its_connection_lives() {
    let service = start().await;
    let http = http(&service);
    let response = || Response::json(&json!({"clip": {"title": "Door"}}));
    for (error, reason) in [
        (Http2Error::NoError, h2::Reason::NO_ERROR),
        (Http2Error::ProtocolError, h2::Reason::PROTOCOL_ERROR),
        (Http2Error::InternalError, h2::Reason::INTERNAL_ERROR),
        (Http2Error::RefusedStream, h2::Reason::REFUSED_STREAM),
        (Http2Error::Cancel, h2::Reason::CANCEL),
        (Http2Error::EnhanceYourCalm, h2::Reason::ENHANCE_YOUR_CALM),
        (
            Http2Error::InadequateSecurity,
            h2::Reason::INADEQUATE_SECURITY,
        ),
        (Http2Error::Http11Required, h2::Reason::HTTP_1_1_REQUIRED),
    ] {
        service.respond_next(Response::reset_stream(error));
        let failed = read(&http, &service).await.unwrap_err();
        assert!(has_reason(&failed, reason), "{error:?}: {failed:?}");
        read(&http, &service).await.unwrap();

        // The head arrives, and the bytes before the reset.
        service.respond_next(response().reset_stream_after(7, error));
        let mut received = send(&http, &service).await.unwrap();
        assert_eq!(received.content_length(), Some(25));
        assert_eq!(received.chunk().await.unwrap().unwrap(), "{\"clip\"");
        match (received.chunk().await, error) {
            // hyper takes it for the end of the body.
            (end, Http2Error::NoError) => assert_eq!(end.unwrap(), None),
            (end, _) => assert!(has_reason(&end.unwrap_err(), reason), "{error:?}"),
        }
        read(&http, &service).await.unwrap();
    }
    assert_eq!(service.connection_count(), 1);
}

#[tokio::test]
async fn a_connection_can_be_shut_down() {
    let service = start().await;
    service.respond_next(Response::go_away(Http2Error::EnhanceYourCalm));
    read(&http(&service), &service).await.unwrap_err();
    let http = http(&service);
    service.respond_next(Response::json(&json!({"a": 1})).last_on_connection());
    assert_eq!(read(&http, &service).await.unwrap(), json!({"a": 1}));
    read(&http, &service).await.unwrap();
    assert_eq!(service.connection_count(), 3);
}

#[tokio::test]
async fn a_frozen_connection_answers_nothing_and_another_one_does() {
    let service = start().await;
    let frozen = http(&service);
    service.respond_next(Response::freeze_connection());
    for _ in 0..2 {
        tokio::select! {
            response = send(&frozen, &service) => panic!("{response:?}"),
            // Answered although it was sent later.
            response = async {
                service.wait_for_requests(1).await;
                read(&http(&service), &service).await
            } => drop(response.unwrap()),
        }
    }
}

#[tokio::test]
async fn a_client_may_speak_http1_over_tls() {
    let service = start().await;
    let certificate = service.root_certificate().unwrap();
    let certificate = reqwest::Certificate::from_pem(certificate.as_bytes()).unwrap();
    let http = reqwest::Client::builder()
        .tls_certs_only([certificate])
        .http1_only();
    let response = send(&http.build().unwrap(), &service).await.unwrap();
    assert_eq!(response.version(), Version::HTTP_11);
}
