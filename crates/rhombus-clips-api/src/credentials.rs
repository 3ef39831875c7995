//! What a request proves its rights with.

use std::fmt;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

const API_KEY: HeaderName = HeaderName::from_static("x-auth-apikey");
const SCHEME: HeaderName = HeaderName::from_static("x-auth-scheme");
const ORGANIZATION: HeaderName = HeaderName::from_static("x-auth-org");

/// An API key and the scheme that it is used with.
///
/// The key is wiped from memory when the credentials are dropped, and `Debug` does not show it.
///
/// The schemes are those of Rhombus's published API reference. Those that need a client
/// certificate (`api`, `partner-api`) are not here.
///
/// ```
/// use rhombus_clips_api::Credentials;
///
/// let credentials = Credentials::api_token("0123456789")?;
/// assert!(!format!("{credentials:?}").contains("0123456789"));
/// # Ok::<(), rhombus_clips_api::InvalidCredentials>(())
/// ```
#[derive(Clone)]
pub struct Credentials {
    api_key: SecretString,
    scheme: &'static str,
    organization: Option<HeaderValue>,
}

impl Credentials {
    /// An API key of one's own organization: scheme `api-token`.
    ///
    /// # Errors
    ///
    /// When the key is empty, or holds anything but visible ASCII characters.
    pub fn api_token(api_key: impl Into<SecretString>) -> Result<Self, InvalidCredentials> {
        Self::new(api_key.into(), "api-token", None)
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
        let organization = organization
            .map(|text| visible_ascii(text).ok_or(InvalidCredentials::Organization))
            .transpose()?;
        Self::new(api_key.into(), "partner-api-token", organization)
    }

    fn new(
        api_key: SecretString,
        scheme: &'static str,
        organization: Option<HeaderValue>,
    ) -> Result<Self, InvalidCredentials> {
        visible_ascii(api_key.expose_secret()).ok_or(InvalidCredentials::ApiKey)?;
        Ok(Self {
            api_key,
            scheme,
            organization,
        })
    }

    /// The scheme: `api-token` or `partner-api-token`.
    pub fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// The text with `[hidden]` wherever the API key stands in it, such as in an answer that
    /// echoes the request.
    pub fn redact(&self, text: &str) -> String {
        text.replace(self.api_key.expose_secret(), "[hidden]")
    }

    pub(crate) fn write_to(&self, headers: &mut HeaderMap) {
        if let Ok(mut api_key) = HeaderValue::from_str(self.api_key.expose_secret()) {
            api_key.set_sensitive(true);
            headers.insert(API_KEY, api_key);
        }
        headers.insert(SCHEME, HeaderValue::from_static(self.scheme));
        if let Some(organization) = &self.organization {
            headers.insert(ORGANIZATION, organization.clone());
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
            .field("api_key", &"[hidden]")
            .field("scheme", &self.scheme)
            .field("organization", &self.organization)
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
    fn an_echoed_key_is_hidden() {
        let credentials = Credentials::api_token("canary").unwrap();
        assert_eq!(
            credentials.redact("no such key: canary!"),
            "no such key: [hidden]!"
        );
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
