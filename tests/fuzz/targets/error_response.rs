//! Maps responses with arbitrary status, headers and body to errors. No part of an error exposes
//! the API key that the response echoes.

#![no_main]

use arbitrary::{Arbitrary, Unstructured};
use http::{HeaderName, HeaderValue, StatusCode};
use libfuzzer_sys::fuzz_target;
use rhombus_clips_fuzz::{EchoSpelling, Key, check_clip, check_error, error_texts, map_response};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    before: &'a str,
    after: &'a str,
    status: u16,
    headers: Vec<(u8, Vec<Part<'a>>)>,
    body: Vec<Part<'a>>,
    /// Length at which the body is truncated.
    length: Option<u16>,
}

#[derive(Arbitrary, Debug)]
enum Part<'a> {
    Bytes(&'a [u8]),
    Known(u8),
    Key { spelling: EchoSpelling, times: u8 },
    Padding(u16),
}

const STATUSES: [u16; 8] = [200, 302, 401, 403, 404, 429, 500, 503];

const HEADERS: [&str; 8] = [
    "content-type",
    "date",
    "location",
    "retry-after",
    "www-authenticate",
    "x-amzn-requestid",
    "x-echo",
    "x-request-id",
];

/// Parts of responses that the service is known to send.
const KNOWN_PARTS: [&str; 16] = [
    r#"{"error":true,"errorMsg":""#,
    r#"{"error":true,"clip":{"title":""#,
    r#"{"clip":{"status":"RENDERING","title":""#,
    r#"{"clip":{"uuid":""#,
    r#"{"clip":{"alterMap":{""#,
    r#"{"clip":""#,
    r#"{"error":""#,
    r#"":[{"crop":{""#,
    r#"":"#,
    r#"","#,
    r#""}"#,
    r#""}}"#,
    r#"]}}}"#,
    r#"{"status":403,"msg":"Invalid api key "#,
    "Too many api requests. Enhance your calm.",
    "<!doctype html><title>",
];

fuzz_target!(|data: &[u8]| {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else {
        return;
    };
    let key = Key::new(data, input.before, input.after);
    let status = match STATUSES.get(usize::from(input.status)) {
        Some(status) => *status,
        None => 100 + input.status % 900,
    };
    let mut body = render(&input.body, &key);
    body.truncate(input.length.map_or(usize::MAX, usize::from));

    let mut response = http::Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, parts) in &input.headers {
        let name = HEADERS[usize::from(*name) % HEADERS.len()];
        if let Ok(value) = HeaderValue::from_bytes(&render(parts, &key)) {
            let name = HeaderName::from_static(name);
            response.headers_mut().append(name, value);
        }
    }

    match map_response(key.text(), response) {
        Ok(Some(clip)) => {
            check_clip(&clip);
            key.assert_not_exposed(&format!("{clip:?}"));
        }
        Ok(None) => {}
        Err(error) => {
            check_error(&error);
            assert_eq!(error.status(), Some(status));
            let headers = HEADERS.iter().filter_map(|name| error.header(name));
            for text in headers.map(str::to_owned).chain(error_texts(&error)) {
                key.assert_not_exposed(&text);
            }
        }
    }
});

fn render(parts: &[Part<'_>], key: &Key) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        match part {
            Part::Bytes(part) => bytes.extend_from_slice(part),
            Part::Known(index) => {
                let known = KNOWN_PARTS[usize::from(*index) % KNOWN_PARTS.len()];
                bytes.extend_from_slice(known.as_bytes());
            }
            Part::Key { spelling, times } => {
                let echo = key.echo(*spelling).repeat(usize::from(*times));
                bytes.extend_from_slice(echo.as_bytes());
            }
            Part::Padding(length) => bytes.resize(bytes.len() + usize::from(length % 4096), b'.'),
        }
    }
    bytes
}
