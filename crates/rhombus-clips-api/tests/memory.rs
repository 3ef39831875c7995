//! The memory that decoding takes, whatever the body: at most eight times its size, and 1 MiB.
//!
//! The fuzz target `decode_memory` looks for a body that takes more; these are the kinds that did.

use allocation_counter::measure;
use rhombus_clips_api::types::{GetClipWithProgressResponse, SavedClip};

const MIB: usize = 1024 * 1024;

/// Decodes a body, and returns the peak of the memory in bytes, without the body.
fn peak(body: &[u8]) -> (usize, Option<GetClipWithProgressResponse>) {
    let mut decoded = None;
    let allocations = measure(|| decoded = rhombus_clips_api::decode(body).ok());
    let bytes = usize::try_from(allocations.bytes_max).unwrap_or(usize::MAX);
    (bytes, decoded)
}

fn assert_bounded(name: &str, body: &[u8]) {
    let (bytes, _) = peak(body);
    let times = bytes / body.len();
    assert!(
        bytes + body.len() <= 8 * body.len() + MIB,
        "{name}: {bytes} bytes of {}, {times} times",
        body.len()
    );
}

/// Fills a body with numbered parts, separated by commas, up to a length in bytes.
fn filled(length: usize, start: &str, part: &dyn Fn(usize) -> String, end: &str) -> Vec<u8> {
    let mut body = start.to_owned();
    for index in 0.. {
        let part = part(index);
        if body.len() + part.len() + end.len() + 1 > length {
            break;
        }
        body.push_str(if index == 0 { "" } else { "," });
        body.push_str(&part);
    }
    (body + end).into_bytes()
}

type Part = dyn Fn(usize) -> String;

/// Bodies of each kind, of about this length in bytes.
fn bodies(length: usize) -> Vec<(&'static str, Vec<u8>)> {
    let kinds: Vec<(&str, &str, Box<Part>, &str)> = vec![
        (
            "empty objects in a list",
            r#"{"clip":{"fisheyeMap":{"a":["#,
            Box::new(|_| "{}".to_owned()),
            "]}}}",
        ),
        (
            "empty objects in a map",
            r#"{"clip":{"deviceUuidMap":{"#,
            Box::new(|index| format!(r#""{index}":{{}}"#)),
            "}}}",
        ),
        (
            "lists of one empty object",
            r#"{"clip":{"alterMap":{"#,
            Box::new(|index| format!(r#""{index}":[{{}}]"#)),
            "}}}",
        ),
        (
            "items of another type",
            r#"{"clip":{"alterMap":{"a":["#,
            Box::new(|_| "1".to_owned()),
            "]}}}",
        ),
        (
            "nulls",
            r#"{"clip":{"alterMap":{"a":["#,
            Box::new(|_| "null".to_owned()),
            "]}}}",
        ),
        (
            "objects with a property of another type",
            r#"{"clip":{"alterMap":{"a":["#,
            Box::new(|_| r#"{"crop":{"x":""}}"#.to_owned()),
            "]}}}",
        ),
        (
            "small objects with a property of another type",
            r#"{"clip":{"deviceIntervalMap":{"a":["#,
            Box::new(|_| r#"{"endMs":""}"#.to_owned()),
            "]}}}",
        ),
        (
            "objects with an unknown property",
            r#"{"clip":{"deviceIntervalMap":{"a":["#,
            Box::new(|_| r#"{"":0}"#.to_owned()),
            "]}}}",
        ),
        (
            "unknown properties",
            r#"{"clip":{"#,
            Box::new(|index| format!(r#""{index}":0"#)),
            "}}",
        ),
        (
            "unknown properties of the response",
            "{",
            Box::new(|index| format!(r#""{index}":[]"#)),
            "}",
        ),
        (
            "empty lists in an unknown property",
            r#"{"clip":{"unheardOf":["#,
            Box::new(|_| "[]".to_owned()),
            "]}}",
        ),
        (
            "lists of a number in an unknown property",
            r#"{"clip":{"unheardOf":["#,
            Box::new(|_| "[0]".to_owned()),
            "]}}",
        ),
        (
            "objects in an unknown property",
            r#"{"clip":{"unheardOf":["#,
            Box::new(|_| r#"{"":0}"#.to_owned()),
            "]}}",
        ),
        (
            "a list in place of a text",
            r#"{"clip":{"title":["#,
            Box::new(|_| "0".to_owned()),
            "]}}",
        ),
        (
            "empty texts",
            r#"{"clip":{"deviceUuids":["#,
            Box::new(|_| r#""""#.to_owned()),
            "]}}",
        ),
        (
            "an escaped text",
            r#"{"clip":{"title":""#,
            Box::new(|_| "\\n".repeat(1000)),
            r#""}}"#,
        ),
        (
            "many texts, then objects",
            r#"{"clip":{"unheardOf":[{},["#,
            Box::new(|index| format!(r#""{}",[],{{"a":[]}}"#, "\\n".repeat(index % 300))),
            "]]}}",
        ),
        (
            "bytes that are not UTF-8",
            r#"{"clip":{"title":""#,
            Box::new(|_| "!".repeat(50)),
            r#""}}"#,
        ),
        (
            "deep nesting",
            r#"{"clip":{"unheardOf":["#,
            Box::new(|_| "[".repeat(100) + &"]".repeat(100)),
            "]}}",
        ),
        (
            "integrations",
            r#"{"clip":{"integrationUploadList":["#,
            Box::new(|_| r#""A""#.to_owned()),
            "]}}",
        ),
    ];
    let bodies = kinds.into_iter().map(|(name, start, part, end)| {
        let mut body = filled(length, start, &*part, end);
        if name.ends_with("UTF-8") {
            body.iter_mut()
                .filter(|byte| **byte == b'!')
                .for_each(|byte| *byte = 0xff);
        }
        (name, body)
    });
    bodies.collect()
}

#[test]
fn decoding_takes_at_most_eight_times_the_body() {
    for length in [1000, 64 * 1024, 300_000, 2 * MIB] {
        for (name, body) in bodies(length) {
            assert_bounded(name, &body);
        }
    }
}

#[test]
fn the_names_in_decode_issues_are_cut_and_only_some_are_listed() {
    let name = "k".repeat(64 * 1024);
    let start = format!(r#"{{"clip":{{"deviceIntervalMap":{{"{name}":["#);
    let body = filled(128 * 1024, &start, &|_| "1".to_owned(), "]}}}");
    assert_bounded("a long name", &body);
    let response = peak(&body).1.unwrap();
    let issues = &response.decode_issues;
    assert_eq!(issues.len(), 32);
    let items = (body.len() - start.len() - 4).div_ceil(2);
    let (last, invalid) = (&issues[31], items - 32);
    assert_eq!(
        last.pointer,
        format!("/clip/deviceIntervalMap/{}…/31", &name[..64])
    );
    // Items that were read are an issue each, and those that were omitted are one together.
    assert!((1..=invalid).contains(&issues.omitted()), "{issues:?}");
    assert!(format!("{issues:?}").ends_with("more]"));
}

#[test]
fn what_is_omitted_is_reported_and_the_rest_is_decoded() {
    let start = r#"{"error":false,"clip":{"fisheyeMap":{"a":["#;
    let end = r#"]},"status":"COMPLETE","unheardOf":"kept"},"warningMsg":"a warning"}"#;
    let body = filled(MIB, start, &|_| "{}".to_owned(), end);
    let response = peak(&body).1.unwrap();
    let clip = response.clip.unwrap();
    let items = clip.fisheye_map.unwrap()["a"].as_ref().unwrap().len();
    let sent = (body.len() - start.len() - end.len()).div_ceil(3);
    assert_eq!(
        response.decode_issues[0].to_string(),
        format!(
            "/clip/fisheyeMap/a: {} values are omitted to limit memory",
            sent - items
        )
    );
    assert_eq!(response.decode_issues.len(), 1);
    assert_eq!(clip.status.unwrap().as_str(), "COMPLETE");
    assert_eq!(clip.extra["unheardOf"], "kept");
    assert_eq!(response.warning_msg.as_deref(), Some("a warning"));
}

#[test]
fn an_invalid_property_of_the_response_is_never_omitted() {
    let start = r#"{"clip":{"unheardOf":["#;
    let invalid =
        r#"],"deviceUuids":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]},"#;
    let end = format!(r#"{invalid}"error":"denied"}}"#);
    let body = filled(MIB, start, &|_| r#"{"":{}}"#.to_owned(), &end);
    let response = peak(&body).1.unwrap();
    assert!(response.decode_issues.omitted() > 0);
    assert_eq!(response.extra["error"], "denied");
}

/// A record as the service sends it, with every kind of list and map.
fn full_clip(index: usize) -> String {
    let device = |camera: usize| format!("{index:011}{camera:011}.v0");
    let devices: Vec<String> = (0..8).map(device).collect();
    let map = |value: &str| {
        let entries = devices
            .iter()
            .map(|device| format!(r#""{device}":{value}"#));
        entries.collect::<Vec<_>>().join(",")
    };
    let intervals = [r#"{"startMs":1785000000000,"endMs":1785000060000}"#; 8].join(",");
    let view = r#"{"crop":{"x":0,"y":0,"width":5000,"height":5000},"dewarp":{"aspectRatio":{"height":9,"width":16},"pitchDegrees":10.5,"rollDegrees":0.0,"yawDegrees":45.25,"verticalFieldOfViewDegrees":90}}"#;
    format!(
        r#"{{"uuid":"{index:022}","status":"COMPLETE","title":"Door","deviceUuids":["{}"],
        "deviceUuidMap":{{{}}},"deviceIntervalMap":{{{}}},"alterMap":{{{}}},"clipLocation":{{"region":"us-west-2"}}}}"#,
        devices.join("\",\""),
        map(r#"{"region":"us-west-2"}"#),
        map(&format!("[{intervals}]")),
        map(&format!("[{view},{view}]")),
    )
}

#[test]
fn a_full_record_is_decoded_whole_and_so_is_each_of_a_page() {
    let body = format!(r#"{{"clip":{}}}"#, full_clip(7));
    let (bytes, response) = peak(body.as_bytes());
    let response = response.unwrap();
    assert_eq!(*response.decode_issues, []);
    let clip: SavedClip = response.clip.unwrap();
    assert_eq!(clip.alter_map.unwrap().len(), 8);
    // Five times its length are allowed for each byte, so that a page of any length has room.
    assert!(bytes < 5 * body.len(), "{bytes} bytes of {}", body.len());
}
