//! Answers that do not come, or not whole. A closed port is a [scenario](crate::scenario).

use std::time::Duration;

use rhombus_clips::ErrorKind::{Connection, Timeout};
use rhombus_clips_sim::Response;
use serde_json::json;

use super::Fault;

/// Far beyond the end of any head.
const WHOLE_HEAD: usize = usize::MAX;

pub fn faults() -> Vec<Fault> {
    let answer =
        || Response::json(&json!({"clip": {"status": "RENDERING", "percentComplete": 20}}));
    let half = 25;
    let broken = |name: &str, answer| Fault::passes(name, Connection, answer);
    let silent = |name: &str, answer| Fault::passes(name, Timeout, answer).hanging();
    vec![
        broken("closed before any byte", Response::close()),
        broken("reset before any byte", Response::reset()),
        broken("reset within the headers", answer().reset_in_head(40)),
        broken(
            "reset right after the headers",
            answer().reset_in_head(WHOLE_HEAD),
        ),
        broken("reset after half of the body", answer().reset_after(half)),
        broken("closed after half of the body", answer().cut_after(half)),
        broken(
            "Content-Length is no number",
            answer().header("Content-Length", "-5"),
        ),
        broken(
            "Content-Length twice, and not the same",
            answer()
                .header("Content-Length", "10")
                .header("Content-Length", "20"),
        ),
        broken(
            "Content-Length too short",
            answer().header("Content-Length", half.to_string()),
        )
        .spilling(),
        silent(
            "Content-Length too long",
            answer().header("Content-Length", "1000"),
        ),
        silent("no answer", Response::hang()),
        silent("the headers, and then nothing", answer().stall_after(0)),
        silent(
            "half of the body, and then nothing",
            answer().stall_after(half),
        ),
        silent(
            "byte by byte, too slow for an attempt",
            answer().trickle(Duration::from_millis(50)),
        ),
        Fault::harmless("byte by byte, slow but in time", |answer| {
            answer.trickle(Duration::from_millis(1))
        }),
    ]
}
