//! Answers with another status than 200.

use rhombus_clips::ErrorKind::{Authentication, UnexpectedStatus};
use rhombus_clips_sim::Response;
use serde_json::json;

use super::Fault;

const PAGE: &str = "<!doctype html><html><body><h1>Bad Gateway</h1></body></html>";

pub fn faults() -> Vec<Fault> {
    let mut all: Vec<Fault> = [301, 302, 303, 307, 308]
        .map(|status| Fault::redirects(format!("{status} to elsewhere"), status, "/"))
        .into();
    let denied = |name: &str, answer| Fault::ends(name, Authentication, answer);
    let itself = "/api/event/getClipWithProgress";
    all.extend([
        Fault::ends(
            "307 to itself",
            UnexpectedStatus,
            Response::status(307).header("Location", itself),
        ),
        Fault::ends(
            "400 as the service is known to send it",
            UnexpectedStatus,
            Response::bad_request(),
        ),
        denied(
            "401 as the service is known to send it",
            Response::unauthenticated(),
        ),
        denied(
            "403 as the service is known to send it",
            Response::access_denied(1_767_225_600_000),
        ),
        denied("403 without a body", Response::status(403)),
        denied(
            "403, Invalid api key",
            Response::status(403).json_body(&json!({"msg": "Invalid api key"})),
        ),
    ]);
    // Rhombus documents that 5xx may be repeated and other 4xx may not; of the 5xx those pass
    // that speak of a moment.
    for status in [404, 405, 409, 413, 415, 418, 451, 501, 505, 204, 206] {
        let answer = Response::status(status);
        all.push(Fault::ends(status.to_string(), UnexpectedStatus, answer));
    }
    for status in [408, 500, 502, 503, 504] {
        let answer = Response::status(status);
        all.push(Fault::passes(status.to_string(), UnexpectedStatus, answer));
    }
    let page = |status| {
        Response::status(status)
            .header("Content-Type", "text/html")
            .body(PAGE)
    };
    all.extend([
        Fault::passes("502 with a page", UnexpectedStatus, page(502)),
        Fault::passes(
            "502 with 100 MB",
            UnexpectedStatus,
            Response::status(502).repeated_body(b'x', 100_000_000),
        ),
        Fault::passes(
            "500 as the service is assumed to send it",
            UnexpectedStatus,
            Response::server_error(1_767_225_600_000),
        ),
        denied(
            "401 whose body stalls",
            Response::unauthenticated().stall_after(3),
        )
        .hanging(),
    ]);
    all
}
