//! How a client is set up.

use std::env::{self, VarError};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rhombus_clips_api::{Client as ApiClient, Credentials, Settings};
use secrecy::SecretString;
use secrecy::zeroize::Zeroize as _;

use crate::client::RequestConfig;
use crate::endpoint::{Endpoint, Region};
use crate::error::{Error, Result};
use crate::http_client::http_client;
use crate::retry::RetryPolicy;
use crate::tls::Tls;
use crate::{Client, RateLimit, ruuid};

const API_KEY: &str = "RHOMBUS_API_KEY";
const ENDPOINT_URL: &str = "RHOMBUS_ENDPOINT_URL";

/// Sets up a [`Client`].
///
/// ```
/// use rhombus_clips::{Client, Region};
///
/// let client = Client::builder()
///     .api_key("0123456789")
///     .region(Region::Eu)
///     .user_agent("evidence-desk/2.1")
///     .build()?;
/// # Ok::<(), rhombus_clips::Error>(())
/// ```
///
/// Everything has its bounds, and each can be set:
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::retry::Backoff;
/// use rhombus_clips::{Client, RateLimit};
///
/// let client = Client::builder()
///     .api_key("0123456789")
///     .connect_timeout(Duration::from_secs(3))
///     .attempt_timeout(Duration::from_secs(10))
///     .timeout(Duration::from_secs(20))
///     .body_limit(1024 * 1024)
///     .retry(Backoff::default().attempts(3))
///     .rate_limit(RateLimit::per_second(2))
///     .build()?;
/// # Ok::<(), rhombus_clips::Error>(())
/// ```
#[must_use = "a builder does nothing until `build`"]
pub struct ClientBuilder {
    api_key: Option<SecretString>,
    key_owner: KeyOwner,
    base_url: String,
    request_config: RequestConfig,
    allows_plain_http: bool,
    connect_timeout: Duration,
    body_limit: u64,
    user_agent: String,
    tls: Tls,
    http_client_builder: Option<reqwest::ClientBuilder>,
}

/// Whose the API key is.
enum KeyOwner {
    Organization,
    Partner { client: Option<String> },
}

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            api_key: None,
            key_owner: KeyOwner::Organization,
            base_url: Region::default().base_url().to_owned(),
            request_config: RequestConfig::default(),
            allows_plain_http: false,
            connect_timeout: Duration::from_secs(10),
            body_limit: Settings::DEFAULT_BODY_LIMIT,
            user_agent: concat!("rhombus-clips/", env!("CARGO_PKG_VERSION")).to_owned(),
            tls: Tls::default(),
            http_client_builder: None,
        }
    }

    /// What [`Client::from_env`] builds from, to be set up further.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when `RHOMBUS_API_KEY` is
    /// not set, or a variable is not Unicode.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::ClientBuilder;
    ///
    /// match ClientBuilder::from_env() {
    ///     Ok(builder) => {
    ///         let client = builder.attempt_timeout(Duration::from_secs(10)).build();
    ///         println!("{client:?}");
    ///     }
    ///     Err(error) => println!("{error}"),
    /// }
    /// ```
    pub fn from_env() -> Result<Self> {
        let api_key = env_var(API_KEY)?.ok_or_else(|| {
            Error::configuration(format!(
                "{API_KEY} is not set: set it to an API key of your organization"
            ))
        })?;
        let builder = Self::new().api_key(api_key);
        Ok(match env_var(ENDPOINT_URL)? {
            Some(base_url) => builder.base_url(base_url),
            None => builder,
        })
    }

    /// The API key. Required.
    ///
    /// It is wiped from memory with the last clone of the client, and so is the `String` that is
    /// given here. The copies that the HTTP library makes to send it are not wiped.
    pub fn api_key(mut self, api_key: impl Into<String>) -> Self {
        let mut api_key = api_key.into();
        // Copied at its exact length: making a secret of the string itself could move it, and
        // leave what it was moved from.
        self.api_key = Some(SecretString::from(api_key.as_str()));
        api_key.zeroize();
        self
    }

    /// Takes the API key as that of a partner (scheme `partner-api-token`), for the partner's own
    /// organization.
    ///
    /// ```
    /// let client = rhombus_clips::Client::builder()
    ///     .api_key("0123456789")
    ///     .partner()
    ///     .build()?;
    /// # Ok::<(), rhombus_clips::Error>(())
    /// ```
    pub fn partner(mut self) -> Self {
        self.key_owner = KeyOwner::Partner { client: None };
        self
    }

    /// Takes the API key as that of a partner (scheme `partner-api-token`), to act for a client
    /// organization: its RUUID, 22 characters.
    ///
    /// ```
    /// let client = rhombus_clips::Client::builder()
    ///     .api_key("0123456789")
    ///     .partner_for("AAAAAAAAAAAAAAAAAAAAAA")
    ///     .build()?;
    /// # Ok::<(), rhombus_clips::Error>(())
    /// ```
    pub fn partner_for(mut self, organization: impl Into<String>) -> Self {
        self.key_owner = KeyOwner::Partner {
            client: Some(organization.into()),
        };
        self
    }

    /// A client certificate, which the API key is used with: scheme `api`, and `partner-api` for
    /// a [partner](Self::partner).
    ///
    /// `pem` is one PEM text with the certificate, those that it was issued by if there are any,
    /// and its private key: PKCS#8 (`-----BEGIN PRIVATE KEY-----`), not encrypted. What is kept of
    /// it here is wiped from memory when the client is built; the text that is given, and the copy
    /// that the TLS library keeps, are not.
    ///
    /// ```
    /// use rhombus_clips::Client;
    ///
    /// fn client(api_key: String) -> Result<Client, Box<dyn std::error::Error>> {
    ///     let mut pem = std::fs::read("client.pem")?;
    ///     pem.extend(std::fs::read("client.key")?);
    ///     let client = Client::builder().api_key(api_key).client_certificate(&pem);
    ///     Ok(client.build()?)
    /// }
    /// # assert!(client("0123456789".to_owned()).is_err());
    /// ```
    pub fn client_certificate(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.tls.set_client_certificate(pem.as_ref());
        self
    }

    /// Trusts the certificates of a private authority, such as that of a gateway, besides those
    /// that the platform trusts: one or more in a PEM text. May be called again for more.
    ///
    /// ```
    /// use rhombus_clips::Client;
    ///
    /// let error = Client::builder()
    ///     .api_key("0123456789")
    ///     .root_certificate("-----BEGIN CERTIFICATE-----")
    ///     .build()
    ///     .unwrap_err();
    /// println!("{error}"); // It says what is wrong with the text.
    /// ```
    pub fn root_certificate(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.tls.root_certificates.push(pem.as_ref().to_vec());
        self
    }

    /// Speaks TLS 1.3 or newer. TLS 1.2 is spoken too unless this is set, and nothing older ever.
    ///
    /// ```
    /// let client = rhombus_clips::Client::builder()
    ///     .api_key("0123456789")
    ///     .tls_1_3_only()
    ///     .build()?;
    /// # Ok::<(), rhombus_clips::Error>(())
    /// ```
    pub fn tls_1_3_only(mut self) -> Self {
        self.tls.only_1_3 = true;
        self
    }

    /// The region that the organization lives in. The United States unless set.
    pub fn region(self, region: Region) -> Self {
        self.base_url(region.base_url())
    }

    /// The base URL of the service, such as that of a gateway, in place of a region's.
    ///
    /// Plain HTTP is refused except to a loopback address: the API key travels in a header.
    ///
    /// ```
    /// let client = rhombus_clips::Client::builder()
    ///     .api_key("0123456789")
    ///     .base_url("https://gateway.example/rhombus")
    ///     .build()?;
    /// # Ok::<(), rhombus_clips::Error>(())
    /// ```
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// Allows a [`base_url`](Self::base_url) with plain HTTP that is no loopback address.
    ///
    /// The API key is then readable for everyone on the way: for a network that is encrypted and
    /// authenticated by other means, such as a service mesh, and for nothing else.
    ///
    /// ```
    /// let client = rhombus_clips::Client::builder()
    ///     .api_key("0123456789")
    ///     .base_url("http://rhombus.mesh.internal")
    ///     .danger_api_key_over_plain_http()
    ///     .build()?;
    /// # Ok::<(), rhombus_clips::Error>(())
    /// ```
    pub fn danger_api_key_over_plain_http(mut self) -> Self {
        self.allows_plain_http = true;
        self
    }

    /// How long one attempt may take from its start to the last byte of its answer. More
    /// than zero; 30 seconds unless set.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.request_config.attempt_timeout = timeout;
        self
    }

    /// How long a look-up may take with all its attempts and the waits between them. More
    /// than zero; 60 seconds unless set; a watch has its [own deadline](crate::Watch::timeout).
    pub fn timeout(mut self, deadline: Duration) -> Self {
        self.request_config.timeout = deadline;
        self
    }

    /// Decides whether a request that failed is worth another, and when:
    /// [`Backoff`](crate::retry::Backoff) unless set.
    pub fn retry(mut self, policy: impl RetryPolicy) -> Self {
        self.request_config.retry = Arc::new(policy);
        self
    }

    /// How many requests the client sends at most. No limit unless set.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.request_config.rate_limit = Some(limit);
        self
    }

    /// How long connecting may take, as part of [`attempt_timeout`](Self::attempt_timeout). More
    /// than zero; 10 seconds unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The longest body that is taken of an answer, in bytes after decompression. More than
    /// zero; 8 MiB unless set.
    ///
    /// A longer answer is an error, and not more of it than the limit is kept in memory.
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = bytes;
        self
    }

    /// The `User-Agent` of the requests; `rhombus-clips/` and the version unless set.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Builds on an HTTP client of one's own, for a proxy, a resolver, or limits on connections.
    /// The type is that of `reqwest` 0.13.
    ///
    /// What keeps the API key safe is set by [`build`](Self::build), whatever was set before:
    ///
    /// - redirects are not followed, and no `Referer` is sent;
    /// - the HTTP library repeats no request by itself: the [retry policy](Self::retry) decides;
    /// - `https` alone is spoken, with TLS 1.2 or newer ([`tls_1_3_only`](Self::tls_1_3_only)
    ///   for more), unless the base URL may be plain HTTP; one at a loopback address is asked
    ///   without a proxy;
    /// - `connection_verbose` is off: it would log the key.
    ///
    /// The connect timeout and the user agent are those of this builder too. With
    /// [`client_certificate`](Self::client_certificate) or
    /// [`root_certificate`](Self::root_certificate) TLS is done by the library of this crate's
    /// features, not by a preconfigured one.
    ///
    /// Everything else stays as it is, the checks of certificates above all: to turn them off
    /// with `tls_danger_accept_invalid_certs` is to send the API key to whoever answers.
    ///
    /// ```
    /// use rhombus_clips::Client;
    ///
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let proxy = reqwest::Proxy::https("http://proxy.example:3128")?;
    /// let client = Client::builder()
    ///     .api_key("0123456789")
    ///     .http_client_builder(reqwest::Client::builder().proxy(proxy))
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// # example().unwrap();
    /// ```
    pub fn http_client_builder(mut self, builder: reqwest::ClientBuilder) -> Self {
        self.http_client_builder = Some(builder);
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), with what is wrong and what
    /// to do: no API key, a key or user agent that no header can carry, an organization that is
    /// no RUUID, a base URL that is none or would show the key, a timeout or body limit of zero,
    /// a certificate that is no PEM or has no private key, a client certificate for plain HTTP,
    /// or a TLS library that is not compiled in or does not start.
    ///
    /// ```
    /// use rhombus_clips::Client;
    ///
    /// let error = Client::builder().build().unwrap_err();
    /// assert!(error.is_configuration());
    /// println!("{error}"); // no API key is set: give the client one with ClientBuilder::api_key
    /// ```
    pub fn build(self) -> Result<Client> {
        let endpoint = Endpoint::parse(&self.base_url, self.allows_plain_http)?;
        for (what, limit) in [
            ("attempt timeout", self.request_config.attempt_timeout),
            ("timeout", self.request_config.timeout),
            ("connect timeout", self.connect_timeout),
        ] {
            if limit.is_zero() {
                return Err(Error::configuration(format!(
                    "the {what} is zero, which lets no request succeed: set a longer one, or leave it unset"
                )));
            }
        }
        if self.body_limit == 0 {
            return Err(Error::configuration(
                "the body limit is zero, which lets no answer be read: set a higher one, or leave it unset",
            ));
        }
        let settings = Settings::from(self.credentials()?).with_body_limit(self.body_limit);
        let http_client = http_client(
            self.http_client_builder,
            &endpoint,
            &self.tls,
            self.connect_timeout,
            self.user_agent,
        )?;
        let api = ApiClient::new_with_client(endpoint.base_url(), http_client, settings);
        Ok(Client::new(api, self.request_config))
    }

    fn credentials(&self) -> Result<Credentials> {
        let Some(api_key) = self.api_key.clone() else {
            return Err(Error::configuration(
                "no API key is set: give the client one with ClientBuilder::api_key",
            ));
        };
        let credentials = match &self.key_owner {
            KeyOwner::Organization => Credentials::api_token(api_key),
            KeyOwner::Partner { client } => {
                let client = client.as_deref();
                if let Some(flaw) = client.and_then(|text| ruuid::decode(text).err()) {
                    return Err(Error::configuration(format!(
                        "the client organization is no RUUID: {flaw}"
                    )));
                }
                Credentials::partner_api_token(api_key, client)
            }
        }
        .map_err(|error| Error::configuration(error.to_string()))?;
        Ok(if self.tls.client_certificate.is_some() {
            credentials.with_client_certificate()
        } else {
            credentials
        })
    }
}

fn env_var(name: &str) -> Result<Option<String>> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            Err(Error::configuration(format!("{name} is not Unicode text")))
        }
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A base URL may hold a password until it has been looked at.
        f.debug_struct("ClientBuilder")
            .field("request_config", &self.request_config)
            .field("connect_timeout", &self.connect_timeout)
            .field("body_limit", &self.body_limit)
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(builder: ClientBuilder) -> String {
        let error = builder.build().unwrap_err();
        assert!(error.is_configuration());
        error.to_string()
    }

    #[test]
    fn what_cannot_work_is_refused_by_name() {
        let builder = || Client::builder().api_key("key");
        assert!(refusal(Client::builder()).contains("no API key"));
        assert!(refusal(builder().api_key("two\nlines")).contains("line break"));
        assert!(refusal(builder().base_url("http://example.com")).contains("plain HTTP"));
        assert!(refusal(builder().partner_for("org")).contains("3 characters"));
        assert!(refusal(builder().attempt_timeout(Duration::ZERO)).contains("timeout is zero"));
        assert!(refusal(builder().body_limit(0)).contains("limit is zero"));
        assert!(refusal(builder().user_agent("two\nlines")).contains("user agent"));
    }

    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    #[test]
    fn a_certificate_that_cannot_work_is_refused_without_being_shown() {
        let key = "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n";
        let certificate = "-----BEGIN CERTIFICATE-----\nY2FuYXJ5\n-----END CERTIFICATE-----\n";
        let refused = |pem: &str, why: &str| {
            let builder = Client::builder().api_key("key").client_certificate(pem);
            let error = builder.build().unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(error.to_string().contains(why), "{shown}");
            assert!(!shown.contains("Y2Fu") && !shown.contains("canary"));
        };
        refused("canary", "no PEM");
        refused(key, "no certificate");
        refused(certificate, "no private key");
        let encrypted = key.replace("PRIVATE", "ENCRYPTED PRIVATE");
        refused(&format!("{certificate}{encrypted}"), "decrypt");
        refused(&format!("{certificate}{key}{key}"), "several");
        let broken = format!("{certificate}{key}");
        refused(&broken, "");
        let builder = || Client::builder().api_key("key");
        assert!(refusal(builder().root_certificate(key)).contains("no PEM certificate"));
        assert!(!refusal(builder().root_certificate(certificate)).contains("Y2Fu"));
        let plain = builder().base_url("http://127.0.0.1:1");
        assert!(refusal(plain.client_certificate(broken)).contains("plain HTTP"));
    }

    #[test]
    fn debug_shows_no_key() {
        let builder = Client::builder().api_key("canary-key").partner();
        let builder = builder.base_url("http://127.0.0.1:1");
        assert!(!format!("{builder:?}").contains("canary"));
        assert!(!format!("{:?}", builder.build().unwrap()).contains("canary"));
    }
}
