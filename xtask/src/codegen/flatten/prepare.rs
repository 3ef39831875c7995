//! Brings every schema into the notation that the later steps read.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{COMPOSITIONS, Schemas};
use crate::spec::{SCHEMA_PREFIX, pointer, reference};

/// Extension of a schema: its JSON pointer in the service's document.
pub const ORIGIN: &str = "x-rust-origin";

/// Keywords that determine a type or its documentation.
const KEYWORDS: [&str; 11] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "description",
    "enum",
    "items",
    "oneOf",
    "properties",
    "required",
    "type",
];

/// Prepares every schema of a document. Adds the locations of malformed keywords, which are ignored.
pub(super) fn prepare(
    document: &Value,
    schemas: &Schemas,
    malformed: &mut BTreeSet<String>,
) -> Schemas {
    let prepared = schemas.iter().map(|(name, schema)| {
        let location = pointer::from_segments(["components", "schemas", name]);
        let mut preparation = Preparation {
            document,
            inlined: vec![location.clone()],
            malformed,
        };
        (name.clone(), preparation.keywords(schema, location))
    });
    prepared.collect()
}

struct Preparation<'d> {
    document: &'d Value,
    /// Locations that are being inlined, which end a cycle.
    inlined: Vec<String>,
    malformed: &'d mut BTreeSet<String>,
}

impl Preparation<'_> {
    /// Prepares a schema within another.
    fn schema(&mut self, schema: &Value, location: String) -> Value {
        let mut prepared = self.keywords(schema, location);
        if let Some(object) = prepared.as_object_mut() {
            unwrap_single_reference(object);
        }
        prepared
    }

    /// Prepares a schema. A named composition keeps its parts: it is a type of its own, and can gain some.
    fn keywords(&mut self, schema: &Value, location: String) -> Value {
        // The schemas of an operation have their locations.
        let location = match schema.get(ORIGIN).and_then(Value::as_str) {
            Some(origin) => origin.to_owned(),
            None => location,
        };
        let Some(object) = schema.as_object() else {
            self.malformed.insert(location.clone());
            return json!({ ORIGIN: location });
        };
        if let Some(target) = object.get("$ref").and_then(Value::as_str) {
            return self.reference(target, object, location);
        }
        let mut prepared = Map::new();
        for (key, value) in object {
            let below = || pointer::join(&location, key);
            if !is_well_formed(key, value) {
                self.malformed.insert(below());
                continue;
            }
            let value = match (key.as_str(), value) {
                ("properties", Value::Object(properties)) => {
                    let properties = properties.iter().map(|(name, schema)| {
                        (
                            name.clone(),
                            self.schema(schema, pointer::join(&below(), name)),
                        )
                    });
                    Value::Object(properties.collect())
                }
                ("type", Value::Array(types)) => {
                    // The notation of a later version for a type or null.
                    let mut types = types.iter().filter(|kind| *kind != "null");
                    match (types.next(), types.next()) {
                        (Some(only), None) => only.clone(),
                        _ => continue,
                    }
                }
                ("items", schema) | ("additionalProperties", schema @ Value::Object(_)) => {
                    self.schema(schema, below())
                }
                (key, Value::Array(parts)) if COMPOSITIONS.contains(&key) => {
                    let parts = parts.iter().enumerate().filter(|(_, part)| match key {
                        "allOf" => !is_annotation(part),
                        // Which of several properties is required does not restrict a type, either.
                        _ => !is_null_only(part) && !requires_only(part),
                    });
                    let parts = parts.map(|(index, part)| {
                        self.schema(part, pointer::join(&below(), &index.to_string()))
                    });
                    Value::Array(parts.collect())
                }
                (key, value) if KEYWORDS.contains(&key) || key.starts_with("x-rust-") => {
                    value.clone()
                }
                _ => continue,
            };
            prepared.insert(key.clone(), value);
        }
        prepared.insert(ORIGIN.to_owned(), location.into());
        Value::Object(prepared)
    }

    /// Prepares a reference, which keeps the annotations beside it.
    fn reference(&mut self, target: &str, object: &Map<String, Value>, location: String) -> Value {
        let mut prepared = Map::new();
        let target = reference::parse_target(target).unwrap_or_default();
        match &pointer::segments(&target)[..] {
            [components, schemas, name] if components == "components" && schemas == "schemas" => {
                prepared.insert("$ref".to_owned(), format!("{SCHEMA_PREFIX}{name}").into());
            }
            // A part of a schema has no name, and is inlined.
            _ if !self.inlined.contains(&target) => {
                if let Some(part) = self.document.pointer(&target) {
                    self.inlined.push(target.clone());
                    let part = self.schema(part, target);
                    self.inlined.pop();
                    prepared.extend(part.as_object().cloned().into_iter().flatten());
                }
            }
            _ => {}
        }
        prepared.extend(annotations(object));
        prepared.insert(ORIGIN.to_owned(), location.into());
        Value::Object(prepared)
    }
}

/// Returns what remains of a schema if its type comes from elsewhere.
fn annotations(object: &Map<String, Value>) -> impl Iterator<Item = (String, Value)> {
    let is_kept = |key: &str| key == "description" || key.starts_with("x-rust-");
    let kept = object.iter().filter(move |(key, _)| is_kept(key));
    kept.map(|(key, value)| (key.clone(), value.clone()))
}

/// Returns whether the value of a keyword has the right type.
fn is_well_formed(key: &str, value: &Value) -> bool {
    let is_text = |value: &Value| value.is_string();
    let are_texts = |value: &Value| {
        value
            .as_array()
            .is_some_and(|list| list.iter().all(is_text))
    };
    match key {
        "$ref" | "description" => is_text(value),
        "type" => is_text(value) || are_texts(value),
        "properties" | "items" => value.is_object(),
        "additionalProperties" => value.is_object() || value.is_boolean(),
        "required" => are_texts(value),
        "enum" | "allOf" | "anyOf" | "oneOf" => value.is_array(),
        _ => true,
    }
}

/// Returns whether a part of a composition restricts no type.
fn is_annotation(part: &Value) -> bool {
    let keys = part.as_object().into_iter().flat_map(Map::keys);
    !keys
        .into_iter()
        .any(|key| key != "description" && KEYWORDS.contains(&key.as_str()))
}

/// Returns whether a part of a composition only says which properties are required.
fn requires_only(part: &Value) -> bool {
    let mut keys = part.as_object().into_iter().flat_map(Map::keys);
    part.get("required").is_some()
        && keys.all(|key| key == "required" || !KEYWORDS.contains(&key.as_str()))
}

/// Returns whether a part of a composition allows nothing but null.
fn is_null_only(part: &Value) -> bool {
    let is_null = |value: &Value| *value == json!([null]) || *value == json!("null");
    let says_null = |key: &str| part.get(key).is_some_and(is_null);
    let is_nullable = part.get("nullable") == Some(&json!(true));
    says_null("enum") || says_null("type") || (is_nullable && is_annotation(part))
}

/// Turns a composition of a single reference, which is how OpenAPI 3.0 annotates a reference, into the
/// reference.
fn unwrap_single_reference(object: &mut Map<String, Value>) {
    let keys = || COMPOSITIONS.iter().filter(|key| object.contains_key(**key));
    let (Some(key), 1) = (keys().next(), keys().count()) else {
        return;
    };
    let part = match object[*key].as_array().map(Vec::as_slice) {
        Some([part]) if part.get("$ref").is_some() => part["$ref"].clone(),
        _ => return,
    };
    if ["properties", "enum", "additionalProperties", "items"]
        .iter()
        .any(|key| object.contains_key(*key))
    {
        return;
    }
    *object = annotations(object).collect();
    object.insert("$ref".to_owned(), part);
}
