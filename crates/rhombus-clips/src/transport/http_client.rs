//! Construction of HTTP clients, so that the API key reaches the service alone.
//!
//! A client replaces its HTTP client, and with it its connections, when they stop answering. So the
//! settings are validated once, and every HTTP client is built of the same. Each starts from the
//! caller's builder if there is one. The settings that protect the key are applied last, so that they
//! cannot be overridden.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::redirect::Policy;

use super::proxy;
use super::tls::{HttpVersions, TlsConfig, TlsSettings};
use crate::client::endpoint::{Endpoint, TransportSecurity};
use crate::error::{Error, Result, Setting, causes};

/// Time for a connection that even a short attempt timeout leaves. Chosen, not tuned: a connection that is
/// not made within its attempt is there for the next one.
const MIN_CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Creates the HTTP client builder to start from; called once per HTTP client.
pub(crate) type MakeHttpClientBuilder = Arc<dyn Fn() -> reqwest::ClientBuilder + Send + Sync>;

/// Settings of the HTTP clients that come from the builder of a client.
pub(crate) struct HttpClientSettings {
    pub(crate) caller_builder: Option<MakeHttpClientBuilder>,
    pub(crate) tls: TlsSettings,
    pub(crate) connect_timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) user_agent: String,
}

/// Builds the HTTP clients of a client.
pub(crate) struct HttpClientFactory {
    caller_builder: Option<MakeHttpClientBuilder>,
    endpoint: Endpoint,
    tls: TlsConfig,
    connect_timeout: Duration,
    user_agent: HeaderValue,
}

impl HttpClientFactory {
    /// Validates the settings. Reads the certificates of the platform if the base URL needs them.
    pub(crate) fn new(settings: &HttpClientSettings, endpoint: &Endpoint) -> Result<Self> {
        Self::with_tls(settings, &settings.tls, endpoint)
    }

    /// Validates the settings for an endpoint that the client certificate is not for.
    #[cfg(feature = "download")]
    pub(crate) fn without_client_certificate(
        settings: &HttpClientSettings,
        endpoint: &Endpoint,
    ) -> Result<Self> {
        let tls = TlsSettings {
            client_certificate: None,
            root_certificates: settings.tls.root_certificates.clone(),
            only_1_3: settings.tls.only_1_3,
        };
        Self::with_tls(settings, &tls, endpoint)
    }

    fn with_tls(
        settings: &HttpClientSettings,
        tls: &TlsSettings,
        endpoint: &Endpoint,
    ) -> Result<Self> {
        let HttpClientSettings {
            caller_builder,
            connect_timeout,
            attempt_timeout,
            user_agent,
            ..
        } = settings;
        let user_agent = HeaderValue::from_str(user_agent).map_err(|_| {
            Error::configuration(
                "the user agent contains a character that a header cannot carry (trailing newline?)",
            )
            .with_setting(Setting::UserAgent)
        })?;
        let has_caller_builder = caller_builder.is_some();
        if endpoint.transport_security() != TransportSecurity::Tls
            && tls.client_certificate.is_some()
        {
            return Err(Error::configuration(
                "a client certificate is set, which plain HTTP cannot present; use an https base URL",
            )
            .with_setting(Setting::ClientCertificate));
        }
        let tls = match endpoint.transport_security() {
            TransportSecurity::Tls => TlsConfig::new(tls, has_caller_builder)?,
            TransportSecurity::Loopback => TlsConfig::Unused,
            TransportSecurity::ExposedHttp => TlsConfig::for_plain_http(has_caller_builder),
        };
        if !has_caller_builder && endpoint.transport_security() != TransportSecurity::Loopback {
            proxy::check_environment(endpoint)?;
        }
        Ok(Self {
            caller_builder: caller_builder.clone(),
            endpoint: endpoint.clone(),
            tls,
            connect_timeout: (*connect_timeout).min(max_connect_timeout(*attempt_timeout)),
            user_agent,
        })
    }

    /// Builds an HTTP client, with connections of its own.
    pub(crate) fn build(&self, versions: HttpVersions) -> Result<reqwest::Client> {
        let security = self.endpoint.transport_security();
        let http = match &self.caller_builder {
            Some(make) => make(),
            // Names are resolved by the platform, even if another crate enables another resolver.
            None => reqwest::Client::builder().no_hickory_dns(),
        };
        let http = http
            // On a redirect to another host, HTTP libraries remove `Authorization`, but not the header
            // that carries this API key.
            .redirect(Policy::none())
            .referer(false)
            // Another crate may enable these, with other limits; the low-level client decompresses.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            // A retry inside of the library would bypass the retry policy and the rate limit.
            .retry(reqwest::retry::never())
            // It logs every byte sent, the key included.
            .connection_verbose(false)
            .connect_timeout(self.connect_timeout)
            .user_agent(self.user_agent.clone())
            .https_only(security == TransportSecurity::Tls);
        let http = match versions {
            HttpVersions::All => http,
            HttpVersions::Http1Only => http.http1_only(),
        };
        let http = self.tls.apply(http, versions)?;
        let http = match security {
            TransportSecurity::Loopback => self.stay_on_loopback(http),
            TransportSecurity::Tls | TransportSecurity::ExposedHttp => http,
        };
        http.build().map_err(build_error)
    }

    /// Keeps the connections on this machine, whatever proxies are set and whatever address the host's
    /// name resolves to. An address in the base URL is not resolved.
    fn stay_on_loopback(&self, http: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        // The port is the base URL's.
        let addresses = [
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ]
        .map(|address| SocketAddr::new(address, 0));
        http.no_proxy()
            .resolve_to_addrs(self.endpoint.host(), &addresses)
    }
}

/// Returns the longest time for a connection, so that an attempt tells a connection that cannot be made
/// from a service that does not respond.
fn max_connect_timeout(attempt_timeout: Duration) -> Duration {
    (attempt_timeout / 2).max(MIN_CONNECT_TIMEOUT)
}

fn build_error(error: reqwest::Error) -> Error {
    let reason = causes(&error).last();
    let reason = reason.map_or_else(|| error.to_string(), ToString::to_string);
    Error::configuration(format!("the HTTP client cannot be built: {reason}"))
        .with_local_source(&error)
}
