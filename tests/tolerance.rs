//! One odd value at every place of an answer, one at a time: each answer is decoded, and what is
//! odd costs only itself.
//!
//! The places are walked from the fragment, so that a new property is under test once it is there.

use std::collections::BTreeSet;

use rhombus_clips_api::types::{ClipStatus, GetClipWithProgressResponse};
use rhombus_clips_tests::fragment::{Fragment, Shape, reason};
use rhombus_clips_tests::places::{Place, Role, places, whole_answer};
use serde_json::{Value, json};

/// A name and a text that no document knows.
const UNHEARD_OF: &str = "UNHEARD_OF";

/// The one place that an answer is worth nothing without.
const ESSENTIAL: &str = "/clip";

const STATUS: &str = "/clip/status";

fn decode(answer: &Value) -> GetClipWithProgressResponse {
    serde_json::from_str(&answer.to_string()).unwrap_or_else(|e| panic!("{e}: {answer}"))
}

fn encode(answer: &GetClipWithProgressResponse) -> Value {
    // By way of text: a property that is written twice would be lost in a `Value`.
    let text = serde_json::to_string(answer).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(text.len(), value.to_string().len(), "{text}");
    value
}

fn with(answer: &Value, pointer: &str, value: Value) -> Value {
    let mut answer = answer.clone();
    *answer.pointer_mut(pointer).unwrap() = value;
    answer
}

/// The answer with the property at a pointer taken out.
fn without(answer: &Value, pointer: &str) -> (Value, String) {
    let (above, name) = pointer.rsplit_once('/').unwrap();
    let mut answer = answer.clone();
    let object = answer.pointer_mut(above).unwrap().as_object_mut().unwrap();
    object.remove(name).unwrap();
    (answer, above.to_owned())
}

fn with_beside(answer: &Value, above: &str, name: &str, value: Value) -> Value {
    let mut answer = answer.clone();
    answer.pointer_mut(above).unwrap()[name] = value;
    answer
}

/// Decodes an answer whose value at a place was exchanged for another that can be read.
fn read(answer: &Value, place: &Place<'_>) -> GetClipWithProgressResponse {
    let decoded = decode(answer);
    assert_eq!(decoded.decode_issues, [], "{}", place.pointer);
    if place.pointer != STATUS && place.pointer != ESSENTIAL {
        assert_complete(&decoded, &place.pointer);
    }
    decoded
}

fn assert_complete(decoded: &GetClipWithProgressResponse, pointer: &str) {
    let clip = decoded.clip.as_ref();
    let status = clip.and_then(|clip| clip.status.as_ref());
    assert_eq!(status, Some(&ClipStatus::Complete), "{pointer}");
}

/// Values of every kind of JSON, null aside.
fn every_kind() -> Vec<Value> {
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
fn a_whole_answer_has_every_property_of_every_response_schema() {
    let fragment = Fragment::read();
    let answer = whole_answer(&fragment);
    let reached: BTreeSet<*const Value> = places(&fragment, &answer)
        .iter()
        .filter(|place| place.role == Role::Property)
        .map(|place| std::ptr::from_ref(place.schema))
        .collect();
    let schemas = fragment.document()["components"]["schemas"].as_object();
    for (name, schema) in schemas.unwrap() {
        if name.ends_with("Request") {
            continue;
        }
        for (property, schema) in schema["properties"].as_object().into_iter().flatten() {
            let reached = reached.contains(&std::ptr::from_ref(schema));
            assert!(reached, "{name}.{property}");
        }
    }
}

#[test]
fn a_whole_answer_is_decoded_and_encoded_as_it_was() {
    let answer = whole_answer(&Fragment::read());
    let decoded = decode(&answer);
    assert_eq!(decoded.decode_issues, []);
    assert_complete(&decoded, "");
    assert_eq!(encode(&decoded), answer);
}

#[test]
fn null_is_absence_and_a_null_item_or_value_stays() {
    let fragment = Fragment::read();
    let answer = whole_answer(&fragment);
    for place in places(&fragment, &answer) {
        let sent = with(&answer, &place.pointer, Value::Null);
        let decoded = read(&sent, &place);
        let written = if place.role == Role::Property {
            let (absent, _) = without(&answer, &place.pointer);
            assert_eq!(decoded, decode(&absent), "{}", place.pointer);
            absent
        } else {
            sent
        };
        assert_eq!(encode(&decoded), written, "{}", place.pointer);
    }
}

#[test]
fn a_new_value_of_an_enumeration_is_kept() {
    let fragment = Fragment::read();
    let answer = whole_answer(&fragment);
    let mut enumerations = 0;
    for place in places(&fragment, &answer) {
        let Shape::Enumeration(known) = &place.shape else {
            continue;
        };
        enumerations += 1;
        for value in known {
            let sent = with(&answer, &place.pointer, json!(value));
            let decoded = decode(&sent);
            assert_eq!(decoded.decode_issues, [], "{}", place.pointer);
            assert!(!format!("{decoded:?}").contains("Unrecognized"), "{value}");
            assert_eq!(encode(&decoded), sent);
        }
        for value in [UNHEARD_OF, "", "complete", "COMPLETE ", "é\u{0}"] {
            let sent = with(&answer, &place.pointer, json!(value));
            let decoded = read(&sent, &place);
            let kept = format!("{:?}", ClipStatus::Unrecognized(value.to_owned()));
            assert!(format!("{decoded:?}").contains(&kept), "{}", place.pointer);
            assert_eq!(encode(&decoded), sent);
        }
    }
    assert!(enumerations > 0);
}

#[test]
fn an_unknown_property_is_kept_in_any_object() {
    let fragment = Fragment::read();
    let answer = whole_answer(&fragment);
    let mut above = vec![String::new()];
    for place in places(&fragment, &answer) {
        if let Shape::Object(_) = place.shape {
            above.push(place.pointer);
        }
    }
    for pointer in above {
        for value in every_kind().into_iter().chain([Value::Null]) {
            let sent = with_beside(&answer, &pointer, UNHEARD_OF, value);
            let decoded = decode(&sent);
            assert_eq!(decoded.decode_issues, [], "{pointer}");
            assert_complete(&decoded, &pointer);
            assert_eq!(encode(&decoded), sent, "{pointer}");
        }
    }
}

#[test]
fn an_integer_is_read_however_it_is_written() {
    let fragment = Fragment::read();
    let answer = whole_answer(&fragment);
    let as_it_is = [
        i64::from(i32::MAX) + 1,
        i64::from(i32::MIN) - 1,
        // The first whole number that double precision does not have.
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
    let mut integers = 0;
    for place in places(&fragment, &answer) {
        let Shape::Integer = place.shape else {
            continue;
        };
        integers += 1;
        for number in as_it_is {
            let sent = with(&answer, &place.pointer, json!(number));
            assert_eq!(encode(&read(&sent, &place)), sent, "{}", place.pointer);
        }
        for (text, number) in with_a_fraction {
            let sent = with(&answer, &place.pointer, serde_json::from_str(text).unwrap());
            let written = with(&answer, &place.pointer, json!(number));
            assert_eq!(encode(&read(&sent, &place)), written, "{}", place.pointer);
        }
    }
    assert!(integers > 0);
}

#[test]
fn a_number_is_read_as_double_precision() {
    let fragment = Fragment::read();
    let answer = whole_answer(&fragment);
    let mut numbers = 0;
    for place in places(&fragment, &answer) {
        let Shape::Number = place.shape else {
            continue;
        };
        numbers += 1;
        for number in [0.1, -33.5, 1e300, f64::MIN_POSITIVE, 16_777_217.0] {
            let sent = with(&answer, &place.pointer, json!(number));
            assert_eq!(encode(&read(&sent, &place)), sent, "{}", place.pointer);
        }
        for (whole, number) in [
            (json!(75), 75.0),
            (json!(i64::MIN), -9_223_372_036_854_775_808.0),
            (json!(u64::MAX), 18_446_744_073_709_551_616.0),
        ] {
            let sent = with(&answer, &place.pointer, whole);
            let written = with(&answer, &place.pointer, json!(number));
            assert_eq!(encode(&read(&sent, &place)), written, "{}", place.pointer);
        }
    }
    assert!(numbers > 0);
}

#[test]
fn a_value_of_another_kind_costs_only_itself() {
    let fragment = Fragment::read();
    let answer = whole_answer(&fragment);
    for place in places(&fragment, &answer) {
        let Place { pointer, shape, .. } = &place;
        if pointer == ESSENTIAL {
            continue;
        }
        for odd in every_kind().into_iter().filter(|odd| !shape.fits(odd)) {
            let sent = with(&answer, pointer, odd.clone());
            let mut decoded = decode(&sent);

            let decode_issues = std::mem::take(&mut decoded.decode_issues);
            assert_eq!(decode_issues.len(), 1, "{pointer}: {odd}");
            assert_eq!(&decode_issues[0].pointer, pointer);
            assert_eq!(decode_issues[0].reason, reason(shape, &odd));
            if pointer != STATUS {
                assert_complete(&decoded, pointer);
            }

            if place.role == Role::Property {
                // It is empty, and its value is in `extra`: just as if this version knew no
                // property of this name.
                let (absent, above) = without(&answer, pointer);
                let unknown = decode(&with_beside(&absent, &above, UNHEARD_OF, odd));
                let name = pointer.rsplit('/').next().unwrap();
                let expected = format!("{unknown:?}").replace(UNHEARD_OF, name);
                assert_eq!(format!("{decoded:?}"), expected, "{pointer}");
                assert_eq!(encode(&decoded), sent, "{pointer}");
            } else {
                let null = decode(&with(&answer, pointer, Value::Null));
                assert_eq!(decoded, null, "{pointer}");
            }
        }
    }
}

#[test]
fn an_answer_or_a_clip_that_is_no_object_cannot_be_decoded() {
    let answer = whole_answer(&Fragment::read());
    let refused = |answer: &Value| {
        serde_json::from_str::<GetClipWithProgressResponse>(&answer.to_string())
            .expect_err(&answer.to_string())
            .to_string()
    };
    for odd in every_kind().iter().filter(|odd| !odd.is_object()) {
        let why = reason(&Shape::Map(&Value::Null), odd);
        assert!(refused(odd).starts_with(&why), "{odd}: {}", refused(odd));
        let sent = with(&answer, ESSENTIAL, odd.clone());
        assert!(
            refused(&sent).starts_with(&why),
            "{odd}: {}",
            refused(&sent)
        );
    }
    refused(&Value::Null);
}

#[test]
fn of_a_property_that_is_there_twice_the_last_one_counts() {
    let title = |text: &str| {
        serde_json::from_str::<GetClipWithProgressResponse>(text)
            .unwrap()
            .clip
            .unwrap()
    };
    let fitting = title(r#"{"clip": {"title": 5, "title": "Door"}}"#);
    assert_eq!(fitting.title.as_deref(), Some("Door"));
    assert!(fitting.extra.is_empty());
    let odd = title(r#"{"clip": {"title": "Door", "title": 5}}"#);
    assert_eq!((odd.title, &odd.extra["title"]), (None, &json!(5)));
}
