//! TLS of HTTP clients that start from a caller's builder.

use reqwest::tls::Version;
use secrecy::ExposeSecret as _;

use super::certificate::{self, ClientCertificate};
use super::settings::TlsSettings;
use crate::error::Result;

/// TLS settings applied on top of a caller's HTTP client builder, which has its own otherwise.
pub(crate) struct CallerTls {
    min_version: Version,
    root_certificates: Vec<reqwest::Certificate>,
    identity: Option<reqwest::Identity>,
}

impl CallerTls {
    pub(super) fn new(settings: &TlsSettings) -> Result<Self> {
        let min_version = match settings.only_1_3 {
            true => Version::TLS_1_3,
            false => Version::TLS_1_2,
        };
        let mut root_certificates = Vec::new();
        for pem in &settings.root_certificates {
            for section in certificate::root_certificates(pem)? {
                let certificate = reqwest::Certificate::from_pem(section.expose_secret())
                    .map_err(certificate::unreadable_root_certificate)?;
                root_certificates.push(certificate);
            }
        }
        let identity = match &settings.client_certificate {
            Some(pem) => Some(ClientCertificate::parse(pem.expose_secret())?.identity()?),
            None => None,
        };
        Ok(Self {
            min_version,
            root_certificates,
            identity,
        })
    }

    /// Applies the settings. Certificates are parsed for one TLS library, which `select` selects.
    pub(super) fn apply(
        &self,
        mut http: reqwest::ClientBuilder,
        select: fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> reqwest::ClientBuilder {
        http = http.tls_version_min(self.min_version);
        if self.identity.is_some() || !self.root_certificates.is_empty() {
            // Another crate in the program may have enabled the other library as well.
            http = select(http);
        }
        if !self.root_certificates.is_empty() {
            http = http.tls_certs_merge(self.root_certificates.clone());
        }
        match &self.identity {
            Some(identity) => http.identity(identity.clone()),
            None => http,
        }
    }
}
