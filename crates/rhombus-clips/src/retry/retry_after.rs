//! The `Retry-After` header.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// Returns the `Retry-After` header as a delay from `now` on: whole seconds, the form that the service is
/// known to send, or an HTTP date.
///
/// Proxies send other forms: a decimal fraction, a unit of seconds, or several values, of which the
/// longest counts. A delay is at least as long as the header says. Any other value is ignored.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    // A date is by the service's clock, which may differ from the local one.
    let date = headers.get(DATE).and_then(|value| value.to_str().ok());
    let now = date
        .and_then(|date| httpdate::parse_http_date(date.trim()).ok())
        .unwrap_or(now);
    let values = headers.get_all(RETRY_AFTER).into_iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.filter_map(|text| delay(text.trim(), now)).max()
}

fn delay(text: &str, now: SystemTime) -> Option<Duration> {
    // A date contains a comma.
    if let Ok(then) = httpdate::parse_http_date(text) {
        return Some(then.duration_since(now).unwrap_or_default());
    }
    text.split(',')
        .filter_map(|item| seconds(item.trim()))
        .max()
}

/// Reads a number of seconds with an optional fraction and unit. A fraction is rounded up.
fn seconds(text: &str) -> Option<Duration> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text
        .find(|character: char| !(character.is_ascii_digit() || character == '.'))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim().to_ascii_lowercase();
    if !["", "s", "sec", "secs", "second", "seconds"].contains(&unit.as_str()) {
        return None;
    }
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    // More seconds than fit are the longest delay.
    let whole = whole.parse().unwrap_or(u64::MAX);
    let is_fractional = fraction.bytes().any(|digit| digit != b'0');
    Some(Duration::from_secs(
        whole.saturating_add(is_fractional.into()),
    ))
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
    fn other_forms_delay_at_least_as_long() {
        for (text, sec) in [
            ("30.0", 30),
            ("1.5", 2),
            ("0.001", 1),
            ("5.", 5),
            ("+7", 7),
            ("30s", 30),
            ("30 Seconds", 30),
            ("4, 4", 4),
            ("2,7, 3", 7),
            ("soon, 9", 9),
        ] {
            assert_eq!(read(text, None), Some(Duration::from_secs(sec)), "{text}");
        }
        let mut headers = HeaderMap::new();
        for text in ["3", "Fri, 13 Feb 2009 23:31:40 GMT", "2"] {
            headers.append(RETRY_AFTER, HeaderValue::from_static(text));
        }
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_234_567_890);
        assert_eq!(retry_after(&headers, now), Some(Duration::from_secs(10)));
    }

    #[test]
    fn a_date_in_the_past_is_no_delay() {
        let past = "Thu, 01 Jan 1970 00:00:00 GMT";
        assert_eq!(read(past, None), Some(Duration::ZERO));
    }

    #[test]
    fn other_values_are_ignored() {
        for text in [
            "soon",
            "-1",
            "",
            ".",
            "1.2.3",
            "0x10",
            "1e3",
            "inf",
            "NaN",
            "5 minutes",
            "Fri, 31 Feb",
        ] {
            assert_eq!(read(text, None), None, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::now()), None);
    }
}
