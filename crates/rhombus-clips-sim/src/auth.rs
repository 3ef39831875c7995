//! Who is asking: the check of a request's credentials.

use crate::api_key::ApiKey;

/// What a request's headers say about the caller.
#[derive(Clone, Copy, Default)]
pub(crate) struct Credentials<'a> {
    /// `x-auth-scheme`.
    pub(crate) scheme: Option<&'a str>,
    /// `x-auth-apikey`.
    pub(crate) key: Option<&'a [u8]>,
    /// `x-auth-org`: the client organization that a partner acts for.
    pub(crate) org: Option<&'a str>,
}

/// Why a caller is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nobody can be recognized: 401.
    Unauthenticated,
    /// Somebody, but not with this key: 403.
    AccessDenied,
}

/// Lets a caller in, or says why not.
///
/// The schemes `api` and `partner-api` need a client certificate, which a plain-text connection
/// cannot carry; they and unknown schemes count as no credentials at all.
pub(crate) fn check(caller: &Credentials<'_>, expected: &ApiKey) -> Result<(), Refusal> {
    match (caller.scheme, caller.key) {
        (Some("api-token" | "partner-api-token"), Some(key)) if expected.opens(key) => Ok(()),
        (Some("api-token" | "partner-api-token"), Some(_)) => Err(Refusal::AccessDenied),
        _ => Err(Refusal::Unauthenticated),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizes_a_caller_by_scheme_and_key() {
        use Refusal::{AccessDenied, Unauthenticated};
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
        for (scheme, key, verdict) in cases {
            let caller = Credentials {
                scheme,
                key: key.map(str::as_bytes),
                org: None,
            };
            assert_eq!(check(&caller, &expected), verdict, "{scheme:?} {key:?}");
        }
    }
}
