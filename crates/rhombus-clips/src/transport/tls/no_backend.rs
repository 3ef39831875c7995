//! No TLS library is compiled in.

use super::settings::{HttpVersions, TlsSettings};
use crate::error::{Error, Result};

/// TLS of a caller's HTTP client builder, which may have a TLS library of its own.
pub(crate) enum TlsConfig {
    /// No connection uses TLS.
    Unused,
}

impl TlsConfig {
    /// Rejects an `https` base URL unless the caller's HTTP client may have a TLS library.
    pub(crate) fn new(settings: &TlsSettings, has_caller_builder: bool) -> Result<Self> {
        let is_unset = settings.client_certificate.is_none()
            && settings.root_certificates.is_empty()
            && !settings.only_1_3;
        if has_caller_builder && is_unset {
            return Ok(Self::Unused);
        }
        Err(Error::configuration(
            "no TLS library is compiled in, which https requires; enable the feature `rustls` or `native-tls` of rhombus-clips",
        ))
    }

    pub(crate) fn for_plain_http(_: bool) -> Self {
        Self::Unused
    }

    pub(crate) fn apply(
        &self,
        http: reqwest::ClientBuilder,
        _: HttpVersions,
    ) -> Result<reqwest::ClientBuilder> {
        Ok(http)
    }
}
