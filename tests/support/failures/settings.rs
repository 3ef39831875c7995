//! Invalid client settings.

use std::time::Duration;

use rhombus_clips::{Client, ClientBuilder};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

use super::Failure;
use crate::canary::{KEY, echoes};
use crate::tls::{Authority, Identity};

/// Builds a client with each invalid setting. The canary key takes the place of every other secret,
/// too.
pub(super) fn all() -> Vec<Failure> {
    let invalid_certificates = invalid_certificates();
    let mistakes = invalid_settings().into_iter().chain(invalid_certificates);
    mistakes
        .map(|(label, builder)| (label, builder.build().unwrap_err()))
        .collect()
}

fn builder() -> ClientBuilder {
    Client::builder().api_key(KEY)
}

fn invalid_settings() -> Vec<(&'static str, ClientBuilder)> {
    let [.., percent_encoded, _] = echoes();
    let with_base_url =
        |base_url: &str| builder().base_url(base_url.replace("KEY", &percent_encoded));
    let zero = Duration::ZERO;
    vec![
        ("no API key", Client::builder()),
        ("empty API key", Client::builder().api_key("")),
        (
            "API key with a line break",
            builder().api_key(format!("{KEY}\n")),
        ),
        (
            "base URL without scheme",
            with_base_url("api2.rhombussystems.com"),
        ),
        (
            "base URL with password",
            with_base_url("https://me:KEY@gateway.example"),
        ),
        (
            "base URL with query",
            with_base_url("https://gateway.example/?key=KEY"),
        ),
        (
            "base URL with plain HTTP",
            with_base_url("http://gateway.example"),
        ),
        (
            "base URL with unsupported scheme",
            with_base_url("ftp://gateway.example"),
        ),
        ("organization too short", builder().partner_for("org")),
        (
            "organization with invalid characters",
            builder().partner_for(KEY),
        ),
        ("attempt timeout of zero", builder().attempt_timeout(zero)),
        ("timeout of zero", builder().timeout(zero)),
        ("connect timeout of zero", builder().connect_timeout(zero)),
        ("body limit of zero", builder().body_limit(0)),
        (
            "user agent with a line break",
            builder().user_agent(format!("{KEY}\n")),
        ),
    ]
}

fn invalid_certificates() -> Vec<(&'static str, ClientBuilder)> {
    let authority = Authority::new();
    let (first, second) = (authority.client(), authority.client());
    let with = |pem: &str| builder().client_certificate(pem);
    let certificate = &first.certificate;
    let malformed = format!("-----BEGIN CERTIFICATE-----\n{KEY}\n-----END CERTIFICATE-----\n");
    let request = certificate.replace("CERTIFICATE-", "CERTIFICATE REQUEST-");
    let utf_16: Vec<u8> = certificate
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let der = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    let version_1 = Identity::version_1();
    let encrypted = first.key.replace("PRIVATE", "ENCRYPTED PRIVATE");
    vec![
        ("client certificate not PEM", with(KEY)),
        ("client certificate without certificate", with(&first.key)),
        ("client certificate without key", with(certificate)),
        (
            "client certificate with encrypted key",
            with(&format!("{certificate}{encrypted}")),
        ),
        (
            "client certificate with a request in place of the key",
            with(&format!("{certificate}{request}")),
        ),
        (
            "client certificate with a key that is cut off",
            with(&format!("{certificate}{}", &first.key[..80])),
        ),
        (
            "client certificate in UTF-16",
            builder().client_certificate(utf_16),
        ),
        (
            "client certificate in DER",
            builder().client_certificate(&der),
        ),
        (
            "client certificate of version 1 with another key",
            with(&format!("{}{}", version_1.certificate, first.key)),
        ),
        (
            "client certificate of version 1 with an HTTP client builder",
            with(&version_1.pem()).http_client_builder(reqwest::Client::builder),
        ),
        (
            "client certificate with two keys",
            with(&format!("{certificate}{}{}", first.key, second.key)),
        ),
        (
            "client certificate with mismatched key",
            with(&format!("{certificate}{}", second.key)),
        ),
        (
            "malformed client certificate",
            with(&format!("{malformed}{}", first.key)),
        ),
        (
            "client certificate with plain HTTP",
            with(&first.pem()).base_url("http://127.0.0.1:1"),
        ),
        ("root certificate not PEM", builder().root_certificate(KEY)),
        (
            "private key as root certificate",
            builder().root_certificate(&first.key),
        ),
        (
            "malformed root certificate",
            builder().root_certificate(&malformed),
        ),
    ]
}
