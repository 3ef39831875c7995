//! Certificates: whom the client trusts besides the platform, and how it proves who it is.

use secrecy::{SecretBox, SecretSlice};

use crate::error::Result;

/// What TLS is to be done with, as it was given.
#[derive(Default)]
pub(crate) struct Tls {
    pub(crate) client_certificate: Option<SecretSlice<u8>>,
    pub(crate) root_certificates: Vec<Vec<u8>>,
    pub(crate) only_1_3: bool,
}

impl Tls {
    pub(crate) fn set_client_certificate(&mut self, pem: &[u8]) {
        // Of exactly this size: a vector that has to shrink leaves a copy that nobody wipes.
        self.client_certificate = Some(SecretBox::new(Box::from(pem)));
    }

    /// Whether anything of it depends on the TLS library that is used.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    fn has_certificates(&self) -> bool {
        self.client_certificate.is_some() || !self.root_certificates.is_empty()
    }

    /// Sets up an HTTP client for an `https` address.
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
            // Another crate of the program may have compiled the other library too, and a
            // client certificate is read for one of them.
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

    /// Sets up an HTTP client for an `https` address, which takes a TLS library.
    #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
    pub(crate) fn apply(
        &self,
        http: reqwest::ClientBuilder,
        is_from_caller: bool,
    ) -> Result<reqwest::ClientBuilder> {
        let wants_none = self.client_certificate.is_none()
            && self.root_certificates.is_empty()
            && !self.only_1_3;
        if is_from_caller && wants_none {
            // It may have a TLS library of its own.
            return Ok(http);
        }
        Err(crate::Error::configuration(
            "no TLS library is compiled in, which https takes: enable the feature `rustls` or `native-tls` of rhombus-clips",
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
