//! Flattens the schemas of a document into the two forms that types are generated from: objects with
//! properties, and enumerations of strings.
//!
//! OpenAPI has several ways to express the same type, and the next version of the service's
//! document may use others than this one. Four steps, in this order:
//!
//! 1. `prepare`: every reference names a schema, a reference with annotations is still a reference,
//!    and every schema knows its location in the document ([`ORIGIN`]). What does not affect a type is
//!    dropped: limits, defaults and formats, which a response may violate and must be decoded
//!    nevertheless; and nullability, because every property may be null.
//! 2. `hoist`: an inline object, enumeration or composition becomes a named schema: `SavedClip` with an
//!    inline `cut` yields a `SavedClipCut`.
//! 3. `compose`: a composition (`allOf`, `oneOf`, `anyOf`) of objects becomes one object with the
//!    properties of all parts; any other becomes the type that all parts have in common.
//! 4. `alias`: a named schema without a Rust type of its own is inlined at its references: a string, a
//!    number, an array, a map, arbitrary JSON, or another name of a schema.

mod alias;
mod compose;
mod hoist;
mod prepare;

use std::collections::BTreeSet;

use heck::ToUpperCamelCase;
use serde_json::{Map, Value};

pub use hoist::INLINE_IN;
pub use prepare::ORIGIN;

/// Schemas by name.
pub type Schemas = Map<String, Value>;

/// Flattens schemas. References are resolved in `document`, which contains them. Adds the locations of
/// malformed keywords, which are ignored.
pub fn flatten(document: &Value, schemas: &Schemas, malformed: &mut BTreeSet<String>) -> Schemas {
    let mut schemas = prepare::prepare(document, schemas, malformed);
    hoist::hoist(&mut schemas);
    compose::compose(&mut schemas);
    alias::inline_aliases(&mut schemas);
    schemas
}

/// Keywords of a composition, whose values are lists of schemas.
const COMPOSITIONS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// A schema directly within another.
struct ChildSchema<'s> {
    /// Role in the parent, in camel case: the suffix of its name. Parts of a composition have none.
    role: Option<String>,
    schema: &'s mut Value,
}

/// Visits the schemas directly within a schema.
fn child_schemas(schema: &mut Value) -> Vec<ChildSchema<'_>> {
    let mut children = Vec::new();
    for (key, value) in schema.as_object_mut().into_iter().flatten() {
        let child = |role: &str, schema| ChildSchema {
            role: Some(role.to_upper_camel_case()),
            schema,
        };
        match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                children.extend(
                    properties
                        .iter_mut()
                        .map(|(name, schema)| child(name, schema)),
                );
            }
            ("items", schema) => children.push(child("Item", schema)),
            ("additionalProperties", schema @ Value::Object(_)) => {
                children.push(child("Value", schema));
            }
            (key, Value::Array(parts)) if COMPOSITIONS.contains(&key) => {
                children.extend(
                    parts
                        .iter_mut()
                        .map(|schema| ChildSchema { role: None, schema }),
                );
            }
            _ => {}
        }
    }
    children
}

fn is_composition(schema: &Value) -> bool {
    COMPOSITIONS.iter().any(|key| schema.get(key).is_some())
}

/// Returns whether a schema becomes a struct.
pub fn is_struct(schema: &Value) -> bool {
    schema.get("properties").is_some()
}

/// Returns the values of an enumeration of strings, without null and repetitions; `None` for any other
/// schema.
pub fn enum_texts(schema: &Value) -> Option<Vec<&str>> {
    let is_text = schema.get("type").is_none_or(|kind| kind == "string");
    let values = schema.get("enum")?.as_array()?;
    let mut texts = Vec::new();
    for value in values.iter().filter(|value| !value.is_null()) {
        let text = value.as_str()?;
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    (is_text && !texts.is_empty()).then_some(texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Flattens schemas, and removes the locations from the result.
    fn flattened(schemas: Value) -> Value {
        let document = json!({ "components": { "schemas": schemas } });
        let schemas = schemas.as_object().cloned().unwrap_or_default();
        let mut flat = Value::Object(flatten(&document, &schemas, &mut BTreeSet::new()));
        crate::spec::walk_mut(&mut flat, &mut |value| {
            if let Some(object) = value.as_object_mut() {
                object.retain(|key, _| ![ORIGIN, INLINE_IN].contains(&key.as_str()));
            }
        });
        flat
    }

    fn reference(name: &str) -> Value {
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    #[test]
    fn inline_schemas_are_named_after_their_role() {
        let cut = json!({ "properties": { "side": { "type": "string", "enum": ["LEFT"] } } });
        let schemas = flattened(json!({
            "Clip": { "properties": {
                "cut": { "nullable": true, "properties": cut["properties"] },
                "cuts": { "type": "array", "items": cut },
            } },
        }));
        let properties = &schemas["Clip"]["properties"];
        assert_eq!(properties["cut"], reference("ClipCut"));
        assert_eq!(properties["cuts"]["items"], reference("ClipCutsItem"));
        assert_eq!(
            schemas["ClipCut"]["properties"]["side"],
            reference("ClipCutSide")
        );
        assert_eq!(schemas["ClipCutSide"]["enum"], json!(["LEFT"]));
    }

    #[test]
    fn a_name_in_use_is_not_reused() {
        let schemas = flattened(json!({
            "Clip": { "properties": { "cut": { "properties": {} } } },
            "ClipCut": { "properties": { "other": { "type": "string" } } },
        }));
        assert_eq!(schemas["Clip"]["properties"]["cut"], reference("ClipCut_"));
        assert!(schemas["ClipCut"]["properties"]["other"].is_object());
    }

    #[test]
    fn aliases_are_inlined_at_their_references() {
        let schemas = flattened(json!({
            "Ruuid": { "type": "string", "format": "RUUID", "description": "An identifier." },
            "Ruuids": { "type": "array", "items": reference("Ruuid") },
            "Same": reference("Clip"),
            "Clip": { "properties": {
                "uuid": { "$ref": "#/components/schemas/Ruuid", "description": "The clip's." },
                "users": reference("Ruuids"),
                "same": { "allOf": [reference("Same")], "nullable": true },
            } },
        }));
        let ruuid = json!({ "type": "string", "description": "An identifier." });
        let properties = &schemas["Clip"]["properties"];
        assert_eq!(
            properties["users"],
            json!({ "type": "array", "items": ruuid })
        );
        assert_eq!(properties["uuid"]["description"], "The clip's.");
        assert_eq!(properties["same"], reference("Clip"));
        assert_eq!(schemas.as_object().unwrap().len(), 1);
    }

    #[test]
    fn what_a_response_may_violate_is_dropped_but_not_properties_of_the_same_name() {
        let schemas = flattened(json!({
            "Clip": { "properties": { "pattern": { "type": "string", "format": "date", "maxLength": 9, "default": "x" } } },
        }));
        assert_eq!(
            schemas["Clip"]["properties"]["pattern"],
            json!({ "type": "string" })
        );
    }

    #[test]
    fn a_composition_of_objects_has_the_properties_of_all_parts() {
        let text = json!({ "type": "string" });
        let number = json!({ "type": "number" });
        let schemas = flattened(json!({
            "Base": { "properties": { "kind": text, "size": text }, "required": ["kind"] },
            "Derived": {
                "allOf": [reference("Base"), { "properties": { "size": number, "own": text } }],
                "properties": { "note": text },
            },
            "Choice": { "oneOf": [reference("Derived"), { "properties": { "other": text }, "required": ["other"] }] },
            "Map": { "type": "object", "additionalProperties": text },
            "Maps": { "allOf": [reference("Map"), { "type": "object" }] },
            "Clip": { "properties": { "maps": reference("Maps"), "inline": { "anyOf": [reference("Base"), { "nullable": true }] } } },
        }));
        let derived = &schemas["Derived"];
        let names: Vec<_> = derived["properties"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["kind", "note", "own", "size"]);
        assert_eq!(derived["properties"]["size"], json!({}));
        assert_eq!(derived["required"], json!(["kind"]));
        let names: Vec<_> = schemas["Choice"]["properties"]
            .as_object()
            .unwrap()
            .keys()
            .collect();
        assert_eq!(names, ["kind", "note", "other", "own", "size"]);
        assert_eq!(schemas["Choice"].get("required"), None);
        assert!(schemas.get("Maps").is_none());
        let maps = json!({ "type": "object", "additionalProperties": text });
        assert_eq!(schemas["Clip"]["properties"]["maps"], maps);
        assert_eq!(schemas["Clip"]["properties"]["inline"], reference("Base"));
    }

    #[test]
    fn any_other_composition_has_the_type_that_its_parts_share() {
        let text = json!({ "type": "string" });
        let schemas = flattened(json!({
            "Kind": { "type": "string", "enum": ["A"] },
            "Object": { "properties": {} },
            "Clip": { "properties": {
                "texts": { "oneOf": [text, reference("Kind")] },
                "numbers": { "anyOf": [{ "type": "integer" }, { "type": "number" }] },
                "mixed": { "oneOf": [text, reference("Object")] },
                "list": { "type": "array", "items": { "oneOf": [text, { "type": "integer" }] } },
                "nothing": { "allOf": [] },
                "limited": { "allOf": [text, { "maxLength": 3 }] },
                "oneOf": text,
            } },
        }));
        let properties = &schemas["Clip"]["properties"];
        assert_eq!(properties["texts"], text);
        assert_eq!(properties["numbers"], json!({ "type": "number" }));
        assert_eq!(properties["mixed"], json!({}));
        assert_eq!(properties["list"], json!({ "type": "array", "items": {} }));
        assert_eq!(properties["nothing"], json!({}));
        assert_eq!(properties["limited"], text);
        assert_eq!(properties["oneOf"], text);
    }

    #[test]
    fn cycles_end() {
        let schemas = flattened(json!({
            "A": { "allOf": [reference("B")], "properties": { "a": reference("A") } },
            "B": { "allOf": [reference("A")], "properties": { "b": reference("C") } },
            "C": reference("D"),
            "D": reference("C"),
            "List": { "type": "array", "items": reference("List") },
            "Clip": { "properties": {
                "list": reference("List"),
                "self": reference("Clip/properties/self"),
                "part": reference("A/properties/a"),
            } },
        }));
        let names: Vec<_> = schemas["A"]["properties"]
            .as_object()
            .unwrap()
            .keys()
            .collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(schemas["A"]["properties"], schemas["B"]["properties"]);
        assert_eq!(schemas["A"]["properties"]["b"], json!({}));
        let properties = &schemas["Clip"]["properties"];
        assert_eq!(properties["list"], json!({ "type": "array", "items": {} }));
        assert_eq!(properties["self"], json!({}));
        assert_eq!(properties["part"], reference("A"));
    }
}
