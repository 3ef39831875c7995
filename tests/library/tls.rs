//! Server authentication before the API key is sent, and client authentication by certificate.
//!
//! A rejected server must not receive any request. All certificates are created by the test.

use rhombus_clips::{Client, ClientBuilder, ClipUuid, Error, Result};
use rhombus_clips_sim::{Clip, ClipStatus, Response, Service, Step};
use rhombus_clips_tests::add;
use rhombus_clips_tests::tls::{Authority, HOST, Identity, Terminator, TlsRequirements};
use serde_json::json;

/// The simulated service behind TLS, with one clip.
struct TlsServer {
    service: Service,
    tls: Terminator,
    uuid: ClipUuid,
}

impl TlsServer {
    async fn start(identity: &Identity, requirements: TlsRequirements<'_>) -> Self {
        let service = Service::start().await.unwrap();
        let tls = Terminator::start(&service, identity, requirements).await;
        let uuid = add(
            &service,
            Clip::by_request([Step::new(ClipStatus::Complete)]),
        );
        Self { service, tls, uuid }
    }

    fn client(&self) -> ClientBuilder {
        Client::builder()
            .api_key(self.service.api_key())
            .base_url(self.tls.base_url())
            .http_client_builder(|| reqwest::Client::builder().no_proxy())
    }

    async fn get_clip(&self, client: ClientBuilder) -> Result<rhombus_clips::Clip> {
        client.build().unwrap().get_clip(self.uuid).await
    }

    /// Asserts that the handshake fails, so that no request reaches the service, and returns the error.
    async fn assert_rejected(mut self, client: ClientBuilder) -> Error {
        let error = self.get_clip(client).await.unwrap_err();
        assert!(error.is_tls() && !error.is_transient(), "{error:?}");
        assert!(self.tls.next_handshake().await.is_err());
        assert_eq!(self.service.request_count(), 0);
        error
    }

    /// Asserts that the client certificate is accepted. The simulated service knows no scheme for one.
    async fn assert_certificate_accepted(self, client: ClientBuilder) {
        let complete = Response::json(&json!({"clip": {"status": "COMPLETE"}}));
        self.service.respond_next(complete);
        self.assert_accepted(client).await;
    }

    async fn assert_accepted(mut self, client: ClientBuilder) {
        assert!(self.get_clip(client).await.unwrap().is_complete());
        self.tls.next_handshake().await.unwrap();
        assert_eq!(self.service.request_count(), 1);
    }
}

#[tokio::test]
async fn a_certificate_by_a_trusted_authority_is_accepted() {
    let authority = Authority::new();
    let server = TlsServer::start(&authority.server(HOST), TlsRequirements::default()).await;
    let client = server.client().root_certificate(authority.pem());
    server.assert_accepted(client).await;
}

#[tokio::test]
async fn a_pem_text_may_contain_several_authorities() {
    let authority = Authority::new();
    let server = TlsServer::start(&authority.server(HOST), TlsRequirements::default()).await;
    let roots = format!("{}{}", Authority::new().pem(), authority.pem());
    let client = server.client().root_certificate(roots);
    server.assert_accepted(client).await;
}

#[tokio::test]
async fn a_self_signed_certificate_is_rejected() {
    let server = TlsServer::start(&Identity::self_signed(), TlsRequirements::default()).await;
    let client = server.client();
    server.assert_rejected(client).await;
}

#[tokio::test]
async fn a_certificate_by_an_unknown_authority_is_rejected() {
    let server = TlsServer::start(&Authority::new().server(HOST), TlsRequirements::default()).await;
    let client = server.client();
    server.assert_rejected(client).await;
    let server = TlsServer::start(&Authority::new().server(HOST), TlsRequirements::default()).await;
    let client = server.client().root_certificate(Authority::new().pem());
    server.assert_rejected(client).await;
}

#[tokio::test]
async fn an_expired_certificate_is_rejected() {
    let authority = Authority::new();
    let server = TlsServer::start(&authority.expired_server(), TlsRequirements::default()).await;
    let client = server.client().root_certificate(authority.pem());
    server.assert_rejected(client).await;
}

#[tokio::test]
async fn a_certificate_for_another_host_is_rejected() {
    let authority = Authority::new();
    let other = authority.server("api2.rhombussystems.com");
    let server = TlsServer::start(&other, TlsRequirements::default()).await;
    let client = server.client().root_certificate(authority.pem());
    server.assert_rejected(client).await;
}

#[tokio::test]
async fn tls_1_2_is_supported_unless_disabled() {
    let authority = Authority::new();
    let tls_1_2_only = || TlsRequirements {
        tls_1_2: true,
        ..TlsRequirements::default()
    };
    let server = TlsServer::start(&authority.server(HOST), tls_1_2_only()).await;
    let client = server.client().root_certificate(authority.pem());
    server.assert_accepted(client).await;
    let server = TlsServer::start(&authority.server(HOST), tls_1_2_only()).await;
    let client = server.client().root_certificate(authority.pem());
    server.assert_rejected(client.tls_1_3_only()).await;
}

#[tokio::test]
async fn a_client_certificate_is_presented_and_changes_the_scheme() {
    let authority = Authority::new();
    let requirements = TlsRequirements {
        client_ca: Some(&authority),
        ..TlsRequirements::default()
    };
    let mut server = TlsServer::start(&authority.server(HOST), requirements).await;
    let certificate = authority.client().pem();
    let client = || server.client().root_certificate(authority.pem());
    let organization = "AAAAAAAAAAAAAAAAAAAAAA";
    let clients = [
        client().client_certificate(&certificate),
        client().partner().client_certificate(&certificate),
        client()
            .client_certificate(&certificate)
            .partner_for(organization),
    ];
    for client in clients {
        let complete = Response::json(&json!({"clip": {"status": "COMPLETE"}}));
        server.service.respond_next(complete);
        server.get_clip(client).await.unwrap();
        server.tls.next_handshake().await.unwrap();
    }
    let requests = server.service.requests().into_iter();
    let requests: Vec<_> = requests
        .map(|request| (request.scheme.unwrap(), request.org))
        .collect();
    let partner_scheme = "partner-api".to_owned();
    assert_eq!(
        requests,
        [
            ("api".to_owned(), None),
            (partner_scheme.clone(), None),
            (partner_scheme, Some(organization.to_owned())),
        ]
    );
}

#[tokio::test]
async fn a_missing_or_untrusted_client_certificate_is_rejected() {
    let authority = Authority::new();
    let cases = [
        (None, false),
        (None, true),
        (Some(Authority::new().client().pem()), false),
    ];
    for (certificate, tls_1_2) in cases {
        let requirements = TlsRequirements {
            client_ca: Some(&authority),
            tls_1_2,
            ..TlsRequirements::default()
        };
        let server = TlsServer::start(&authority.server(HOST), requirements).await;
        let client = server.client().root_certificate(authority.pem());
        let client = match certificate {
            Some(certificate) => client.client_certificate(certificate),
            None => client,
        };
        let error = server.assert_rejected(client).await;
        // With TLS 1.3 the request is sent before the server has accepted the certificate.
        assert_eq!(error.is_connect(), tls_1_2, "{error:?}");
        assert_eq!(error.is_unprocessed(), tls_1_2, "{error:?}");
    }
}

#[tokio::test]
async fn pem_is_read_however_it_was_processed() {
    let authority = Authority::new();
    let client = authority.client();
    let both = client.pem();
    let indented = both.replace('\n', "\n    ");
    let texts = [
        format!("{}{}", client.certificate.trim_end(), client.key),
        format!("\u{feff}{}\u{feff}{}", client.certificate, client.key),
        format!("    {indented}").replace('\n', "\r\n"),
        both.replace('\n', "\\n"),
    ];
    for text in texts {
        let requirements = TlsRequirements {
            client_ca: Some(&authority),
            ..TlsRequirements::default()
        };
        let server = TlsServer::start(&authority.server(HOST), requirements).await;
        let root = authority.pem().replace('\n', "\n\t");
        let client = server.client().root_certificate(format!("\u{feff}{root}"));
        let client = client.client_certificate(text);
        server.assert_certificate_accepted(client).await;
    }
}

#[tokio::test]
async fn a_client_certificate_of_x509_version_1_is_presented() {
    let authority = Authority::new();
    let identity = Identity::version_1();
    for tls_1_2 in [false, true] {
        let requirements = TlsRequirements {
            client: Some(&identity),
            tls_1_2,
            ..TlsRequirements::default()
        };
        let server = TlsServer::start(&authority.server(HOST), requirements).await;
        let client = Client::builder()
            .api_key(server.service.api_key())
            .base_url(server.tls.base_url())
            .root_certificate(authority.pem())
            .client_certificate(identity.pem());
        server.assert_certificate_accepted(client).await;
    }
}

#[test]
fn a_mismatched_private_key_is_rejected_without_being_exposed() {
    let authority = Authority::new();
    let (one, other) = (authority.client(), authority.client());
    let error = Client::builder()
        .api_key("key")
        .client_certificate(format!("{}{}", one.certificate, other.key))
        .build()
        .unwrap_err();
    assert!(error.is_configuration());
    let shown = rhombus_clips_tests::error_text(&error);
    let secret = other.key.lines().nth(1).unwrap();
    assert!(!shown.contains(secret), "{shown}");
}

#[tokio::test]
async fn plain_http_beyond_loopback_requires_an_explicit_option() {
    let service = Service::start().await.unwrap();
    let uuid = add(
        &service,
        Clip::by_request([Step::new(ClipStatus::Complete)]),
    );
    // A name other than loopback that resolves to it.
    let port = service.address().port();
    let client = || {
        let address = service.address();
        Client::builder()
            .api_key(service.api_key())
            .base_url(format!("http://gateway.example:{port}"))
            .http_client_builder(move || {
                let http = reqwest::Client::builder().no_proxy();
                http.resolve("gateway.example", address)
            })
    };
    assert!(client().build().unwrap_err().is_configuration());
    let client = client().danger_api_key_over_plain_http().build().unwrap();
    assert!(client.get_clip(uuid).await.unwrap().is_complete());
    assert_eq!(service.request_count(), 1);
}
