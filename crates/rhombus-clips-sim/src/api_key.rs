//! The key that the service accepts, kept out of everything that is printed or recorded.

use crate::dice::{Dice, Purpose};
use crate::ruuid::ruuid;
use std::fmt;

/// An API key. Its `Debug` shows no part of it.
#[derive(Clone)]
pub(crate) struct ApiKey(String);

impl ApiKey {
    pub(crate) fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    pub(crate) fn from_seed(seed: u64) -> Self {
        Self(ruuid(&mut Dice::new(seed, Purpose::ApiKey, 0)))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn opens(&self, offered: &[u8]) -> bool {
        self.0.as_bytes() == offered
    }

    /// `text` without the key: a key sent in the wrong place must not come back from the record
    /// of requests.
    pub(crate) fn strike_out(&self, text: &str) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        text.replace(&self.0, "[api key]")
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}
