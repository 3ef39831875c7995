//! Error responses of the service, and the response for an unknown clip.
//!
//! Rhombus documents none of them. These are as users of the service and Rhombus's public clients
//! report them, in one place so that a correction is a change of one file; for an unknown clip, a test
//! can choose between the plausible responses.

use crate::record::response_body;
use crate::response::Response;
use serde_json::json;
use std::time::Duration;

impl Response {
    /// 401 with `{"authenticationFailed": true}`: missing credentials or authentication scheme.
    pub fn unauthenticated() -> Self {
        Self::status(401)
            .header("WWW-Authenticate", "Bearer realm=\"rhombus\"")
            .json_body(&json!({"authenticationFailed": true}))
    }

    /// 403 "Access Denied": a wrong or expired API key, a missing permission, or a key of another
    /// region. `timestamp_ms` is in milliseconds since the Unix epoch.
    pub fn access_denied(timestamp_ms: i64) -> Self {
        Self::status(403).json_body(&json!({
            "status": 403,
            "error": "Forbidden",
            "timestamp": timestamp_ms,
            "msg": "Access Denied",
        }))
    }

    /// 400: the request body is not JSON, or not the object that the operation expects.
    pub fn bad_request() -> Self {
        Self::status(400).json_body(&json!({"msg": "JSON doesn't match expected object structure"}))
    }

    /// 415: the request body is not declared as JSON.
    pub(crate) fn unsupported_media_type() -> Self {
        Self::status(415)
    }

    /// 429: too many requests. `retry_after` is rounded up to seconds, at least 1.
    pub fn too_many_requests(retry_after: Duration) -> Self {
        let partial_second = u64::from(retry_after.subsec_nanos() > 0);
        let seconds = retry_after.as_secs().saturating_add(partial_second).max(1);
        Self::status(429)
            .header("Retry-After", seconds.to_string())
            .header("Content-Type", "text/plain")
            .body("Too many api requests. Enhance your calm.")
    }

    /// 500: a server-side error, or a parameter that is missing or misspelled. The body is assumed
    /// to have the format of the 403. `timestamp_ms` is in milliseconds since the Unix epoch.
    pub fn server_error(timestamp_ms: i64) -> Self {
        Self::status(500).json_body(&json!({
            "status": 500,
            "error": "Internal Server Error",
            "timestamp": timestamp_ms,
            "msg": "Internal Server Error",
        }))
    }

    /// 200 with `{"error": true, "errorMsg": "..."}`: a failure that is reported in the body.
    pub fn domain_failure(message: &str) -> Self {
        Self::json(&json!({"error": true, "errorMsg": message}))
    }

    /// 404: the path of no operation.
    pub(crate) fn not_found() -> Self {
        Self::status(404)
    }

    /// 405: another method than these.
    pub(crate) fn method_not_allowed(allowed: &[&str]) -> Self {
        Self::status(405).header("Allow", allowed.join(", "))
    }
}

/// Response to a request for a clip that is not registered. Rhombus does not document it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownClip {
    /// 200 with `{"clip": null}`, as for a clip whose record does not exist yet.
    #[default]
    Null,
    /// 200 with `{"error": true, "errorMsg": "..."}` and this message.
    Error(String),
}

impl UnknownClip {
    pub(crate) fn response(&self) -> Response {
        match self {
            Self::Null => Response::json(&response_body(None, None)),
            Self::Error(message) => Response::domain_failure(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_rounded_up_to_seconds_and_at_least_one() {
        let header = |delay| Response::too_many_requests(delay).headers[0].1.clone();
        assert_eq!(header(Duration::ZERO), "1");
        assert_eq!(header(Duration::from_millis(1000)), "1");
        assert_eq!(header(Duration::from_millis(1001)), "2");
        assert_eq!(header(Duration::MAX), u64::MAX.to_string());
    }
}
