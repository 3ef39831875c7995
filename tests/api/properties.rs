//! Property-based tests of decoding, with random responses derived from the fragment.
//!
//! `PROPTEST_CASES` sets the number of responses per property. A failing response is shrunk, printed
//! and not stored.

use std::sync::LazyLock;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use rhombus_clips_api::DecodeIssues;
use rhombus_clips_api::types::GetClipWithProgressResponse;
use rhombus_clips_tests::fragment::{Fragment, Shape, decode_issue_reason};
use rhombus_clips_tests::json_paths::join_pointer;
use serde_json::{Map, Value, json};

/// The only property that a response must have.
const REQUIRED: &str = "clip";

static FRAGMENT: LazyLock<Fragment> = LazyLock::new(Fragment::read);

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        // A response has some hundred values, each of which is shrunk in turn.
        max_shrink_iters: 50_000,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn decoding_never_panics(
        body in prop_oneof![vec(any::<u8>(), 0..64), "[\"\\\\u{}\\[\\]ed890+.:, -]{0,64}".prop_map(String::into_bytes)],
        depth in select(vec![0, 99, 100, 101, 200]),
    ) {
        let deep = [b"[".repeat(depth), body].concat();
        let _ = rhombus_clips_api::decode::<GetClipWithProgressResponse>(&deep);
    }

    /// The encoding differs from the response as documented: a null property is absent, an integer
    /// has no fraction, and a number has double precision. Unknown properties, and items and map
    /// values that are null, are preserved.
    #[test]
    fn decoded_responses_are_encoded_unchanged(sent in response(InvalidValues::None)) {
        let (written, decode_issues) = expected_result(&sent);
        prop_assert_eq!(decode_issues, []);
        let decoded = decode(&sent)?;
        prop_assert_eq!(&*decoded.decode_issues, &[]);
        prop_assert_eq!(encode(&decoded), written.clone());

        let again = decode(&written)?;
        prop_assert_eq!(again, decoded);
    }

    #[test]
    fn invalid_values_do_not_fail_the_response(sent in response(InvalidValues::Some)) {
        let (written, mut decode_issues) = expected_result(&sent);
        let decoded = decode(&sent)?;
        let mut reported: Vec<(String, String)> = decoded
            .decode_issues
            .iter()
            .map(|issue| (issue.pointer.clone(), issue.reason.clone()))
            .collect();
        let omitted = decoded.decode_issues.omitted();
        prop_assert_eq!(reported.len() + omitted, decode_issues.len());
        prop_assert!(omitted == 0 || reported.len() == DecodeIssues::MAX_LISTED);
        reported.sort();
        decode_issues.sort();
        if omitted > 0 {
            decode_issues.retain(|issue| reported.contains(issue));
        }
        prop_assert_eq!(reported, decode_issues);
        prop_assert_eq!(encode(&decoded), written);
    }

    #[test]
    fn all_deserializers_agree(sent in response(InvalidValues::Some)) {
        type Response = GetClipWithProgressResponse;
        let text = sent.to_string();
        let from_str: Response = serde_json::from_str(&text).unwrap();
        let from_slice: Response = serde_json::from_slice(text.as_bytes()).unwrap();
        let from_reader: Response = serde_json::from_reader(text.as_bytes()).unwrap();
        let from_indented: Response = serde_json::from_str(&format!("{sent:#}")).unwrap();
        prop_assert_eq!(&from_slice, &from_str);
        prop_assert_eq!(&from_reader, &from_str);
        prop_assert_eq!(&from_indented, &from_str);
        let mut from_reversed: Response = serde_json::from_str(&reversed(&sent)).unwrap();
        let mut from_value: Response = serde_json::from_value(sent).unwrap();
        prop_assert_eq!(&from_value, &from_str);
        // Decode issues are reported in the order of the properties.
        let [reversed, forward] = [&mut from_reversed, &mut from_value].map(|response| {
            let issues = std::mem::take(&mut response.decode_issues);
            let omitted = issues.omitted();
            let mut issues = issues.to_vec();
            issues.sort();
            (issues, omitted)
        });
        prop_assert_eq!(reversed.1, forward.1);
        prop_assert!(forward.1 > 0 || reversed.0 == forward.0);
        prop_assert_eq!(from_reversed, from_value);
    }
}

fn decode(response: &Value) -> Result<GetClipWithProgressResponse, TestCaseError> {
    serde_json::from_str(&response.to_string())
        .map_err(|error| TestCaseError::fail(format!("{error}: {response}")))
}

fn encode(response: &GetClipWithProgressResponse) -> Value {
    serde_json::to_value(response).unwrap()
}

/// Serializes a value with the properties of every object in reverse order.
fn reversed(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(reversed).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(properties) => {
            let properties: Vec<String> = properties
                .iter()
                .rev()
                .map(|(name, value)| format!("{}:{}", json!(name), reversed(value)))
                .collect();
            format!("{{{}}}", properties.join(","))
        }
        scalar => scalar.to_string(),
    }
}

/// Returns the expected encoding of a response, and the expected decode issues as pointers and
/// reasons.
fn expected_result(sent: &Value) -> (Value, Vec<(String, String)>) {
    let mut decode_issues = Vec::new();
    let written = expected_encoding(
        &FRAGMENT,
        FRAGMENT.response_schema(),
        sent,
        "",
        &mut decode_issues,
    );
    (written.unwrap_or_default(), decode_issues)
}

/// Returns the expected encoding of a value, if it is neither null nor invalid.
fn expected_encoding(
    fragment: &Fragment,
    schema: &Value,
    sent: &Value,
    pointer: &str,
    decode_issues: &mut Vec<(String, String)>,
) -> Option<Value> {
    let shape = fragment.shape(schema);
    if sent.is_null() {
        return None;
    }
    if !shape.accepts(sent) {
        decode_issues.push((cut_names(pointer), decode_issue_reason(&shape, sent)));
        return None;
    }
    Some(match (shape, sent) {
        (Shape::Integer, Value::Number(number)) => match number.as_i64() {
            Some(_) => sent.clone(),
            None => json!(number.as_f64()? as i64),
        },
        (Shape::Number, Value::Number(number)) => json!(number.as_f64()),
        (Shape::Array(schema), Value::Array(items)) => {
            let items = items.iter().enumerate().map(|(index, item)| {
                let pointer = join_pointer(pointer, &index.to_string());
                expected_encoding(fragment, schema, item, &pointer, decode_issues)
            });
            items.map(Option::unwrap_or_default).collect()
        }
        (Shape::Map(schema), Value::Object(values)) => {
            let values = values.iter().map(|(key, value)| {
                let value = expected_encoding(
                    fragment,
                    schema,
                    value,
                    &join_pointer(pointer, key),
                    decode_issues,
                );
                (key.clone(), value.unwrap_or_default())
            });
            values.collect()
        }
        (Shape::Object(schemas), Value::Object(properties)) => {
            let mut written = Map::new();
            for (name, value) in properties {
                let encoded = match schemas.get(name) {
                    Some(_) if value.is_null() => continue,
                    Some(schema) => expected_encoding(
                        fragment,
                        schema,
                        value,
                        &join_pointer(pointer, name),
                        decode_issues,
                    ),
                    None => None,
                };
                // An invalid value is preserved, like an unknown property.
                written.insert(name.clone(), encoded.unwrap_or_else(|| value.clone()));
            }
            written.into()
        }
        _ => sent.clone(),
    })
}

/// Whether the generated response contains values of an undocumented type.
#[derive(Clone, Copy, PartialEq)]
enum InvalidValues {
    None,
    Some,
}

fn response(invalid_values: InvalidValues) -> BoxedStrategy<Value> {
    valid_value(&FRAGMENT, FRAGMENT.response_schema(), invalid_values)
}

/// Generates a value of this schema, or null, or with [`InvalidValues::Some`] any JSON.
fn nullable_value(
    fragment: &Fragment,
    schema: &Value,
    invalid_values: InvalidValues,
) -> BoxedStrategy<Value> {
    let valid_value = valid_value(fragment, schema, invalid_values);
    match invalid_values {
        InvalidValues::None => prop_oneof![1 => Just(Value::Null), 6 => valid_value].boxed(),
        InvalidValues::Some => {
            prop_oneof![1 => Just(Value::Null), 1 => any_json(), 6 => valid_value].boxed()
        }
    }
}

fn valid_value(
    fragment: &Fragment,
    schema: &Value,
    invalid_values: InvalidValues,
) -> BoxedStrategy<Value> {
    match fragment.shape(schema) {
        Shape::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Shape::Integer => integer().boxed(),
        Shape::Number => number().boxed(),
        Shape::Text => text().prop_map(Value::from).boxed(),
        Shape::Enumeration(known) => {
            let known: Vec<String> = known.into_iter().map(str::to_owned).collect();
            let unknown = prop_oneof!["[A-Z][A-Z0-9_]{0,9}", text()];
            prop_oneof![2 => select(known), 1 => unknown]
                .prop_map(Value::from)
                .boxed()
        }
        Shape::Array(items) => vec(nullable_value(fragment, items, invalid_values), 0..4)
            .prop_map(Value::from)
            .boxed(),
        Shape::Map(values) => btree_map(
            text(),
            nullable_value(fragment, values, invalid_values),
            0..4,
        )
        .prop_map(|values| values.into_iter().collect())
        .boxed(),
        Shape::Object(properties) => object(fragment, properties, invalid_values),
    }
}

fn object(
    fragment: &Fragment,
    properties: &Map<String, Value>,
    invalid_values: InvalidValues,
) -> BoxedStrategy<Value> {
    let mut known = Vec::new();
    for (name, schema) in properties {
        let value = if name == REQUIRED {
            prop_oneof![1 => Just(Value::Null), 6 => valid_value(fragment, schema, invalid_values)]
                .boxed()
        } else {
            nullable_value(fragment, schema, invalid_values)
        };
        known.push((Just(name.clone()), proptest::option::weighted(0.7, value)));
    }
    let known_names: Vec<String> = properties.keys().cloned().collect();
    let name = text().prop_filter("a known property", move |name| !known_names.contains(name));
    (btree_map(name, any_json(), 0..3), known)
        .prop_map(|(unknown, known)| {
            let known = known
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)));
            known.chain(unknown).collect()
        })
        .boxed()
}

fn integer() -> impl Strategy<Value = Value> {
    let limits = [
        0,
        -1,
        i64::from(i32::MAX),
        i64::from(i32::MAX) + 1,
        i64::from(i32::MIN),
        i64::from(i32::MIN) - 1,
        i64::MAX,
        i64::MIN,
    ];
    prop_oneof![
        select(limits.to_vec()).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0..=100i64).prop_map(Value::from),
        any::<i32>().prop_map(|integer| json!(f64::from(integer))),
        any::<i32>().prop_map(|integer| json!(f64::from(integer) / 8.0)),
    ]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<f64>().prop_map(Value::from),
        (-360.0..360.0f64).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        Just(json!(-0.0)),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let special = [
        "",
        " ",
        "null",
        "\0",
        "\"\\/\u{8}\u{c}\n\r\t",
        "~0/~1",
        "\u{2028}\u{feff}\u{10ffff}",
    ];
    prop_oneof![
        10 => "[a-zA-Z0-9 _.-]{0,12}",
        // Any character, including control characters.
        10 => "(?s).{0,12}",
        2 => select(special.to_vec()).prop_map(str::to_owned),
        1 => Just("long ü".repeat(1000)),
    ]
}

/// Generates any JSON.
fn any_json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        integer(),
        number(),
        text().prop_map(Value::from),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(text(), inner, 0..4).prop_map(|values| values.into_iter().collect()),
        ]
    })
}

/// Cuts every name in a JSON pointer to 64 bytes, as those of decode issues are.
fn cut_names(pointer: &str) -> String {
    let cut = |name: &str| {
        let name = name.replace("~1", "/").replace("~0", "~");
        let end = (0..=64.min(name.len())).rfind(|end| name.is_char_boundary(*end));
        let cut = name[..end.unwrap()].replace('~', "~0").replace('/', "~1");
        match name.len() > 64 {
            true => cut + "…",
            false => cut,
        }
    };
    pointer.split('/').map(cut).collect::<Vec<_>>().join("/")
}
