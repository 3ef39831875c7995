//! The checked-in OpenAPI fragment, as the tests walk it.

use serde_json::{Map, Value};
use xtask::workspace;

/// The fragment, before its overlay: what the service's document says.
pub struct Fragment {
    document: Value,
}

/// What a schema asks of a value, null aside.
pub enum Shape<'f> {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// Text.
    Text,
    /// One of these texts.
    Enumeration(Vec<&'f str>),
    /// Items of this schema.
    Array(&'f Value),
    /// Values of this schema by keys of any name.
    Map(&'f Value),
    /// Properties, each with its schema.
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

    /// The document as it is.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// The schema of the operation's answer.
    pub fn answer(&self) -> &Value {
        let operation = &self.document["paths"]["/api/event/getClipWithProgress"]["post"];
        &operation["responses"]["200"]["content"]["application/json"]["schema"]
    }

    /// What a schema asks of a value.
    ///
    /// # Panics
    ///
    /// For a schema of a kind that the fragment has not had so far: whoever walks the fragment
    /// has to learn it, rather than pass over it.
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
                _ => panic!("an object of an unknown kind: {schema}"),
            },
            _ => panic!("a schema of an unknown kind: {schema}"),
        }
    }
}

impl Shape<'_> {
    /// What a [`DecodeIssue`](rhombus_clips_api::DecodeIssue) says was expected.
    pub fn expected(&self) -> &'static str {
        match self {
            Self::Boolean => "a boolean",
            Self::Integer => "a number within 64 bits",
            Self::Number => "a number",
            Self::Text | Self::Enumeration(_) => "a string",
            Self::Array(_) => "an array",
            Self::Map(_) | Self::Object(_) => "an object",
        }
    }

    /// Whether a value is of the right kind, with no regard to what is inside of it.
    pub fn fits(&self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            // Exactly: 2^63 is the first whole number beyond 64 bits.
            Self::Integer => {
                let within = -(2f64.powi(63))..2f64.powi(63);
                value.is_i64() || value.is_f64() && within.contains(&value.as_f64().unwrap())
            }
            Self::Number => value.is_number(),
            Self::Text | Self::Enumeration(_) => value.is_string(),
            Self::Array(_) => value.is_array(),
            Self::Map(_) | Self::Object(_) => value.is_object(),
        }
    }
}

/// The reason that a [`DecodeIssue`](rhombus_clips_api::DecodeIssue) gives for a value that does not
/// fit.
pub fn reason(shape: &Shape<'_>, value: &Value) -> String {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    format!("expected {}, found {found}", shape.expected())
}
