//! Missing and incomplete responses, all of them transient failures. A closed port is a
//! [scenario](crate::scenario), because a response cannot express it.

use std::time::Duration;

use rhombus_clips::ErrorKind::{Connection, Timeout};
use rhombus_clips_sim::Response;
use serde_json::json;

use super::Fault;

/// An offset beyond the end of any response head.
const END_OF_HEAD: usize = usize::MAX;

pub fn faults() -> Vec<Fault> {
    let response =
        || Response::json(&json!({"clip": {"status": "RENDERING", "percentComplete": 20}}));
    let half = 25;
    let broken = |name: &str, response| Fault::transient(name, Connection, response);
    let silent = |name: &str, response| Fault::transient(name, Timeout, response).hanging();
    vec![
        broken("closed before the response", Response::close()),
        broken("reset before the response", Response::reset()),
        broken("reset inside the headers", response().reset_in_head(40)),
        broken(
            "reset right after the headers",
            response().reset_in_head(END_OF_HEAD),
        ),
        broken("reset after half of the body", response().reset_after(half)),
        broken("closed after half of the body", response().cut_after(half)),
        broken(
            "Content-Length is not a number",
            response().header("Content-Length", "-5"),
        ),
        broken(
            "two different Content-Length headers",
            response()
                .header("Content-Length", "10")
                .header("Content-Length", "20"),
        ),
        broken(
            "Content-Length too short",
            response().header("Content-Length", half.to_string()),
        )
        .leaving_unread_bytes(),
        silent(
            "Content-Length too long",
            response().header("Content-Length", "1000"),
        ),
        silent("no response", Response::hang()),
        silent("stalls after the headers", response().stall_after(0)),
        silent(
            "stalls after half of the body",
            response().stall_after(half),
        ),
        silent(
            "byte by byte, beyond the attempt timeout",
            response().trickle(Duration::from_millis(50)),
        ),
        Fault::harmless("byte by byte, within the attempt timeout", |response| {
            response.trickle(Duration::from_millis(1))
        }),
    ]
}
