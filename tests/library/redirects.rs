//! Redirects are never followed, because the request carries the API key.
//!
//! This must hold for a custom HTTP client as well, which may have its own redirect policy.

use std::io::ErrorKind;
use std::net::TcpListener;

use reqwest::redirect::Policy;
use rhombus_clips::{Client, ClientBuilder};
use rhombus_clips_sim::{Response, Service};

const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];

/// Responds to a request with a redirect of each status, and asserts that no other request follows.
async fn assert_not_followed(target: impl Fn(&Service) -> String, client: fn() -> ClientBuilder) {
    for status in STATUSES {
        let service = Service::start().await.unwrap();
        let target = target(&service);
        service.respond_next(Response::status(status).header("location", &target));
        let client = client()
            .api_key(service.api_key())
            .base_url(service.base_url());
        let uuid = "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
        let error = client.build().unwrap().get_clip(uuid).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert!(error.to_string().contains(&target), "{error}");
        assert_eq!(service.request_count(), 1);
    }
}

/// A client with the default HTTP client, and one with an HTTP client that follows redirects.
const CLIENTS: [fn() -> ClientBuilder; 2] = [Client::builder, || {
    let http = || reqwest::Client::builder().redirect(Policy::limited(10));
    Client::builder().http_client_builder(http)
}];

#[tokio::test]
async fn a_redirect_to_another_origin_is_not_followed() {
    let other_origin = TcpListener::bind("127.0.0.1:0").unwrap();
    other_origin.set_nonblocking(true).unwrap();
    let target = format!("http://{}/", other_origin.local_addr().unwrap());
    for client in CLIENTS {
        assert_not_followed(|_| target.clone(), client).await;
    }
    let error = other_origin.accept().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

#[tokio::test]
async fn a_redirect_within_the_service_is_not_followed() {
    for client in CLIENTS {
        assert_not_followed(|service| service.base_url().to_owned(), client).await;
        assert_not_followed(|_| "/api/event/getClipWithProgress".to_owned(), client).await;
    }
}
