//! Authentication of requests, and the API key that the service accepts.
//!
//! Maps the credentials in a request's headers to success, 401 or 403. The rules are a pure
//! function of headers and key, so that they can be tested as a table; the module must not know
//! HTTP types or build responses. The key is a type of its own so that it never reaches a log, a panic
//! message or `Debug` output: a client under test may send it in the wrong place, and the request log
//! must not repeat it.

use crate::rng::{SeededRng, Stream, generate_ruuid};
use std::fmt;

/// Credentials in a request's headers.
#[derive(Clone, Copy, Default)]
pub(crate) struct Credentials<'a> {
    /// `x-auth-scheme`.
    pub(crate) scheme: Option<&'a str>,
    /// `x-auth-apikey`.
    pub(crate) api_key: Option<&'a [u8]>,
    /// `x-auth-org`: the client organization that a partner acts for.
    pub(crate) org: Option<&'a str>,
}

/// Reason for rejecting a request's credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthError {
    /// Missing or unusable credentials: 401.
    Unauthenticated,
    /// Wrong API key: 403.
    AccessDenied,
}

/// Checks a request's credentials against the service's API key.
///
/// The schemes `api` and `partner-api` need a client certificate, which a plain-text connection
/// cannot carry; they and unknown schemes are treated as missing credentials.
pub(crate) fn authenticate(
    credentials: &Credentials<'_>,
    expected: &ApiKey,
) -> Result<(), AuthError> {
    match (credentials.scheme, credentials.api_key) {
        (Some("api-token" | "partner-api-token"), Some(key)) if expected.matches(key) => Ok(()),
        (Some("api-token" | "partner-api-token"), Some(_)) => Err(AuthError::AccessDenied),
        _ => Err(AuthError::Unauthenticated),
    }
}

/// Placeholder for the key in redacted text.
const REDACTED: &str = "[redacted]";

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authenticates_by_scheme_and_key() {
        use AuthError::{AccessDenied, Unauthenticated};
        let expected = ApiKey::new("right");
        let cases: [(Option<&str>, Option<&str>, _); 9] = [
            (Some("api-token"), Some("right"), Ok(())),
            (Some("partner-api-token"), Some("right"), Ok(())),
            (Some("api-token"), Some("wrong"), Err(AccessDenied)),
            (Some("api-token"), Some(""), Err(AccessDenied)),
            (Some("api-token"), None, Err(Unauthenticated)),
            (None, Some("right"), Err(Unauthenticated)),
            (None, None, Err(Unauthenticated)),
            (Some("api"), Some("right"), Err(Unauthenticated)),
            (Some("partner-api"), Some("right"), Err(Unauthenticated)),
        ];
        for (scheme, key, result) in cases {
            let credentials = Credentials {
                scheme,
                api_key: key.map(str::as_bytes),
                org: None,
            };
            assert_eq!(
                authenticate(&credentials, &expected),
                result,
                "{scheme:?} {key:?}"
            );
        }
    }
}
