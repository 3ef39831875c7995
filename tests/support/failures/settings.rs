//! Mistakes in setting up a client.

use std::time::Duration;

use rhombus_clips::{Client, ClientBuilder};

use super::Failure;
use crate::canary::{KEY, echoes};
use crate::tls::Authority;

/// Every mistake. The key is in the place of everything else that is secret.
pub(super) fn all() -> Vec<Failure> {
    let certificates = certificates();
    let mistakes = others().into_iter().chain(certificates);
    mistakes
        .map(|(what, builder)| (what, builder.build().unwrap_err()))
        .collect()
}

fn builder() -> ClientBuilder {
    Client::builder().api_key(KEY)
}

fn others() -> Vec<(&'static str, ClientBuilder)> {
    let [.., in_url, _] = echoes();
    let at = |base_url: &str| builder().base_url(base_url.replace("KEY", &in_url));
    let zero = Duration::ZERO;
    vec![
        ("no API key", Client::builder()),
        ("empty API key", Client::builder().api_key("")),
        (
            "API key with a line break",
            builder().api_key(format!("{KEY}\n")),
        ),
        ("base URL without a scheme", at("api2.rhombussystems.com")),
        (
            "base URL with a password",
            at("https://me:KEY@gateway.example"),
        ),
        (
            "base URL with a query",
            at("https://gateway.example/?key=KEY"),
        ),
        ("base URL of plain HTTP", at("http://gateway.example")),
        ("base URL of another scheme", at("ftp://gateway.example")),
        ("organization too short", builder().partner_for("org")),
        (
            "organization of other characters",
            builder().partner_for(KEY),
        ),
        ("attempt timeout of zero", builder().attempt_timeout(zero)),
        ("look-up deadline of zero", builder().timeout(zero)),
        ("connect timeout of zero", builder().connect_timeout(zero)),
        ("body limit of zero", builder().body_limit(0)),
        (
            "user agent with a line break",
            builder().user_agent(format!("{KEY}\n")),
        ),
    ]
}

fn certificates() -> Vec<(&'static str, ClientBuilder)> {
    let authority = Authority::new();
    let (one, other) = (authority.client(), authority.client());
    let with = |pem: &str| builder().client_certificate(pem);
    let certificate = &one.certificate;
    let broken = format!("-----BEGIN CERTIFICATE-----\n{KEY}\n-----END CERTIFICATE-----\n");
    let encrypted = one.key.replace("PRIVATE", "ENCRYPTED PRIVATE");
    vec![
        ("client certificate that is no PEM", with(KEY)),
        ("client certificate without certificate", with(&one.key)),
        ("client certificate without key", with(certificate)),
        (
            "client certificate with encrypted key",
            with(&format!("{certificate}{encrypted}")),
        ),
        (
            "client certificate with two keys",
            with(&format!("{certificate}{}{}", one.key, other.key)),
        ),
        (
            "client certificate with another's key",
            with(&format!("{certificate}{}", other.key)),
        ),
        (
            "client certificate that cannot be read",
            with(&format!("{broken}{}", one.key)),
        ),
        (
            "client certificate for plain HTTP",
            with(&one.pem()).base_url("http://127.0.0.1:1"),
        ),
        (
            "root certificate that is no PEM",
            builder().root_certificate(KEY),
        ),
        (
            "root certificate that cannot be read",
            builder().root_certificate(&broken),
        ),
    ]
}
