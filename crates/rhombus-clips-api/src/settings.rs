//! Settings of the generated client, and its cache of the parsed URL.
//!
//! The generated method formats the URL from the base URL and the operation's path for every
//! request, always with the same result: a client has one base URL, and this API has one
//! operation. Only the first URL is cached; any other is parsed on each request, so that the
//! cache stays correct, and of constant size, when operations are added.
//!
//! Beside it is the version of HTTP that the latest response arrived over, which the HTTP library tells
//! of a response only, and a decoded response does not carry.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::{Url, Version};

use crate::Credentials;

/// Credentials and response body limit of a [`Client`](crate::Client).
///
/// ```
/// use rhombus_clips_api::{Credentials, Settings};
///
/// let credentials = Credentials::api_token("0123456789")?;
/// let settings = Settings::from(credentials).with_body_limit(64 * 1024);
/// assert_eq!(settings.body_limit(), 65_536);
/// # Ok::<(), rhombus_clips_api::InvalidCredentials>(())
/// ```
#[derive(Debug)]
pub struct Settings {
    credentials: Credentials,
    body_limit: u64,
    pub(crate) url_cache: UrlCache,
    is_http2: AtomicBool,
}

/// Clones the settings, without the version of HTTP of the latest response.
impl Clone for Settings {
    fn clone(&self) -> Self {
        Self {
            credentials: self.credentials.clone(),
            body_limit: self.body_limit,
            url_cache: self.url_cache.clone(),
            is_http2: AtomicBool::new(false),
        }
    }
}

impl Settings {
    /// Default body limit, in bytes.
    // Chosen: thousands of times the size of the published example response. Not tuned.
    pub const DEFAULT_BODY_LIMIT: u64 = 8 * 1024 * 1024;

    /// Sets the maximum body size of a response with status 200, in bytes after decompression.
    ///
    /// A longer body fails with [`BodyTooLarge`](crate::BodyTooLarge).
    #[must_use]
    pub fn with_body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Returns the credentials that authenticate every request.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Returns the maximum body size of a response with status 200, in bytes after decompression.
    pub fn body_limit(&self) -> u64 {
        self.body_limit
    }

    /// Returns whether the latest response of the client arrived over HTTP/2; false before the first
    /// response.
    pub fn is_http2(&self) -> bool {
        self.is_http2.load(Ordering::Relaxed)
    }

    pub(crate) fn set_version(&self, version: Version) {
        let is_http2 = version == Version::HTTP_2;
        self.is_http2.store(is_http2, Ordering::Relaxed);
    }
}

impl From<Credentials> for Settings {
    fn from(credentials: Credentials) -> Self {
        Self {
            credentials,
            body_limit: Self::DEFAULT_BODY_LIMIT,
            url_cache: UrlCache::default(),
            is_http2: AtomicBool::new(false),
        }
    }
}

/// A response body exceeds the limit of
/// [`Settings::with_body_limit`].
///
/// It is in the `source()` chain of the `reqwest::Error` in
/// [`Error::ResponseBodyError`](crate::Error).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the response body exceeds the limit of {limit} bytes")]
#[non_exhaustive]
pub struct BodyTooLarge {
    /// The limit in bytes, after decompression.
    pub limit: u64,
}

/// First URL that was parsed, with the text that it was parsed from.
#[derive(Clone, Debug, Default)]
pub(crate) struct UrlCache(OnceLock<(String, Url)>);

impl UrlCache {
    /// Returns the cached URL, or parses the text. Called by the generated method.
    pub(crate) fn get_or_parse(&self, text: String) -> Result<Url, String> {
        match self.0.get() {
            Some((cached, url)) if *cached == text => Ok(url.clone()),
            _ => {
                let url =
                    Url::parse(&text).map_err(|error| format!("invalid base URL: {error}"))?;
                // A concurrent request may have filled the cache first, with this URL or another.
                let _ = self.0.set((text, url.clone()));
                Ok(url)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_never_returns_another_url() {
        let cache = UrlCache::default();
        let parse = |text: &str| cache.get_or_parse(text.to_owned()).map(String::from).ok();
        assert_eq!(parse("no base URL"), None);
        for _ in 0..2 {
            for text in ["http://127.0.0.1:1/a", "http://127.0.0.1:1/b"] {
                assert_eq!(parse(text).as_deref(), Some(text));
            }
            assert_eq!(parse("HTTP://HOST/a").as_deref(), Some("http://host/a"));
        }
    }
}
