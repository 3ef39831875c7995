//! Request credentials: the API key, its owner, and the headers that carry both.
//!
//! Everything is validated when the credentials are built, so that adding them to a request cannot
//! fail. No other module has access to the key: they redact by calling [`Credentials`].

use std::fmt;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::api_key::{ApiKey, PLACEHOLDER};

const API_KEY: HeaderName = HeaderName::from_static("x-auth-apikey");
const SCHEME: HeaderName = HeaderName::from_static("x-auth-scheme");
const ORGANIZATION: HeaderName = HeaderName::from_static("x-auth-org");

/// An API key with its authentication scheme.
///
/// The scheme depends on the key's owner and on whether a client certificate is used, as in
/// Rhombus's published API reference:
///
/// | key owner | without certificate | [with client certificate](Self::with_client_certificate) |
/// |---|---|---|
/// | [organization](Self::api_token) | `api-token` | `api` |
/// | [partner](Self::partner_api_token) | `partner-api-token` | `partner-api` |
///
/// `Debug` does not show the key. The key is wiped from memory when the credentials are dropped;
/// the copies that the HTTP library makes to send it are not.
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
    owner: KeyOwner,
    has_client_certificate: bool,
}

/// Owner of an API key.
#[derive(Clone)]
enum KeyOwner {
    Organization,
    Partner {
        client_organization: Option<HeaderValue>,
    },
}

impl Credentials {
    /// Creates credentials from an organization's API key: scheme `api-token`.
    ///
    /// # Errors
    ///
    /// Fails if the key is empty or contains characters other than visible ASCII.
    pub fn api_token(api_key: impl Into<SecretString>) -> Result<Self, InvalidCredentials> {
        Self::new(api_key.into(), KeyOwner::Organization)
    }

    /// Creates credentials from a partner's API key: scheme `partner-api-token`.
    ///
    /// If the RUUID of a client organization is given, requests act on behalf of that
    /// organization; it is sent in the header `x-auth-org`.
    ///
    /// # Errors
    ///
    /// Fails if the key or the organization is empty or contains characters other than visible
    /// ASCII.
    pub fn partner_api_token(
        api_key: impl Into<SecretString>,
        organization: Option<&str>,
    ) -> Result<Self, InvalidCredentials> {
        let client_organization = organization
            .map(|text| visible_ascii_header(text).ok_or(InvalidCredentials::Organization))
            .transpose()?;
        Self::new(
            api_key.into(),
            KeyOwner::Partner {
                client_organization,
            },
        )
    }

    fn new(api_key: SecretString, owner: KeyOwner) -> Result<Self, InvalidCredentials> {
        visible_ascii_header(api_key.expose_secret()).ok_or(InvalidCredentials::ApiKey)?;
        Ok(Self {
            api_key: ApiKey::new(api_key),
            owner,
            has_client_certificate: false,
        })
    }

    /// Selects the scheme for use with a client certificate: `api` instead of `api-token`,
    /// `partner-api` instead of `partner-api-token`.
    ///
    /// The certificate itself is configured on the `reqwest::Client`: see
    /// `reqwest::ClientBuilder::identity`.
    #[must_use]
    pub fn with_client_certificate(mut self) -> Self {
        self.has_client_certificate = true;
        self
    }

    /// Returns the scheme, the value of the header `x-auth-scheme`.
    pub fn scheme(&self) -> &'static str {
        match (&self.owner, self.has_client_certificate) {
            (KeyOwner::Organization, false) => "api-token",
            (KeyOwner::Organization, true) => "api",
            (KeyOwner::Partner { .. }, false) => "partner-api-token",
            (KeyOwner::Partner { .. }, true) => "partner-api",
        }
    }

    /// Replaces every occurrence of the API key in a text by `[redacted]`, for example in a response
    /// body that echoes the request.
    ///
    /// The key is found as it is, and with any of its characters escaped as in JSON (`\/`,
    /// `\u003d`), a programming language (`\x3d`, `\075`, `\u{3d}`), CSS (`\3d `), a URL (`%3D`,
    /// `%u003d`) or HTML (`&#61;`, `&#x3D;`, `&equals;`), with up to three of these inside of each other. It is
    /// also found in UTF-16 and UTF-32. A truncated key is found if it is more
    /// than half of the key. What encodes the key as a whole (Base64, hexadecimal, compression) is not
    /// found.
    ///
    /// The text grows by at most 32 KiB; beyond, the placeholder is cut to the length of what it replaces. The
    /// effort is bounded: in a text made of escapes alone that keeps matching the key, the rest is replaced.
    ///
    /// ```
    /// use rhombus_clips_api::Credentials;
    ///
    /// let credentials = Credentials::api_token("0123/456=")?;
    /// assert_eq!(credentials.redact("no such key: 0123%2F456%3D"), "no such key: [redacted]");
    /// # Ok::<(), rhombus_clips_api::InvalidCredentials>(())
    /// ```
    pub fn redact(&self, text: &str) -> String {
        self.api_key.redact(text)
    }

    /// Redacts bytes that are decoded afterwards; `None` if they do not contain the key. A very
    /// short key is not redacted, because that would corrupt the response.
    pub(crate) fn redact_bytes(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.api_key.redact_bytes(bytes)
    }

    /// Replaces every occurrence of the API key in the values of headers by `[redacted]`, as
    /// [`redact`](Self::redact) does.
    ///
    /// ```
    /// use reqwest::header::{HeaderMap, HeaderValue};
    /// use rhombus_clips_api::Credentials;
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-request-id", HeaderValue::from_static("of 0123456789"));
    /// Credentials::api_token("0123456789")?.redact_headers(&mut headers);
    /// assert_eq!(headers["x-request-id"], "of [redacted]");
    /// # Ok::<(), rhombus_clips_api::InvalidCredentials>(())
    /// ```
    pub fn redact_headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            let redacted = self.redact_bytes(value.as_bytes());
            if let Some(redacted) = redacted.and_then(|bytes| HeaderValue::from_bytes(&bytes).ok())
            {
                *value = redacted;
            }
        }
    }

    /// Sets the headers that authenticate a request, for a host of the service that this client has no
    /// operation for, such as the media host. The value with the API key is marked sensitive. Send them to no
    /// other host, and follow no redirect with them.
    ///
    /// ```
    /// use reqwest::header::HeaderMap;
    /// use rhombus_clips_api::Credentials;
    ///
    /// let mut headers = HeaderMap::new();
    /// Credentials::api_token("0123456789")?.apply_to(&mut headers);
    /// assert!(headers["x-auth-apikey"].is_sensitive());
    /// # Ok::<(), rhombus_clips_api::InvalidCredentials>(())
    /// ```
    pub fn apply_to(&self, headers: &mut HeaderMap) {
        if let Ok(mut api_key) = HeaderValue::from_str(self.api_key.expose()) {
            api_key.set_sensitive(true);
            headers.insert(API_KEY, api_key);
        }
        headers.insert(SCHEME, HeaderValue::from_static(self.scheme()));
        if let Some(organization) = self.client_organization() {
            headers.insert(ORGANIZATION, organization.clone());
        }
    }

    fn client_organization(&self) -> Option<&HeaderValue> {
        match &self.owner {
            KeyOwner::Organization => None,
            KeyOwner::Partner {
                client_organization,
            } => client_organization.as_ref(),
        }
    }
}

fn visible_ascii_header(text: &str) -> Option<HeaderValue> {
    let is_visible = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_visible
        .then(|| HeaderValue::from_str(text).ok())
        .flatten()
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("api_key", &PLACEHOLDER)
            .field("scheme", &self.scheme())
            .field("organization", &self.client_organization())
            .finish()
    }
}

/// Credentials that cannot be sent in a request header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCredentials {
    /// The API key is invalid.
    #[error(
        "the API key is empty or contains a character that is not visible ASCII; check for a trailing newline"
    )]
    ApiKey,
    /// The client organization is invalid.
    #[error(
        "the client organization is empty or contains a character that is not visible ASCII; set it to an RUUID"
    )]
    Organization,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_carry_the_scheme_and_the_key_marked_sensitive() {
        let mut headers = HeaderMap::new();
        let credentials = Credentials::partner_api_token("key", Some("AAAAAAAAAAAAAAAAAAAAAA"));
        credentials.unwrap().apply_to(&mut headers);
        assert_eq!(headers[API_KEY], "key");
        assert!(headers[API_KEY].is_sensitive());
        assert_eq!(headers[SCHEME], "partner-api-token");
        assert_eq!(headers[ORGANIZATION], "AAAAAAAAAAAAAAAAAAAAAA");
    }

    #[test]
    fn a_client_certificate_changes_the_scheme() {
        let organization = Credentials::api_token("key").unwrap();
        assert_eq!(organization.scheme(), "api-token");
        assert_eq!(organization.with_client_certificate().scheme(), "api");
        let partner = Credentials::partner_api_token("key", None).unwrap();
        assert_eq!(partner.scheme(), "partner-api-token");
        assert_eq!(partner.with_client_certificate().scheme(), "partner-api");
    }

    #[test]
    fn a_key_invalid_in_a_header_is_rejected_without_being_shown() {
        for key in ["", "two\nlines", "spaced key", "schlüssel"] {
            let error = Credentials::api_token(key).unwrap_err();
            assert_eq!(error, InvalidCredentials::ApiKey);
            assert!(key.is_empty() || !error.to_string().contains(key));
        }
    }
}
