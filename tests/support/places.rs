//! A whole answer, and every place in it.

use serde_json::{Map, Value, json};

use crate::fragment::{Fragment, Shape};

/// How a place is reached from the one above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A property of an object, by a name that the document knows.
    Property,
    /// An item of an array.
    Item,
    /// A value of a map, by a key that is data.
    MapValue,
}

/// A place in a whole answer.
pub struct Place<'f> {
    /// Where it is, as a JSON pointer.
    pub pointer: String,
    /// How it is reached.
    pub role: Role,
    /// What the document says about it, where it is reached.
    pub schema: &'f Value,
    /// What it asks of a value.
    pub shape: Shape<'f>,
}

/// An answer with every property of the fragment, two items in every array and two values in
/// every map, whose clip is complete.
pub fn whole_answer(fragment: &Fragment) -> Value {
    let mut answer = ordinary(fragment, fragment.answer());
    answer["clip"]["status"] = json!("COMPLETE");
    answer
}

/// Every place in an answer, from the outside in, without the answer itself.
pub fn places<'f>(fragment: &'f Fragment, answer: &Value) -> Vec<Place<'f>> {
    let mut places = Vec::new();
    collect(fragment, fragment.answer(), answer, "", &mut places);
    places
}

/// A JSON pointer, one step down.
pub fn below(pointer: &str, step: &str) -> String {
    format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"))
}

fn ordinary(fragment: &Fragment, schema: &Value) -> Value {
    match fragment.shape(schema) {
        Shape::Boolean => json!(true),
        Shape::Integer => json!(7),
        Shape::Number => json!(7.5),
        Shape::Text => json!("text"),
        Shape::Enumeration(values) => json!(values[0]),
        Shape::Array(items) => json!([ordinary(fragment, items), ordinary(fragment, items)]),
        // The second key needs the escapes that a JSON pointer has.
        Shape::Map(values) => ["AAAAAAAAAAAAAAAAAAAAAA.v0", "a/b~c"]
            .map(|key| (key.to_owned(), ordinary(fragment, values)))
            .into_iter()
            .collect(),
        Shape::Object(properties) => properties
            .iter()
            .map(|(name, schema)| (name.clone(), ordinary(fragment, schema)))
            .collect::<Map<_, _>>()
            .into(),
    }
}

fn collect<'f>(
    fragment: &'f Fragment,
    schema: &'f Value,
    value: &Value,
    pointer: &str,
    places: &mut Vec<Place<'f>>,
) {
    let mut visit = |role, step: &str, schema: &'f Value, value: &Value| {
        let pointer = below(pointer, step);
        places.push(Place {
            pointer: pointer.clone(),
            role,
            schema,
            shape: fragment.shape(schema),
        });
        collect(fragment, schema, value, &pointer, places);
    };
    match (fragment.shape(schema), value) {
        (Shape::Array(schema), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                visit(Role::Item, &index.to_string(), schema, item);
            }
        }
        (Shape::Map(schema), Value::Object(values)) => {
            for (key, value) in values {
                visit(Role::MapValue, key, schema, value);
            }
        }
        (Shape::Object(schemas), Value::Object(properties)) => {
            for (name, value) in properties {
                visit(Role::Property, name, &schemas[name], value);
            }
        }
        _ => {}
    }
}
