//! Configuration of a client.
//!
//! Setters store what they are given; [`ClientBuilder::build`] validates everything at once.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use secrecy::zeroize::Zeroize as _;

use super::CallDefaults;
use crate::retry::{Backoff, RetryLimits, RetryPolicy};
use crate::transport::WallClock;
use crate::transport::http_client::MakeHttpClientBuilder;
use crate::transport::tls::TlsSettings;
use crate::{RateLimit, Region};

/// Builder of a [`Client`](crate::Client).
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
    pub(super) api_key: Option<SecretString>,
    pub(super) key_owner: KeyOwner,
    pub(super) base_url: String,
    #[cfg(feature = "download")]
    pub(super) media_url: Option<String>,
    pub(super) defaults: CallDefaults,
    pub(super) attempt_timeout: Duration,
    pub(super) limits: RetryLimits,
    pub(super) rate_limit: Option<RateLimit>,
    pub(super) allows_plain_http: bool,
    pub(super) connect_timeout: Duration,
    pub(super) body_limit: Option<u64>,
    pub(super) user_agent: String,
    pub(super) tls: TlsSettings,
    pub(super) http_client_builder: Option<MakeHttpClientBuilder>,
    pub(super) wall_clock: WallClock,
}

/// Owner of the API key.
pub(super) enum KeyOwner {
    Organization,
    Partner { client: Option<String> },
}

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            api_key: None,
            key_owner: KeyOwner::Organization,
            base_url: Region::default().base_url().to_owned(),
            #[cfg(feature = "download")]
            media_url: None,
            defaults: CallDefaults {
                timeout: Duration::from_secs(60),
                retry: Arc::new(Backoff::default()),
            },
            attempt_timeout: Duration::from_secs(30),
            limits: RetryLimits::default(),
            rate_limit: None,
            allows_plain_http: false,
            connect_timeout: Duration::from_secs(10),
            body_limit: None,
            user_agent: concat!("rhombus-clips/", env!("CARGO_PKG_VERSION")).to_owned(),
            tls: TlsSettings::default(),
            http_client_builder: None,
            wall_clock: Arc::new(SystemTime::now),
        }
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
    /// private key: PKCS#8 (`-----BEGIN PRIVATE KEY-----`), not encrypted. Byte order marks, indentation,
    /// any line ends, also escaped as `\n`, and sections joined without one are accepted. A certificate
    /// of X.509 version 1 is, too, but with rustls not together with an
    /// [HTTP client builder](Self::http_client_builder). The builder's copy is wiped from memory when
    /// the client is built; the caller's text and the TLS library's copy are not.
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
    /// Plain HTTP is rejected except to this machine, because a header carries the API key: to a loopback
    /// address, `localhost`, or a name below `localhost`. Such names are not resolved, and no proxy is
    /// used, so that the request stays on this machine.
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

    /// Sets the URL of the media host, which has the files of the clips. Default: that of the
    /// [region](Region::media_url), if the [base URL](Self::base_url) is a region's.
    ///
    /// It receives the API key, so the rules of a base URL apply. The media host of another region than the base
    /// URL's is refused.
    ///
    /// ```
    /// let client = rhombus_clips::Client::builder()
    ///     .api_key("0123456789")
    ///     .base_url("https://gateway.example/rhombus")
    ///     .media_url("https://media.rhombussystems.com")
    ///     .build()?;
    /// # Ok::<(), rhombus_clips::Error>(())
    /// ```
    #[cfg(feature = "download")]
    pub fn media_url(mut self, media_url: impl Into<String>) -> Self {
        self.media_url = Some(media_url.into());
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

    /// Sets the timeout of a call such as [`get_clip`](crate::Client::get_clip), with all its attempts and
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

    /// Sets the longest `Retry-After` that is honored to the second. Default: 10 minutes.
    ///
    /// The service is known to send whole seconds, and a proxy may send anything. After a longer one the
    /// client sends nothing for this time, and then one request a minute, until a response is a success.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::Client;
    ///
    /// let client = Client::builder()
    ///     .api_key("0123456789")
    ///     .max_retry_after(Duration::from_secs(3600))
    ///     .build()?;
    /// # Ok::<(), rhombus_clips::Error>(())
    /// ```
    pub fn max_retry_after(mut self, max: Duration) -> Self {
        self.limits.max_retry_after = max;
        self
    }

    /// Sets the time for which an endpoint that has never responded may be unreachable: its name is not
    /// resolved, or no connection can be made. Default: 60 seconds.
    ///
    /// After it a call or watch ends with an error for which
    /// [`Error::is_connect`](crate::Error::is_connect) holds, so that a wrong base URL shows soon. Once
    /// the client has had any response, or the process that took the checkpoint of a watch, such failures
    /// are transient like others, and retried until the timeout. A watch that is resumed has the whole
    /// period again.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rhombus_clips::Client;
    ///
    /// // A device whose network comes up late.
    /// let client = Client::builder()
    ///     .api_key("0123456789")
    ///     .unreachable_grace_period(Duration::from_secs(900))
    ///     .build()?;
    /// # Ok::<(), rhombus_clips::Error>(())
    /// ```
    pub fn unreachable_grace_period(mut self, grace_period: Duration) -> Self {
        self.limits.unreachable_grace_period = grace_period;
        self
    }

    #[cfg(test)]
    pub(crate) fn wall_clock(
        mut self,
        clock: impl Fn() -> SystemTime + Send + Sync + 'static,
    ) -> Self {
        self.wall_clock = Arc::new(clock);
        self
    }

    /// Limits the rate of the client's requests. Default: no limit.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
        self
    }

    /// Sets the timeout for connecting, name resolution and the TLS handshake included. It is part of the
    /// [`attempt_timeout`](Self::attempt_timeout), and takes at most half of it, or a second if that is
    /// more: so a connection that cannot be made is told from a service that does not respond. Must not
    /// be zero. Default: 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Limits the body of a response, in bytes after decompression. Must not be zero. By default the limit
    /// fits the operation: 256 KiB for a clip.
    ///
    /// A longer body is an error, and no more of it than the limit is held in memory. To read and decode a
    /// body takes at most eight times its size, and 1 MiB beside it.
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = Some(bytes);
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
    ///   1.3), unless the base URL may be plain HTTP; a base URL of this machine is neither
    ///   resolved nor sent to a proxy;
    /// - `connection_verbose` is off, because it would log the key;
    /// - the HTTP library decompresses nothing: this crate does, up to the [body
    ///   limit](Self::body_limit), with the feature `gzip`.
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
