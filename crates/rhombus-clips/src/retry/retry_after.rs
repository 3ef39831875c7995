//! The `Retry-After` header.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// Returns the `Retry-After` header as a delay from `now` on: whole seconds, the form that the service is
/// known to send, or an HTTP date. Any other value is ignored.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = text(headers, RETRY_AFTER)?;
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than fit are the longest delay.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let then = httpdate::parse_http_date(text).ok()?;
    // The date is by the service's clock, which may differ from the local one.
    let now = self::text(headers, DATE)
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or(now);
    Some(then.duration_since(now).unwrap_or_default())
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn read(text: &'static str, date: Option<&'static str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_static(date));
        }
        // Fri, 13 Feb 2009 23:31:30 GMT
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_234_567_890);
        retry_after(&headers, now)
    }

    #[test]
    fn whole_seconds_are_read() {
        assert_eq!(read("0", None), Some(Duration::ZERO));
        assert_eq!(read(" 7 ", None), Some(Duration::from_secs(7)));
        assert_eq!(
            read("31536000", None),
            Some(Duration::from_secs(31_536_000))
        );
        let uncountable = read("99999999999999999999999", None);
        assert_eq!(uncountable, Some(Duration::from_secs(u64::MAX)));
    }

    #[test]
    fn a_date_is_relative_to_the_services_clock() {
        let date = "Fri, 13 Feb 2009 23:32:30 GMT";
        assert_eq!(read(date, None), Some(Duration::from_secs(60)));
        let behind = Some("Fri, 13 Feb 2009 23:32:20 GMT");
        assert_eq!(read(date, behind), Some(Duration::from_secs(10)));
        assert_eq!(read(date, Some("once")), Some(Duration::from_secs(60)));
    }

    #[test]
    fn a_date_in_the_past_is_no_delay() {
        let past = "Thu, 01 Jan 1970 00:00:00 GMT";
        assert_eq!(read(past, None), Some(Duration::ZERO));
    }

    #[test]
    fn other_values_are_ignored() {
        for text in ["soon", "-1", "", "1.5", "0x10", "Fri, 31 Feb"] {
            assert_eq!(read(text, None), None, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::now()), None);
    }
}
