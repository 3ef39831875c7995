//! Settings of the generated client, and its cache of parsed URLs.
//!
//! The generated methods format the URL from the base URL and the operation's path for every request,
//! always with the same result: a client has one base URL. The first few URLs are cached, and any other
//! is parsed on each request, so that the cache is of constant size, whatever the paths contain.
//!
//! Beside it is the version of HTTP that the latest response arrived over, which the HTTP library tells
//! of a response only, and a decoded response does not carry.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use reqwest::{Url, Version};

use crate::{Credentials, Operation};

/// Credentials and response body limit of a [`Client`](crate::Client).
///
/// ```
/// use rhombus_clips_api::{Credentials, Settings};
///
/// let credentials = Credentials::api_token("0123456789")?;
/// let settings = Settings::from(credentials);
/// assert_eq!(settings.body_limit_of("get_clip_with_progress"), 262_144);
///
/// let settings = settings.with_body_limit(64 * 1024);
/// assert_eq!(settings.body_limit_of("get_clip_with_progress"), 65_536);
/// # Ok::<(), rhombus_clips_api::InvalidCredentials>(())
/// ```
#[derive(Debug)]
pub struct Settings {
    credentials: Credentials,
    body_limit: Option<u64>,
    pub(crate) url_cache: UrlCache,
    is_http2: Arc<AtomicBool>,
    single_request: Option<SingleRequest>,
}

/// Clones the settings, without the version of HTTP of the latest response.
impl Clone for Settings {
    fn clone(&self) -> Self {
        Self {
            credentials: self.credentials.clone(),
            body_limit: self.body_limit,
            url_cache: self.url_cache.clone(),
            is_http2: Arc::default(),
            single_request: self.single_request.clone(),
        }
    }
}

impl Settings {
    /// Body limit of an operation that returns one clip, in bytes.
    // Chosen: some fifty times the size of the published example response, which leaves room for a clip of
    // many cameras. Not tuned.
    pub const CLIP_BODY_LIMIT: u64 = 256 * 1024;

    /// Body limit of any other operation, in bytes. A page of 200 clips has 40 KiB for each.
    // Chosen, not tuned.
    pub const DEFAULT_BODY_LIMIT: u64 = 8 * 1024 * 1024;

    /// Sets the maximum body size of a response with status 200, in bytes after decompression, of every
    /// operation.
    ///
    /// A longer body fails with [`BodyTooLarge`](crate::BodyTooLarge). By default each operation has the
    /// limit that fits its responses, see [`body_limit_of`](Self::body_limit_of). To read and decode a
    /// body takes at most eight times its size, and 1 MiB beside it.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = Some(bytes);
        self
    }

    /// Returns the credentials that authenticate every request.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Returns the maximum body size of a response with status 200 to this operation, in bytes after
    /// decompression: [`CLIP_BODY_LIMIT`](Self::CLIP_BODY_LIMIT) for `get_clip_with_progress`, and
    /// [`DEFAULT_BODY_LIMIT`](Self::DEFAULT_BODY_LIMIT) for any other, unless
    /// [`with_body_limit`](Self::with_body_limit) has set one.
    pub fn body_limit_of(&self, operation_id: &str) -> u64 {
        let own_limit = BODY_LIMITS.iter().find(|(id, _)| *id == operation_id);
        let default = own_limit.map_or(Self::DEFAULT_BODY_LIMIT, |(_, bytes)| *bytes);
        self.body_limit.unwrap_or(default)
    }

    /// Returns whether the latest response of the client arrived over HTTP/2; false before the first
    /// response.
    pub fn is_http2(&self) -> bool {
        self.is_http2.load(Ordering::Relaxed)
    }

    /// Returns settings for a client that sends a single request, and records its operation.
    #[doc(hidden)]
    pub fn for_single_request(&self) -> (Self, SingleRequest) {
        let single_request = SingleRequest::default();
        let settings = Self {
            is_http2: self.is_http2.clone(),
            single_request: Some(single_request.clone()),
            ..self.clone()
        };
        (settings, single_request)
    }

    /// Records the operation of a request before it is sent. Fails if it may not be sent.
    pub(crate) fn start_request(&self, operation: &'static str) -> Result<(), String> {
        match &self.single_request {
            Some(single_request) => single_request.start(operation),
            None => Ok(()),
        }
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
            body_limit: None,
            url_cache: UrlCache::default(),
            is_http2: Arc::default(),
            single_request: None,
        }
    }
}

/// The one request that a client was lent for, so that its retries, limits and traces apply to a known
/// operation.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct SingleRequest(Arc<OnceLock<&'static str>>);

impl SingleRequest {
    /// Returns the operation whose request was started; `None` if none was.
    pub fn operation(&self) -> Option<&'static Operation> {
        self.0.get().and_then(|name| Operation::find(name))
    }

    fn start(&self, operation: &'static str) -> Result<(), String> {
        self.0.set(operation).map_err(|_| {
            format!("a lent client sends a single request, and {operation} would be another")
        })
    }
}

/// Body limits of the operations whose responses are smaller than a page of clips, in bytes.
const BODY_LIMITS: [(&str, u64); 1] = [("get_clip_with_progress", Settings::CLIP_BODY_LIMIT)];

/// A response body exceeds the limit of [`Settings::body_limit_of`] its operation.
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

/// Number of URLs that are cached. Chosen: some more than the operations of this version, whose paths have
/// no parameters.
const CACHED_URLS: usize = 16;

/// The first URLs that were parsed, each with the text that it was parsed from.
#[derive(Clone, Debug, Default)]
pub(crate) struct UrlCache([OnceLock<(String, Url)>; CACHED_URLS]);

impl UrlCache {
    /// Returns the cached URL, or parses the text. Called by the generated method.
    pub(crate) fn get_or_parse(&self, text: String) -> Result<Url, String> {
        let cached = self.0.iter().map_while(OnceLock::get);
        if let Some((_, url)) = cached.into_iter().find(|(cached, _)| *cached == text) {
            return Ok(url.clone());
        }
        let url = Url::parse(&text).map_err(|error| format!("invalid base URL: {error}"))?;
        let mut entry = (text, url.clone());
        for slot in &self.0 {
            // A concurrent request may have filled the slot first, with this URL or another.
            match slot.set(entry) {
                Ok(()) => break,
                Err(rejected) => entry = rejected,
            }
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_fits_the_operation_unless_it_is_set() {
        let settings = Settings::from(Credentials::api_token("0123456789").unwrap());
        let limits = |settings: &Settings| {
            ["get_clip_with_progress", "get_clips"].map(|id| settings.body_limit_of(id))
        };
        assert_eq!(limits(&settings), [256 * 1024, 8 * 1024 * 1024]);
        assert_eq!(limits(&settings.with_body_limit(100)), [100, 100]);
    }

    #[test]
    fn the_cache_never_returns_another_url() {
        let cache = UrlCache::default();
        let parse = |text: &str| cache.get_or_parse(text.to_owned()).map(String::from).ok();
        assert_eq!(parse("no base URL"), None);
        for _ in 0..2 {
            for number in 0..2 * CACHED_URLS {
                let text = format!("http://127.0.0.1:1/{number}");
                assert_eq!(parse(&text).as_deref(), Some(text.as_str()));
            }
            assert_eq!(parse("HTTP://HOST/a").as_deref(), Some("http://host/a"));
        }
    }
}
