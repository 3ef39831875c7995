//! Parses durations of command line options, in seconds.

use std::time::Duration;

/// Parses a non-negative number of seconds, which may have a fraction.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "expected a number of seconds, such as 30 or 0.5".to_owned())
}

/// Parses a positive number of seconds, which may have a fraction.
pub(crate) fn parse_positive(text: &str) -> Result<Duration, String> {
    match parse(text)? {
        Duration::ZERO => Err("must be greater than 0".to_owned()),
        duration => Ok(duration),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_may_have_a_fraction() {
        assert_eq!(parse("1800"), Ok(Duration::from_secs(1800)));
        assert_eq!(parse("0.25"), Ok(Duration::from_millis(250)));
        assert_eq!(parse("0"), Ok(Duration::ZERO));
    }

    #[test]
    fn invalid_durations_are_rejected() {
        for text in ["", "-1", "nan", "inf", "1e300", "30s", "1,5"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse_positive("0").is_err());
        assert!(parse_positive("0.0000000001").is_err());
    }
}
