//! TLS settings: trusted authorities, client certificate, minimum version.
//!
//! They are stored as supplied and applied to each new HTTP client, so that building one can be
//! repeated.

use secrecy::{SecretBox, SecretSlice};

use crate::error::Result;

/// TLS settings as supplied to the builder.
#[derive(Default)]
pub(crate) struct Tls {
    pub(crate) client_certificate: Option<SecretSlice<u8>>,
    pub(crate) root_certificates: Vec<Vec<u8>>,
    pub(crate) only_1_3: bool,
}

impl Tls {
    pub(crate) fn set_client_certificate(&mut self, pem: &[u8]) {
        // Allocated at its exact size: shrinking a vector would leave an unwiped copy behind.
        self.client_certificate = Some(SecretBox::new(Box::from(pem)));
    }

    /// Returns whether any setting depends on the selected TLS library.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    fn has_certificates(&self) -> bool {
        self.client_certificate.is_some() || !self.root_certificates.is_empty()
    }

    /// Applies the settings to an HTTP client for an `https` base URL.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub(crate) fn apply(
        &self,
        http: reqwest::ClientBuilder,
        is_from_caller: bool,
    ) -> Result<reqwest::ClientBuilder> {
        use reqwest::tls::Version;
        use secrecy::ExposeSecret as _;

        use crate::certificate::{identity, root_certificates};

        let mut http = http.tls_version_min(if self.only_1_3 {
            Version::TLS_1_3
        } else {
            Version::TLS_1_2
        });
        if !is_from_caller || self.has_certificates() {
            // Another crate in the program may have enabled the other library as well, and a client
            // certificate is parsed for one of them.
            http = select_backend(http);
        }
        let mut roots = Vec::new();
        for pem in &self.root_certificates {
            roots.extend(root_certificates(pem)?);
        }
        if !roots.is_empty() {
            http = http.tls_certs_merge(roots);
        }
        if let Some(pem) = &self.client_certificate {
            http = http.identity(identity(pem.expose_secret())?);
        }
        Ok(http)
    }

    /// Rejects an `https` base URL unless the caller's HTTP client may have a TLS library of its own.
    #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
    pub(crate) fn apply(
        &self,
        http: reqwest::ClientBuilder,
        is_from_caller: bool,
    ) -> Result<reqwest::ClientBuilder> {
        let is_unset = self.client_certificate.is_none()
            && self.root_certificates.is_empty()
            && !self.only_1_3;
        if is_from_caller && is_unset {
            return Ok(http);
        }
        Err(crate::Error::configuration(
            "no TLS library is compiled in, which https requires; enable the feature `rustls` or `native-tls` of rhombus-clips",
        ))
    }
}

#[cfg(feature = "native-tls")]
fn select_backend(http: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    http.tls_backend_native()
}

#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
fn select_backend(http: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    http.tls_backend_rustls()
}
