//! Tolerant decoding: one value of a response at a time is replaced by an invalid or unusual one.
//!
//! The response must be decoded in every case, with a decode issue for the replaced value only. The
//! paths come from the fragment, so that a new property is tested as soon as it is there.

use std::collections::BTreeSet;

use rhombus_clips_api::types::{ClipStatus, GetClipWithProgressResponse};
use rhombus_clips_tests::fragment::{Fragment, Shape, decode_issue_reason};
use rhombus_clips_tests::json_paths::{ResponseNode, Role, full_response, response_nodes};
use serde_json::{Value, json};

/// An undocumented property name and enumeration value.
const UNKNOWN: &str = "UNKNOWN_NAME";

/// JSON pointer of the only value that a response must have.
const REQUIRED: &str = "/clip";

const STATUS: &str = "/clip/status";

fn decode(response: &Value) -> GetClipWithProgressResponse {
    serde_json::from_str(&response.to_string()).unwrap_or_else(|e| panic!("{e}: {response}"))
}

fn encode(response: &GetClipWithProgressResponse) -> Value {
    // Serializes to text first, because a `Value` would hide a property that is written twice.
    let text = serde_json::to_string(response).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(text.len(), value.to_string().len(), "{text}");
    value
}

fn with_value(response: &Value, pointer: &str, value: Value) -> Value {
    let mut response = response.clone();
    *response.pointer_mut(pointer).unwrap() = value;
    response
}

/// Removes the property at a pointer, and returns the pointer of its parent, too.
fn without_value(response: &Value, pointer: &str) -> (Value, String) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let mut response = response.clone();
    let object = response
        .pointer_mut(parent)
        .unwrap()
        .as_object_mut()
        .unwrap();
    object.remove(name).unwrap();
    (response, parent.to_owned())
}

fn with_property(response: &Value, parent: &str, name: &str, value: Value) -> Value {
    let mut response = response.clone();
    response.pointer_mut(parent).unwrap()[name] = value;
    response
}

/// Decodes a response in which a value was replaced by another valid one.
fn decode_valid(response: &Value, node: &ResponseNode<'_>) -> GetClipWithProgressResponse {
    let decoded = decode(response);
    assert_eq!(*decoded.decode_issues, [], "{}", node.pointer);
    if node.pointer != STATUS && node.pointer != REQUIRED {
        assert_complete(&decoded, &node.pointer);
    }
    decoded
}

fn assert_complete(decoded: &GetClipWithProgressResponse, pointer: &str) {
    let clip = decoded.clip.as_ref();
    let status = clip.and_then(|clip| clip.status.as_ref());
    assert_eq!(status, Some(&ClipStatus::Complete), "{pointer}");
}

/// Returns values of every JSON type except null.
fn values_of_every_type() -> Vec<Value> {
    vec![
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(7.5),
        json!(""),
        json!("true"),
        json!("7"),
        json!([]),
        json!([null, 7, "text", { "a": [1] }]),
        json!({}),
        json!({ "clip": { "status": "FAILED" }, "a/b~c": [null, 1e300] }),
        // Beyond 64 bits.
        json!(u64::MAX),
        json!(9_223_372_036_854_775_808_u64),
        json!(-9_223_372_036_854_777_856.0),
        json!(1e300),
    ]
}

#[test]
fn the_full_response_has_every_documented_property() {
    let fragment = Fragment::read();
    let response = full_response(&fragment);
    let reached: BTreeSet<*const Value> = response_nodes(&fragment, &response)
        .iter()
        .filter(|node| node.role == Role::Property)
        .map(|node| std::ptr::from_ref(node.schema))
        .collect();
    let schemas = fragment.document()["components"]["schemas"].as_object();
    let is_reached = |schema: &Value| reached.contains(&std::ptr::from_ref(schema));
    for (name, schema) in schemas.unwrap() {
        let properties = schema["properties"].as_object().into_iter().flatten();
        // Other operations have schemas of their own.
        if !properties.clone().any(|(_, schema)| is_reached(schema)) {
            continue;
        }
        for (property, schema) in properties {
            assert!(is_reached(schema), "{name}.{property}");
        }
    }
}

#[test]
fn the_full_response_survives_a_round_trip() {
    let response = full_response(&Fragment::read());
    let decoded = decode(&response);
    assert_eq!(*decoded.decode_issues, []);
    assert_complete(&decoded, "");
    assert_eq!(encode(&decoded), response);
}

#[test]
fn null_properties_are_absent_and_null_items_are_preserved() {
    let fragment = Fragment::read();
    let response = full_response(&fragment);
    for node in response_nodes(&fragment, &response) {
        let sent = with_value(&response, &node.pointer, Value::Null);
        let decoded = decode_valid(&sent, &node);
        let written = if node.role == Role::Property {
            let (absent, _) = without_value(&response, &node.pointer);
            assert_eq!(decoded, decode(&absent), "{}", node.pointer);
            absent
        } else {
            sent
        };
        assert_eq!(encode(&decoded), written, "{}", node.pointer);
    }
}

#[test]
fn unknown_enumeration_values_are_preserved() {
    let fragment = Fragment::read();
    let response = full_response(&fragment);
    let mut enumerations = 0;
    for node in response_nodes(&fragment, &response) {
        let Shape::Enumeration(known) = &node.shape else {
            continue;
        };
        enumerations += 1;
        for value in known {
            let sent = with_value(&response, &node.pointer, json!(value));
            let decoded = decode(&sent);
            assert_eq!(*decoded.decode_issues, [], "{}", node.pointer);
            assert!(!format!("{decoded:?}").contains("Unrecognized"), "{value}");
            assert_eq!(encode(&decoded), sent);
        }
        for value in [UNKNOWN, "", "complete", "COMPLETE ", "é\u{0}"] {
            let sent = with_value(&response, &node.pointer, json!(value));
            let decoded = decode_valid(&sent, &node);
            let expected = format!("{:?}", ClipStatus::Unrecognized(value.to_owned()));
            assert!(
                format!("{decoded:?}").contains(&expected),
                "{}",
                node.pointer
            );
            assert_eq!(encode(&decoded), sent);
        }
    }
    assert!(enumerations > 0);
}

#[test]
fn unknown_properties_are_preserved_in_every_object() {
    let fragment = Fragment::read();
    let response = full_response(&fragment);
    let mut objects = vec![String::new()];
    for node in response_nodes(&fragment, &response) {
        if let Shape::Object(_) = node.shape {
            objects.push(node.pointer);
        }
    }
    for pointer in objects {
        for value in values_of_every_type().into_iter().chain([Value::Null]) {
            let sent = with_property(&response, &pointer, UNKNOWN, value);
            let decoded = decode(&sent);
            assert_eq!(*decoded.decode_issues, [], "{pointer}");
            assert_complete(&decoded, &pointer);
            assert_eq!(encode(&decoded), sent, "{pointer}");
        }
    }
}

#[test]
fn integers_are_decoded_in_every_notation() {
    let fragment = Fragment::read();
    let response = full_response(&fragment);
    let integers = [
        i64::from(i32::MAX) + 1,
        i64::from(i32::MIN) - 1,
        // The first integer that double precision cannot represent.
        (1 << 53) + 1,
        i64::MAX,
        i64::MIN,
        0,
    ];
    let with_a_fraction = [
        ("75.0", 75),
        ("33.5", 33),
        ("-33.5", -33),
        ("0.999", 0),
        ("-0.0", 0),
        ("7.5e1", 75),
        ("4294967296.0", 1 << 32),
        ("-9.223372036854775808e18", i64::MIN),
    ];
    let mut checked = 0;
    for node in response_nodes(&fragment, &response) {
        let Shape::Integer = node.shape else {
            continue;
        };
        checked += 1;
        for number in integers {
            let sent = with_value(&response, &node.pointer, json!(number));
            assert_eq!(
                encode(&decode_valid(&sent, &node)),
                sent,
                "{}",
                node.pointer
            );
        }
        for (text, number) in with_a_fraction {
            let sent = with_value(
                &response,
                &node.pointer,
                serde_json::from_str(text).unwrap(),
            );
            let written = with_value(&response, &node.pointer, json!(number));
            assert_eq!(
                encode(&decode_valid(&sent, &node)),
                written,
                "{}",
                node.pointer
            );
        }
    }
    assert!(checked > 0);
}

#[test]
fn numbers_are_decoded_in_double_precision() {
    let fragment = Fragment::read();
    let response = full_response(&fragment);
    let mut numbers = 0;
    for node in response_nodes(&fragment, &response) {
        let Shape::Number = node.shape else {
            continue;
        };
        numbers += 1;
        for number in [0.1, -33.5, 1e300, f64::MIN_POSITIVE, 16_777_217.0] {
            let sent = with_value(&response, &node.pointer, json!(number));
            assert_eq!(
                encode(&decode_valid(&sent, &node)),
                sent,
                "{}",
                node.pointer
            );
        }
        for (integer, number) in [
            (json!(75), 75.0),
            (json!(i64::MIN), -9_223_372_036_854_775_808.0),
            (json!(u64::MAX), 18_446_744_073_709_551_616.0),
        ] {
            let sent = with_value(&response, &node.pointer, integer);
            let written = with_value(&response, &node.pointer, json!(number));
            assert_eq!(
                encode(&decode_valid(&sent, &node)),
                written,
                "{}",
                node.pointer
            );
        }
    }
    assert!(numbers > 0);
}

#[test]
fn a_value_of_another_type_is_a_decode_issue() {
    let fragment = Fragment::read();
    let response = full_response(&fragment);
    for node in response_nodes(&fragment, &response) {
        let ResponseNode { pointer, shape, .. } = &node;
        if pointer == REQUIRED {
            continue;
        }
        for invalid in values_of_every_type()
            .into_iter()
            .filter(|invalid| !shape.accepts(invalid))
        {
            let sent = with_value(&response, pointer, invalid.clone());
            let mut decoded = decode(&sent);

            let decode_issues = std::mem::take(&mut decoded.decode_issues);
            assert_eq!(decode_issues.len(), 1, "{pointer}: {invalid}");
            assert_eq!(&decode_issues[0].pointer, pointer);
            assert_eq!(
                decode_issues[0].reason,
                decode_issue_reason(shape, &invalid)
            );
            if pointer != STATUS {
                assert_complete(&decoded, pointer);
            }

            if node.role == Role::Property {
                // The field is empty and the value is in `extra`, as for an unknown property.
                let (absent, parent) = without_value(&response, pointer);
                let unknown = decode(&with_property(&absent, &parent, UNKNOWN, invalid));
                let name = pointer.rsplit('/').next().unwrap();
                let expected = format!("{unknown:?}").replace(UNKNOWN, name);
                assert_eq!(format!("{decoded:?}"), expected, "{pointer}");
                assert_eq!(encode(&decoded), sent, "{pointer}");
            } else {
                let null = decode(&with_value(&response, pointer, Value::Null));
                assert_eq!(decoded, null, "{pointer}");
            }
        }
    }
}

#[test]
fn a_response_or_clip_that_is_not_an_object_is_an_error() {
    let response = full_response(&Fragment::read());
    let decode_error = |response: &Value| {
        serde_json::from_str::<GetClipWithProgressResponse>(&response.to_string())
            .expect_err(&response.to_string())
            .to_string()
    };
    for invalid in values_of_every_type()
        .iter()
        .filter(|invalid| !invalid.is_object())
    {
        let expected = decode_issue_reason(&Shape::Map(&Value::Null), invalid);
        assert!(
            decode_error(invalid).starts_with(&expected),
            "{invalid}: {}",
            decode_error(invalid)
        );
        let sent = with_value(&response, REQUIRED, invalid.clone());
        // The pointer comes first.
        assert!(
            decode_error(&sent).starts_with(&format!("{REQUIRED}: {expected}")),
            "{invalid}: {}",
            decode_error(&sent)
        );
    }
    decode_error(&Value::Null);
}

#[test]
fn the_last_of_duplicate_properties_wins() {
    let title = |text: &str| {
        serde_json::from_str::<GetClipWithProgressResponse>(text)
            .unwrap()
            .clip
            .unwrap()
    };
    let fitting = title(r#"{"clip": {"title": 5, "title": "Door"}}"#);
    assert_eq!(fitting.title.as_deref(), Some("Door"));
    assert!(fitting.extra.is_empty());
    let invalid = title(r#"{"clip": {"title": "Door", "title": 5}}"#);
    assert_eq!((invalid.title, &invalid.extra["title"]), (None, &json!(5)));
}
