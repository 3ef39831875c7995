//! What a request proves its rights with.

use std::fmt;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::api_key::{ApiKey, HIDDEN};

const API_KEY: HeaderName = HeaderName::from_static("x-auth-apikey");
const SCHEME: HeaderName = HeaderName::from_static("x-auth-scheme");
const ORGANIZATION: HeaderName = HeaderName::from_static("x-auth-org");

/// An API key and the scheme that it is used with.
///
/// The schemes are those of Rhombus's published API reference:
///
/// | the key of | alone | [with a client certificate](Self::with_client_certificate) |
/// |---|---|---|
/// | [one's own organization](Self::api_token) | `api-token` | `api` |
/// | [a partner](Self::partner_api_token) | `partner-api-token` | `partner-api` |
///
/// `Debug` does not show the key, and it is wiped from memory when the credentials are dropped.
/// The copies that the HTTP library makes to send it are not wiped.
///
/// ```
/// use rhombus_clips_api::Credentials;
///
/// let credentials = Credentials::api_token("0123456789")?;
/// assert!(!format!("{credentials:?}").contains("0123456789"));
/// assert_eq!(credentials.with_client_certificate().scheme(), "api");
/// # Ok::<(), rhombus_clips_api::InvalidCredentials>(())
/// ```
#[derive(Clone)]
pub struct Credentials {
    api_key: ApiKey,
    holder: Holder,
    client_certificate: bool,
}

/// Whose the key is.
#[derive(Clone)]
enum Holder {
    Organization,
    Partner { client: Option<HeaderValue> },
}

impl Credentials {
    /// An API key of one's own organization: scheme `api-token`.
    ///
    /// # Errors
    ///
    /// When the key is empty, or holds anything but visible ASCII characters.
    pub fn api_token(api_key: impl Into<SecretString>) -> Result<Self, InvalidCredentials> {
        Self::new(api_key.into(), Holder::Organization)
    }

    /// An API key of a partner: scheme `partner-api-token`.
    ///
    /// With the RUUID of a client organization the requests act for that organization; it
    /// travels in the header `x-auth-org`.
    ///
    /// # Errors
    ///
    /// When the key or the organization is empty, or holds anything but visible ASCII
    /// characters.
    pub fn partner_api_token(
        api_key: impl Into<SecretString>,
        organization: Option<&str>,
    ) -> Result<Self, InvalidCredentials> {
        let client = organization
            .map(|text| visible_ascii(text).ok_or(InvalidCredentials::Organization))
            .transpose()?;
        Self::new(api_key.into(), Holder::Partner { client })
    }

    fn new(api_key: SecretString, holder: Holder) -> Result<Self, InvalidCredentials> {
        visible_ascii(api_key.expose_secret()).ok_or(InvalidCredentials::ApiKey)?;
        Ok(Self {
            api_key: ApiKey::new(api_key),
            holder,
            client_certificate: false,
        })
    }

    /// The same key for use with a client certificate: scheme `api` in place of `api-token`,
    /// `partner-api` in place of `partner-api-token`.
    ///
    /// The certificate itself belongs to the `reqwest::Client`, which presents it: see
    /// `reqwest::ClientBuilder::identity`.
    #[must_use]
    pub fn with_client_certificate(mut self) -> Self {
        self.client_certificate = true;
        self
    }

    /// The scheme, as it travels in the header `x-auth-scheme`.
    pub fn scheme(&self) -> &'static str {
        match (&self.holder, self.client_certificate) {
            (Holder::Organization, false) => "api-token",
            (Holder::Organization, true) => "api",
            (Holder::Partner { .. }, false) => "partner-api-token",
            (Holder::Partner { .. }, true) => "partner-api",
        }
    }

    /// The text with `[hidden]` wherever the API key stands in it, such as in an answer that
    /// echoes the request.
    ///
    /// The key is found as it is, and with any of its characters escaped as in JSON (`\/`,
    /// `\u003d`), in a URL (`%3D`) or in HTML (`&amp;`). So is more than half of it where the
    /// text ends, as a text does that was cut.
    ///
    /// ```
    /// use rhombus_clips_api::Credentials;
    ///
    /// let credentials = Credentials::api_token("0123/456=")?;
    /// assert_eq!(credentials.redact("no such key: 0123%2F456%3D"), "no such key: [hidden]");
    /// # Ok::<(), rhombus_clips_api::InvalidCredentials>(())
    /// ```
    pub fn redact(&self, text: &str) -> String {
        self.api_key.hide(text)
    }

    /// What is to be decoded, without the key; `None` when the key is not in it. A key of a few
    /// letters is not searched for: hiding it would break the answer.
    pub(crate) fn strike_out(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.api_key.strike_out(bytes)
    }

    pub(crate) fn write_to(&self, headers: &mut HeaderMap) {
        if let Ok(mut api_key) = HeaderValue::from_str(self.api_key.expose()) {
            api_key.set_sensitive(true);
            headers.insert(API_KEY, api_key);
        }
        headers.insert(SCHEME, HeaderValue::from_static(self.scheme()));
        if let Some(organization) = self.organization() {
            headers.insert(ORGANIZATION, organization.clone());
        }
    }

    fn organization(&self) -> Option<&HeaderValue> {
        match &self.holder {
            Holder::Organization => None,
            Holder::Partner { client } => client.as_ref(),
        }
    }
}

fn visible_ascii(text: &str) -> Option<HeaderValue> {
    let visible = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    visible.then(|| HeaderValue::from_str(text).ok()).flatten()
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("api_key", &HIDDEN)
            .field("scheme", &self.scheme())
            .field("organization", &self.organization())
            .finish()
    }
}

/// Credentials that no request could carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCredentials {
    /// The API key.
    #[error(
        "the API key is empty or holds a character that is not visible ASCII (a line break at its end?)"
    )]
    ApiKey,
    /// The client organization of a partner.
    #[error("the client organization is empty or holds a character that is not visible ASCII")]
    Organization,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_carries_the_key_as_sensitive_and_its_scheme() {
        let mut headers = HeaderMap::new();
        let credentials = Credentials::partner_api_token("key", Some("AAAAAAAAAAAAAAAAAAAAAA"));
        credentials.unwrap().write_to(&mut headers);
        assert_eq!(headers[API_KEY], "key");
        assert!(headers[API_KEY].is_sensitive());
        assert_eq!(headers[SCHEME], "partner-api-token");
        assert_eq!(headers[ORGANIZATION], "AAAAAAAAAAAAAAAAAAAAAA");
    }

    #[test]
    fn a_client_certificate_changes_the_scheme() {
        let own = Credentials::api_token("key").unwrap();
        assert_eq!(own.scheme(), "api-token");
        assert_eq!(own.with_client_certificate().scheme(), "api");
        let partner = Credentials::partner_api_token("key", None).unwrap();
        assert_eq!(partner.scheme(), "partner-api-token");
        assert_eq!(partner.with_client_certificate().scheme(), "partner-api");
    }

    #[test]
    fn a_key_that_no_header_can_carry_is_refused_without_being_shown() {
        for key in ["", "two\nlines", "spaced key", "schlüssel"] {
            let error = Credentials::api_token(key).unwrap_err();
            assert_eq!(error, InvalidCredentials::ApiKey);
            assert!(key.is_empty() || !error.to_string().contains(key));
        }
    }
}
