//! How a client is set up.

use std::env::{self, VarError};
use std::fmt;
use std::time::Duration;

use reqwest::redirect::Policy;
use rhombus_clips_api::{Client as ApiClient, Credentials};

use crate::endpoint::{Endpoint, Region};
use crate::error::{Error, Result};
use crate::{Client, ruuid};

const API_KEY: &str = "RHOMBUS_API_KEY";
const ENDPOINT_URL: &str = "RHOMBUS_ENDPOINT_URL";

/// Sets up a [`Client`].
///
/// ```
/// use std::time::Duration;
/// use rhombus_clips::{Client, Region};
///
/// let client = Client::builder()
///     .api_key("0123456789")
///     .region(Region::Eu)
///     .timeout(Duration::from_secs(10))
///     .user_agent("evidence-desk/2.1")
///     .build()?;
/// # Ok::<(), rhombus_clips::Error>(())
/// ```
#[must_use = "a builder does nothing until `build`"]
pub struct ClientBuilder {
    api_key: Option<String>,
    scheme: Scheme,
    base_url: String,
    timeout: Duration,
    connect_timeout: Duration,
    user_agent: String,
    http_client: Option<reqwest::Client>,
}

enum Scheme {
    Token,
    PartnerToken { organization: Option<String> },
}

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            api_key: None,
            scheme: Scheme::Token,
            base_url: Region::default().base_url().to_owned(),
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            user_agent: concat!("rhombus-clips/", env!("CARGO_PKG_VERSION")).to_owned(),
            http_client: None,
        }
    }

    /// What [`Client::from_env`] builds from, to be set up further.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when `RHOMBUS_API_KEY` is
    /// not set, or a variable is not Unicode.
    pub fn from_env() -> Result<Self> {
        let api_key = variable(API_KEY)?.ok_or_else(|| {
            Error::configuration(format!(
                "{API_KEY} is not set: set it to an API key of your organization"
            ))
        })?;
        let builder = Self::new().api_key(api_key);
        Ok(match variable(ENDPOINT_URL)? {
            Some(base_url) => builder.base_url(base_url),
            None => builder,
        })
    }

    /// The API key. Required.
    pub fn api_key(mut self, api_key: impl Into<String>) -> Self {
        self.api_key = Some(api_key.into());
        self
    }

    /// Takes the API key as that of a partner (scheme `partner-api-token`), for the partner's own
    /// organization.
    pub fn partner(mut self) -> Self {
        self.scheme = Scheme::PartnerToken { organization: None };
        self
    }

    /// Takes the API key as that of a partner (scheme `partner-api-token`), to act for a client
    /// organization: its RUUID, 22 characters.
    pub fn partner_for(mut self, organization: impl Into<String>) -> Self {
        self.scheme = Scheme::PartnerToken {
            organization: Some(organization.into()),
        };
        self
    }

    /// The region that the organization lives in. The United States unless set.
    pub fn region(self, region: Region) -> Self {
        self.base_url(region.base_url())
    }

    /// The base URL of the service, such as that of a gateway, in place of a region's.
    ///
    /// Plain HTTP is refused except to a loopback address: the API key travels in a header.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// How long one request may take from its start to the last byte of its answer. 30 seconds
    /// unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long connecting may take, as part of [`timeout`](Self::timeout). 10 seconds unless
    /// set; not used with [`http_client`](Self::http_client).
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The `User-Agent` of the requests; `rhombus-clips/` and the version unless set. Not used
    /// with [`http_client`](Self::http_client).
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// An HTTP client of one's own, for a proxy, a private certificate authority, or to share
    /// connections.
    ///
    /// Build it with `redirect(reqwest::redirect::Policy::none())`, as this crate does. HTTP
    /// libraries take `Authorization` off a request that is redirected to another host, but not
    /// the header that carries this API key. To ask a service at a loopback address by plain HTTP,
    /// add `no_proxy()`: a proxy would see the key.
    pub fn http_client(mut self, http_client: reqwest::Client) -> Self {
        self.http_client = Some(http_client);
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), with what is wrong: no API
    /// key, a key or user agent that no header can carry, an organization that is no RUUID, a
    /// base URL that is none or would show the key, a timeout of zero, or a TLS library that does
    /// not start.
    pub fn build(self) -> Result<Client> {
        let endpoint = Endpoint::parse(&self.base_url)?;
        if self.timeout.is_zero() || self.connect_timeout.is_zero() {
            return Err(Error::configuration(
                "a timeout of zero lets no request succeed",
            ));
        }
        let Some(api_key) = self.api_key else {
            return Err(Error::configuration("no API key is set"));
        };
        let credentials = match self.scheme {
            Scheme::Token => Credentials::api_token(api_key),
            Scheme::PartnerToken { organization } => {
                if let Some(flaw) = organization
                    .as_deref()
                    .and_then(|text| ruuid::decode(text).err())
                {
                    return Err(Error::configuration(format!(
                        "the client organization is no RUUID: {flaw}"
                    )));
                }
                Credentials::partner_api_token(api_key, organization.as_deref())
            }
        }
        .map_err(|error| Error::configuration(error.to_string()))?;
        let http_client = match self.http_client {
            Some(http_client) => http_client,
            None => {
                let mut http = reqwest::Client::builder()
                    .redirect(Policy::none())
                    .connect_timeout(self.connect_timeout)
                    .user_agent(self.user_agent);
                if endpoint.is_plain_http() {
                    // What is meant for this machine does not travel to a proxy first.
                    http = http.no_proxy();
                }
                http.build().map_err(|error| {
                    Error::configuration("the HTTP client cannot be set up").with_source(error)
                })?
            }
        };
        let api = ApiClient::new_with_client(endpoint.base_url(), http_client, credentials.into());
        Ok(Client::new(api, self.timeout))
    }
}

fn variable(name: &str) -> Result<Option<String>> {
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
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
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
        assert!(refusal(builder().timeout(Duration::ZERO)).contains("timeout of zero"));
        assert!(refusal(builder().user_agent("two\nlines")).contains("HTTP client"));
    }

    #[test]
    fn debug_shows_no_key() {
        let builder = Client::builder().api_key("canary-key").partner();
        assert!(!format!("{builder:?}").contains("canary"));
        assert!(!format!("{:?}", builder.build().unwrap()).contains("canary"));
    }
}
