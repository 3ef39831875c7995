//! Parses `Retry-After`. The input has three lines: the header `Retry-After`, the header `Date`,
//! and the local clock in seconds since the Unix epoch.

#![no_main]

use std::time::{Duration, SystemTime};

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use libfuzzer_sys::fuzz_target;
use rhombus_clips::fuzzing::retry_after;
use rhombus_clips_fuzz::{check_error, map_response};

fuzz_target!(|data: &[u8]| {
    let mut lines = data.split(|byte| *byte == b'\n');
    let mut headers = HeaderMap::new();
    for name in [RETRY_AFTER, DATE] {
        if let Some(Ok(value)) = lines.next().map(HeaderValue::from_bytes) {
            headers.insert(name, value);
        }
    }
    let clock = lines.next().map(String::from_utf8_lossy);
    let clock: i64 = clock.and_then(|text| text.parse().ok()).unwrap_or(0);
    let distance = Duration::from_secs(clock.unsigned_abs());
    let now = match clock {
        0.. => SystemTime::UNIX_EPOCH.checked_add(distance),
        _ => SystemTime::UNIX_EPOCH.checked_sub(distance),
    };
    let delay = retry_after(&headers, now.unwrap_or(SystemTime::UNIX_EPOCH));

    let text = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    if let Some(Ok(seconds)) = text.map(str::parse) {
        assert_eq!(delay, Some(Duration::from_secs(seconds)));
    }
    if text.is_none() {
        assert_eq!(delay, None);
    }

    let mut response = http::Response::new(Vec::new());
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    *response.headers_mut() = headers;
    let error = map_response("canary-of-the-key", response).unwrap_err();
    check_error(&error);
    assert!(error.is_rate_limited());
    assert_eq!(error.retry_after().is_some(), delay.is_some());
});
