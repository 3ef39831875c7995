//! Answers with status 200 whose body is not what it should be.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use rhombus_clips::Clip;
use rhombus_clips::ErrorKind::{BodyTooLarge, Connection, Decode, Service, UnexpectedClip};
use rhombus_clips_sim::Response;
use serde_json::json;

use super::{Fault, Form};
use crate::ask::Way;

const MB: u64 = 1_000_000;

pub fn faults() -> Vec<Fault> {
    let text = |body: &[u8]| {
        Response::status(200)
            .header("Content-Type", "application/json")
            .body(body)
    };
    let bomb = Response::status(200).gzip_bomb(100 * MB);
    let undecodable = |name: &str, answer| Fault::ends(name, Decode, answer);
    vec![
        Fault::harmless("good JSON as text/html", |answer| {
            answer.header("Content-Type", "text/html")
        }),
        Fault::passes("no body", Connection, text(b"")),
        Fault::passes(
            "truncated JSON, Content-Length correct",
            Connection,
            text(br#"{"clip": {"status": "COMPLE"#),
        ),
        undecodable("not UTF-8, all of it", text(b"\xff\xfe{\0\"\0c\0")),
        undecodable(
            "nested 100,000 deep",
            text(("[".repeat(100_000) + &"]".repeat(100_000)).as_bytes()),
        ),
        Fault::changes("a property nested 1,000 deep", |body| {
            body["clip"]["notes"] = (0..1000).fold(json!(1), |inner, _| json!([inner]));
        }),
        Fault::changes("a property of another type", |body| {
            body["clip"]["title"] = json!({"en": "Door"});
        }),
        Fault::changes("properties that nobody knows", |body| {
            body["clip"]["weather"] = json!({"wind": [3, null]});
            body["trace"] = json!("7f");
        }),
        Fault::ends(
            "100 MB",
            BodyTooLarge,
            Response::status(200).repeated_body(b' ', 100 * MB),
        ),
        Fault::ends("gzip bomb, unpacked", BodyTooLarge, bomb.clone()),
        undecodable("gzip bomb, not unpacked", bomb).without_gzip(),
        undecodable(
            "gzip that is none",
            text(b"{}").header("Content-Encoding", "gzip"),
        ),
        Fault::passes(
            "gzip that ends early",
            Connection,
            text(&gzip()[..30]).header("Content-Encoding", "gzip"),
        ),
        undecodable("a page", text(b"<!doctype html><title>Sign in</title>")),
        undecodable("plain text", text(b"OK")),
        undecodable("an array", text(b"[]")),
        undecodable("null", text(b"null")),
        undecodable(
            "a clip that is no object",
            Response::json(&json!({"clip": "COMPLETE"})),
        ),
        undecodable(
            "no clip, and an error flag that is none",
            Response::json(&json!({"clip": null, "error": "yes"})),
        ),
        Fault::ends(
            "error: true with a message",
            Service,
            Response::domain_failure("the footage is gone"),
        ),
        Fault::ends(
            "error: true without a message",
            Service,
            Response::json(&json!({"error": true})),
        ),
        Fault::ends(
            "error: true beside a finished clip",
            Service,
            Response::json(&json!({"error": true, "clip": {"status": "COMPLETE"}})),
        ),
        Fault::changes("warningMsg beside success", |body| {
            body["warningMsg"] = json!("no audio");
        })
        .checked(|clip, form, way| {
            // Of a watch it is the last look that shows.
            let is_warned = form == Form::Always || way == Way::Get;
            let warning = is_warned.then_some("no audio");
            (clip.warning() != warning).then(|| format!("warning: {:?}", clip.warning()))
        }),
        Fault::passes(
            "another clip's UUID, and COMPLETE",
            UnexpectedClip,
            Response::json(&json!({"clip": {"uuid": OTHER, "status": "COMPLETE"}})),
        ),
        Fault::passes(
            "another clip's UUID, and FAILED",
            UnexpectedClip,
            Response::json(&json!({"clip": {"uuid": OTHER, "status": "FAILED"}})),
        ),
        Fault::changes("a UUID that is none", |body| {
            body["clip"]["uuid"] = json!("clip-7");
        })
        .checked(|clip: &Clip, _, _| {
            let own = clip.uuid().to_string().len() == 22;
            (!own).then(|| "not its own UUID".to_owned())
        }),
    ]
}

/// A good answer, compressed.
fn gzip() -> Vec<u8> {
    let titles: String = (0..400).map(|n| format!("{n}, ")).collect();
    let answer = json!({"clip": {"status": "COMPLETE", "title": titles}});
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(answer.to_string().as_bytes()).unwrap();
    gzip.finish().unwrap()
}

const OTHER: &str = "BwcHBwcHBwcHBwcHBwcHBw";
