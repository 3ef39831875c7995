//! What a response and a checkpoint mean, whatever the switches of `serde_json` are.
//!
//! The main workspace runs these tests as well, without the switches that are enabled here, so that
//! the expected values are those of both.

use rhombus_clips::{Checkpoint, Client, ClipUuid};
use rhombus_clips_api::types::{ClipStatus, GetClipWithProgressResponse};
use rhombus_clips_sim::{Response, Service};

const UUID: ClipUuid = ClipUuid::from_bytes([7; 16]);

/// Every kind of number, in fields of every kind, and properties out of order.
const BODY: &str = r#"{"clip": {
    "zebra": {"b": 1.50, "a": [1e2, -0, 18446744073709551615, 12345678901234567890123]},
    "status": "RENDERING", "percentComplete": 45.9, "byteCount": 12345678901234,
    "durationSec": "soon", "title": 7.0, "createdAtMs": 1e3, "apple": {"d": 1, "c": 2},
    "fisheyeMap": {"z": [{"pitchDegrees": 1.25, "rollDegrees": 3, "verticalFieldOfViewDegrees": 9}], "y": null},
    "deviceUuids": ["a", 7, {"b": 1}], "clipLocation": {"region": 5, "city": 1.0}
}}"#;

/// The clip of the body, as it is serialized again.
const SERIALIZED: &str = concat!(
    r#"{"byteCount":12345678901234,"clipLocation":{"city":1.0,"region":5},"createdAtMs":1000,"#,
    r#""deviceUuids":["a",null,null],"#,
    r#""fisheyeMap":{"y":null,"z":[{"pitchDegrees":1.25,"rollDegrees":3.0,"verticalFieldOfViewDegrees":9}]},"#,
    r#""percentComplete":45,"status":"RENDERING","apple":{"c":2,"d":1},"durationSec":"soon","title":7.0,"#,
    r#""zebra":{"a":[100.0,-0.0,18446744073709551615,1.2345678901234568e+22],"b":1.5}}"#,
);

fn decode(body: &str) -> Result<GetClipWithProgressResponse, serde_json::Error> {
    rhombus_clips_api::decode(body.as_bytes())
}

#[test]
fn a_response_decodes_to_the_same_values() {
    let response = decode(BODY).unwrap();
    let issues: Vec<_> = response
        .decode_issues
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        issues,
        [
            "/clip/durationSec: expected a 64-bit integer, found a string",
            "/clip/title: expected a string, found a number",
            "/clip/deviceUuids/1: expected a string, found a number",
            "/clip/deviceUuids/2: expected a string, found an object",
            "/clip/clipLocation/region: expected a string, found a number",
        ]
    );
    let clip = response.clip.unwrap();
    assert_eq!(clip.status, Some(ClipStatus::Rendering));
    assert_eq!(clip.percent_complete, Some(45));
    assert_eq!(clip.byte_count, Some(12_345_678_901_234));
    assert_eq!(clip.created_at_ms, Some(1000));
    let names: Vec<_> = clip.extra.keys().map(String::as_str).collect();
    assert_eq!(names, ["apple", "durationSec", "title", "zebra"]);
    assert_eq!(serde_json::to_string(&clip).unwrap(), SERIALIZED);
}

#[test]
fn the_limits_of_numbers_and_nesting_are_the_same() {
    for number in ["1e400", "-1e400", "1e999999999"] {
        for place in [
            format!(r#"{{"clip": {{"byteCount": {number}}}}}"#),
            format!(r#"{{"clip": {{"unheardOf": [{number}]}}}}"#),
            format!(r#"{{"clip": {{"title": {number}}}}}"#),
        ] {
            let error = decode(&place).unwrap_err();
            assert!(
                error.to_string().contains("number out of range"),
                "{place}: {error}"
            );
        }
    }
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let nested = |levels| format!(r#"{{"clip": {{"unheardOf": {}}}}}"#, deep(levels));
    assert!(decode(&nested(100)).is_ok());
    assert!(decode(&nested(1000)).is_err());
    // A property that looks like the private form of a number is one.
    let response = decode(r#"{"clip": {"title": {"$serde_json::private::Raw": "1"}}}"#).unwrap();
    assert_eq!(response.decode_issues.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_checkpoint_is_the_same_text_and_reads_back() {
    let service = Service::start().await.unwrap();
    service.respond_next(Response::status(200).body(BODY));
    let builder = Client::builder().api_key(service.api_key());
    let client = builder.base_url(service.base_url()).build().unwrap();
    let mut updates = client.watch(UUID).stream();
    updates.next().await.unwrap().unwrap();
    let checkpoint = updates.stop();
    let text = checkpoint.to_string();
    assert_eq!(text.parse::<Checkpoint>().unwrap(), checkpoint);
    let hash = text.split(r#""content_hash":""#).nth(1).unwrap();
    assert_eq!(hash.get(..16), Some("481d1206e275964d"));
    let saved = r#"{"version":2,"clip_uuid":"BwcHBwcHBwcHBwcHBwcHBw","started_at_ms":1000000,"taken_at_ms":1030000,"elapsed_ms":30000,"timeout_ms":60000,"not_found_grace_period_ms":5000,"polls":9,"consecutive_failures":2,"missing_since_ms":29000,"next_poll_ms":31000,"last_status":{"status":"RENDERING","percent":33,"operation":"Processing video"},"poll_policy":"fixed 2000"}"#;
    let checkpoint: Checkpoint = saved.parse().unwrap();
    assert_eq!((checkpoint.polls(), checkpoint.clip_uuid()), (9, UUID));
    assert_eq!(
        checkpoint.to_string().parse::<Checkpoint>().unwrap(),
        checkpoint
    );
    for invalid in ["2.5", "-1", "1e400", "\"2\""] {
        let text = saved.replace("\"polls\":9", &format!("\"polls\":{invalid}"));
        assert!(text.parse::<Checkpoint>().is_err(), "{invalid}");
    }
}
