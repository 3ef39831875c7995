//! A service that says the API key back. It must come out nowhere.

use rhombus_clips::ErrorKind::{Decode, Service, UnexpectedStatus};
use rhombus_clips_sim::{ClipStatus, Response, Step};
use serde_json::json;

use super::Fault;
use crate::expected::Outcome::{Done, Stopped};
use crate::expected::Tries::Looking;
use crate::terms::KEY;

pub fn faults() -> Vec<Fault> {
    let said = format!("no such key: {KEY}");
    // As JSON may write it, too.
    let escaped: String = KEY
        .chars()
        .map(|c| format!("\\u{:04x}", u32::from(c)))
        .collect();
    let record = Step::new(ClipStatus::from(KEY))
        .operation(KEY)
        .warning(said.clone())
        .with("title", said.clone())
        .with(KEY, json!({"description": KEY}))
        .with("durationSec", said.clone());
    let escaped_record = format!(
        r#"{{"clip": {{"status": "{escaped}", "currentOperation": "{escaped}", "{escaped}": 1}}}}"#
    );
    vec![
        Fault::passes(
            "the key in a 500, body and headers",
            UnexpectedStatus,
            Response::status(500)
                .header("X-Request-Id", KEY)
                .body(said.clone()),
        ),
        Fault::ends(
            "the key in a 400, at the edge of what is kept",
            UnexpectedStatus,
            Response::status(400).body("x".repeat(1020) + KEY),
        ),
        Fault::redirects("the key in a redirect", 307, format!("/?key={KEY}")),
        Fault::ends(
            "the key in error: true",
            Service,
            Response::domain_failure(&said),
        ),
        Fault::ends(
            "the key in a page",
            Decode,
            Response::status(200).body(format!("<p>{said}</p>")),
        ),
        Fault::ends(
            "the key as the clip",
            Decode,
            Response::json(&json!({"clip": KEY})),
        ),
        Fault::life(
            "the key in every property",
            [record],
            Done,
            (Stopped, Looking(2)),
        ),
        Fault::life(
            "the key in every property, escaped",
            [Step::response(Response::status(200).body(escaped_record))],
            Done,
            (Stopped, Looking(2)),
        ),
    ]
}
