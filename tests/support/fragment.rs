//! The checked-in OpenAPI fragment, in a form that tests can walk.
//!
//! Tests that derive their input from the fragment cover a new property as soon as it is there.

use serde_json::{Map, Value};
use xtask::workspace;

/// The fragment before its overlay, as published by the service.
pub struct Fragment {
    document: Value,
}

/// The kind of value that a schema requires, apart from null.
pub enum Shape<'f> {
    /// `true` or `false`.
    Boolean,
    /// An integer.
    Integer,
    /// Any number.
    Number,
    /// A string.
    Text,
    /// One of these strings.
    Enumeration(Vec<&'f str>),
    /// An array with items of this schema.
    Array(&'f Value),
    /// An object with arbitrary keys and values of this schema.
    Map(&'f Value),
    /// An object with these properties.
    Object(&'f Map<String, Value>),
}

impl Fragment {
    /// Reads the checked-in file.
    pub fn read() -> Self {
        let text = std::fs::read_to_string(workspace::fragment()).unwrap();
        Self {
            document: serde_json::from_str(&text).unwrap(),
        }
    }

    /// The entire document.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// The schema of the operation's response.
    pub fn response_schema(&self) -> &Value {
        let operation = &self.document["paths"]["/api/event/getClipWithProgress"]["post"];
        &operation["responses"]["200"]["content"]["application/json"]["schema"]
    }

    /// Returns the shape of a schema.
    ///
    /// # Panics
    ///
    /// Panics on a kind of schema that the fragment did not contain before: the tests that walk the
    /// fragment must support it rather than skip it.
    pub fn shape<'f>(&'f self, schema: &'f Value) -> Shape<'f> {
        if let Some(reference) = schema["$ref"].as_str() {
            let pointer = reference.trim_start_matches('#');
            return self.shape(self.document.pointer(pointer).unwrap());
        }
        match schema["type"].as_str() {
            Some("boolean") => Shape::Boolean,
            Some("integer") => Shape::Integer,
            Some("number") => Shape::Number,
            Some("string") => match schema["enum"].as_array() {
                None => Shape::Text,
                Some(values) => {
                    Shape::Enumeration(values.iter().map(|v| v.as_str().unwrap()).collect())
                }
            },
            Some("array") => Shape::Array(&schema["items"]),
            Some("object") => match (&schema["properties"], &schema["additionalProperties"]) {
                (Value::Object(properties), Value::Null) => Shape::Object(properties),
                (Value::Null, values @ Value::Object(_)) => Shape::Map(values),
                _ => panic!("unsupported object schema: {schema}"),
            },
            _ => panic!("unsupported schema: {schema}"),
        }
    }
}

impl Shape<'_> {
    /// The expectation as worded in a [`DecodeIssue`](rhombus_clips_api::DecodeIssue).
    pub fn expected(&self) -> &'static str {
        match self {
            Self::Boolean => "a boolean",
            Self::Integer => "a 64-bit integer",
            Self::Number => "a number",
            Self::Text | Self::Enumeration(_) => "a string",
            Self::Array(_) => "an array",
            Self::Map(_) | Self::Object(_) => "an object",
        }
    }

    /// Returns whether a value has this shape, regardless of the values inside it.
    pub fn accepts(&self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            // 2^63 is the first integer beyond 64 bits, and is exact in double precision.
            Self::Integer => {
                let range = -(2f64.powi(63))..2f64.powi(63);
                value.is_i64() || value.is_f64() && range.contains(&value.as_f64().unwrap())
            }
            Self::Number => value.is_number(),
            Self::Text | Self::Enumeration(_) => value.is_string(),
            Self::Array(_) => value.is_array(),
            Self::Map(_) | Self::Object(_) => value.is_object(),
        }
    }
}

/// The reason in the [`DecodeIssue`](rhombus_clips_api::DecodeIssue) of a value with another shape.
pub fn decode_issue_reason(shape: &Shape<'_>, value: &Value) -> String {
    let actual = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    format!("expected {}, found {actual}", shape.expected())
}
