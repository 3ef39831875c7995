//! Responses with status 200 and an unexpected or malformed body.
//!
//! A truncated body is a transient connection failure. A complete body that cannot be decoded is a
//! permanent failure, unless only properties of the clip are affected.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use rhombus_clips::Clip;
use rhombus_clips::ErrorKind::{BodyTooLarge, Connection, Decode, Service, UnexpectedClip};
use rhombus_clips_sim::Response;
use serde_json::json;

use super::{Fault, Occurrence};
use crate::call::EntryPoint;

const MB: u64 = 1_000_000;

pub fn faults() -> Vec<Fault> {
    let text = |body: &[u8]| {
        Response::status(200)
            .header("Content-Type", "application/json")
            .body(body)
    };
    let bomb = Response::status(200).gzip_bomb(100 * MB);
    let undecodable = |name: &str, response| Fault::permanent(name, Decode, response);
    vec![
        Fault::harmless("valid JSON as text/html", |response| {
            response.header("Content-Type", "text/html")
        }),
        Fault::transient("empty body", Connection, text(b"")),
        Fault::transient(
            "truncated JSON, Content-Length correct",
            Connection,
            text(br#"{"clip": {"status": "COMPLE"#),
        ),
        undecodable("not UTF-8", text(b"\xff\xfe{\0\"\0c\0")),
        undecodable(
            "nested 100,000 levels deep",
            text(("[".repeat(100_000) + &"]".repeat(100_000)).as_bytes()),
        ),
        // Beyond the parser's limit; no response is recorded that has such a property.
        undecodable("property nested 1,000 levels deep", {
            let deep = "[".repeat(1000) + &"]".repeat(1000);
            text(format!(r#"{{"clip": {{"notes": {deep}}}}}"#).as_bytes())
        }),
        Fault::harmless_edit("property of another type", |body| {
            body["clip"]["title"] = json!({"en": "Door"});
        }),
        Fault::harmless_edit("unknown properties", |body| {
            body["clip"]["weather"] = json!({"wind": [3, null]});
            body["trace"] = json!("7f");
        }),
        Fault::permanent(
            "body of 100 MB",
            BodyTooLarge,
            Response::status(200).repeated_body(b' ', 100 * MB),
        ),
        Fault::permanent("gzip bomb", BodyTooLarge, bomb),
        undecodable(
            "Content-Encoding: gzip, but not compressed",
            text(b"{}").header("Content-Encoding", "gzip"),
        ),
        Fault::transient(
            "truncated gzip",
            Connection,
            text(&compressed_response()[..30]).header("Content-Encoding", "gzip"),
        ),
        compressed("gzip", Some("gzip"), |body| gzip(&[body])),
        compressed("GZIP", Some("GZIP"), |body| gzip(&[body])),
        compressed("x-gzip", Some("x-gzip"), |body| gzip(&[body])),
        compressed("gzip, twice", Some("gzip, gzip"), |body| {
            gzip(&[&gzip(&[body])])
        }),
        compressed("gzip, several members", Some("gzip"), |body| {
            let (first, last) = body.split_at(body.len() / 2);
            gzip(&[first, b"", last])
        }),
        compressed("gzip without a header", None, |body| gzip(&[body])),
        undecodable(
            "another coding, declared",
            text(b"\x1b\x03\x00\xf8").header("Content-Encoding", "br"),
        ),
        undecodable(
            "another coding on top of gzip",
            text(&compressed_response()).header("Content-Encoding", "gzip, zstd"),
        ),
        undecodable(
            "another coding, not declared",
            text(b"\x28\xb5\x2f\xfd\x04\x00"),
        ),
        Fault::transient(
            "truncated after half a surrogate",
            Connection,
            text(br#"{"clip": {"status": "COMPLETE", "title": "cut \ud83d"#),
        ),
        Fault::transient(
            "truncated after a number beyond double precision",
            Connection,
            text(br#"{"clip": {"status": "COMPLETE", "byteCount": 1e400, "#),
        ),
        Fault::transient(
            "truncated inside of deep nesting",
            Connection,
            text(format!(r#"{{"clip": {{"notes": {}"#, "[".repeat(1000)).as_bytes()),
        ),
        Fault::transient(
            "truncated after a byte that is not UTF-8",
            Connection,
            text(b"{\"clip\": {\"title\": \"caf\xe9 and"),
        ),
        undecodable("HTML page", text(b"<!doctype html><title>Sign in</title>")),
        undecodable("plain text", text(b"OK")),
        undecodable("array", text(b"[]")),
        undecodable("null", text(b"null")),
        undecodable(
            "clip is not an object",
            Response::json(&json!({"clip": "COMPLETE"})),
        ),
        Fault::permanent(
            "error is a text, clip is null",
            Service,
            Response::json(&json!({"clip": null, "error": "no footage"})),
        ),
        Fault::permanent(
            "error is a text beside a complete clip",
            Service,
            Response::json(&json!({"clip": {"status": "COMPLETE"}, "error": "no footage"})),
        ),
        Fault::permanent(
            "error is a number beside a complete clip",
            Service,
            Response::json(&json!({"clip": {"status": "COMPLETE"}, "error": 17})),
        ),
        Fault::permanent(
            "error: true with a message",
            Service,
            Response::domain_failure("the footage is gone"),
        ),
        Fault::permanent(
            "error: true without a message",
            Service,
            Response::json(&json!({"error": true})),
        ),
        Fault::permanent(
            "error: true and a complete clip",
            Service,
            Response::json(&json!({"error": true, "clip": {"status": "COMPLETE"}})),
        ),
        Fault::harmless_edit("warningMsg on success", |body| {
            body["warningMsg"] = json!("no audio");
        })
        .with_check(|clip, occurrence, entry_point| {
            // A watch returns the clip of its last poll.
            let is_warned = occurrence == Occurrence::Always || entry_point == EntryPoint::Get;
            let warning = is_warned.then_some("no audio");
            (clip.warning() != warning).then(|| format!("warning: {:?}", clip.warning()))
        }),
        Fault::transient(
            "UUID of another clip, COMPLETE",
            UnexpectedClip,
            Response::json(&json!({"clip": {"uuid": OTHER, "status": "COMPLETE"}})),
        ),
        Fault::transient(
            "UUID of another clip, FAILED",
            UnexpectedClip,
            Response::json(&json!({"clip": {"uuid": OTHER, "status": "FAILED"}})),
        ),
        Fault::harmless_edit("invalid UUID", |body| {
            body["clip"]["uuid"] = json!("clip-7");
        })
        .with_check(|clip: &Clip, _, _| {
            let is_valid = clip.uuid().to_string().len() == 22;
            (!is_valid).then(|| "not the requested UUID".to_owned())
        }),
    ]
}

/// A response that is compressed unasked, or in another way than is usual.
fn compressed(
    name: &str,
    coding: Option<&'static str>,
    compress: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static,
) -> Fault {
    Fault::harmless(name, move |response| {
        let response = response.map_body(&compress);
        match coding {
            Some(coding) => response.header("Content-Encoding", coding),
            None => response,
        }
    })
}

/// Body of a valid response, compressed.
fn compressed_response() -> Vec<u8> {
    let titles: String = (0..400).map(|n| format!("{n}, ")).collect();
    let response = json!({"clip": {"status": "COMPLETE", "title": titles}});
    gzip(&[response.to_string().as_bytes()])
}

/// Compresses texts, each as a member of one gzip stream.
fn gzip(members: &[&[u8]]) -> Vec<u8> {
    let member = |text: &&[u8]| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(text).unwrap();
        gzip.finish().unwrap()
    };
    members.iter().flat_map(member).collect()
}

/// UUID of a clip that was not requested.
const OTHER: &str = "BwcHBwcHBwcHBwcHBwcHBw";
