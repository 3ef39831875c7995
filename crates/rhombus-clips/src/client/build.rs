//! Construction of a client: from the environment, and from a builder's settings.
//!
//! Everything is validated at once, and an error names the setting at fault. Nothing is sent before
//! the client's first call.

use std::env::{self, VarError};

use rhombus_clips_api::{Credentials, Settings};

use super::builder::{ClientBuilder, KeyOwner};
use super::endpoint::Endpoint;
use crate::error::{Error, Hint, Result, Setting};
use crate::transport::Transport;
use crate::transport::connections::Connections;
use crate::transport::http_client::{HttpClientFactory, HttpClientSettings};
#[cfg(feature = "download")]
use crate::transport::media::Media;
use crate::{Client, ClipUuid};

const API_KEY: &str = "RHOMBUS_API_KEY";
const ENDPOINT_URL: &str = "RHOMBUS_ENDPOINT_URL";
#[cfg(feature = "download")]
const MEDIA_URL: &str = "RHOMBUS_MEDIA_URL";

impl ClientBuilder {
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
        let builder = match env_var(ENDPOINT_URL)? {
            Some(base_url) => builder.base_url(base_url),
            None => builder,
        };
        #[cfg(feature = "download")]
        let builder = match env_var(MEDIA_URL)? {
            Some(media_url) => builder.media_url(media_url),
            None => builder,
        };
        Ok(builder)
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
        if self.body_limit == Some(0) {
            return Err(Error::configuration(
                "the body limit is zero; set a higher one or leave it unset",
            )
            .with_setting(Setting::BodyLimit));
        }
        #[cfg(feature = "download")]
        let media_host = super::media_url::media_host(
            self.media_url.as_deref(),
            &endpoint,
            self.allows_plain_http,
        )?;
        let settings = Settings::from(self.credentials()?);
        let settings = match self.body_limit {
            Some(bytes) => settings.with_body_limit(bytes),
            None => settings,
        };
        let http_settings = HttpClientSettings {
            caller_builder: self.http_client_builder,
            tls: self.tls,
            connect_timeout: self.connect_timeout,
            attempt_timeout: self.attempt_timeout,
            user_agent: self.user_agent,
        };
        let factory = HttpClientFactory::new(&http_settings, &endpoint)?;
        #[cfg(feature = "download")]
        let media = Media::new(media_host, http_settings, settings.credentials().clone());
        let connections = Connections::new(factory, &endpoint, settings, self.attempt_timeout)?;
        let transport = Transport::new(
            connections,
            #[cfg(feature = "download")]
            media,
            self.attempt_timeout,
            self.limits,
            self.rate_limit,
            self.wall_clock,
        );
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
    /// Creates a client from the environment: the API key in `RHOMBUS_API_KEY`, the base URL in
    /// `RHOMBUS_ENDPOINT_URL` or that of the United States, and the URL of the media host in
    /// `RHOMBUS_MEDIA_URL` or that of the base URL's region.
    ///
    /// Rhombus's own command-line tool reads the first two.
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

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
        assert_rejected(key, "no CERTIFICATE, only PRIVATE KEY");
        assert_rejected(certificate, "no PRIVATE KEY, only CERTIFICATE");
        let encrypted = key.replace("PRIVATE", "ENCRYPTED PRIVATE");
        assert_rejected(&format!("{certificate}{encrypted}"), "decrypt");
        let other_key = key.replace("Y2FuYXJ5", "Y2FuYXJ6");
        assert_rejected(&format!("{certificate}{key}{other_key}"), "several");
        assert_rejected(&format!("{certificate}{key}{key}"), "cannot be parsed");
        let broken = format!("{certificate}{key}");
        assert_rejected(&broken, "");
        let builder = || Client::builder().api_key("key");
        assert!(
            rejection(builder().root_certificate(key)).contains("no CERTIFICATE, only PRIVATE KEY")
        );
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
