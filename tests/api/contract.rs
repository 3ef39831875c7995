//! Compares the generated types with the OpenAPI document that they are generated from.
//!
//! The JSON Schema that schemars derives from the types is compared with the schemas of the
//! fragment. The differences are a snapshot: they must be the ones that the generator makes for every
//! document, or that the overlay declares, and no others.

use std::collections::{BTreeMap, BTreeSet};

use rhombus_clips_api::{Operation, types};
use rhombus_clips_tests::contract::Facts;
use rhombus_clips_tests::fragment::Fragment;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};
use xtask::workspace;

/// Returns the schemas of a type and of every type that it refers to.
fn schemas_for<T: JsonSchema>(settings: SchemaSettings) -> Map<String, Value> {
    let mut generator = settings.into_generator();
    generator.subschema_for::<T>();
    generator.take_definitions(true)
}

/// Returns the schemas of the types of these operations: of the requests as serialized, of the responses as
/// deserialized.
macro_rules! schemas_of_operations {
    ($($id:literal: $request:ident => $response:ident,)*) => {{
        let tested = BTreeSet::from([$($id),*]);
        let all = Operation::ALL.iter().map(Operation::id).collect();
        assert_eq!(tested, all);
        let mut schemas = Map::new();
        $(
            let settings = SchemaSettings::draft2020_12().for_serialize();
            schemas.extend(schemas_for::<types::$request>(settings));
        )*
        // A type that is sent and received is read leniently.
        $(
            let settings = SchemaSettings::draft2020_12().for_deserialize();
            schemas.extend(schemas_for::<types::$response>(settings));
        )*
        schemas
    }};
}

fn schemas_of_types() -> Map<String, Value> {
    schemas_of_operations! {
        "cancelSpliceV2": CancelSpliceV2Request => CancelSpliceV2Response,
        "deleteSavedClip": DeleteSavedClipRequest => DeleteSavedClipResponse,
        "getCameraPresenceWindows":
            GetCameraPresenceWindowsRequest => GetCameraPresenceWindowsResponse,
        "getClipWithProgress": GetClipWithProgressRequest => GetClipWithProgressResponse,
        "getClipsWithProgress": GetClipsWithProgressRequest => GetClipsWithProgressResponse,
        "getMaxSpliceDuration": GetMaxSpliceDurationRequest => GetMaxSpliceDurationResponse,
        "getMinimalCameraStateList":
            GetMinimalCameraStateListRequest => GetMinimalCameraStateListResponse,
        "getSplicedClipsInProgress":
            GetSplicedClipsInProgressRequest => GetSplicedClipsInProgressResponse,
        "retrySplice": RetrySpliceRequest => RetrySpliceResponse,
        "spliceV3": SpliceV3Request => SpliceV3Response,
        "updateSavedClip": UpdateSavedClipRequest => UpdateSavedClipResponse,
    }
}

/// Collects the facts of the published document, under the names that the overlay assigns.
fn facts_of_document(types: &Map<String, Value>) -> Facts {
    let overlay = std::fs::read_to_string(workspace::overlay()).unwrap();
    let overlay: Value = serde_json::from_str(&overlay).unwrap();
    let actions = overlay["actions"].as_array().unwrap();
    let names: BTreeMap<&str, &str> = actions
        .iter()
        .filter_map(|action| {
            let target = action["target"].as_str()?;
            let old_name = target.strip_prefix("$.components.schemas.")?;
            Some((old_name, action["update"]["x-rust-name"].as_str()?))
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
            (name, rename_references(schema, &names))
        })
        // Other operations have types of their own.
        .filter(|(name, _)| types.contains_key(name))
        .collect();
    Facts::from_schemas(&schemas)
}

fn rename_references(schema: &Value, names: &BTreeMap<&str, &str>) -> Value {
    match schema {
        Value::Array(items) => items
            .iter()
            .map(|item| rename_references(item, names))
            .collect(),
        Value::Object(keywords) => keywords
            .iter()
            .map(|(keyword, value)| {
                let reference = value.as_str().filter(|_| keyword == "$ref");
                let new_name = reference
                    .and_then(|reference| reference.strip_prefix("#/components/schemas/"))
                    .and_then(|old_name| names.get(old_name));
                let value = match new_name {
                    Some(new_name) => Value::from(format!("#/components/schemas/{new_name}")),
                    None => rename_references(value, names),
                };
                (keyword.clone(), value)
            })
            .collect(),
        scalar => scalar.clone(),
    }
}

#[test]
fn types_differ_from_the_document_only_as_declared() {
    let types = schemas_of_types();
    let facts = Facts::from_schemas(&types);
    insta::assert_snapshot!(facts_of_document(&types).difference(&facts));
}

/// The unmodified generator does not take every shape, so the benchmark compares with one operation.
#[test]
fn the_benchmark_decodes_a_part_of_the_fragment() {
    let path = workspace::root().join("crates/rhombus-clips-api/benches/decode.json");
    let part: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let fragment = Fragment::read();
    for pointer in ["/paths", "/components/schemas"] {
        let entries = part.pointer(pointer).and_then(Value::as_object).unwrap();
        assert!(!entries.is_empty());
        let whole = fragment.document().pointer(pointer).unwrap();
        for (name, entry) in entries {
            assert_eq!(whole.get(name), Some(entry), "{name}");
        }
    }
}
