//! TLS by the library of the platform.

use native_tls::{Certificate, Identity, Protocol, TlsConnector};
use secrecy::ExposeSecret as _;

use super::caller::CallerTls;
use super::certificate::{self, ClientCertificate};
use super::settings::{HttpVersions, TlsSettings};
use crate::error::{Error, Result};

/// TLS configuration, shared by the HTTP clients of a client.
pub(crate) enum TlsConfig {
    /// No connection uses TLS, so no certificate is read.
    Unused,
    Shared {
        all_versions: TlsConnector,
        http1_only: TlsConnector,
    },
    Caller(CallerTls),
}

impl TlsConfig {
    /// Creates the configuration for an `https` base URL.
    pub(crate) fn new(settings: &TlsSettings, has_caller_builder: bool) -> Result<Self> {
        if has_caller_builder {
            return CallerTls::new(settings).map(Self::Caller);
        }
        Ok(Self::Shared {
            all_versions: connector(settings, &["h2", "http/1.1"])?,
            http1_only: connector(settings, &["http/1.1"])?,
        })
    }

    /// Creates the configuration for plain HTTP across a network. TLS is needed for a proxy at most, so
    /// a machine without certificate authorities is no error.
    pub(crate) fn for_plain_http(has_caller_builder: bool) -> Self {
        match Self::new(&TlsSettings::default(), has_caller_builder) {
            Ok(config) => config,
            Err(_) => Self::Unused,
        }
    }

    pub(crate) fn apply(
        &self,
        http: reqwest::ClientBuilder,
        versions: HttpVersions,
    ) -> Result<reqwest::ClientBuilder> {
        Ok(match self {
            Self::Unused => http.tls_certs_only([]),
            Self::Shared {
                all_versions,
                http1_only,
            } => http.tls_backend_preconfigured(match versions {
                HttpVersions::All => all_versions.clone(),
                HttpVersions::Http1Only => http1_only.clone(),
            }),
            Self::Caller(tls) => tls.apply(http, select),
        })
    }
}

fn select(http: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    http.tls_backend_native()
}

fn connector(settings: &TlsSettings, protocols: &[&str]) -> Result<TlsConnector> {
    let mut builder = TlsConnector::builder();
    builder.min_protocol_version(Some(match settings.only_1_3 {
        true => Protocol::Tlsv13,
        false => Protocol::Tlsv12,
    }));
    builder.request_alpns(protocols);
    for pem in &settings.root_certificates {
        for section in certificate::root_certificates(pem)? {
            let root = Certificate::from_pem(section.expose_secret())
                .map_err(certificate::unreadable_root_certificate)?;
            builder.add_root_certificate(root);
        }
    }
    if let Some(pem) = &settings.client_certificate {
        let certificate = ClientCertificate::parse(pem.expose_secret())?;
        let identity = Identity::from_pkcs8(&certificate.chain(), certificate.key.expose_secret())
            .map_err(certificate::unreadable_client_certificate)?;
        builder.identity(identity);
    }
    builder.build().map_err(|error| {
        Error::configuration(format!("the TLS library cannot be set up: {error}"))
            .with_local_source(&error)
    })
}
