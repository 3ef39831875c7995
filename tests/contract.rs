//! The generated types against the document that they come from, both ways.
//!
//! The JSON Schema that schemars derives from the types is compared with the schemas of the
//! fragment. What differs is a snapshot: it is to be what the overlay declares, and no more.

use std::collections::BTreeMap;

use rhombus_clips_api::types::{GetClipWithProgressRequest, GetClipWithProgressResponse};
use rhombus_clips_tests::contract::Facts;
use rhombus_clips_tests::fragment::Fragment;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};
use xtask::{codegen, workspace};

/// The schemas of a type and of all that it reaches.
fn schemas_of<T: JsonSchema>(settings: SchemaSettings) -> Map<String, Value> {
    let mut generator = settings.into_generator();
    generator.subschema_for::<T>();
    generator.take_definitions(true)
}

/// What the types say: of the request what is sent, of the response what is received.
fn types() -> Facts {
    let mut schemas =
        schemas_of::<GetClipWithProgressRequest>(SchemaSettings::draft2020_12().for_serialize());
    schemas.extend(schemas_of::<GetClipWithProgressResponse>(
        SchemaSettings::draft2020_12().for_deserialize(),
    ));
    Facts::of(&schemas)
}

/// What the service's own document says, under the names that the overlay gives.
fn document() -> Facts {
    let overlay = std::fs::read_to_string(workspace::overlay()).unwrap();
    let overlay: Value = serde_json::from_str(&overlay).unwrap();
    let actions = overlay["actions"].as_array().unwrap();
    let names: BTreeMap<&str, &str> = actions
        .iter()
        .filter_map(|action| {
            let target = action["target"].as_str()?;
            let old = target.strip_prefix("$.components.schemas.")?;
            Some((old, action["update"]["x-rust-name"].as_str()?))
        })
        .collect();
    assert!(!names.is_empty());
    let fragment = Fragment::read();
    let schemas = fragment.document()["components"]["schemas"].as_object();
    let schemas: Map<String, Value> = schemas
        .unwrap()
        .iter()
        .map(|(name, schema)| {
            let name = names
                .get(name.as_str())
                .unwrap_or(&name.as_str())
                .to_string();
            (name, with_new_references(schema, &names))
        })
        .collect();
    Facts::of(&schemas)
}

fn with_new_references(schema: &Value, names: &BTreeMap<&str, &str>) -> Value {
    match schema {
        Value::Array(items) => items
            .iter()
            .map(|item| with_new_references(item, names))
            .collect(),
        Value::Object(keywords) => keywords
            .iter()
            .map(|(keyword, value)| {
                let reference = value.as_str().filter(|_| keyword == "$ref");
                let new = reference
                    .and_then(|reference| reference.strip_prefix("#/components/schemas/"))
                    .and_then(|old| names.get(old));
                let value = match new {
                    Some(new) => Value::from(format!("#/components/schemas/{new}")),
                    None => with_new_references(value, names),
                };
                (keyword.clone(), value)
            })
            .collect(),
        scalar => scalar.clone(),
    }
}

/// What the document says after its overlay.
fn normalized() -> Facts {
    let normalized = codegen::normalized(&workspace::fragment(), &workspace::overlay()).unwrap();
    let schemas = normalized.document["components"]["schemas"].as_object();
    Facts::of(schemas.unwrap())
}

#[test]
fn the_types_differ_from_the_document_in_their_declared_tolerance() {
    insta::assert_snapshot!(document().difference(&types()));
}

#[test]
fn the_types_are_what_the_normalized_document_says() {
    assert_eq!(normalized().difference(&types()), "");
}
