//! No whole answer.

use std::time::Duration;

use rhombus_clips::retry::NoRetry;
use rhombus_clips::{Client, ClientBuilder, Error};
use rhombus_clips_sim::{Response, Service};
use serde_json::json;

use super::{Failure, some_clip};
use crate::canary::KEY;
use crate::tls::{Authority, Demands, HOST, Identity, Terminator};

pub(super) async fn all() -> Vec<Failure> {
    let mut failures = broken().await;
    failures.extend(refused_by_tls().await);
    failures
}

async fn error(client: ClientBuilder) -> Error {
    let client = client.api_key(KEY).build().unwrap();
    client
        .get_clip(some_clip())
        .retry(NoRetry)
        .await
        .unwrap_err()
}

async fn broken() -> Vec<Failure> {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let at = || Client::builder().base_url(service.base_url());
    let whole = Response::json(&json!({"clip": {"title": "Door"}}));
    let mut failures = Vec::new();
    for (what, answer) in [
        ("closed without an answer", Response::close()),
        ("reset without an answer", Response::reset()),
        ("reset within the answer", whole.clone().reset_after(10)),
        ("closed within the answer", whole.cut_after(10)),
        ("answer without a body", Response::status(200)),
        (
            "answer with half of its JSON",
            Response::status(200).body(r#"{"clip": {"#),
        ),
    ] {
        service.respond_next(answer);
        failures.push((what, error(at()).await));
    }
    service.respond_next(Response::hang());
    let impatient = at().attempt_timeout(Duration::from_millis(50));
    failures.push(("no answer in time", error(impatient).await));
    service.pause_listening().await;
    failures.push(("nobody is listening", error(at()).await));
    failures
}

async fn refused_by_tls() -> Vec<Failure> {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let authority = Authority::new();
    let http = || reqwest::Client::builder().no_proxy();
    let trusting = || {
        let client = Client::builder().root_certificate(authority.pem());
        client.http_client_builder(http)
    };
    let own = |identity: Identity| (identity, Demands::default());
    let client_certificate = Demands {
        client_of: Some(&authority),
        ..Demands::default()
    };
    let tls_1_2 = Demands {
        tls_1_2: true,
        ..Demands::default()
    };
    let server = || authority.server(HOST);
    let mut failures = Vec::new();
    for (what, (identity, demands), client) in [
        (
            "certificate by nobody",
            own(Identity::self_signed()),
            trusting(),
        ),
        (
            "certificate of an unknown authority",
            own(Authority::new().server(HOST)),
            trusting(),
        ),
        (
            "certificate that has expired",
            own(authority.expired_server()),
            trusting(),
        ),
        (
            "certificate for another host",
            own(authority.server("elsewhere.example")),
            trusting(),
        ),
        (
            "no client certificate",
            (server(), client_certificate),
            trusting(),
        ),
        (
            "no TLS version in common",
            (server(), tls_1_2),
            trusting().tls_1_3_only(),
        ),
    ] {
        let tls = Terminator::start(&service, &identity, demands).await;
        failures.push((what, error(client.base_url(tls.base_url())).await));
    }
    let plain = service.base_url().replace("http:", "https:");
    failures.push(("no TLS there", error(trusting().base_url(plain)).await));
    failures
}
