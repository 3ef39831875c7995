//! Failures of the connection and of TLS: no complete response arrives.

use std::time::Duration;

use rhombus_clips::retry::NoRetry;
use rhombus_clips::{Client, ClientBuilder, Error};
use rhombus_clips_sim::{Response, Service};
use serde_json::json;

use super::{Failure, sample_uuid};
use crate::canary::KEY;
use crate::tls::{Authority, HOST, Identity, Terminator, TlsRequirements};

pub(super) async fn all() -> Vec<Failure> {
    let mut failures = connection_failures().await;
    failures.extend(tls_failures().await);
    failures
}

async fn error(client: ClientBuilder) -> Error {
    let client = client.api_key(KEY).build().unwrap();
    client
        .get_clip(sample_uuid())
        .retry(NoRetry)
        .await
        .unwrap_err()
}

async fn connection_failures() -> Vec<Failure> {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let client_builder = || Client::builder().base_url(service.base_url());
    let complete = Response::json(&json!({"clip": {"title": "Door"}}));
    let mut failures = Vec::new();
    for (label, response) in [
        ("closed before the response", Response::close()),
        ("reset before the response", Response::reset()),
        (
            "reset inside the response",
            complete.clone().reset_after(10),
        ),
        ("closed inside the response", complete.cut_after(10)),
        ("response without body", Response::status(200)),
        (
            "response with truncated JSON",
            Response::status(200).body(r#"{"clip": {"#),
        ),
    ] {
        service.respond_next(response);
        failures.push((label, error(client_builder()).await));
    }
    service.respond_next(Response::hang());
    let short_timeout = client_builder().attempt_timeout(Duration::from_millis(50));
    failures.push(("attempt timeout", error(short_timeout).await));
    service.pause_listening().await;
    failures.push(("connection refused", error(client_builder()).await));
    failures
}

async fn tls_failures() -> Vec<Failure> {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let authority = Authority::new();
    let http = || reqwest::Client::builder().no_proxy();
    let client_with_root = || {
        let client = Client::builder().root_certificate(authority.pem());
        client.http_client_builder(http)
    };
    let with_defaults = |identity: Identity| (identity, TlsRequirements::default());
    let client_certificate = TlsRequirements {
        client_ca: Some(&authority),
        ..TlsRequirements::default()
    };
    let tls_1_2 = TlsRequirements {
        tls_1_2: true,
        ..TlsRequirements::default()
    };
    let server = || authority.server(HOST);
    let mut failures = Vec::new();
    for (label, (identity, requirements), client) in [
        (
            "self-signed certificate",
            with_defaults(Identity::self_signed()),
            client_with_root(),
        ),
        (
            "certificate by unknown authority",
            with_defaults(Authority::new().server(HOST)),
            client_with_root(),
        ),
        (
            "expired certificate",
            with_defaults(authority.expired_server()),
            client_with_root(),
        ),
        (
            "certificate for another host",
            with_defaults(authority.server("elsewhere.example")),
            client_with_root(),
        ),
        (
            "missing client certificate",
            (server(), client_certificate),
            client_with_root(),
        ),
        (
            "no common TLS version",
            (server(), tls_1_2),
            client_with_root().tls_1_3_only(),
        ),
    ] {
        let tls = Terminator::start(&service, &identity, requirements).await;
        failures.push((label, error(client.base_url(tls.base_url())).await));
    }
    let https_url = service.base_url().replace("http:", "https:");
    failures.push((
        "TLS to a plain HTTP port",
        error(client_with_root().base_url(https_url)).await,
    ));
    failures
}
