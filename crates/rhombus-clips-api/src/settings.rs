//! Settings of the generated client, other than base URL and HTTP client.

use crate::Credentials;
use crate::url_cache::UrlCache;

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
#[derive(Clone, Debug)]
pub struct Settings {
    credentials: Credentials,
    body_limit: u64,
    pub(crate) url_cache: UrlCache,
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
}

impl From<Credentials> for Settings {
    fn from(credentials: Credentials) -> Self {
        Self {
            credentials,
            body_limit: Self::DEFAULT_BODY_LIMIT,
            url_cache: UrlCache::default(),
        }
    }
}
