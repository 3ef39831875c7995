//! Construction of the HTTP client, so that the API key reaches the service alone.
//!
//! Starts from the caller's builder if there is one. The settings that protect the key are applied
//! last, so that they cannot be overridden. TLS settings are stored as supplied and applied to each
//! new HTTP client, so that building one can be repeated.

use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::redirect::Policy;
use secrecy::{SecretBox, SecretSlice};

use super::connection_error::config_failure;
use crate::client::endpoint::{Endpoint, TransportSecurity};
use crate::error::{Error, Result, Setting, causes};

/// Builds the HTTP client from the caller's builder, or from a default one.
pub(crate) fn http_client(
    caller_builder: Option<reqwest::ClientBuilder>,
    endpoint: &Endpoint,
    tls: &Tls,
    connect_timeout: Duration,
    user_agent: String,
) -> Result<reqwest::Client> {
    let user_agent = HeaderValue::from_str(&user_agent).map_err(|_| {
        Error::configuration(
            "the user agent contains a character that a header cannot carry (trailing newline?)",
        )
        .with_setting(Setting::UserAgent)
    })?;
    let is_from_caller = caller_builder.is_some();
    let http = caller_builder
        .unwrap_or_default()
        // On a redirect to another host, HTTP libraries remove `Authorization`, but not the header
        // that carries this API key.
        .redirect(Policy::none())
        .referer(false)
        // A retry inside of the library would bypass the retry policy and the rate limit.
        .retry(reqwest::retry::never())
        // It logs every byte sent, the key included.
        .connection_verbose(false)
        .connect_timeout(connect_timeout)
        .user_agent(user_agent)
        .https_only(endpoint.transport_security() == TransportSecurity::Tls);
    let http = match endpoint.transport_security() {
        TransportSecurity::Tls => tls.apply(http, is_from_caller)?,
        _ if tls.client_certificate.is_some() => {
            return Err(Error::configuration(
                "a client certificate is set, which plain HTTP cannot present; use an https base URL",
            )
            .with_setting(Setting::ClientCertificate));
        }
        // A request to this machine must not leave it for a proxy.
        TransportSecurity::Loopback => http.no_proxy(),
        TransportSecurity::ExposedHttp => http,
    };
    http.build().map_err(|error| build_error(error, tls))
}

fn build_error(error: reqwest::Error, tls: &Tls) -> Error {
    let has_roots = !tls.root_certificates.is_empty();
    let (message, setting) = match config_failure(&error) {
        Some((reason, setting)) => (reason.to_owned(), setting),
        None => {
            let reason = causes(&error).last();
            let reason = reason.map_or_else(|| error.to_string(), ToString::to_string);
            // The library does not name the certificate that it cannot parse.
            let advice = match has_roots {
                true => "; check that the root certificates are complete",
                false => "",
            };
            let message = format!("the HTTP client cannot be built: {reason}{advice}");
            (message, has_roots.then_some(Setting::RootCertificate))
        }
    };
    let error = Error::configuration(message).with_source(error);
    match setting {
        Some(setting) => error.with_setting(setting),
        None => error,
    }
}

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

        use super::certificate::{identity, root_certificates};

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
        Err(Error::configuration(
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
