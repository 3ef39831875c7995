//! Normalizes the overlaid document into the one that progenitor reads.
//!
//! OpenAPI cannot express everything that the overlay has to declare. It adds extensions, which
//! are evaluated here:
//!
//! | extension or key | effect |
//! |---|---|
//! | `x-rust-name` | renames the schema and every reference to it; by default its name is converted to camel case |
//! | `x-rust-open-enum` | the enumeration preserves unknown values |
//! | `x-rust-essential` | a value of the wrong type fails the object of the property |
//! | `nullable`, `description` beside `$ref` | OpenAPI 3.0 ignores them there: the reference is wrapped in `allOf` |
//!
//! Everything that progenitor would reject, or name inconsistently, is reported here with the file
//! and location at fault.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase;
use serde_json::{Map, Value, json};

use super::flatten::INLINE_ORIGIN;
use super::naming::{NAME, rename_schemas};
use super::open_enum::{self, OpenEnum};
use super::overlay::Provenance;
use crate::error::{Error, Result};
use crate::spec::{SCHEMA_PREFIX, walk, walk_mut};

const OPEN_ENUM: &str = "x-rust-open-enum";
const ESSENTIAL: &str = "x-rust-essential";

/// Field of progenitor's that holds the properties that the document does not name.
pub(super) const EXTRA: &str = "extra";

/// Generated field that holds the decode issues.
pub(super) const DECODE_ISSUES: &str = "decode_issues";

/// The document that progenitor reads, and the input of later stages.
#[derive(Debug)]
pub struct Normalized {
    /// OpenAPI 3.0 document with Rust names.
    pub document: Value,
    /// Enumerations that are generated without progenitor.
    pub open_enums: Vec<OpenEnum>,
    /// Names of the schemas reachable from a response.
    pub response_schemas: BTreeSet<String>,
    /// Properties that are decoded strictly, as schema and property.
    pub essential_properties: BTreeSet<(String, String)>,
}

/// Evaluates the extensions of an overlaid document.
pub fn normalize(provenance: &Provenance<'_>, overlaid: Value) -> Result<Normalized> {
    check_extensions(provenance, &overlaid)?;
    let mut document = overlaid.clone();
    let old_names = rename_schemas(provenance, &mut document)?;
    walk_mut(&mut document, &mut wrap_annotated_reference);
    let errors = Errors {
        provenance,
        overlaid: &overlaid,
        old_names: &old_names,
    };
    let open_enums = collect_open_enums(&errors, &document)?;
    let response_schemas = collect_response_schemas(&document);
    check_fields(&errors, &document, &response_schemas)?;
    let essential_properties = collect_essential_properties(&document);
    Ok(Normalized {
        document,
        open_enums,
        response_schemas,
        essential_properties,
    })
}

/// Builds errors about a document whose schemas have been renamed.
struct Errors<'a> {
    provenance: &'a Provenance<'a>,
    overlaid: &'a Value,
    /// Previous schema names, by Rust name.
    old_names: &'a BTreeMap<String, String>,
}

impl Errors<'_> {
    fn at(&self, schema: &str, below: &[&str], message: impl Into<String>) -> Error {
        let old = self.old_names.get(schema).map_or(schema, String::as_str);
        self.provenance.error_at(self.overlaid, old, below, message)
    }
}

fn check_extensions(provenance: &Provenance<'_>, document: &Value) -> Result<()> {
    let mut unknown = None;
    walk(document, &mut String::new(), &mut |pointer, value| {
        let keys = value.as_object().into_iter().flat_map(Map::keys);
        for key in keys.filter(|key| key.starts_with("x-rust-")) {
            let below = pointer
                .strip_prefix("/components/schemas/")
                .unwrap_or_default();
            let allowed: &[&str] = match below.split('/').collect::<Vec<_>>()[..] {
                [name] if !name.is_empty() => &[NAME, OPEN_ENUM, INLINE_ORIGIN],
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
            match provenance.flattened.pointer(&pointer) {
                Some(_) => provenance.fragment,
                None => provenance.overlay,
            },
            pointer,
            format!(
                "unknown extension; schemas accept {NAME} and {OPEN_ENUM}, properties {ESSENTIAL}"
            ),
        )),
    }
}

/// Wraps a reference in `allOf`, if anything is annotated beside it.
fn wrap_annotated_reference(value: &mut Value) {
    let Value::Object(object) = value else { return };
    let is_annotated = ["nullable", "description"]
        .iter()
        .any(|key| object.contains_key(*key));
    if is_annotated && let Some(reference) = object.remove("$ref") {
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
            if let Some(name) = reference.and_then(|r| r.strip_prefix(SCHEMA_PREFIX))
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

fn collect_open_enums(errors: &Errors<'_>, document: &Value) -> Result<Vec<OpenEnum>> {
    let mut open_enums = Vec::new();
    for (name, schema) in schemas_of(document) {
        if schema.get(OPEN_ENUM) != Some(&Value::Bool(true)) {
            continue;
        }
        let requirement = format!("{OPEN_ENUM} requires an enumeration of strings");
        let Some(listed) = schema.get("enum").and_then(Value::as_array) else {
            return Err(errors.at(name, &[OPEN_ENUM], requirement));
        };
        let fail =
            |index: usize, message| Err(errors.at(name, &["enum", &index.to_string()], message));
        let mut values = Vec::new();
        for (index, value) in listed.iter().enumerate() {
            match value.as_str() {
                Some(text) => values.push(text.to_owned()),
                None => return fail(index, format!("{requirement}, found {value}")),
            }
        }
        if let Some((index, message)) = open_enum::find_conflict(&values) {
            return fail(index, message);
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

/// Fails if two properties, or a property and a generated field, have the same Rust field name.
fn check_fields(
    errors: &Errors<'_>,
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
                Some(None) => format!("conflicts with the generated field {name}::{field}"),
                Some(Some(other)) => {
                    format!("{other:?} and {property:?} both map to {name}::{field}")
                }
            };
            return Err(errors.at(name, &["properties", property], message));
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

    /// Normalizes schemas that the overlay changed from `before` to `after`.
    fn overlaid(before: Value, after: Value) -> Result<Normalized> {
        let document = |schemas| json!({ "components": { "schemas": schemas } });
        let provenance = Provenance {
            fragment: Path::new("fragment.json"),
            overlay: Path::new("overlay.json"),
            flattened: &document(before),
        };
        normalize(&provenance, document(after))
    }

    #[test]
    fn references_follow_a_renamed_schema() {
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
    fn annotations_beside_a_reference_are_wrapped_in_all_of() {
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
    fn response_schemas_are_those_reachable_from_a_response() {
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let document = json!({
            "paths": { "/p": { "post": { "requestBody": reference("Sent"), "responses": { "200": reference("Received") } } } },
            "components": { "schemas": {
                "Sent": {}, "Received": { "items": reference("Inner") }, "Inner": { "items": reference("Received") },
            } },
        });
        let provenance = Provenance {
            fragment: Path::new("fragment.json"),
            overlay: Path::new("overlay.json"),
            flattened: &document,
        };
        let normalized = normalize(&provenance, document.clone()).unwrap();
        assert_eq!(
            normalized.response_schemas,
            ["Inner", "Received"].map(str::to_owned).into()
        );
    }

    #[test]
    fn duplicate_names_are_rejected() {
        let schemas = json!({ "A": {}, "B": { "x-rust-name": "A" } });
        let error = normalized(schemas).unwrap_err();
        assert_eq!(
            error.to_string(),
            "overlay.json: /components/schemas/B/x-rust-name: duplicate Rust type name A; set another with x-rust-name"
        );
    }

    #[test]
    fn a_misspelled_extension_is_rejected() {
        let error = normalized(json!({ "A": { "x-rust-nmae": "B" } })).unwrap_err();
        assert_eq!(
            error.to_string(),
            "overlay.json: /components/schemas/A/x-rust-nmae: unknown extension; schemas accept x-rust-name and x-rust-open-enum, properties x-rust-essential"
        );
    }

    #[test]
    fn an_error_in_the_fragment_is_reported_at_its_original_location() {
        let cases = [
            (
                json!({ "A_b": {}, "aB": {} }),
                json!({ "A_b": {}, "aB": {} }),
                "fragment.json: /components/schemas/aB: duplicate Rust type name Ab; set another with x-rust-name",
            ),
            (
                json!({ "AB": {}, "C": {} }),
                json!({ "AB": { "x-rust-name": "C" }, "C": {} }),
                "overlay.json: /components/schemas/AB/x-rust-name: duplicate Rust type name C; set another with x-rust-name",
            ),
            (
                json!({ "self": {} }),
                json!({ "self": {} }),
                "fragment.json: /components/schemas/self: \"Self\" is not a valid Rust type name; set another with x-rust-name",
            ),
            (
                json!({ "A": {} }),
                json!({ "A": { "x-rust-name": "a b" } }),
                "overlay.json: /components/schemas/A/x-rust-name: \"a b\" is not a valid Rust type name; set another with x-rust-name",
            ),
            (
                json!({ "AKind": { "enum": ["X", 1], "x-rust-inline-origin": ["A", "Kind", "/components/schemas/A/properties/kind"] } }),
                json!({ "AKind": { "enum": ["X", 1], "x-rust-open-enum": true, "x-rust-name": "Kind" } }),
                "fragment.json: /components/schemas/A/properties/kind/enum/1: x-rust-open-enum requires an enumeration of strings, found 1",
            ),
            (
                json!({ "A": { "enum": ["X"] } }),
                json!({ "A": { "enum": ["X", null], "x-rust-open-enum": true } }),
                "overlay.json: /components/schemas/A/enum/1: x-rust-open-enum requires an enumeration of strings, found null",
            ),
            (
                json!({ "A": {} }),
                json!({ "A": { "x-rust-open-enum": true } }),
                "overlay.json: /components/schemas/A/x-rust-open-enum: x-rust-open-enum requires an enumeration of strings",
            ),
            (
                json!({ "A": { "properties": { "aB": {}, "a_b": {} } } }),
                json!({ "A": { "properties": { "aB": {}, "a_b": {} }, "x-rust-name": "B" } }),
                "fragment.json: /components/schemas/A/properties/a_b: \"aB\" and \"a_b\" both map to B::a_b",
            ),
        ];
        for (before, after, message) in cases {
            assert_eq!(overlaid(before, after).unwrap_err().to_string(), message);
        }
    }
}
