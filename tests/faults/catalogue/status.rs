//! Responses with a status other than 200: redirects, rejected requests and server failures.

use rhombus_clips::ErrorKind::{Authentication, UnexpectedStatus};
use rhombus_clips_sim::Response;
use serde_json::json;

use super::Fault;

const PAGE: &str = "<!doctype html><html><body><h1>Bad Gateway</h1></body></html>";

pub fn faults() -> Vec<Fault> {
    let mut all: Vec<Fault> = [301, 302, 303, 307, 308]
        .map(|status| Fault::redirect(format!("{status} to another host"), status, "/"))
        .into();
    let denied = |name: &str, response| Fault::permanent(name, Authentication, response);
    let own_path = "/api/event/getClipWithProgress";
    all.extend([
        Fault::permanent(
            "307 to the same URL",
            UnexpectedStatus,
            Response::status(307).header("Location", own_path),
        ),
        Fault::permanent(
            "400 as sent by the service",
            UnexpectedStatus,
            Response::bad_request(),
        ),
        denied("401 as sent by the service", Response::unauthenticated()),
        denied(
            "403 as sent by the service",
            Response::access_denied(1_767_225_600_000),
        ),
        denied("403 without a body", Response::status(403)),
        denied(
            "403, Invalid api key",
            Response::status(403).json_body(&json!({"msg": "Invalid api key"})),
        ),
    ]);
    // Rhombus documents that a 5xx may be retried and other 4xx may not. Of the 5xx, 501 and 505 say
    // that the request can never succeed; of the 4xx, 408, 421 and 425 ask for the same request.
    for status in [
        404, 405, 406, 409, 410, 413, 415, 418, 422, 423, 424, 426, 428, 431, 451, 499, 501, 505,
        204, 206, 226,
    ] {
        let response = Response::status(status);
        all.push(Fault::permanent(
            status.to_string(),
            UnexpectedStatus,
            response,
        ));
    }
    for status in [
        408, 421, 425, 500, 502, 503, 504, 506, 507, 508, 509, 510, 511, 520, 521, 522, 523, 524,
        525, 526, 527, 529, 530, 561, 598, 599, 600, 999,
    ] {
        let response = Response::status(status);
        all.push(Fault::transient(
            status.to_string(),
            UnexpectedStatus,
            response,
        ));
    }
    let page = |status| {
        Response::status(status)
            .header("Content-Type", "text/html")
            .body(PAGE)
    };
    all.extend([
        Fault::transient("502 with an HTML page", UnexpectedStatus, page(502)),
        Fault::transient(
            "502 with a body of 100 MB",
            UnexpectedStatus,
            Response::status(502).repeated_body(b'x', 100_000_000),
        ),
        Fault::transient(
            "500 as presumably sent by the service",
            UnexpectedStatus,
            Response::server_error(1_767_225_600_000),
        ),
        denied(
            "401 with a stalling body",
            Response::unauthenticated().stall_after(3),
        )
        .hanging(),
    ]);
    all
}
