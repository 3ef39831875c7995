//! Redaction of an API key that a service echoes in its response.
//!
//! Clips, errors and debug output end up in logs, so the key must be replaced in all of them, in
//! every common spelling, and text that merely resembles it must be preserved.

use rhombus_clips::retry::NoRetry;
use rhombus_clips::{Client, ClipUuid, ErrorKind};
use rhombus_clips_api::types::GetClipWithProgressRequest;
use rhombus_clips_api::{Client as ApiClient, Credentials, Error as ApiError};
use rhombus_clips_sim::{Response, Service};
use rhombus_clips_tests::canary::{KEY, KeySearch, spellings};
use rhombus_clips_tests::error_text;
use rhombus_clips_tests::goaway::{End, GoAwayServer};
use rhombus_clips_tests::tls::{Authority, HOST, Terminator, TlsRequirements};
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
    let mut search = KeySearch::new();
    search.check_text(context, text);
    assert!(search.findings().is_empty(), "{context}: {text}");
    // A body that is not text is not shown at all.
    let is_shown = !text.contains("bytes that are not text]");
    assert!(
        !is_shown || text.contains("[redacted]"),
        "{context}: {text}"
    );
}

#[tokio::test]
async fn a_clip_does_not_expose_an_echoed_key() {
    let service = start_service().await;
    for spelling in spellings() {
        let echo = spelling.in_json();
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
    for spelling in spellings() {
        let (echo, in_json) = (spelling.text(), spelling.in_json());
        let body = |text: String| Response::status(200).body(text);
        let mut responses = vec![
            body(format!(r#"{{"error": true, "errorMsg": "no {in_json}"}}"#)),
            body(format!(r#"{{"clip": "{in_json}"}}"#)),
            body(format!("<p>{echo}</p>")),
            Response::status(403).body(format!(r#"{{"msg": "Invalid api key {in_json}"}}"#)),
            // Across the limit at which an error truncates the body.
            Response::status(500).body(format!("{}{echo}", "x".repeat(1013))),
        ];
        if spelling.fits_header() {
            let location = format!("https://elsewhere.example/?key={echo}");
            responses.push(Response::status(307).header("location", location));
        }
        for response in responses {
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
    let request = GetClipWithProgressRequest::new(sample_uuid().to_string());
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

    for spelling in spellings() {
        let echo = spelling.text();
        let mut responses = vec![Response::status(200).body(format!("<p>{echo}</p>"))];
        if spelling.fits_header() {
            responses.push(Response::status(403).header("www-authenticate", echo));
        }
        for response in responses {
            service.respond_next(response);
            let error = client.get_clip_with_progress(&request).await.unwrap_err();
            assert_hidden(&format!("{error} {error:?}"), spelling.name);
            if let ApiError::InvalidResponsePayload(body, _) = error {
                assert_hidden(&String::from_utf8_lossy(&body), spelling.name);
            }
        }
    }
}

/// The debug data at the end of an HTTP/2 connection is part of the errors of the libraries below.
#[tokio::test]
async fn an_error_of_the_http_library_does_not_expose_an_echoed_key() {
    let authority = Authority::new();
    let request = GetClipWithProgressRequest::new(sample_uuid().to_string());
    for end in [End::BeforeResponse, End::InBody] {
        let server = GoAwayServer::start(&authority.server(HOST), end).await;
        let root = reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap();
        let http = reqwest::Client::builder().tls_certs_only([root]).no_proxy();
        let low_level = ApiClient::new_with_client(
            server.base_url(),
            http.build().unwrap(),
            Credentials::api_token(KEY).unwrap().into(),
        );
        let client = Client::builder()
            .api_key(KEY)
            .base_url(server.base_url())
            .root_certificate(authority.pem())
            .http_client_builder(|| reqwest::Client::builder().no_proxy());
        let client = client.build().unwrap();
        for spelling in spellings() {
            let context = format!("{end:?} {}", spelling.name);
            server.set_debug_data(format!("sent with {}", spelling.text()));
            let call = client.get_clip(sample_uuid()).retry(NoRetry);
            let error = call.await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Connection, "{context}");
            assert_hidden(&error_text(&error), &context);
            let error = low_level.get_clip_with_progress(&request).await;
            let error: &dyn std::error::Error = &error.unwrap_err();
            let texts = std::iter::successors(Some(error), |error| error.source());
            let texts: String = texts.map(|error| format!("{error} {error:?} ")).collect();
            assert_hidden(&texts, &context);
        }
        // An error without the key remains as it is.
        server.set_debug_data("too many requests".to_owned());
        let error = client.get_clip(sample_uuid()).retry(NoRetry).await;
        assert!(error_text(&error.unwrap_err()).contains("too many requests"));
        let error = low_level.get_clip_with_progress(&request).await;
        let error: &dyn std::error::Error = &error.unwrap_err();
        let mut causes = std::iter::successors(Some(error), |error| error.source());
        assert!(causes.any(|cause| cause.is::<h2::Error>()));
    }
}

/// A certificate is the server's own text, too.
#[tokio::test]
async fn an_error_of_the_tls_library_does_not_expose_an_echoed_key() {
    let authority = Authority::new();
    let service = start_service().await;
    let identity = authority.server(KEY);
    let tls = Terminator::start(&service, &identity, TlsRequirements::default()).await;
    let client = Client::builder()
        .api_key(KEY)
        .base_url(tls.base_url())
        .root_certificate(authority.pem())
        .http_client_builder(|| reqwest::Client::builder().no_proxy());
    let client = client.build().unwrap();
    let call = client.get_clip(sample_uuid()).retry(NoRetry);
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls);
    assert_hidden(&error_text(&error), "certificate");
}

#[tokio::test]
async fn text_other_than_the_key_is_unchanged() {
    let service = start_service().await;
    let sent = json!({"title": "canary/01", "description": "a\\u003d \u{fffd} %3D &amp;"});
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
