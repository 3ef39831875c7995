//! The API key that the service accepts.
//!
//! The key is a type of its own so that it never reaches a log, a panic message or `Debug` output:
//! a client under test may send it in the wrong place, and the request log must not repeat it.

use crate::rng::{SeededRng, Stream};
use crate::ruuid::generate_ruuid;
use std::fmt;

/// Placeholder for the key in redacted text.
const REDACTED: &str = "[api key]";

/// API key with a redacted `Debug` representation.
#[derive(Clone)]
pub(crate) struct ApiKey(String);

impl ApiKey {
    pub(crate) fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    pub(crate) fn from_seed(seed: u64) -> Self {
        Self(generate_ruuid(&mut SeededRng::new(seed, Stream::ApiKey, 0)))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether a request's key is this one.
    pub(crate) fn matches(&self, candidate: &[u8]) -> bool {
        self.0.as_bytes() == candidate
    }

    /// Returns `text` with every occurrence of the key replaced by a placeholder.
    pub(crate) fn redact(&self, text: &str) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        text.replace(&self.0, REDACTED)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}
