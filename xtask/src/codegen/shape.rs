//! Gives schemas the one shape that tolerant types can be made of.
//!
//! The service's document may say the same thing in several ways, and the next one may use
//! others than this one:
//!
//! - An object or an enumeration inside of another schema gets a name of its own, so that the
//!   overlay reaches it as any other: `SavedClip` with an inline `cut` has a `SavedClipCut`.
//! - A named text, number, array or map is put where it is referred to.
//! - Limits, defaults, and formats other than the width of a number go: an answer that breaks one
//!   is an answer all the same, and what is sent is checked by whoever builds it.

use heck::ToUpperCamelCase;
use serde_json::{Map, Value, json};

use crate::document::walk_mut;

/// Marks a schema that was inline: the schema around it, and its role there.
pub const INSIDE: &str = "x-rust-inside";

const SCHEMAS: &str = "#/components/schemas/";

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
    let mut named = schemas.clone();
    for (name, schema) in schemas.iter_mut() {
        name_children(name, "", schema, &mut named);
        named.insert(name.clone(), schema.take());
    }
    for schema in named.values_mut() {
        drop_limits(schema);
    }
    *schemas = named;
    put_plain_schemas_in_place(document);
}

fn schemas_of(document: &mut Value) -> Option<&mut Map<String, Value>> {
    document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
}

/// The schemas directly inside of a schema, each with a word for its role.
fn children(schema: &mut Value) -> impl Iterator<Item = (String, &mut Value)> {
    let object = schema.as_object_mut().into_iter().flatten();
    object.flat_map(|(key, value)| -> Vec<(String, &mut Value)> {
        match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => properties
                .iter_mut()
                .map(|(name, child)| (name.to_upper_camel_case(), child))
                .collect(),
            ("items", child) => vec![("Item".to_owned(), child)],
            ("additionalProperties", child @ Value::Object(_)) => vec![("Value".to_owned(), child)],
            _ => Vec::new(),
        }
    })
}

/// Names what is inside of a schema that is reached by `path` from the schema called `around`.
fn name_children(around: &str, path: &str, schema: &mut Value, named: &mut Map<String, Value>) {
    for (role, child) in children(schema) {
        let role = format!("{path}{role}");
        if child.get("properties").is_none() && child.get("enum").is_none() {
            name_children(around, &role, child, named);
            continue;
        }
        let mut own = format!("{around}{role}");
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
        inline[INSIDE] = json!([around, role]);
        named.insert(own.clone(), Value::Null);
        name_children(&own, "", &mut inline, named);
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
    children(schema).for_each(|(_, child)| drop_limits(child));
}

fn put_plain_schemas_in_place(document: &mut Value) {
    let Some(schemas) = schemas_of(document) else {
        return;
    };
    let is_plain = |schema: &Value| {
        let says = |key: &str| schema.get(key).is_some();
        says("type")
            && !["properties", "enum", "allOf", "anyOf", "oneOf"]
                .into_iter()
                .any(says)
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
        assert_eq!(schemas["ClipCutSide"][INSIDE], json!(["ClipCut", "Side"]));
        assert_eq!(schemas["ClipCutsItem"][INSIDE], json!(["Clip", "CutsItem"]));
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
}
