//! TLS for HTTP/2: the certificate of the service, and its acceptor.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use std::io;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// Certificate authority and acceptor of one service.
#[derive(Clone)]
pub(crate) struct Tls {
    root_certificate: Arc<str>,
    pub(super) acceptor: TlsAcceptor,
}

impl Tls {
    /// Creates an authority and a certificate for the loopback addresses.
    pub(crate) fn new() -> io::Result<Self> {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let name = "rhombus-clips-sim";
        authority.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let authority = CertifiedIssuer::self_signed(authority, key).map_err(io::Error::other)?;

        let hosts = ["127.0.0.1", "::1", "localhost"].map(str::to_owned);
        let mut server = CertificateParams::new(hosts).map_err(io::Error::other)?;
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = server
            .signed_by(&key, &authority)
            .map_err(io::Error::other)?;

        let mut config =
            ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(io::Error::other)?
                .with_no_client_auth()
                .with_single_cert(
                    vec![certificate.der().clone()],
                    PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
                )
                .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self {
            root_certificate: authority.pem().into(),
            acceptor: TlsAcceptor::from(Arc::new(config)),
        })
    }

    /// The authority's certificate, as PEM.
    pub(crate) fn root_certificate(&self) -> &str {
        &self.root_certificate
    }
}
