//! Example values of schemas, and values that are of another kind.

use serde_json::{Map, Value, json};

use super::shape::{Kind, Shape, shape};

/// Depth below which objects are empty and arrays hold nothing but null: schemas may refer to each
/// other.
const MAX_DEPTH: usize = 2;

/// Name of a property that no schema declares.
pub(crate) const UNDECLARED: &str = "a property that no schema declares";

/// An integer that a number of double precision cannot hold.
const LARGE_INTEGER: i64 = 9_007_199_254_740_993;

/// Returns values of a schema, or of several that declare the same property: at least one for each part
/// of a composition and each value of an enumeration.
pub(crate) fn examples(document: &Value, schemas: &[&Value], depth: usize) -> Vec<Value> {
    let shape = shape(document, schemas);
    let mut examples: Vec<Value> = shape.texts.iter().map(|text| json!(text)).collect();
    examples.extend(shape.values.iter().map(|value| (*value).clone()));
    let is_enumerated = !examples.is_empty();
    for kind in &shape.kinds {
        match kind {
            Kind::Object => examples.push(Value::Object(object(document, &shape, depth))),
            Kind::Array => examples.extend(arrays(document, &shape, depth)),
            Kind::Text => examples.push(json!("any \"text\" é 😀")),
            Kind::Integer if shape.kinds.contains(&Kind::Number) => examples.push(json!(7)),
            Kind::Integer if !is_enumerated => examples.push(json!(LARGE_INTEGER)),
            Kind::Number if !is_enumerated => examples.push(json!(0.1)),
            Kind::Boolean if !is_enumerated => examples.push(json!(false)),
            Kind::Any if !is_enumerated => examples.extend(any()),
            _ => {}
        }
    }
    if examples.is_empty() {
        examples.extend(any());
    }
    examples
}

/// Returns an object with every property, and with an undeclared one if the schema allows it.
pub(crate) fn object(document: &Value, shape: &Shape<'_>, depth: usize) -> Map<String, Value> {
    let mut object = Map::new();
    if depth > MAX_DEPTH {
        return object;
    }
    for (name, schemas) in &shape.properties {
        let first = examples(document, schemas, depth + 1).into_iter().next();
        object.extend(first.map(|value| ((*name).to_owned(), value)));
    }
    for entries in &shape.entries {
        let first = match entries {
            Value::Bool(_) => any().into_iter().next(),
            schema => examples(document, &[schema], depth + 1).into_iter().next(),
        };
        object.extend(first.map(|value| (UNDECLARED.to_owned(), value)));
    }
    if shape.properties.is_empty() && !shape.entries.is_empty() {
        object.insert("null".to_owned(), Value::Null);
    }
    object
}

/// Returns an array for each schema of the items. Items may be null, and may be repeated.
fn arrays(document: &Value, shape: &Shape<'_>, depth: usize) -> Vec<Value> {
    let of_items = shape.items.iter().map(|items| {
        let items = match depth > MAX_DEPTH {
            true => Vec::new(),
            false => examples(document, &[items], depth + 1),
        };
        let repeated = items.first().cloned();
        let items = items.into_iter().chain(repeated).chain([Value::Null]);
        items.collect()
    });
    let arrays: Vec<Value> = of_items.collect();
    match arrays.is_empty() {
        true => vec![json!([1, "two", null, { "three": [3.5] }])],
        false => arrays,
    }
}

/// Returns values for a schema that allows any.
fn any() -> [Value; 4] {
    [
        json!({ "any": [LARGE_INTEGER, null, { "": 0.1 }] }),
        json!([[]]),
        json!("any"),
        json!(true),
    ]
}

/// Returns a value that no schema of a shape allows, unless it allows any.
pub(crate) fn of_another_kind(shape: &Shape<'_>) -> Value {
    match shape.kind() {
        Kind::Text | Kind::EnumText => json!({ "unexpected": [1, null] }),
        _ => json!("unexpected"),
    }
}
