//! From the fragment with its overlay to the document that progenitor reads.
//!
//! The overlay only marks what is to be done. This module carries the marks out:
//!
//! | mark | meaning |
//! |---|---|
//! | `x-rust-name` | the schema's name in Rust: it and every reference to it are renamed; without it the name is put into Rust's case |
//! | `x-rust-open-enum` | the enumeration keeps values that it does not know |
//! | `x-rust-essential` | the property's object cannot be decoded without it |
//! | `nullable`, `description` beside `$ref` | OpenAPI 3.0 ignores them there: written around an `allOf` |

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use heck::ToUpperCamelCase;
use serde_json::{Map, Value, json};

use super::shape::INSIDE;
use crate::document::{walk, walk_mut};
use crate::error::{Error, Result};

pub(crate) const NAME: &str = "x-rust-name";
const OPEN_ENUM: &str = "x-rust-open-enum";
const ESSENTIAL: &str = "x-rust-essential";
const SCHEMAS: &str = "#/components/schemas/";

/// An enumeration that keeps values that it does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenEnum {
    /// The name in Rust.
    pub name: String,
    /// What the document says about it.
    pub description: String,
    /// The known values, in the document's order.
    pub values: Vec<String>,
}

/// The document that progenitor reads, and what is generated beside it.
#[derive(Debug)]
pub struct Normalized {
    /// OpenAPI 3.0, with Rust names.
    pub document: Value,
    /// The enumerations that progenitor only refers to.
    pub open_enums: Vec<OpenEnum>,
    /// The names of the schemas that a response reaches.
    pub response_schemas: BTreeSet<String>,
    /// The properties without which their schema says nothing, as schema and property.
    pub essential_properties: BTreeSet<(String, String)>,
}

/// Carries out the marks of a document; `path` is the file to blame.
pub fn normalize(path: &Path, mut document: Value) -> Result<Normalized> {
    check_marks(path, &document)?;
    rename_schemas(path, &mut document)?;
    walk_mut(&mut document, &mut spell_annotated_reference);
    let open_enums = collect_open_enums(path, &document)?;
    let response_schemas = collect_response_schemas(&document);
    let essential_properties = collect_essential_properties(&document);
    Ok(Normalized {
        document,
        open_enums,
        response_schemas,
        essential_properties,
    })
}

fn check_marks(path: &Path, document: &Value) -> Result<()> {
    let mut unknown = None;
    walk(document, &mut String::new(), &mut |pointer, value| {
        let keys = value.as_object().into_iter().flat_map(Map::keys);
        for key in keys.filter(|key| key.starts_with("x-rust-")) {
            let below = pointer
                .strip_prefix("/components/schemas/")
                .unwrap_or_default();
            let allowed: &[&str] = match below.split('/').collect::<Vec<_>>()[..] {
                [name] if !name.is_empty() => &[NAME, OPEN_ENUM, INSIDE],
                [_, "properties", _] => &[ESSENTIAL],
                _ => &[],
            };
            if !allowed.contains(&key.as_str()) {
                unknown.get_or_insert(format!("{pointer}/{key}"));
            }
        }
    });
    match unknown {
        None => Ok(()),
        Some(pointer) => Err(Error::at(
            path,
            pointer,
            format!(
                "unknown mark: schemas take {NAME} and {OPEN_ENUM}, their properties {ESSENTIAL}"
            ),
        )),
    }
}

fn rename_schemas(path: &Path, document: &mut Value) -> Result<()> {
    let Some(schemas) = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
    else {
        return Err(Error::at(
            path,
            "/components/schemas",
            "the document has no schemas",
        ));
    };
    let mut names = BTreeMap::new();
    let mut renamed = Map::new();
    for old in schemas.keys().cloned().collect::<Vec<_>>() {
        let new = rust_name(path, schemas, &old)?;
        names.insert(format!("{SCHEMAS}{old}"), (old, new));
    }
    for (old, new) in names.values() {
        let mut schema = schemas.remove(old).unwrap_or_default();
        if let Some(object) = schema.as_object_mut() {
            object.retain(|key, _| key != NAME && key != INSIDE);
        }
        if renamed.insert(new.clone(), schema).is_some() {
            return Err(Error::at(
                path,
                format!("/components/schemas/{old}"),
                format!("another schema is called {new} in Rust already"),
            ));
        }
    }
    *schemas = renamed;
    walk_mut(document, &mut |value| {
        if let Some(Value::String(reference)) = value.get_mut("$ref")
            && let Some((_, new)) = names.get(reference)
        {
            *reference = format!("{SCHEMAS}{new}");
        }
    });
    Ok(())
}

/// The name that the overlay gives to a schema, or one made of the service's; that of a schema
/// which was inline begins with the name of the schema around it.
fn rust_name(path: &Path, schemas: &Map<String, Value>, old: &str) -> Result<String> {
    let schema = schemas.get(old);
    match schema.and_then(|schema| schema.get(NAME)) {
        Some(Value::String(new)) => return Ok(new.clone()),
        Some(_) => {
            let pointer = format!("/components/schemas/{old}/{NAME}");
            return Err(Error::at(path, pointer, "not a string"));
        }
        None => {}
    }
    let inside = schema
        .and_then(|schema| schema.get(INSIDE))
        .and_then(Value::as_array);
    match inside.map(Vec::as_slice) {
        Some([Value::String(around), Value::String(role)]) => {
            Ok(format!("{}{role}", rust_name(path, schemas, around)?))
        }
        _ => Ok(old.to_upper_camel_case()),
    }
}

fn spell_annotated_reference(value: &mut Value) {
    let Value::Object(object) = value else { return };
    let annotated = ["nullable", "description"]
        .iter()
        .any(|key| object.contains_key(*key));
    if annotated && let Some(reference) = object.remove("$ref") {
        object.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
    }
}

fn collect_response_schemas(document: &Value) -> BTreeSet<String> {
    let mut unvisited = Vec::new();
    walk(document, &mut String::new(), &mut |_, value| {
        unvisited.extend(value.get("responses"));
    });
    let mut names = BTreeSet::new();
    while let Some(value) = unvisited.pop() {
        walk(value, &mut String::new(), &mut |_, value| {
            let reference = value.get("$ref").and_then(Value::as_str);
            if let Some(name) = reference.and_then(|r| r.strip_prefix(SCHEMAS))
                && names.insert(name.to_owned())
            {
                unvisited.extend(document.pointer(&format!("/components/schemas/{name}")));
            }
        });
    }
    names
}

fn collect_essential_properties(document: &Value) -> BTreeSet<(String, String)> {
    let schemas = document
        .pointer("/components/schemas")
        .and_then(Value::as_object);
    let properties = schemas.into_iter().flatten().flat_map(|(name, schema)| {
        let properties = schema.get("properties").and_then(Value::as_object);
        properties
            .into_iter()
            .flatten()
            .map(move |(property, value)| (name, property, value))
    });
    properties
        .filter(|(_, _, value)| value.get(ESSENTIAL) == Some(&Value::Bool(true)))
        .map(|(name, property, _)| (name.clone(), property.clone()))
        .collect()
}

fn collect_open_enums(path: &Path, document: &Value) -> Result<Vec<OpenEnum>> {
    let schemas = document
        .pointer("/components/schemas")
        .and_then(Value::as_object);
    let marked = schemas
        .into_iter()
        .flatten()
        .filter(|(_, schema)| schema.get(OPEN_ENUM) == Some(&Value::Bool(true)));
    marked
        .map(|(name, schema)| {
            let values = schema
                .get("enum")
                .and_then(Value::as_array)
                .and_then(|values| {
                    values
                        .iter()
                        .map(|v| v.as_str().map(str::to_owned))
                        .collect::<Option<Vec<_>>>()
                });
            let values = values.ok_or_else(|| {
                Error::at(
                    path,
                    format!("/components/schemas/{name}"),
                    format!("{OPEN_ENUM} needs an enumeration of strings"),
                )
            })?;
            Ok(OpenEnum {
                name: name.clone(),
                description: schema
                    .get("description")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned(),
                values,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalized(schemas: Value) -> Result<Normalized> {
        normalize(
            Path::new("x.json"),
            json!({ "components": { "schemas": schemas } }),
        )
    }

    #[test]
    fn a_renamed_schema_takes_its_references_along() {
        let schemas = json!({
            "Old": { "type": "object", "x-rust-name": "New" },
            "User": { "properties": { "old": { "$ref": "#/components/schemas/Old" } } },
        });
        let document = normalized(schemas).unwrap().document;
        assert_eq!(
            document["components"]["schemas"]["New"],
            json!({ "type": "object" })
        );
        assert_eq!(
            document["components"]["schemas"]["User"]["properties"]["old"],
            json!({ "$ref": "#/components/schemas/New" })
        );
    }

    #[test]
    fn what_stands_beside_a_reference_is_spelled_so_that_openapi_3_0_means_it() {
        let schemas = json!({
            "A": { "type": "object" },
            "B": { "items": { "$ref": "#/components/schemas/A", "nullable": true } },
        });
        let document = normalized(schemas).unwrap().document;
        assert_eq!(
            document["components"]["schemas"]["B"]["items"],
            json!({ "allOf": [{ "$ref": "#/components/schemas/A" }], "nullable": true })
        );
    }

    #[test]
    fn response_schemas_are_what_a_response_reaches() {
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let document = json!({
            "paths": { "/p": { "post": { "requestBody": reference("Asked"), "responses": { "200": reference("Told") } } } },
            "components": { "schemas": {
                "Asked": {}, "Told": { "items": reference("Inner") }, "Inner": { "items": reference("Told") },
            } },
        });
        let normalized = normalize(Path::new("x.json"), document).unwrap();
        assert_eq!(
            normalized.response_schemas,
            ["Inner", "Told"].map(str::to_owned).into()
        );
    }

    #[test]
    fn two_schemas_of_one_name_are_refused() {
        let schemas = json!({ "A": {}, "B": { "x-rust-name": "A" } });
        let error = normalized(schemas).unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.json: /components/schemas/B: another schema is called A in Rust already"
        );
    }

    #[test]
    fn a_misspelled_mark_is_refused() {
        let error = normalized(json!({ "A": { "x-rust-nmae": "B" } })).unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.json: /components/schemas/A/x-rust-nmae: unknown mark: schemas take x-rust-name and x-rust-open-enum, their properties x-rust-essential"
        );
    }
}
