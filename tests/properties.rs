//! Random answers, generated from the fragment itself: what was sent is what is written back.
//!
//! `PROPTEST_CASES` sets how many answers each property is tried on. A failing one is printed,
//! cut down to what matters, and not stored.

use std::sync::LazyLock;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use rhombus_clips_api::types::GetClipWithProgressResponse;
use rhombus_clips_tests::fragment::{Fragment, Shape, reason};
use rhombus_clips_tests::places::below;
use serde_json::{Map, Value, json};

/// The one property that an answer is worth nothing without.
const ESSENTIAL: &str = "clip";

static FRAGMENT: LazyLock<Fragment> = LazyLock::new(Fragment::read);

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        // An answer has some hundred parts, each of which is cut down in turn.
        max_shrink_iters: 50_000,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_bytes_make_decoding_panic(
        body in prop_oneof![vec(any::<u8>(), 0..64), "[\"\\\\u{}\\[\\]ed890+.:, -]{0,64}".prop_map(String::into_bytes)],
        depth in select(vec![0, 99, 100, 101, 200]),
    ) {
        let deep = [b"[".repeat(depth), body].concat();
        let _ = rhombus_clips_api::decode::<GetClipWithProgressResponse>(&deep);
    }

    /// "What was sent" is the answer with these equalities of the contract carried out: a null
    /// property of the document is absent, an integer is without its fraction, and a number is
    /// double precision. Unknown properties, and items and values that are null, stay.
    #[test]
    fn what_was_sent_is_written_back(sent in answer(Oddity::None)) {
        let (written, decode_issues) = expectation(&sent);
        prop_assert_eq!(decode_issues, []);
        let decoded = decode(&sent)?;
        prop_assert_eq!(&decoded.decode_issues, &[]);
        prop_assert_eq!(encode(&decoded), written.clone());

        let again = decode(&written)?;
        prop_assert_eq!(again, decoded);
    }

    #[test]
    fn whatever_is_odd_costs_only_itself(sent in answer(Oddity::Some)) {
        let (written, mut decode_issues) = expectation(&sent);
        let decoded = decode(&sent)?;
        let mut reported: Vec<(String, String)> = decoded
            .decode_issues
            .iter()
            .map(|decode_issues| (decode_issues.pointer.clone(), decode_issues.reason.clone()))
            .collect();
        reported.sort();
        decode_issues.sort();
        prop_assert_eq!(reported, decode_issues);
        prop_assert_eq!(encode(&decoded), written);
    }

    #[test]
    fn an_answer_is_the_same_from_wherever_it_comes(sent in answer(Oddity::Some)) {
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
        // What is decode_issues is in the order in which it came.
        from_reversed.decode_issues.sort();
        from_value.decode_issues.sort();
        prop_assert_eq!(from_reversed, from_value);
    }
}

fn decode(answer: &Value) -> Result<GetClipWithProgressResponse, TestCaseError> {
    serde_json::from_str(&answer.to_string())
        .map_err(|error| TestCaseError::fail(format!("{error}: {answer}")))
}

fn encode(answer: &GetClipWithProgressResponse) -> Value {
    serde_json::to_value(answer).unwrap()
}

/// The text of a value with the properties of every object in reverse.
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

/// What is to be written back of an answer, and what is to be reported of it, as pointers and
/// reasons.
fn expectation(sent: &Value) -> (Value, Vec<(String, String)>) {
    let mut decode_issues = Vec::new();
    let written = expected(&FRAGMENT, FRAGMENT.answer(), sent, "", &mut decode_issues);
    (written.unwrap_or_default(), decode_issues)
}

/// What is to be written back of a value that is neither null nor odd.
fn expected(
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
    if !shape.fits(sent) {
        decode_issues.push((pointer.to_owned(), reason(&shape, sent)));
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
                let pointer = below(pointer, &index.to_string());
                expected(fragment, schema, item, &pointer, decode_issues)
            });
            items.map(Option::unwrap_or_default).collect()
        }
        (Shape::Map(schema), Value::Object(values)) => {
            let values = values.iter().map(|(key, value)| {
                let value = expected(fragment, schema, value, &below(pointer, key), decode_issues);
                (key.clone(), value.unwrap_or_default())
            });
            values.collect()
        }
        (Shape::Object(schemas), Value::Object(properties)) => {
            let mut written = Map::new();
            for (name, value) in properties {
                let kept = match schemas.get(name) {
                    Some(_) if value.is_null() => continue,
                    Some(schema) => expected(
                        fragment,
                        schema,
                        value,
                        &below(pointer, name),
                        decode_issues,
                    ),
                    None => None,
                };
                // What does not fit is kept as it came, just as what is unknown.
                written.insert(name.clone(), kept.unwrap_or_else(|| value.clone()));
            }
            written.into()
        }
        _ => sent.clone(),
    })
}

/// Whether values of another kind than the document's are among the generated ones.
#[derive(Clone, Copy, PartialEq)]
enum Oddity {
    None,
    Some,
}

fn answer(oddity: Oddity) -> BoxedStrategy<Value> {
    fitting(&FRAGMENT, FRAGMENT.answer(), oddity)
}

/// A value where the document wants one of this schema, or null.
fn at_a_place(fragment: &Fragment, schema: &Value, oddity: Oddity) -> BoxedStrategy<Value> {
    let fitting = fitting(fragment, schema, oddity);
    match oddity {
        Oddity::None => prop_oneof![1 => Just(Value::Null), 6 => fitting].boxed(),
        Oddity::Some => prop_oneof![1 => Just(Value::Null), 1 => anything(), 6 => fitting].boxed(),
    }
}

fn fitting(fragment: &Fragment, schema: &Value, oddity: Oddity) -> BoxedStrategy<Value> {
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
        Shape::Array(items) => vec(at_a_place(fragment, items, oddity), 0..4)
            .prop_map(Value::from)
            .boxed(),
        Shape::Map(values) => btree_map(text(), at_a_place(fragment, values, oddity), 0..4)
            .prop_map(|values| values.into_iter().collect())
            .boxed(),
        Shape::Object(properties) => object(fragment, properties, oddity),
    }
}

fn object(
    fragment: &Fragment,
    properties: &Map<String, Value>,
    oddity: Oddity,
) -> BoxedStrategy<Value> {
    let mut known = Vec::new();
    for (name, schema) in properties {
        let value = if name == ESSENTIAL {
            prop_oneof![1 => Just(Value::Null), 6 => fitting(fragment, schema, oddity)].boxed()
        } else {
            at_a_place(fragment, schema, oddity)
        };
        known.push((Just(name.clone()), proptest::option::weighted(0.7, value)));
    }
    let taken: Vec<String> = properties.keys().cloned().collect();
    let name = text().prop_filter("a known property", move |name| !taken.contains(name));
    (btree_map(name, anything(), 0..3), known)
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
        any::<i32>().prop_map(|whole| json!(f64::from(whole))),
        any::<i32>().prop_map(|whole| json!(f64::from(whole) / 8.0)),
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
        // Any character, control characters among them.
        10 => "(?s).{0,12}",
        2 => select(special.to_vec()).prop_map(str::to_owned),
        1 => Just("long ü".repeat(1000)),
    ]
}

/// Any JSON.
fn anything() -> impl Strategy<Value = Value> {
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
