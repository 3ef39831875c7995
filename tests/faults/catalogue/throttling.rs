//! Rate limiting, and `Retry-After` in all its forms.
//!
//! These cases are the slowest: every 429 starts the client's cooldown, which takes a second or two
//! even without `Retry-After`, because of the backoff and of the jitter that spreads the clients.

use std::time::{Duration, SystemTime};

use rhombus_clips::ErrorKind::{RateLimited, UnexpectedStatus};
use rhombus_clips_sim::Response;

use super::Fault;

const SEC: Duration = Duration::from_secs(1);
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

pub fn faults() -> Vec<Fault> {
    let limited = |retry_after: &str| Response::status(429).header("Retry-After", retry_after);
    let transient = |retry_after: &str| {
        let name = format!("429, Retry-After: {retry_after}");
        Fault::transient(name, RateLimited, limited(retry_after))
    };
    vec![
        Fault::transient(
            "429 as sent by the service",
            RateLimited,
            Response::too_many_requests(SEC),
        )
        .with_min_delay(SEC),
        Fault::transient("429, no Retry-After", RateLimited, Response::status(429)),
        transient("0"),
        transient("2").with_min_delay(2 * SEC),
        transient("-1"),
        transient("soon"),
        transient("1.5").with_min_delay(2 * SEC),
        transient("2.0").with_min_delay(2 * SEC),
        transient("2, 1").with_min_delay(2 * SEC),
        transient("2 s").with_min_delay(2 * SEC),
        // A date is relative to the service's own clock, even if that clock is wrong.
        Fault::transient(
            "429, Retry-After: a date, in 2 s",
            RateLimited,
            too_many_requests_until(SystemTime::now(), 2 * SEC),
        )
        .with_min_delay(2 * SEC),
        Fault::transient(
            "429, Retry-After: a date, service clock 10 years behind",
            RateLimited,
            too_many_requests_until(SystemTime::now() - 10 * YEAR, 2 * SEC),
        )
        .with_min_delay(2 * SEC),
        Fault::transient(
            "429, Retry-After: a date, service clock 10 years ahead",
            RateLimited,
            too_many_requests_until(SystemTime::now() + 10 * YEAR, 2 * SEC),
        )
        .with_min_delay(2 * SEC),
        transient("Thu, 01 Jan 1970 00:00:00 GMT"),
        Fault::delay_beyond_deadline(
            "429, Retry-After: a year",
            RateLimited,
            limited(&YEAR.as_secs().to_string()),
        ),
        Fault::delay_beyond_deadline(
            "429, Retry-After: milliseconds from a proxy",
            RateLimited,
            limited("60000"),
        ),
        Fault::delay_beyond_deadline(
            "429, Retry-After: a date, in a year",
            RateLimited,
            too_many_requests_until(SystemTime::now(), YEAR),
        ),
        Fault::delay_beyond_deadline(
            "429, Retry-After: integer overflow",
            RateLimited,
            limited("99999999999999999999999999"),
        ),
        Fault::transient(
            "503, Retry-After: 1",
            UnexpectedStatus,
            Response::status(503).header("Retry-After", "1"),
        )
        .with_min_delay(SEC),
        Fault::delay_beyond_deadline(
            "503, Retry-After: a year",
            UnexpectedStatus,
            Response::status(503).header("Retry-After", YEAR.as_secs().to_string()),
        ),
    ]
}

/// Returns a 429 whose `Retry-After` is a date, `wait` after the service's clock `now`.
fn too_many_requests_until(now: SystemTime, wait: Duration) -> Response {
    Response::status(429)
        .header("Date", httpdate::fmt_http_date(now))
        .header("Retry-After", httpdate::fmt_http_date(now + wait))
}
