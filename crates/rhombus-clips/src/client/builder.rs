//! Configuration of a client.
//!
//! Setters store what they are given; `build` validates everything at once and names the setting at
//! fault. Nothing is sent before the client's first call.

use std::env::{self, VarError};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rhombus_clips_api::{Client as ApiClient, Credentials, Settings};
use secrecy::SecretString;
use secrecy::zeroize::Zeroize as _;

use super::CallDefaults;
use super::endpoint::Endpoint;
use crate::error::{Error, Hint, Result, Setting};
use crate::retry::{Backoff, RetryPolicy};
use crate::transport::Transport;
use crate::transport::http_client::{Tls, http_client};
use crate::{Client, ClipUuid, RateLimit, Region};

const API_KEY: &str = "RHOMBUS_API_KEY";
const ENDPOINT_URL: &str = "RHOMBUS_ENDPOINT_URL";

/// Builder of a [`Client`].
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
/// Every timeout and limit has a default, and each can be set:
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
    defaults: CallDefaults,
    attempt_timeout: Duration,
    rate_limit: Option<RateLimit>,
    allows_plain_http: bool,
    connect_timeout: Duration,
    body_limit: u64,
    user_agent: String,
    tls: Tls,
    http_client_builder: Option<MakeHttpClientBuilder>,
}

/// Creates the HTTP client builder to start from; called once per HTTP client.
type MakeHttpClientBuilder = Arc<dyn Fn() -> reqwest::ClientBuilder + Send + Sync>;

/// Owner of the API key.
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
            defaults: CallDefaults {
                timeout: Duration::from_secs(60),
                retry: Arc::new(Backoff::default()),
            },
            attempt_timeout: Duration::from_secs(30),
            rate_limit: None,
            allows_plain_http: false,
            connect_timeout: Duration::from_secs(10),
            body_limit: Settings::DEFAULT_BODY_LIMIT,
            user_agent: concat!("rhombus-clips/", env!("CARGO_PKG_VERSION")).to_owned(),
            tls: Tls::default(),
            http_client_builder: None,
        }
    }

    /// Creates the builder that [`Client::from_env`] builds from, for further settings.
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
                "{API_KEY} is not set; set it to an API key of your organization"
            ))
            .with_setting(Setting::ApiKey)
            .with_hint(Hint::SetApiKey)
        })?;
        let builder = Self::new().api_key(api_key);
        Ok(match env_var(ENDPOINT_URL)? {
            Some(base_url) => builder.base_url(base_url),
            None => builder,
        })
    }

    /// Sets the API key. Required.
    ///
    /// It is wiped from memory when the last clone of the client is dropped, and a `String` passed
    /// here is wiped right away. Copies that the HTTP library makes to send it are not wiped.
    pub fn api_key(mut self, api_key: impl Into<String>) -> Self {
        let mut api_key = api_key.into();
        // Copied at its exact length: turning the string itself into a secret could reallocate it and
        // leave an unwiped copy behind.
        self.api_key = Some(SecretString::from(api_key.as_str()));
        api_key.zeroize();
        self
    }

    /// Uses the API key as a partner's (scheme `partner-api-token`), for the partner's own
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

    /// Uses the API key as a partner's (scheme `partner-api-token`), to act for a client organization,
    /// given by its RUUID of 22 characters.
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

    /// Sets a client certificate to use with the API key: scheme `api`, or `partner-api` for a
    /// [partner](Self::partner).
    ///
    /// `pem` is one PEM text with the certificate, its intermediate certificates if any, and its
    /// private key: PKCS#8 (`-----BEGIN PRIVATE KEY-----`), not encrypted. The builder's copy is wiped
    /// from memory when the client is built; the caller's text and the TLS library's copy are not.
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

    /// Trusts a private certificate authority, such as a gateway's, in addition to the platform's:
    /// one or more certificates in a PEM text. Repeated calls add more.
    ///
    /// ```
    /// use rhombus_clips::Client;
    ///
    /// let error = Client::builder()
    ///     .api_key("0123456789")
    ///     .root_certificate("-----BEGIN CERTIFICATE-----")
    ///     .build()
    ///     .unwrap_err();
    /// println!("{error}"); // Describes the mistake in the text.
    /// ```
    pub fn root_certificate(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.tls.root_certificates.push(pem.as_ref().to_vec());
        self
    }

    /// Requires TLS 1.3 or newer. TLS 1.2 is allowed unless this is set, older versions never are.
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

    /// Sets the region of the organization. Default: the United States.
    pub fn region(self, region: Region) -> Self {
        self.base_url(region.base_url())
    }

    /// Sets the base URL of the service, such as a gateway's, in place of a region's.
    ///
    /// Plain HTTP is rejected except to a loopback address, because a header carries the API key.
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

    /// Allows a [`base_url`](Self::base_url) with plain HTTP to an address other than loopback.
    ///
    /// The API key is then readable in transit. Use this only in a network that is encrypted and
    /// authenticated by other means, such as a service mesh.
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

    /// Sets the timeout of one attempt, from its start to the last byte of its response. Must not be
    /// zero. Default: 30 seconds.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Sets the timeout of a call such as [`get_clip`](Client::get_clip), with all its attempts and
    /// the delays between them. Must not be zero. Default: 60 seconds. A watch has its
    /// [own timeout](crate::Watch::timeout).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.defaults.timeout = timeout;
        self
    }

    /// Sets the policy that decides whether a failed attempt is retried, and when. Default:
    /// [`Backoff`](crate::retry::Backoff).
    pub fn retry(mut self, policy: impl RetryPolicy) -> Self {
        self.defaults.retry = Arc::new(policy);
        self
    }

    /// Limits the rate of the client's requests. Default: no limit.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
        self
    }

    /// Sets the timeout for connecting, which is part of the
    /// [`attempt_timeout`](Self::attempt_timeout). Must not be zero. Default: 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Limits the body of a response, in bytes after decompression. Must not be zero. Default: 8 MiB.
    ///
    /// A longer body is an error, and no more of it than the limit is held in memory.
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Sets the `User-Agent` header. Default: `rhombus-clips/` and the version.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Sets how to make the HTTP client builder that the client starts from, for a proxy, a resolver,
    /// or connection limits. The type is that of `reqwest` 0.13.
    ///
    /// It is a function, not a builder, so that a client can replace its HTTP client, and with it all
    /// of its connections. It is called once for each HTTP client and must return an equivalent
    /// builder each time.
    ///
    /// Settings that protect the API key are applied on top and cannot be overridden:
    ///
    /// - redirects are not followed, and no `Referer` is sent;
    /// - the HTTP library retries nothing by itself, so that the [retry policy](Self::retry) decides;
    /// - only `https` with TLS 1.2 or newer is used ([`tls_1_3_only`](Self::tls_1_3_only) requires
    ///   1.3), unless the base URL may be plain HTTP; a loopback address bypasses any proxy;
    /// - `connection_verbose` is off, because it would log the key.
    ///
    /// The connect timeout and the user agent are this builder's too. With
    /// [`client_certificate`](Self::client_certificate) or
    /// [`root_certificate`](Self::root_certificate), TLS uses the library that this crate's features
    /// select, not a preconfigured one.
    ///
    /// Everything else stays as it is. Certificate verification in particular should stay on:
    /// `tls_danger_accept_invalid_certs` would send the API key to any server in between.
    ///
    /// ```
    /// use rhombus_clips::Client;
    ///
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let proxy = reqwest::Proxy::https("http://proxy.example:3128")?;
    /// let client = Client::builder()
    ///     .api_key("0123456789")
    ///     .http_client_builder(move || reqwest::Client::builder().proxy(proxy.clone()))
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// # example().unwrap();
    /// ```
    pub fn http_client_builder(
        mut self,
        make: impl Fn() -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.http_client_builder = Some(Arc::new(make));
        self
    }

    /// Validates the settings and builds the client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), with the setting at fault in
    /// [`Error::setting`]: no API key, a key or user agent that a header cannot carry, an organization
    /// that is not an RUUID, a base URL that is invalid or exposes the key, a timeout or body limit of
    /// zero, a certificate that is not PEM or lacks its private key, a client certificate for plain
    /// HTTP, or a TLS library that is not compiled in or fails to start.
    ///
    /// ```
    /// use rhombus_clips::Client;
    ///
    /// let error = Client::builder().build().unwrap_err();
    /// assert!(error.is_configuration());
    /// println!("{error}"); // no API key is set
    /// println!("{}", error.hints()[0]); // set an API key with ClientBuilder::api_key
    /// ```
    pub fn build(self) -> Result<Client> {
        let endpoint = Endpoint::parse(&self.base_url, self.allows_plain_http)?;
        for (name, setting, timeout) in [
            (
                "attempt timeout",
                Setting::AttemptTimeout,
                self.attempt_timeout,
            ),
            ("timeout", Setting::Timeout, self.defaults.timeout),
            (
                "connect timeout",
                Setting::ConnectTimeout,
                self.connect_timeout,
            ),
        ] {
            if timeout.is_zero() {
                let message = format!("the {name} is zero; set a longer one or leave it unset");
                return Err(Error::configuration(message).with_setting(setting));
            }
        }
        if self.body_limit == 0 {
            return Err(Error::configuration(
                "the body limit is zero; set a higher one or leave it unset",
            )
            .with_setting(Setting::BodyLimit));
        }
        let settings = Settings::from(self.credentials()?).with_body_limit(self.body_limit);
        let http_client = http_client(
            self.http_client_builder.as_ref().map(|make| make()),
            &endpoint,
            &self.tls,
            self.connect_timeout,
            self.user_agent,
        )?;
        let api = ApiClient::new_with_client(endpoint.base_url(), http_client, settings);
        let transport = Transport::new(api, self.attempt_timeout, self.rate_limit);
        Ok(Client::new(transport, self.defaults))
    }

    fn credentials(&self) -> Result<Credentials> {
        let Some(api_key) = self.api_key.clone() else {
            return Err(Error::configuration("no API key is set")
                .with_setting(Setting::ApiKey)
                .with_hint(Hint::SetApiKey));
        };
        let credentials = match &self.key_owner {
            KeyOwner::Organization => Credentials::api_token(api_key),
            KeyOwner::Partner { client } => {
                let client = client.as_deref();
                let parsed = client.map(str::parse::<ClipUuid>);
                if let Some(Err(error)) = parsed {
                    let reason = error.reason();
                    let message = format!("the client organization is not an RUUID: {reason}");
                    return Err(Error::configuration(message).with_setting(Setting::Organization));
                }
                Credentials::partner_api_token(api_key, client)
            }
        }
        .map_err(|error| Error::configuration(error.to_string()).with_setting(Setting::ApiKey))?;
        Ok(if self.tls.client_certificate.is_some() {
            credentials.with_client_certificate()
        } else {
            credentials
        })
    }
}

impl Client {
    /// Creates a client from the environment: the API key in `RHOMBUS_API_KEY`, and the base URL in
    /// `RHOMBUS_ENDPOINT_URL` or that of the United States.
    ///
    /// Rhombus's own command-line tool reads the same variables.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the key is missing or invalid,
    /// or the URL is invalid.
    ///
    /// ```
    /// use rhombus_clips::Client;
    ///
    /// match Client::from_env() {
    ///     Ok(client) => println!("{client:?}"),
    ///     // RHOMBUS_API_KEY is not set; set it to an API key of your organization
    ///     Err(error) => println!("{error}"),
    /// }
    /// ```
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// Returns a builder with default settings.
    ///
    /// ```
    /// use rhombus_clips::{Client, Region};
    ///
    /// let client = Client::builder().api_key("0123456789").region(Region::Eu).build()?;
    /// # Ok::<(), rhombus_clips::Error>(())
    /// ```
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
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
        // A base URL may contain a password until it has been validated.
        f.debug_struct("ClientBuilder")
            .field("defaults", &self.defaults)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("rate_limit", &self.rate_limit)
            .field("connect_timeout", &self.connect_timeout)
            .field("body_limit", &self.body_limit)
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejection(builder: ClientBuilder) -> String {
        let error = builder.build().unwrap_err();
        assert!(error.is_configuration());
        error.to_string()
    }

    #[test]
    fn invalid_settings_are_rejected_by_name() {
        let builder = || Client::builder().api_key("key");
        assert!(rejection(Client::builder()).contains("no API key"));
        assert!(rejection(builder().api_key("two\nlines")).contains("the API key"));
        assert!(rejection(builder().base_url("http://example.com")).contains("plain HTTP"));
        assert!(rejection(builder().partner_for("org")).contains("found 3"));
        assert!(rejection(builder().attempt_timeout(Duration::ZERO)).contains("timeout is zero"));
        assert!(rejection(builder().body_limit(0)).contains("limit is zero"));
        assert!(rejection(builder().user_agent("two\nlines")).contains("user agent"));
    }

    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    #[test]
    fn invalid_certificates_are_rejected_without_being_quoted() {
        let key = "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n";
        let certificate = "-----BEGIN CERTIFICATE-----\nY2FuYXJ5\n-----END CERTIFICATE-----\n";
        let assert_rejected = |pem: &str, why: &str| {
            let builder = Client::builder().api_key("key").client_certificate(pem);
            let error = builder.build().unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(error.to_string().contains(why), "{shown}");
            assert!(!shown.contains("Y2Fu") && !shown.contains("canary"));
        };
        assert_rejected("canary", "not PEM");
        assert_rejected(key, "no certificate");
        assert_rejected(certificate, "no private key");
        let encrypted = key.replace("PRIVATE", "ENCRYPTED PRIVATE");
        assert_rejected(&format!("{certificate}{encrypted}"), "decrypt");
        assert_rejected(&format!("{certificate}{key}{key}"), "several");
        let broken = format!("{certificate}{key}");
        assert_rejected(&broken, "");
        let builder = || Client::builder().api_key("key");
        assert!(rejection(builder().root_certificate(key)).contains("not a PEM certificate"));
        assert!(!rejection(builder().root_certificate(certificate)).contains("Y2Fu"));
        let plain = builder().base_url("http://127.0.0.1:1");
        assert!(rejection(plain.client_certificate(broken)).contains("plain HTTP"));
    }

    #[test]
    fn debug_contains_no_key() {
        let builder = Client::builder().api_key("canary-key").partner();
        let builder = builder.base_url("http://127.0.0.1:1");
        assert!(!format!("{builder:?}").contains("canary"));
        assert!(!format!("{:?}", builder.build().unwrap()).contains("canary"));
    }
}
