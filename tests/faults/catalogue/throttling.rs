//! Too many requests, and wishes for a wait.
//!
//! A 429 holds a client back for a second or two whatever it asks for: half of a back-off from
//! 1 s at least, and up to 1 s so that not everybody comes at once.

use std::time::{Duration, SystemTime};

use rhombus_clips::ErrorKind::{RateLimited, UnexpectedStatus};
use rhombus_clips_sim::Response;

use super::Fault;

const SEC: Duration = Duration::from_secs(1);
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

pub fn faults() -> Vec<Fault> {
    let limited = |retry_after: &str| Response::status(429).header("Retry-After", retry_after);
    let passes = |retry_after: &str| {
        let name = format!("429, Retry-After: {retry_after}");
        Fault::passes(name, RateLimited, limited(retry_after))
    };
    vec![
        Fault::passes(
            "429 as the service is known to send it",
            RateLimited,
            Response::too_many_requests(SEC),
        )
        .asking_to_wait(SEC),
        Fault::passes("429, no Retry-After", RateLimited, Response::status(429)),
        passes("0"),
        passes("2").asking_to_wait(2 * SEC),
        passes("-1"),
        passes("soon"),
        passes("1.5"),
        // The service's clock says what a date means, wherever it stands.
        Fault::passes(
            "429, Retry-After: a date, in 2 s",
            RateLimited,
            dated(SystemTime::now(), 2 * SEC),
        )
        .asking_to_wait(2 * SEC),
        Fault::passes(
            "429, Retry-After: a date, the clock of the service 10 years behind",
            RateLimited,
            dated(SystemTime::now() - 10 * YEAR, 2 * SEC),
        )
        .asking_to_wait(2 * SEC),
        Fault::passes(
            "429, Retry-After: a date, the clock of the service 10 years ahead",
            RateLimited,
            dated(SystemTime::now() + 10 * YEAR, 2 * SEC),
        )
        .asking_to_wait(2 * SEC),
        passes("Thu, 01 Jan 1970 00:00:00 GMT"),
        Fault::outlasts(
            "429, Retry-After: a year",
            RateLimited,
            limited(&YEAR.as_secs().to_string()),
        ),
        Fault::outlasts(
            "429, Retry-After: a date, in a year",
            RateLimited,
            dated(SystemTime::now(), YEAR),
        ),
        Fault::outlasts(
            "429, Retry-After: more seconds than can be counted",
            RateLimited,
            limited("99999999999999999999999999"),
        ),
        Fault::passes(
            "503, Retry-After: 1",
            UnexpectedStatus,
            Response::status(503).header("Retry-After", "1"),
        )
        .asking_to_wait(SEC),
        Fault::outlasts(
            "503, Retry-After: a year",
            UnexpectedStatus,
            Response::status(503).header("Retry-After", YEAR.as_secs().to_string()),
        ),
    ]
}

/// A 429 of a service whose clock stands so, that asks to wait so long.
fn dated(now: SystemTime, wait: Duration) -> Response {
    Response::status(429)
        .header("Date", httpdate::fmt_http_date(now))
        .header("Retry-After", httpdate::fmt_http_date(now + wait))
}
