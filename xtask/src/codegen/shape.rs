//! Gives schemas the one shape that tolerant types can be made of.
//!
//! The service's document may say the same thing in several ways, and the next one may use
//! others than this one:
//!
//! - An object or an enumeration inside of another schema gets a name of its own, so that the
//!   overlay reaches it as any other: `SavedClip` with an inline `cut` has a `SavedClipCut`.
//! - A choice between schemas, and a schema put together of several, becomes one that allows
//!   anything: progenitor's types for them know no tolerance. So does an array of such. An `allOf` of nothing but a
//!   reference is how OpenAPI 3.0 annotates the reference, and stays.
//! - What has a name but needs no type of its own is put where it is referred to: a text, a
//!   number, an array, a map, anything, another name for a schema.
//! - Limits, defaults, and formats other than the width of a number go: an answer that breaks one
//!   is an answer all the same, and what is sent is checked by whoever builds it.

use heck::ToUpperCamelCase;
use serde_json::{Map, Value, json};

use crate::document::{pointer, walk_mut};

/// Marks a schema that was inline: the schema around it, its role there, and where it stands in
/// the service's document.
pub const INSIDE: &str = "x-rust-inside";

/// How a reference to a schema begins.
pub(super) const SCHEMAS: &str = "#/components/schemas/";

const LIMITS: [&str; 13] = [
    "default",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
];

const WIDTHS: [&str; 4] = ["double", "float", "int32", "int64"];

/// Gives every schema of a document its shape.
pub fn shape(document: &mut Value) {
    let Some(schemas) = schemas_of(document) else {
        return;
    };
    schemas.values_mut().for_each(allow_anything_for_choices);
    let mut named = schemas.clone();
    for (name, schema) in schemas.iter_mut() {
        let around = Around {
            name,
            path: "",
            pointer: &pointer::of(["components", "schemas", name]),
        };
        name_children(&around, schema, &mut named);
        named.insert(name.clone(), schema.take());
    }
    for schema in named.values_mut() {
        drop_limits(schema);
    }
    *schemas = named;
    put_plain_schemas_in_place(document);
    for schema in schemas_of(document).into_iter().flat_map(Map::values_mut) {
        allow_anything_for_arrays_of_it(schema);
    }
}

fn schemas_of(document: &mut Value) -> Option<&mut Map<String, Value>> {
    document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
}

/// A schema directly inside of another.
struct Child<'s> {
    /// A word for its role.
    role: String,
    /// The way to it.
    pointer: String,
    schema: &'s mut Value,
}

fn children(schema: &mut Value) -> impl Iterator<Item = Child<'_>> {
    let object = schema.as_object_mut().into_iter().flatten();
    object.flat_map(|(key, value)| -> Vec<Child<'_>> {
        let alone = |role: &str, schema| {
            vec![Child {
                role: role.to_owned(),
                pointer: pointer::of([key.as_str()]),
                schema,
            }]
        };
        match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => properties
                .iter_mut()
                .map(|(name, schema)| Child {
                    role: name.to_upper_camel_case(),
                    pointer: pointer::of(["properties", name]),
                    schema,
                })
                .collect(),
            ("items", schema) => alone("Item", schema),
            ("additionalProperties", schema @ Value::Object(_)) => alone("Value", schema),
            _ => Vec::new(),
        }
    })
}

/// Whether it is a choice, or put together of several; an annotated reference is neither.
fn is_choice(schema: &Value) -> bool {
    let says = |key: &str| schema.get(key).is_some();
    says("oneOf") || says("anyOf") || says("not") || says("allOf") && !is_annotated(schema)
}

/// Whether it is an `allOf` of nothing but a reference.
fn is_annotated(schema: &Value) -> bool {
    let parts = schema.get("allOf").and_then(Value::as_array);
    matches!(parts.map(Vec::as_slice), Some([part]) if part.get("$ref").is_some())
        && schema.get("properties").is_none()
}

fn allow_anything_for_choices(schema: &mut Value) {
    if is_choice(schema) {
        allow_anything(schema);
    }
    children(schema).for_each(|child| allow_anything_for_choices(child.schema));
}

/// An item that may be anything is never null, which is not how tolerant items are.
fn allow_anything_for_arrays_of_it(schema: &mut Value) {
    children(schema).for_each(|child| allow_anything_for_arrays_of_it(child.schema));
    let typed = ["$ref", "allOf", "enum", "properties", "type"];
    let items = schema.get("items");
    if items.is_some_and(|items| typed.iter().all(|key| items.get(key).is_none())) {
        allow_anything(schema);
    }
}

fn allow_anything(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut() {
        object.retain(|key, _| ["description", "nullable"].contains(&key.as_str()));
    }
}

/// The nearest schema around a place that has a name, and the way from it to there.
struct Around<'a> {
    name: &'a str,
    /// The roles on the way.
    path: &'a str,
    /// The place in the service's document.
    pointer: &'a str,
}

/// Names what is inside of a schema.
fn name_children(around: &Around<'_>, schema: &mut Value, named: &mut Map<String, Value>) {
    for Child {
        role,
        pointer,
        schema: child,
    } in children(schema)
    {
        let role = format!("{}{role}", around.path);
        let pointer = format!("{}{pointer}", around.pointer);
        if child.get("properties").is_none() && child.get("enum").is_none() {
            let around = Around {
                name: around.name,
                path: &role,
                pointer: &pointer,
            };
            name_children(&around, child, named);
            continue;
        }
        let mut own = format!("{}{role}", around.name);
        while named.contains_key(&own) {
            own.push('_');
        }
        let mut reference = json!({ "$ref": format!("{SCHEMAS}{own}") });
        for annotation in ["description", "nullable"] {
            if let Some(value) = child.get(annotation) {
                reference[annotation] = value.clone();
            }
        }
        let mut inline = std::mem::replace(child, reference);
        inline[INSIDE] = json!([around.name, role, pointer]);
        named.insert(own.clone(), Value::Null);
        let inside = Around {
            name: &own,
            path: "",
            pointer: &pointer,
        };
        name_children(&inside, &mut inline, named);
        named.insert(own, inline);
    }
}

fn drop_limits(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut() {
        object.retain(|key, value| match key.as_str() {
            "format" => WIDTHS.iter().any(|width| value == width),
            key => !LIMITS.contains(&key),
        });
    }
    children(schema).for_each(|child| drop_limits(child.schema));
}

fn put_plain_schemas_in_place(document: &mut Value) {
    let Some(schemas) = schemas_of(document) else {
        return;
    };
    let is_plain = |schema: &Value| {
        let says = |key: &str| schema.get(key).is_some();
        !["properties", "enum"].into_iter().any(says)
    };
    let plain: Map<String, Value> = schemas
        .iter()
        .filter(|(_, schema)| is_plain(schema))
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    // One plain schema may refer to another; one that refers to itself stays as it is.
    for _ in 0..plain.len() {
        walk_mut(document, &mut |value| put_in_place(value, &plain));
    }
    let mut referred = Vec::new();
    walk_mut(document, &mut |value| {
        referred.extend(value.get("$ref").and_then(Value::as_str).map(str::to_owned));
    });
    if let Some(schemas) = schemas_of(document) {
        let needed = |name: &str| referred.contains(&format!("{SCHEMAS}{name}"));
        schemas.retain(|name, _| !plain.contains_key(name) || needed(name));
    }
}

fn put_in_place(value: &mut Value, plain: &Map<String, Value>) {
    let Value::Object(reference) = value else {
        return;
    };
    let target = reference.get("$ref").and_then(Value::as_str);
    let Some(schema) = target.and_then(|t| plain.get(t.strip_prefix(SCHEMAS)?)) else {
        return;
    };
    let mut placed = schema.as_object().cloned().unwrap_or_default();
    reference.remove("$ref");
    placed.append(reference);
    *reference = placed;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaped(schemas: Value) -> Value {
        let mut document = json!({ "components": { "schemas": schemas } });
        shape(&mut document);
        document["components"]["schemas"].take()
    }

    #[test]
    fn what_is_inline_gets_a_name() {
        let cut = json!({ "properties": { "side": { "type": "string", "enum": ["LEFT"] } } });
        let schemas = shaped(json!({
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
            schemas["ClipCutSide"][INSIDE],
            json!([
                "ClipCut",
                "Side",
                "/components/schemas/Clip/properties/cut/properties/side"
            ])
        );
        assert_eq!(
            schemas["ClipCutsItem"][INSIDE],
            json!([
                "Clip",
                "CutsItem",
                "/components/schemas/Clip/properties/cuts/items"
            ])
        );
    }

    #[test]
    fn a_name_that_is_taken_is_not_taken_again() {
        let schemas = shaped(json!({
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
    fn a_plain_schema_is_put_where_it_is_referred_to() {
        let schemas = shaped(json!({
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
    fn limits_go_but_a_property_of_that_name_stays() {
        let schemas = shaped(json!({
            "Clip": { "properties": { "pattern": { "type": "string", "format": "date", "maxLength": 9, "default": "x" } } },
        }));
        assert_eq!(
            schemas["Clip"]["properties"]["pattern"],
            json!({ "type": "string" })
        );
    }

    #[test]
    fn a_choice_allows_anything_but_an_annotated_reference_stays() {
        let part = json!({ "$ref": "#/components/schemas/Part" });
        let annotated = json!({ "allOf": [part], "nullable": true, "description": "A part." });
        let choice = json!({ "oneOf": [part, { "type": "string" }], "description": "Either.", "nullable": true });
        let schemas = shaped(json!({
            "Part": { "properties": {} },
            "Choice": choice,
            "Whole": { "allOf": [part, { "properties": {} }] },
            "Alias": part,
            "Annotated": annotated,
            "Clip": { "properties": {
                "annotated": annotated,
                "named_annotated": { "$ref": "#/components/schemas/Annotated" },
                "alias": { "$ref": "#/components/schemas/Alias" },
                "choice": choice,
                "named": { "$ref": "#/components/schemas/Choice" },
                "whole": { "$ref": "#/components/schemas/Whole" },
                "list": { "type": "array", "items": { "anyOf": [part] } },
                "oneOf": { "type": "string" },
            } },
        }));
        let properties = &schemas["Clip"]["properties"];
        let anything = json!({ "description": "Either.", "nullable": true });
        assert_eq!(properties["annotated"], annotated);
        assert_eq!(properties["named_annotated"], annotated);
        assert_eq!(properties["alias"], part);
        assert_eq!(properties["choice"], anything);
        assert_eq!(properties["named"], anything);
        assert_eq!(properties["whole"], json!({}));
        assert_eq!(properties["list"], json!({}));
        assert_eq!(properties["oneOf"], json!({ "type": "string" }));
        let names: Vec<_> = schemas.as_object().unwrap().keys().collect();
        assert_eq!(names, ["Clip", "Part"]);
    }
}
