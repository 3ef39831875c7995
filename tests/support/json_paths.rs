//! A response with every property of the fragment, and the JSON path of every value in it.
//!
//! Tests replace one value at a time, at each of the paths.

use serde_json::{Map, Value, json};

use crate::fragment::{Fragment, Shape};

/// Relation of a value to its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A documented property of an object.
    Property,
    /// An item of an array.
    Item,
    /// A value of a map, whose keys are data.
    MapValue,
}

/// A value of a response.
pub struct ResponseNode<'f> {
    /// JSON pointer of the value.
    pub pointer: String,
    /// Relation to the parent value.
    pub role: Role,
    /// Schema at the position where the parent refers to the value.
    pub schema: &'f Value,
    /// Shape that the schema requires.
    pub shape: Shape<'f>,
}

/// Returns a response with every property of the fragment, two items in every array and two values
/// in every map, whose clip is complete.
pub fn full_response(fragment: &Fragment) -> Value {
    let mut response = sample_value(fragment, fragment.response_schema());
    response["clip"]["status"] = json!("COMPLETE");
    response
}

/// Returns every value of a response in preorder, without the response itself.
pub fn response_nodes<'f>(fragment: &'f Fragment, response: &Value) -> Vec<ResponseNode<'f>> {
    let mut nodes = Vec::new();
    collect(
        fragment,
        fragment.response_schema(),
        response,
        "",
        &mut nodes,
    );
    nodes
}

/// Appends a segment to a JSON pointer.
pub fn join_pointer(pointer: &str, step: &str) -> String {
    format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"))
}

fn sample_value(fragment: &Fragment, schema: &Value) -> Value {
    match fragment.shape(schema) {
        Shape::Boolean => json!(true),
        Shape::Integer => json!(7),
        Shape::Number => json!(7.5),
        Shape::Text => json!("text"),
        Shape::Enumeration(values) => json!(values[0]),
        Shape::Array(items) => {
            json!([sample_value(fragment, items), sample_value(fragment, items)])
        }
        // The second key has to be escaped in a JSON pointer.
        Shape::Map(values) => ["AAAAAAAAAAAAAAAAAAAAAA.v0", "a/b~c"]
            .map(|key| (key.to_owned(), sample_value(fragment, values)))
            .into_iter()
            .collect(),
        Shape::Object(properties) => properties
            .iter()
            .map(|(name, schema)| (name.clone(), sample_value(fragment, schema)))
            .collect::<Map<_, _>>()
            .into(),
    }
}

fn collect<'f>(
    fragment: &'f Fragment,
    schema: &'f Value,
    value: &Value,
    pointer: &str,
    nodes: &mut Vec<ResponseNode<'f>>,
) {
    let mut visit = |role, step: &str, schema: &'f Value, value: &Value| {
        let pointer = join_pointer(pointer, step);
        nodes.push(ResponseNode {
            pointer: pointer.clone(),
            role,
            schema,
            shape: fragment.shape(schema),
        });
        collect(fragment, schema, value, &pointer, nodes);
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
