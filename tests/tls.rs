//! Whom the client tells the API key, and how it proves who it is.

use rhombus_clips::{Client, ClientBuilder, ClipUuid, Result};
use rhombus_clips_sim::{Clip, ClipStatus, Response, Service, Step};
use rhombus_clips_tests::add;
use rhombus_clips_tests::tls::{Authority, Demands, HOST, Identity, Terminator};
use serde_json::json;

/// The service behind TLS, with one clip.
struct Site {
    service: Service,
    tls: Terminator,
    clip: ClipUuid,
}

impl Site {
    async fn start(identity: &Identity, demands: Demands<'_>) -> Self {
        let service = Service::start().await.unwrap();
        let tls = Terminator::start(&service, identity, demands).await;
        let clip = add(
            &service,
            Clip::by_request([Step::new(ClipStatus::Complete)]),
        );
        Self { service, tls, clip }
    }

    fn client(&self) -> ClientBuilder {
        Client::builder()
            .api_key(self.service.api_key())
            .base_url(self.tls.base_url())
            .http_client_builder(|| reqwest::Client::builder().no_proxy())
    }

    async fn ask(&self, client: ClientBuilder) -> Result<rhombus_clips::Clip> {
        client.build().unwrap().get_clip(self.clip).await
    }

    /// Asks in vain: the handshake fails, so that nothing was sent that anybody could decrypt.
    async fn assert_refused(mut self, client: ClientBuilder) {
        let error = self.ask(client).await.unwrap_err();
        assert!(error.is_tls() && !error.is_transient(), "{error:?}");
        assert!(self.tls.handshake().await.is_err());
        assert_eq!(self.service.request_count(), 0);
    }

    async fn assert_trusted(mut self, client: ClientBuilder) {
        assert!(self.ask(client).await.unwrap().is_complete());
        self.tls.handshake().await.unwrap();
        assert_eq!(self.service.request_count(), 1);
    }
}

#[tokio::test]
async fn a_certificate_of_a_trusted_authority_is_accepted() {
    let authority = Authority::new();
    let site = Site::start(&authority.server(HOST), Demands::default()).await;
    let client = site.client().root_certificate(authority.pem());
    site.assert_trusted(client).await;
}

#[tokio::test]
async fn one_text_may_hold_several_authorities() {
    let authority = Authority::new();
    let site = Site::start(&authority.server(HOST), Demands::default()).await;
    let roots = format!("{}{}", Authority::new().pem(), authority.pem());
    let client = site.client().root_certificate(roots);
    site.assert_trusted(client).await;
}

#[tokio::test]
async fn a_self_signed_certificate_is_refused() {
    let site = Site::start(&Identity::self_signed(), Demands::default()).await;
    let client = site.client();
    site.assert_refused(client).await;
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let site = Site::start(&Authority::new().server(HOST), Demands::default()).await;
    let client = site.client();
    site.assert_refused(client).await;
    let site = Site::start(&Authority::new().server(HOST), Demands::default()).await;
    let client = site.client().root_certificate(Authority::new().pem());
    site.assert_refused(client).await;
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let authority = Authority::new();
    let site = Site::start(&authority.expired_server(), Demands::default()).await;
    let client = site.client().root_certificate(authority.pem());
    site.assert_refused(client).await;
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let authority = Authority::new();
    let other = authority.server("api2.rhombussystems.com");
    let site = Site::start(&other, Demands::default()).await;
    let client = site.client().root_certificate(authority.pem());
    site.assert_refused(client).await;
}

#[tokio::test]
async fn tls_1_2_is_spoken_unless_it_is_ruled_out() {
    let authority = Authority::new();
    let old = || Demands {
        tls_1_2: true,
        ..Demands::default()
    };
    let site = Site::start(&authority.server(HOST), old()).await;
    let client = site.client().root_certificate(authority.pem());
    site.assert_trusted(client).await;
    let site = Site::start(&authority.server(HOST), old()).await;
    let client = site.client().root_certificate(authority.pem());
    site.assert_refused(client.tls_1_3_only()).await;
}

#[tokio::test]
async fn a_client_certificate_is_presented_and_named_by_the_scheme() {
    let authority = Authority::new();
    let demands = Demands {
        client_of: Some(&authority),
        ..Demands::default()
    };
    let mut site = Site::start(&authority.server(HOST), demands).await;
    let certificate = authority.client().pem();
    let client = || site.client().root_certificate(authority.pem());
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
        site.service.respond_next(complete);
        site.ask(client).await.unwrap();
        site.tls.handshake().await.unwrap();
    }
    let requests = site.service.requests().into_iter();
    let requests: Vec<_> = requests
        .map(|request| (request.scheme.unwrap(), request.org))
        .collect();
    let of_partner = "partner-api".to_owned();
    assert_eq!(
        requests,
        [
            ("api".to_owned(), None),
            (of_partner.clone(), None),
            (of_partner, Some(organization.to_owned())),
        ]
    );
}

#[tokio::test]
async fn a_server_that_demands_a_client_certificate_refuses_those_without() {
    let authority = Authority::new();
    for certificate in [None, Some(Authority::new().client().pem())] {
        let demands = Demands {
            client_of: Some(&authority),
            ..Demands::default()
        };
        let site = Site::start(&authority.server(HOST), demands).await;
        let client = site.client().root_certificate(authority.pem());
        let client = match certificate {
            Some(certificate) => client.client_certificate(certificate),
            None => client,
        };
        site.assert_refused(client).await;
    }
}

#[test]
fn a_private_key_of_another_certificate_is_refused_without_being_shown() {
    let authority = Authority::new();
    let (one, other) = (authority.client(), authority.client());
    let error = Client::builder()
        .api_key("key")
        .client_certificate(format!("{}{}", one.certificate, other.key))
        .build()
        .unwrap_err();
    assert!(error.is_configuration());
    let shown = rhombus_clips_tests::shown(&error);
    let secret = other.key.lines().nth(1).unwrap();
    assert!(!shown.contains(secret), "{shown}");
}

#[tokio::test]
async fn plain_http_beyond_loopback_takes_the_switch() {
    let service = Service::start().await.unwrap();
    let clip = add(
        &service,
        Clip::by_request([Step::new(ClipStatus::Complete)]),
    );
    // A name that is not loopback's, though it leads there.
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
    assert!(client.get_clip(clip).await.unwrap().is_complete());
    assert_eq!(service.request_count(), 1);
}
