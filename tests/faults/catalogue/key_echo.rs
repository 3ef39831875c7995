//! A service that echoes the API key. [`Row::evaluate`](crate::row::Row::evaluate) checks that no
//! value of the library exposes it.

use rhombus_clips::ErrorKind::{Decode, Service, UnexpectedStatus};
use rhombus_clips_sim::{ClipStatus, Response, Step};
use serde_json::json;

use super::Fault;
use crate::expected::Outcome::{Complete, DeadlineExceeded};
use crate::expected::RequestCount::Polling;
use crate::test_config::KEY;

pub fn faults() -> Vec<Fault> {
    let message = format!("no such key: {KEY}");
    // JSON permits this spelling, too.
    let escaped: String = KEY
        .chars()
        .map(|c| format!("\\u{:04x}", u32::from(c)))
        .collect();
    let record = Step::new(ClipStatus::from(KEY))
        .operation(KEY)
        .warning(message.clone())
        .with("title", message.clone())
        .with(KEY, json!({"description": KEY}))
        .with("durationSec", message.clone());
    let escaped_record = format!(
        r#"{{"clip": {{"status": "{escaped}", "currentOperation": "{escaped}", "{escaped}": 1}}}}"#
    );
    vec![
        Fault::transient(
            "key in a 500, body and headers",
            UnexpectedStatus,
            Response::status(500)
                .header("X-Request-Id", KEY)
                .body(message.clone()),
        ),
        Fault::permanent(
            "key in a 400, across the truncation limit",
            UnexpectedStatus,
            Response::status(400).body("x".repeat(1020) + KEY),
        ),
        Fault::redirect("key in a redirect", 307, format!("/?key={KEY}")),
        Fault::permanent(
            "key in error: true",
            Service,
            Response::domain_failure(&message),
        ),
        Fault::permanent(
            "key in an HTML page",
            Decode,
            Response::status(200).body(format!("<p>{message}</p>")),
        ),
        Fault::permanent(
            "key in place of the clip",
            Decode,
            Response::json(&json!({"clip": KEY})),
        ),
        Fault::clip_states(
            "key in every property",
            [record],
            Complete,
            (DeadlineExceeded, Polling(2)),
        ),
        Fault::clip_states(
            "key in every property, escaped",
            [Step::response(Response::status(200).body(escaped_record))],
            Complete,
            (DeadlineExceeded, Polling(2)),
        ),
    ]
}
