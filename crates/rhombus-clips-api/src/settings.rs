//! What the generated client is told besides the address.

use crate::Credentials;
use crate::address::Address;

/// What every request of a [`Client`](crate::Client) carries, and how much of an answer it takes.
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
    pub(crate) address: Address,
}

impl Settings {
    /// The body limit unless another is set: 8 MiB.
    pub const DEFAULT_BODY_LIMIT: u64 = 8 * 1024 * 1024;

    /// The longest body that is taken of an answer with status 200, in bytes after
    /// decompression. A longer one is [`BodyTooLarge`](crate::BodyTooLarge).
    #[must_use]
    pub fn with_body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = bytes;
        self
    }

    /// What the requests prove their rights with.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The longest body that is taken of an answer with status 200, in bytes.
    pub fn body_limit(&self) -> u64 {
        self.body_limit
    }
}

impl From<Credentials> for Settings {
    fn from(credentials: Credentials) -> Self {
        Self {
            credentials,
            body_limit: Self::DEFAULT_BODY_LIMIT,
            address: Address::default(),
        }
    }
}
