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

use heck::ToSnakeCase;
use serde_json::{Map, Value, json};

use super::blame::Blame;
use super::decoding::{DECODE_ISSUES, EXTRA};
use super::naming::{NAME, rename_schemas};
use super::open_enum;
use super::shape::{INSIDE, SCHEMAS};
use crate::document::{walk, walk_mut};
use crate::error::{Error, Result};

const OPEN_ENUM: &str = "x-rust-open-enum";
const ESSENTIAL: &str = "x-rust-essential";

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

/// Carries out the marks of an overlaid document.
pub fn normalize(blame: &Blame<'_>, overlaid: Value) -> Result<Normalized> {
    check_marks(blame, &overlaid)?;
    let mut document = overlaid.clone();
    let old_names = rename_schemas(blame, &mut document)?;
    walk_mut(&mut document, &mut spell_annotated_reference);
    let faults = Faults {
        blame,
        overlaid: &overlaid,
        old_names: &old_names,
    };
    let open_enums = collect_open_enums(&faults, &document)?;
    let response_schemas = collect_response_schemas(&document);
    check_fields(&faults, &document, &response_schemas)?;
    let essential_properties = collect_essential_properties(&document);
    Ok(Normalized {
        document,
        open_enums,
        response_schemas,
        essential_properties,
    })
}

/// Faults of a document whose schemas have been renamed.
struct Faults<'a> {
    blame: &'a Blame<'a>,
    overlaid: &'a Value,
    /// What the schemas were called, by their names in Rust.
    old_names: &'a BTreeMap<String, String>,
}

impl Faults<'_> {
    fn at(&self, schema: &str, below: &[&str], message: impl Into<String>) -> Error {
        let old = self.old_names.get(schema).map_or(schema, String::as_str);
        self.blame.at(self.overlaid, old, below, message)
    }
}

fn check_marks(blame: &Blame<'_>, document: &Value) -> Result<()> {
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
            match blame.shaped.pointer(&pointer) {
                Some(_) => blame.fragment,
                None => blame.overlay,
            },
            pointer,
            format!(
                "unknown mark: schemas take {NAME} and {OPEN_ENUM}, their properties {ESSENTIAL}"
            ),
        )),
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

fn collect_open_enums(faults: &Faults<'_>, document: &Value) -> Result<Vec<OpenEnum>> {
    let mut open_enums = Vec::new();
    for (name, schema) in schemas_of(document) {
        if schema.get(OPEN_ENUM) != Some(&Value::Bool(true)) {
            continue;
        }
        let needs = || format!("{OPEN_ENUM} needs an enumeration of strings");
        let Some(listed) = schema.get("enum").and_then(Value::as_array) else {
            return Err(faults.at(name, &[OPEN_ENUM], needs()));
        };
        let fault =
            |index: usize, message| Err(faults.at(name, &["enum", &index.to_string()], message));
        let mut values = Vec::new();
        for (index, value) in listed.iter().enumerate() {
            match value.as_str() {
                Some(text) => values.push(text.to_owned()),
                None => return fault(index, format!("{}, not {value}", needs())),
            }
        }
        if let Some((index, message)) = open_enum::clash(&values) {
            return fault(index, message);
        }
        open_enums.push(OpenEnum {
            name: name.clone(),
            description: schema
                .get("description")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            values,
        });
    }
    Ok(open_enums)
}

/// Every property gets a field of its own, beside those that the generator adds.
fn check_fields(
    faults: &Faults<'_>,
    document: &Value,
    response_schemas: &BTreeSet<String>,
) -> Result<()> {
    for (name, schema) in schemas_of(document) {
        let mut taken = BTreeMap::new();
        if schema.get("additionalProperties").is_some() {
            taken.insert(EXTRA.to_owned(), None);
        }
        if response_schemas.contains(name) {
            taken.insert(DECODE_ISSUES.to_owned(), None);
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for property in properties.into_iter().flat_map(Map::keys) {
            let field = property.to_snake_case();
            let message = match taken.insert(field.clone(), Some(property)) {
                None => continue,
                Some(None) => format!("the generator has a field {name}::{field} of its own"),
                Some(Some(other)) => {
                    format!("{other:?} and {property:?} are both {name}::{field} in Rust")
                }
            };
            return Err(faults.at(name, &["properties", property], message));
        }
    }
    Ok(())
}

fn schemas_of(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let schemas = document.pointer("/components/schemas");
    schemas.and_then(Value::as_object).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn normalized(schemas: Value) -> Result<Normalized> {
        overlaid(json!({}), schemas)
    }

    /// What becomes of schemas that the overlay has made of others.
    fn overlaid(before: Value, after: Value) -> Result<Normalized> {
        let document = |schemas| json!({ "components": { "schemas": schemas } });
        let blame = Blame {
            fragment: Path::new("fragment.json"),
            overlay: Path::new("overlay.json"),
            shaped: &document(before),
        };
        normalize(&blame, document(after))
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
        let blame = Blame {
            fragment: Path::new("fragment.json"),
            overlay: Path::new("overlay.json"),
            shaped: &document,
        };
        let normalized = normalize(&blame, document.clone()).unwrap();
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
            "overlay.json: /components/schemas/B/x-rust-name: another schema is called A in Rust already"
        );
    }

    #[test]
    fn a_misspelled_mark_is_refused() {
        let error = normalized(json!({ "A": { "x-rust-nmae": "B" } })).unwrap_err();
        assert_eq!(
            error.to_string(),
            "overlay.json: /components/schemas/A/x-rust-nmae: unknown mark: schemas take x-rust-name and x-rust-open-enum, their properties x-rust-essential"
        );
    }

    #[test]
    fn a_fault_of_the_fragment_is_named_by_the_services_own_place() {
        let faults = [
            (
                json!({ "A_b": {}, "aB": {} }),
                json!({ "A_b": {}, "aB": {} }),
                "fragment.json: /components/schemas/aB: another schema is called Ab in Rust already",
            ),
            (
                json!({ "AB": {}, "C": {} }),
                json!({ "AB": { "x-rust-name": "C" }, "C": {} }),
                "overlay.json: /components/schemas/AB/x-rust-name: another schema is called C in Rust already",
            ),
            (
                json!({ "self": {} }),
                json!({ "self": {} }),
                "fragment.json: /components/schemas/self: \"Self\" is no name of a Rust type: give it another with x-rust-name",
            ),
            (
                json!({ "A": {} }),
                json!({ "A": { "x-rust-name": "a b" } }),
                "overlay.json: /components/schemas/A/x-rust-name: \"a b\" is no name of a Rust type: give it another with x-rust-name",
            ),
            (
                json!({ "AKind": { "enum": ["X", 1], "x-rust-inside": ["A", "Kind", "/components/schemas/A/properties/kind"] } }),
                json!({ "AKind": { "enum": ["X", 1], "x-rust-open-enum": true, "x-rust-name": "Kind" } }),
                "fragment.json: /components/schemas/A/properties/kind/enum/1: x-rust-open-enum needs an enumeration of strings, not 1",
            ),
            (
                json!({ "A": { "enum": ["X"] } }),
                json!({ "A": { "enum": ["X", null], "x-rust-open-enum": true } }),
                "overlay.json: /components/schemas/A/enum/1: x-rust-open-enum needs an enumeration of strings, not null",
            ),
            (
                json!({ "A": {} }),
                json!({ "A": { "x-rust-open-enum": true } }),
                "overlay.json: /components/schemas/A/x-rust-open-enum: x-rust-open-enum needs an enumeration of strings",
            ),
            (
                json!({ "A": { "properties": { "aB": {}, "a_b": {} } } }),
                json!({ "A": { "properties": { "aB": {}, "a_b": {} }, "x-rust-name": "B" } }),
                "fragment.json: /components/schemas/A/properties/a_b: \"aB\" and \"a_b\" are both B::a_b in Rust",
            ),
        ];
        for (before, after, message) in faults {
            assert_eq!(overlaid(before, after).unwrap_err().to_string(), message);
        }
    }
}
