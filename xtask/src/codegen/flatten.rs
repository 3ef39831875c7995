//! Flattens a document into the one form that lenient types can be generated from.
//!
//! OpenAPI has several ways to express the same type, and the next version of the service's
//! document may use others than this one. Later stages handle a single form:
//!
//! - An inline object or enumeration becomes a named schema, so that the overlay can address it
//!   as any other: `SavedClip` with an inline `cut` yields a `SavedClipCut`.
//! - A composition (`oneOf`, `anyOf`, `not`, `allOf`) becomes a schema without a type, which is
//!   arbitrary JSON: progenitor's types for compositions cannot be decoded leniently. The same
//!   applies to an array of arbitrary JSON. An `allOf` of a single reference is how OpenAPI 3.0
//!   annotates a reference, and is left as it is.
//! - A named schema without a Rust type of its own is inlined at its references: a string, a
//!   number, an array, a map, arbitrary JSON, or an alias of another schema.
//! - Limits, defaults, and formats other than the width of a number are removed: a response that
//!   violates one must still be decoded, and the caller validates a request when building it.

use heck::ToUpperCamelCase;
use serde_json::{Map, Value, json};

use crate::spec::{CONSTRAINTS, SCHEMA_PREFIX, pointer, walk_mut};

/// Extension of a schema that was inline: the enclosing schema, the role in it, and the original
/// JSON pointer in the service's document.
pub const INLINE_ORIGIN: &str = "x-rust-inline-origin";

/// Formats that are retained: they select the number type.
const NUMBER_FORMATS: [&str; 4] = ["double", "float", "int32", "int64"];

/// Flattens every schema of a document.
pub fn flatten(mut document: Value) -> Value {
    let Some(schemas) = schemas_of(&mut document) else {
        return document;
    };
    schemas.values_mut().for_each(erase_compositions);
    let mut named = schemas.clone();
    for (name, schema) in schemas.iter_mut() {
        let enclosing = Enclosing {
            name,
            role: "",
            pointer: &pointer::from_segments(["components", "schemas", name]),
        };
        extract_inline_schemas(&enclosing, schema, &mut named);
        named.insert(name.clone(), schema.take());
    }
    named.values_mut().for_each(remove_limits);
    *schemas = named;
    inline_alias_schemas(&mut document);
    for schema in schemas_of(&mut document)
        .into_iter()
        .flat_map(Map::values_mut)
    {
        erase_untyped_arrays(schema);
    }
    document
}

fn schemas_of(document: &mut Value) -> Option<&mut Map<String, Value>> {
    document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
}

/// A schema directly within another.
struct ChildSchema<'s> {
    /// Role in the parent, in camel case: the suffix of its name.
    role: String,
    /// JSON pointer relative to the parent.
    pointer: String,
    schema: &'s mut Value,
}

fn child_schemas(schema: &mut Value) -> impl Iterator<Item = ChildSchema<'_>> {
    let object = schema.as_object_mut().into_iter().flatten();
    object.flat_map(|(key, value)| -> Vec<ChildSchema<'_>> {
        let single = |role: &str, schema| {
            vec![ChildSchema {
                role: role.to_owned(),
                pointer: pointer::from_segments([key.as_str()]),
                schema,
            }]
        };
        match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => properties
                .iter_mut()
                .map(|(name, schema)| ChildSchema {
                    role: name.to_upper_camel_case(),
                    pointer: pointer::from_segments(["properties", name]),
                    schema,
                })
                .collect(),
            ("items", schema) => single("Item", schema),
            ("additionalProperties", schema @ Value::Object(_)) => single("Value", schema),
            _ => Vec::new(),
        }
    })
}

/// Returns whether a schema is a composition. An annotated reference is not.
fn is_composition(schema: &Value) -> bool {
    let has = |key: &str| schema.get(key).is_some();
    has("oneOf") || has("anyOf") || has("not") || has("allOf") && !is_annotated_reference(schema)
}

/// Returns whether a schema is an `allOf` of a single reference.
fn is_annotated_reference(schema: &Value) -> bool {
    let parts = schema.get("allOf").and_then(Value::as_array);
    matches!(parts.map(Vec::as_slice), Some([part]) if part.get("$ref").is_some())
        && schema.get("properties").is_none()
}

/// Erases the type of all compositions.
fn erase_compositions(schema: &mut Value) {
    if is_composition(schema) {
        erase_type(schema);
    }
    child_schemas(schema).for_each(|child| erase_compositions(child.schema));
}

/// Erases the type of arrays of arbitrary JSON.
///
/// Lenient arrays have `Option` items, but progenitor never makes arbitrary JSON an `Option`.
fn erase_untyped_arrays(schema: &mut Value) {
    child_schemas(schema).for_each(|child| erase_untyped_arrays(child.schema));
    let type_keywords = ["$ref", "allOf", "enum", "properties", "type"];
    let items = schema.get("items");
    if items.is_some_and(|items| type_keywords.iter().all(|key| items.get(key).is_none())) {
        erase_type(schema);
    }
}

/// Turns a schema into arbitrary JSON, retaining its annotations.
fn erase_type(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut() {
        object.retain(|key, _| ["description", "nullable"].contains(&key.as_str()));
    }
}

/// Nearest enclosing schema with a name, and the path from it to the current schema.
struct Enclosing<'a> {
    name: &'a str,
    /// Concatenated roles on the path.
    role: &'a str,
    /// JSON pointer to the current schema in the service's document.
    pointer: &'a str,
}

/// Moves inline objects and enumerations to `named`, and leaves references in their place.
fn extract_inline_schemas(
    enclosing: &Enclosing<'_>,
    schema: &mut Value,
    named: &mut Map<String, Value>,
) {
    for ChildSchema {
        role,
        pointer,
        schema: child,
    } in child_schemas(schema)
    {
        let role = format!("{}{role}", enclosing.role);
        let pointer = format!("{}{pointer}", enclosing.pointer);
        if child.get("properties").is_none() && child.get("enum").is_none() {
            let enclosing = Enclosing {
                name: enclosing.name,
                role: &role,
                pointer: &pointer,
            };
            extract_inline_schemas(&enclosing, child, named);
            continue;
        }
        let mut name = format!("{}{role}", enclosing.name);
        while named.contains_key(&name) {
            name.push('_');
        }
        let mut reference = json!({ "$ref": format!("{SCHEMA_PREFIX}{name}") });
        for annotation in ["description", "nullable"] {
            if let Some(value) = child.get(annotation) {
                reference[annotation] = value.clone();
            }
        }
        let mut inline = std::mem::replace(child, reference);
        inline[INLINE_ORIGIN] = json!([enclosing.name, role, pointer]);
        named.insert(name.clone(), Value::Null);
        let enclosing = Enclosing {
            name: &name,
            role: "",
            pointer: &pointer,
        };
        extract_inline_schemas(&enclosing, &mut inline, named);
        named.insert(name, inline);
    }
}

/// Removes limits, which a response may violate, defaults, and formats other than those of numbers.
///
/// `uniqueItems` selects the type of the collection, as the format does that of a number; the overlay
/// removes it, with the reason.
fn remove_limits(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut() {
        object.retain(|key, value| match key.as_str() {
            "format" => NUMBER_FORMATS.iter().any(|format| value == format),
            "default" => false,
            "uniqueItems" => true,
            key => !CONSTRAINTS.contains(&key),
        });
    }
    child_schemas(schema).for_each(|child| remove_limits(child.schema));
}

/// Replaces references to named schemas without a Rust type by the schemas themselves.
fn inline_alias_schemas(document: &mut Value) {
    let Some(schemas) = schemas_of(document) else {
        return;
    };
    let is_alias = |schema: &Value| {
        let has = |key: &str| schema.get(key).is_some();
        !["properties", "enum"].into_iter().any(has)
    };
    let aliases: Map<String, Value> = schemas
        .iter()
        .filter(|(_, schema)| is_alias(schema))
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    // Aliases may refer to each other, so that several passes are needed. A recursive one remains.
    for _ in 0..aliases.len() {
        walk_mut(document, &mut |value| inline_reference(value, &aliases));
    }
    let mut referenced = Vec::new();
    walk_mut(document, &mut |value| {
        referenced.extend(value.get("$ref").and_then(Value::as_str).map(str::to_owned));
    });
    if let Some(schemas) = schemas_of(document) {
        let is_referenced = |name: &str| referenced.contains(&format!("{SCHEMA_PREFIX}{name}"));
        schemas.retain(|name, _| !aliases.contains_key(name) || is_referenced(name));
    }
}

/// Inlines a reference to an alias. Annotations beside the reference take precedence.
fn inline_reference(value: &mut Value, aliases: &Map<String, Value>) {
    let Value::Object(reference) = value else {
        return;
    };
    let target = reference.get("$ref").and_then(Value::as_str);
    let Some(schema) = target.and_then(|t| aliases.get(t.strip_prefix(SCHEMA_PREFIX)?)) else {
        return;
    };
    let mut inlined = schema.as_object().cloned().unwrap_or_default();
    reference.remove("$ref");
    inlined.append(reference);
    *reference = inlined;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flattened(schemas: Value) -> Value {
        let document = json!({ "components": { "schemas": schemas } });
        flatten(document)["components"]["schemas"].take()
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
        assert_eq!(
            properties["cut"],
            json!({ "$ref": "#/components/schemas/ClipCut", "nullable": true })
        );
        assert_eq!(
            properties["cuts"]["items"],
            json!({ "$ref": "#/components/schemas/ClipCutsItem" })
        );
        let side = json!({ "$ref": "#/components/schemas/ClipCutSide" });
        assert_eq!(schemas["ClipCut"]["properties"]["side"], side);
        assert_eq!(schemas["ClipCutSide"]["enum"], json!(["LEFT"]));
        assert_eq!(
            schemas["ClipCutSide"][INLINE_ORIGIN],
            json!([
                "ClipCut",
                "Side",
                "/components/schemas/Clip/properties/cut/properties/side"
            ])
        );
        assert_eq!(
            schemas["ClipCutsItem"][INLINE_ORIGIN],
            json!([
                "Clip",
                "CutsItem",
                "/components/schemas/Clip/properties/cuts/items"
            ])
        );
    }

    #[test]
    fn a_name_in_use_is_not_reused() {
        let schemas = flattened(json!({
            "Clip": { "properties": { "cut": { "properties": {} } } },
            "ClipCut": { "properties": { "other": { "type": "string" } } },
        }));
        assert_eq!(
            schemas["Clip"]["properties"]["cut"],
            json!({ "$ref": "#/components/schemas/ClipCut_" })
        );
        assert!(schemas["ClipCut"]["properties"]["other"].is_object());
    }

    #[test]
    fn alias_schemas_are_inlined_at_their_references() {
        let schemas = flattened(json!({
            "Ruuid": { "type": "string", "format": "RUUID", "description": "An identifier." },
            "Ruuids": { "type": "array", "items": { "$ref": "#/components/schemas/Ruuid" } },
            "Clip": { "properties": {
                "uuid": { "$ref": "#/components/schemas/Ruuid", "description": "The clip's." },
                "users": { "$ref": "#/components/schemas/Ruuids" },
            } },
        }));
        let ruuid = json!({ "type": "string", "description": "An identifier." });
        assert_eq!(
            schemas["Clip"]["properties"]["users"],
            json!({ "type": "array", "items": ruuid })
        );
        assert_eq!(
            schemas["Clip"]["properties"]["uuid"]["description"],
            "The clip's."
        );
        assert!(schemas.get("Ruuid").is_none() && schemas.get("Ruuids").is_none());
    }

    #[test]
    fn limits_are_removed_but_not_properties_of_the_same_name() {
        let schemas = flattened(json!({
            "Clip": { "properties": { "pattern": { "type": "string", "format": "date", "maxLength": 9, "default": "x" } } },
        }));
        assert_eq!(
            schemas["Clip"]["properties"]["pattern"],
            json!({ "type": "string" })
        );
    }

    #[test]
    fn compositions_become_arbitrary_json_except_annotated_references() {
        let part = json!({ "$ref": "#/components/schemas/Part" });
        let annotated = json!({ "allOf": [part], "nullable": true, "description": "A part." });
        let composition = json!({ "oneOf": [part, { "type": "string" }], "description": "Either.", "nullable": true });
        let schemas = flattened(json!({
            "Part": { "properties": {} },
            "Choice": composition,
            "Whole": { "allOf": [part, { "properties": {} }] },
            "Alias": part,
            "Annotated": annotated,
            "Clip": { "properties": {
                "annotated": annotated,
                "named_annotated": { "$ref": "#/components/schemas/Annotated" },
                "alias": { "$ref": "#/components/schemas/Alias" },
                "choice": composition,
                "named": { "$ref": "#/components/schemas/Choice" },
                "whole": { "$ref": "#/components/schemas/Whole" },
                "list": { "type": "array", "items": { "anyOf": [part] } },
                "oneOf": { "type": "string" },
            } },
        }));
        let properties = &schemas["Clip"]["properties"];
        let arbitrary = json!({ "description": "Either.", "nullable": true });
        assert_eq!(properties["annotated"], annotated);
        assert_eq!(properties["named_annotated"], annotated);
        assert_eq!(properties["alias"], part);
        assert_eq!(properties["choice"], arbitrary);
        assert_eq!(properties["named"], arbitrary);
        assert_eq!(properties["whole"], json!({}));
        assert_eq!(properties["list"], json!({}));
        assert_eq!(properties["oneOf"], json!({ "type": "string" }));
        let names: Vec<_> = schemas.as_object().unwrap().keys().collect();
        assert_eq!(names, ["Clip", "Part"]);
    }
}
