//! The response headers that an error retains.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// Bytes of a response header that an error retains, and of all of them. Chosen, not tuned: a request ID
/// has some dozens, and a service sends a few hundred.
const MAX_HEADER_BYTES: usize = 1024;
const MAX_HEADERS_BYTES: usize = 16 * 1024;

/// Returns a copy of the headers, without those that are too long. The HTTP library's are slices of its
/// read buffer, which would live as long as the error.
pub(super) fn retained(headers: &HeaderMap) -> HeaderMap {
    let mut retained = HeaderMap::new();
    let mut bytes = 0;
    for (name, value) in headers {
        if value.len() > MAX_HEADER_BYTES || bytes + value.len() > MAX_HEADERS_BYTES {
            continue;
        }
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            bytes += value.len();
            retained.append(name, value);
        }
    }
    retained
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_copied_within_limits() {
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", HeaderValue::from_static("r-7"));
        let long = HeaderValue::from_str(&"x".repeat(MAX_HEADER_BYTES + 1)).unwrap();
        headers.insert("location", long);
        let full = HeaderValue::from_str(&"x".repeat(MAX_HEADER_BYTES)).unwrap();
        for _ in 0..20 {
            headers.append("x-full", full.clone());
        }
        let retained = retained(&headers);
        assert_eq!(retained["x-request-id"], "r-7");
        assert_eq!(retained.get("location"), None);
        assert_eq!(retained.get_all("x-full").iter().count(), 15);
        let (original, copy) = (&headers["x-full"], &retained["x-full"]);
        assert_ne!(original.as_bytes().as_ptr(), copy.as_bytes().as_ptr());
    }
}
